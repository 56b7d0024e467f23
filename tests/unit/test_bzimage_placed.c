/* The Linux loader on synthetic kernels: where the initrd goes, what a damaged file does, and what is in memory and
 * registers when the kernel starts. */
#include "tests/unit/bench_main.h"
#include "tests/unit/kernel_rig.h"

#define K 1024ull
static const struct {
    u16 protocol;
    u64 mib, size;
    u32 addr_max; /* 0: as made */
    const char *cmdline;
    u32 address; /* 0: refused */
} initrds[] = {
    {0x20f, 128, 5000, 0, "", (128u << 20) - 8192},
    {0x20f, 128, 4096, 0, "", (128u << 20) - 4096},
    {0x20f, 128, 4097, 0, "", (128u << 20) - 8192},
    {0x20f, 2048, 4096, 0, "", 0x37fff000},
    {0x20f, 2048, 4096, 0x7fffffff, "", 0x7ffff000},
    {0x20f, 2048, 4096, 0x37fffffe, "", 0x37ffe000},
    {0x202, 2048, 4096, 0x7fffffff, "", 0x37fff000},
    {0x20f, 128, 4096, 0, "mem=64M quiet", (64u << 20) - 4096},
    {0x20f, 128, 4096, 0, "mem=64M mem=32768K", (32u << 20) - 4096},
    {0x20f, 128, 4096, 0, "highmem=64M", (128u << 20) - 4096},
    {0x20f, 128, 4096, 0, "mem=64M@16M", (128u << 20) - 4096},
    {0x20f, 128, 4096, 0, "mem=nopentium", (128u << 20) - 4096},
    /* The kernel runs in 16-24 MiB: above it, then below it, then not at all. */
    {0x20f, 32, 8 * K *K, 0, "", 24u << 20},
    {0x20f, 32, 8 * K *K + 1, 0, "", (16u << 20) - (8u << 20) - 4096},
    {0x20f, 32, 15 * K *K, 0, "", 1u << 20},
    {0x20f, 32, 15 * K *K + 1, 0, "", 0},
    {0x20f, 24, 4096, 0, "", (16u << 20) - 4096},
    {0x20f, 64, 4096, 0xfffff, "", 0},
};

START_TEST(initrd)
{
    struct image kernel = make_kernel(initrds[_i].protocol);
    struct image file = {.path = "initrd", .data = kernel.data, .size = initrds[_i].size};
    struct bzimage_plan p;
    int r;

    if (initrds[_i].addr_max)
        put32(kernel.data + HDR_INITRD_MAX, initrds[_i].addr_max);
    r = plan(&p, &kernel, &file, initrds[_i].cmdline, initrds[_i].mib);
    if (initrds[_i].address) {
        ck_assert_msg(r == 0, "%s", err);
        ck_assert_uint_eq(p.initrd_address, initrds[_i].address);
        ck_assert_uint_eq(get32(p.params + HDR_RAMDISK_IMAGE), initrds[_i].address);
        ck_assert_uint_eq(get32(p.params + HDR_RAMDISK_SIZE), initrds[_i].size);
    } else {
        ck_assert_int_lt(r, 0);
        ck_assert_ptr_eq(strstr(err, "'initrd': no room for an initrd of "), err);
    }
    free(kernel.data);
}
END_TEST

/* Holes in the map are kept clear. */
START_TEST(initrd_hole)
{
    struct ram_map map = {
        {{0, 639 * KIB, 1}, {MIB, 15 * MIB, 1}, {32 * MIB, 4 * KIB, 1}, {16 * MIB, 8 * MIB, 2}}, 4};
    struct ram_span kernel = {MIB, 2 * MIB};
    u32 address;

    ck_assert_int_eq(initrd_place(&map, 4096, UINT32_MAX, &kernel, 1, &address), 0);
    ck_assert_uint_eq(address, 32 * MIB);
    ck_assert_int_eq(initrd_place(&map, 4097, UINT32_MAX, &kernel, 1, &address), 0);
    ck_assert_uint_eq(address, 16 * MIB - 8192);
    ck_assert(ram_covers(&map, MIB, 15 * MIB));
    ck_assert(!ram_covers(&map, MIB, 15 * MIB + 1));
    ck_assert(!ram_covers(&map, 639 * KIB, 1));
}
END_TEST

/* The file cut at every length (the last paragraph may be partial): an error, never a read past its
 * end (the copies are exact, so that the address sanitizer sees one). */
START_TEST(truncated)
{
    struct image kernel = make_kernel(0x20f);
    struct bzimage_plan p;

    for (u64 len = 1; len <= KERNEL_LEN - 16; len++) {
        struct image cut = {.path = "cut", .data = malloc(len), .size = len};

        memcpy(cut.data, kernel.data, len);
        ck_assert_int_lt(plan(&p, &cut, NULL, "", 64), 0);
        ck_assert_ptr_nonnull(strstr(err, len < 0x208 ? "not a Linux kernel" : "cut short"));
        free(cut.data);
    }
    free(kernel.data);
}
END_TEST

/* Random damage: whatever is accepted keeps its promises. */
START_TEST(damaged)
{
    struct image kernel = make_kernel(0x20f);
    struct image file = {.path = "initrd", .data = kernel.data, .size = 100000};
    struct image copy = {.path = "copy", .data = malloc(KERNEL_LEN)};
    struct ram_map map = ram(64);
    struct bzimage_plan p;
    unsigned accepted = 0;

    srand(1);
    for (unsigned n = 0; n < 100000; n++) {
        copy.size = rand() % 8 ? KERNEL_LEN : 1 + (u64)rand() % KERNEL_LEN;
        memcpy(copy.data, kernel.data, copy.size);
        for (int i = rand() % 4; i >= 0; i--) {
            u64 at = HDR_START + (u64)rand() % (0x270 - HDR_START);

            if (at < copy.size)
                copy.data[at] = (u8)rand();
        }
        if (plan_on(n & 1, &p, &copy, &file, "console=ttyS0", 64) < 0) {
            ck_assert(err[0] && !strchr(err, '\n'));
            continue;
        }
        ck_assert(p.setup_len < copy.size && p.header_end <= HDR_LIMIT);
        ck_assert(!p.real_mode || p.setup_len + 0x800 <= p.stack);
        accepted++;
        ck_assert(ram_covers(&map, p.load, p.code_len));
        ck_assert(ram_covers(&map, p.run.base, p.run.end - p.run.base));
        ck_assert(ram_covers(&map, p.initrd_address, p.initrd_len));
        ck_assert(p.code >= copy.data && p.code + p.code_len == copy.data + copy.size);
        ck_assert(p.initrd_address >= p.run.end || p.initrd_address + p.initrd_len <= p.run.base);
        ck_assert(p.high ? p.load >= MIB : p.load + p.code_len <= 0x90000);
    }
    ck_assert_uint_gt(accepted, 1000);
    free(copy.data);
    free(kernel.data);
}
END_TEST

START_TEST(placed_setup)
{
    struct image kernel = make_kernel(0x20f);
    struct log log = {.out = stderr};
    struct stats stats = {0};
    struct cpu_hooks hooks = {0};
    struct bzimage_plan p;
    struct phys phys;
    struct cpu *cpu;
    u8 buf[CODE_START];

    for (u32 i = 0; i < HDR_START; i++)
        kernel.data[i] = kernel.data[0x290 + i] = (u8)(i | 1);
    ck_assert_int_eq(phys_init(&phys, 64 * MIB, &log, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, 640 * KIB), 0);
    ck_assert_int_eq(phys_add_ram(&phys, MIB, 63 * MIB), 0);
    cpu = cpu_new(&phys, NULL, &hooks, &log, &stats);
    ck_assert_ptr_nonnull(cpu);
    phys_set_a20(&phys, false);
    ck_assert_int_eq(plan_on(true, &p, &kernel, NULL, "quiet", 64), 0);
    bzimage_place(&p, &phys, cpu);
    phys_read(&phys, 0x10000, buf, CODE_START);
    ck_assert_mem_eq(buf, kernel.data, HDR_START);
    ck_assert_mem_eq(buf + HDR_START, p.params + HDR_START, 0x26c - HDR_START);
    ck_assert_mem_eq(buf + 0x26c, kernel.data + 0x26c, CODE_START - 0x26c);
    phys_read(&phys, 0x20000, buf, 6);
    ck_assert_str_eq((char *)buf, "quiet");
    phys_read(&phys, 0x1000000, buf, CODE_START);
    ck_assert_mem_eq(buf, kernel.data + CODE_START, CODE_START);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x1020);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0x10200);
    ck_assert_uint_eq(cpu->eip, 0);
    for (unsigned i = 0; i < SREG_COUNT; i++) {
        ck_assert_uint_eq(cpu->seg[i].limit, 0xffff);
        if (i != SREG_CS)
            ck_assert_uint_eq(cpu->r[R_BASE + i], 0x10000);
    }
    ck_assert_uint_eq(cpu->r[R_ESP], 0xfff0);
    ck_assert_uint_eq(cpu->mode & (MODE_PE | MODE_CS32 | MODE_SS32), 0);
    ck_assert_uint_eq(cpu->eflags & FL_IF, 0);
    ck_assert_uint_eq(cpu->cr0 & (CR0_PE | CR0_PG | CR0_CD | CR0_NW), 0);
    ck_assert_uint_eq(phys.a20_mask, 0xffffffff);
    cpu_free(cpu);
    phys_free(&phys);
    free(kernel.data);
}
END_TEST

START_TEST(placed)
{
    struct image kernel = make_kernel(0x20f);
    struct image file = {.path = "initrd", .data = (u8 *)"ramdisk", .size = 8};
    struct log log = {.out = stderr};
    struct stats stats = {0};
    struct cpu_hooks hooks = {0};
    struct bzimage_plan p;
    struct phys phys;
    struct cpu *cpu;
    u8 buf[CODE_LEN];

    ck_assert_int_eq(phys_init(&phys, 64 * MIB, &log, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, 640 * KIB), 0);
    ck_assert_int_eq(phys_add_ram(&phys, MIB, 63 * MIB), 0);
    cpu = cpu_new(&phys, NULL, &hooks, &log, &stats);
    ck_assert_ptr_nonnull(cpu);
    phys_set_a20(&phys, false);
    ck_assert_int_eq(plan(&p, &kernel, &file, "root=/dev/ram0", 64), 0);
    for (int again = 0; again < 2; again++) {
        bzimage_place(&p, &phys, cpu);
        phys_read(&phys, 0x1000000, buf, CODE_LEN);
        ck_assert_mem_eq(buf, kernel.data + CODE_START, CODE_LEN);
        phys_read(&phys, p.initrd_address, buf, 8);
        ck_assert_str_eq((char *)buf, "ramdisk");
        phys_read(&phys, BZIMAGE_CMDLINE, buf, 15);
        ck_assert_str_eq((char *)buf, "root=/dev/ram0");
        phys_read(&phys, BZIMAGE_PARAMS, buf, BZIMAGE_PARAMS_SIZE);
        ck_assert_mem_eq(buf, p.params, BZIMAGE_PARAMS_SIZE);
        phys_read(&phys, cpu->gdtr.base, buf, 32);
        ck_assert_uint_eq(get64(buf + 0x10), 0x00cf9b000000ffff);
        ck_assert_uint_eq(get64(buf + 0x18), 0x00cf93000000ffff);
        ck_assert_uint_eq(cpu->gdtr.limit, 31);
        ck_assert_uint_eq(cpu->eip, 0x1000000);
        ck_assert_uint_eq(cpu->r[R_ESI], BZIMAGE_PARAMS);
        ck_assert_uint_eq(cpu->r[R_EBX] | cpu->r[R_EBP] | cpu->r[R_EDI], 0);
        ck_assert_uint_eq(cpu->cr0 & (CR0_PE | CR0_PG), CR0_PE);
        ck_assert_uint_eq(cpu->eflags & FL_IF, 0);
        ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x10);
        ck_assert_uint_eq(cpu->seg[SREG_SS].sel, 0x18);
        ck_assert_uint_eq(cpu->seg[SREG_CS].limit, 0xffffffff);
        ck_assert_uint_eq(cpu->mode & (MODE_PE | MODE_CS32 | MODE_SS32 | MODE_CPL),
                          MODE_PE | MODE_CS32 | MODE_SS32);
        ck_assert_uint_eq(phys.a20_mask, 0xffffffff);
        memset(cpu->r, 0x55, 8 * sizeof(u32)); /* the guest ran; then a reset */
        phys_write(&phys, 0x1000000, "overwritten", 11);
    }
    cpu_free(cpu);
    phys_free(&phys);
    free(kernel.data);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("bzimage");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, initrd, 0, ARRAY_SIZE(initrds));
    tcase_add_test(tc, initrd_hole);
    tcase_add_test(tc, truncated);
    tcase_add_test(tc, damaged);
    tcase_add_test(tc, placed);
    tcase_add_test(tc, placed_setup);
    return bench_main(tc, "bzimage placed");
}
