/* The multiboot loader: header search, address fields, modules, the information, refusals,
 * random damage; and what is placed in memory. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/loader.h"

#define KERNEL_LEN 0x4000u
#define HEADER_AT  0x40u
#define LOAD       0x100000u

static char err[512];

static void put_header(u8 *at, u32 flags)
{
    put32(at, 0x1badb002);
    put32(at + 4, flags);
    put32(at + 8, -(0x1badb002 + flags));
}

/* A flat binary whose header says where it goes: all of it from LOAD on, and 0x800 bytes of bss. */
static struct image make_kernel(void)
{
    struct image image = {.path = "kernel", .data = malloc(KERNEL_LEN), .size = KERNEL_LEN};
    u8 *h = image.data + HEADER_AT;

    for (u32 i = 0; i < KERNEL_LEN; i++)
        image.data[i] = (u8)(i * 5 + 3);
    put_header(h, 0x10003);
    put32(h + 12, LOAD + HEADER_AT);
    put32(h + 16, LOAD);
    put32(h + 20, LOAD + KERNEL_LEN);
    put32(h + 24, LOAD + KERNEL_LEN + 0x800);
    put32(h + 28, LOAD + 0x80);
    return image;
}

static int plan(struct multiboot_plan *p, const struct image *kernel, const char *append,
                const struct multiboot_module *module, unsigned modules, u64 mib)
{
    struct ram_map map;

    ram_map_expect(&map, mib * MIB);
    err[0] = '\0';
    return multiboot_plan(p, kernel, append, module, modules, &map, err, sizeof(err));
}

/* The header is found on any multiple of four as long as all of it is in the first 8 KiB. */
START_TEST(search)
{
    struct image image = {.path = "k", .data = calloc(1, 0x3000), .size = 0x3000};
    static const struct {
        u32 at;
        u64 size;
        bool found;
    } places[] = {
        {0, 0x3000, true},    {4, 0x3000, true},     {2, 0x3000, false},
        {8180, 0x3000, true}, {8184, 0x3000, false}, {8192, 0x3000, false},
        {100, 112, true},     {100, 111, false},     {0, 11, false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        memset(image.data, 0, 0x3000);
        put_header(image.data + places[i].at, 3);
        image.size = places[i].size;
        ck_assert_msg(multiboot_detect(&image) == places[i].found, "place %zu", i);
    }
    put_header(image.data, 3);
    image.size = 0x3000;
    image.data[8]++; /* the checksum */
    ck_assert(!multiboot_detect(&image));
    free(image.data);
}
END_TEST

static const struct {
    unsigned field; /* offset in the header; 0: none */
    u32 value;
    const char *err; /* NULL: accepted */
    u32 size, file_size;
    u64 file_start;
} fields[] = {
    {0, 0, NULL, KERNEL_LEN + 0x800, KERNEL_LEN, 0},
    {20, 0, NULL, KERNEL_LEN + 0x800, KERNEL_LEN, 0},
    {24, 0, NULL, KERNEL_LEN, KERNEL_LEN, 0},
    {20, LOAD + 0x1000, NULL, KERNEL_LEN + 0x800, 0x1000, 0},
    {16, LOAD + HEADER_AT, NULL, KERNEL_LEN + 0x800 - HEADER_AT, KERNEL_LEN - HEADER_AT, HEADER_AT},
    {20, LOAD + KERNEL_LEN + 1, "'kernel': the kernel is cut short", 0, 0, 0},
    {16, LOAD - 4, "'kernel': the multiboot header's load address makes no sense", 0, 0, 0},
    {16, LOAD + HEADER_AT + 1, "'kernel': the multiboot header's load address makes no sense", 0, 0,
     0},
    {20, LOAD - 1, "'kernel': the multiboot header's load end is before its start", 0, 0, 0},
    {24, 0xffffffff,
     "'kernel': the kernel goes to 0x100000-0xffffffff, where the machine has no RAM", 0, 0, 0},
    {28, LOAD + KERNEL_LEN + 0x800, "'kernel': the multiboot kernel's entry point is outside of it",
     0, 0, 0},
    {28, LOAD - 1, "'kernel': the multiboot kernel's entry point is outside of it", 0, 0, 0},
};

START_TEST(address_fields)
{
    struct image kernel = make_kernel();
    struct multiboot_plan p;
    int r;

    if (fields[_i].field)
        put32(kernel.data + HEADER_AT + fields[_i].field, fields[_i].value);
    r = plan(&p, &kernel, "", NULL, 0, 16);
    if (fields[_i].err) {
        ck_assert_int_lt(r, 0);
        ck_assert_str_eq(err, fields[_i].err);
    } else {
        ck_assert_msg(r == 0, "%s", err);
        ck_assert_uint_eq(p.load.segment[0].size, fields[_i].size);
        ck_assert_uint_eq(p.load.segment[0].file_size, fields[_i].file_size);
        ck_assert_uint_eq(p.load.segment[0].file_start, fields[_i].file_start);
        ck_assert_uint_eq(p.load.entry, LOAD + 0x80);
    }
    multiboot_free(&p);
    free(kernel.data);
}
END_TEST

/* Where the kernel goes, of KERNEL_LEN bytes and 0x800 of bss: what is kept of it, and what is left out.
 * Low memory ends at 0x9fc00 here, and all memory at 16 MiB. */
static const struct {
    u32 load, bss_end, entry;
    const char *err; /* NULL: accepted */
    unsigned count;
    struct elf_segment segment[2];
    struct ram_span left_out;
} holes[] = {
    {0xff000, 0, 0x100000, NULL, 1, {{0x100000, 0x3000, 0x3000, 0x1000}}, {0xff000, 0x100000}},
    {0xfffc0,
     0x110000,
     0x100000,
     NULL,
     1,
     {{0x100000, 0x10000, 0x3fc0, 0x40}},
     {0xfffc0, 0x100000}},
    {0x9f000, 0, 0x9f100, NULL, 1, {{0x9f000, 0xc00, 0xc00, 0}}, {0x9fc00, 0xa3000}},
    {0x9f000,
     0x108000,
     0x9f000,
     NULL,
     2,
     {{0x9f000, 0xc00, 0xc00, 0}, {0x100000, 0x8000, 0, 0}},
     {0x9fc00, 0x100000}},
    {0x9f000,
     0x108000,
     0x107fff,
     NULL,
     2,
     {{0x9f000, 0xc00, 0xc00, 0}, {0x100000, 0x8000, 0, 0}},
     {0x9fc00, 0x100000}},
    {0xff000,
     0,
     0xff800,
     "'kernel': the kernel's entry point is below 1 MiB, where the machine has "
     "no RAM",
     0,
     {{0}},
     {0, 0}},
    {0xc0000,
     0,
     0xc0000,
     "'kernel': the kernel's entry point is below 1 MiB, where the machine has "
     "no RAM",
     0,
     {{0}},
     {0, 0}},
    {0xffe000,
     0,
     0xffe000,
     "'kernel': the kernel goes to 0xffe000-0x1002000, where the machine has "
     "no RAM",
     0,
     {{0}},
     {0, 0}},
};

START_TEST(hole)
{
    struct image kernel = make_kernel();
    u8 *h = kernel.data + HEADER_AT;
    struct multiboot_plan p;
    int r;

    put32(h + 12, holes[_i].load + HEADER_AT);
    put32(h + 16, holes[_i].load);
    put32(h + 20, 0);
    put32(h + 24, holes[_i].bss_end);
    put32(h + 28, holes[_i].entry);
    r = plan(&p, &kernel, "", NULL, 0, 16);
    if (holes[_i].err) {
        ck_assert_int_lt(r, 0);
        ck_assert_str_eq(err, holes[_i].err);
    } else {
        ck_assert_msg(r == 0, "%s", err);
        ck_assert_uint_eq(p.load.count, holes[_i].count);
        for (unsigned i = 0; i < p.load.count; i++) {
            ck_assert_uint_eq(p.load.segment[i].address, holes[_i].segment[i].address);
            ck_assert_uint_eq(p.load.segment[i].size, holes[_i].segment[i].size);
            ck_assert_uint_eq(p.load.segment[i].file_size, holes[_i].segment[i].file_size);
            ck_assert_uint_eq(p.load.segment[i].file_start, holes[_i].segment[i].file_start);
        }
        ck_assert_uint_eq(p.left_out.base, holes[_i].left_out.base);
        ck_assert_uint_eq(p.left_out.end, holes[_i].left_out.end);
        ck_assert_uint_eq(p.load.entry, holes[_i].entry);
    }
    multiboot_free(&p);
    free(kernel.data);
}
END_TEST

START_TEST(flags)
{
    struct image kernel = make_kernel();
    struct multiboot_plan p;

    for (unsigned bit = 0; bit < 16; bit++) {
        put_header(kernel.data + HEADER_AT, 0x10000 | 1u << bit);
        ck_assert_int_eq(plan(&p, &kernel, "", NULL, 0, 16) == 0, bit < 3);
        ck_assert_int_eq(p.wants_video, bit == 2);
        multiboot_free(&p);
    }
    put_header(kernel.data + HEADER_AT, 3); /* no address fields: this is no ELF file */
    ck_assert_int_lt(plan(&p, &kernel, "", NULL, 0, 16), 0);
    ck_assert_str_eq(err, "'kernel': not an ELF file");
    multiboot_free(&p);
    free(kernel.data);
}
END_TEST

static u32 word(struct phys *phys, u32 pa)
{
    u8 buf[4];

    phys_read(phys, pa, buf, 4);
    return get32(buf);
}

static void check_string(struct phys *phys, u32 pa, const char *expected)
{
    char buf[256];

    phys_read(phys, pa, buf, sizeof(buf));
    buf[255] = '\0';
    ck_assert_str_eq(buf, expected);
}

START_TEST(placed)
{
    struct image kernel = make_kernel();
    struct image one = {.path = "one", .data = (u8 *)"first", .size = 5};
    struct image two = {.path = "two", .data = calloc(1, 0x1001), .size = 0x1001};
    struct multiboot_module module[] = {{&one, "one a b", 0}, {&two, "two", 0}};
    struct log log = {.out = stderr};
    struct stats stats = {0};
    struct cpu_hooks hooks = {0};
    struct multiboot_plan p;
    struct phys phys;
    struct cpu *cpu;
    u8 buf[0x800];
    u32 info, mods, mmap;

    memset(two.data, 0x22, two.size);
    ck_assert_int_eq(phys_init(&phys, 16 * MIB, &log, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, 640 * KIB), 0);
    ck_assert_int_eq(phys_add_ram(&phys, MIB, 15 * MIB), 0);
    cpu = cpu_new(&phys, NULL, &hooks, &log, &stats);
    ck_assert_ptr_nonnull(cpu);
    ck_assert_msg(plan(&p, &kernel, "x y", module, 2, 16) == 0, "%s", err);
    memset(buf, 0xff, sizeof(buf));
    phys_write(&phys, LOAD + KERNEL_LEN, buf, sizeof(buf)); /* the bss must become zero */
    multiboot_place(&p, &phys, cpu);

    ck_assert_uint_eq(cpu->eip, LOAD + 0x80);
    ck_assert_uint_eq(cpu->r[R_EAX], 0x2badb002);
    ck_assert_uint_eq(cpu->mode & (MODE_PE | MODE_CS32), MODE_PE | MODE_CS32);
    ck_assert_uint_eq(cpu->eflags & (FL_IF | FL_VM), 0);
    ck_assert_uint_eq(cpu->cr0 & (CR0_PE | CR0_PG), CR0_PE);
    for (unsigned i = 0; i < SREG_COUNT; i++)
        ck_assert_uint_eq(cpu->seg[i].sel, i == SREG_CS ? 0x08 : 0x10);
    phys_read(&phys, cpu->gdtr.base, buf, 32);
    ck_assert_uint_eq(get64(buf + 0x08), 0x00cf9b000000ffff);
    ck_assert_uint_eq(get64(buf + 0x10), 0x00cf93000000ffff);
    phys_read(&phys, LOAD + 0x1000, buf, sizeof(buf));
    ck_assert_mem_eq(buf, kernel.data + 0x1000, sizeof(buf));
    phys_read(&phys, LOAD + KERNEL_LEN, buf, sizeof(buf));
    for (size_t i = 0; i < sizeof(buf); i++)
        ck_assert_uint_eq(buf[i], 0);

    info = cpu->r[R_EBX];
    ck_assert_uint_lt(info, RAM_LOW_END);
    ck_assert_uint_eq(word(&phys, info), 0x24d);
    ck_assert_uint_eq(word(&phys, info + 4), 639);
    ck_assert_uint_eq(word(&phys, info + 8), 15 * 1024);
    check_string(&phys, word(&phys, info + 16), "kernel x y");
    check_string(&phys, word(&phys, info + 64), "Pagewalk");
    ck_assert_uint_eq(word(&phys, info + 20), 2);
    mods = word(&phys, info + 24);
    ck_assert_uint_eq(word(&phys, mods), LOAD + 0x5000);
    ck_assert_uint_eq(word(&phys, mods + 4), LOAD + 0x5005);
    check_string(&phys, word(&phys, mods + 8), "one a b");
    check_string(&phys, word(&phys, mods), "first");
    ck_assert_uint_eq(word(&phys, mods + 16), LOAD + 0x6000);
    ck_assert_uint_eq(word(&phys, mods + 20), LOAD + 0x7001);
    check_string(&phys, word(&phys, mods + 24), "two");
    ck_assert_uint_eq(word(&phys, LOAD + 0x6ffd), 0x22222222);
    ck_assert_uint_eq(word(&phys, info + 44), 48);
    mmap = word(&phys, info + 48);
    ck_assert_uint_eq(word(&phys, mmap), 20);
    ck_assert_uint_eq(word(&phys, mmap + 12), 639 * 1024);
    ck_assert_uint_eq(word(&phys, mmap + 20), 1);
    ck_assert_uint_eq(word(&phys, mmap + 28), 0x100000);

    multiboot_free(&p);
    cpu_free(cpu);
    phys_free(&phys);
    free(two.data);
    free(kernel.data);
}
END_TEST

/* What does not fit is refused with a line that says so. */
START_TEST(no_room)
{
    struct image kernel = make_kernel();
    struct image big = {.path = "big", .data = kernel.data, .size = MIB};
    struct multiboot_module module[] = {{&big, "big", 0}};
    struct multiboot_plan p;

    ck_assert_int_lt(plan(&p, &kernel, "", NULL, 0, 1), 0);
    ck_assert_str_eq(
        err, "'kernel': the kernel goes to 0x100000-0x104800, where the machine has no RAM");
    multiboot_free(&p);
    ck_assert_int_lt(plan(&p, &kernel, "", module, 1, 2), 0);
    ck_assert_str_eq(err, "'big': no room for this module behind the kernel: give the machine more "
                          "RAM with -m");
    multiboot_free(&p);
    ck_assert_int_eq(plan(&p, &kernel, "", module, 1, 3), 0);
    multiboot_free(&p);
    free(kernel.data);
}
END_TEST

/* A kernel that fills low memory pushes the information above itself. */
START_TEST(low_kernel)
{
    struct image kernel = make_kernel();
    u8 *h = kernel.data + HEADER_AT;
    struct multiboot_plan p;

    put32(h + 12, 0x1000 + HEADER_AT);
    put32(h + 16, 0x1000);
    put32(h + 20, 0x1000 + KERNEL_LEN);
    put32(h + 24, 0x99000);
    put32(h + 28, 0x1000);
    ck_assert_msg(plan(&p, &kernel, "", NULL, 0, 4) == 0, "%s", err);
    ck_assert_uint_ge(p.info_address, MIB);
    ck_assert_uint_le(p.info_address + p.info_len, 4 * MIB);
    multiboot_free(&p);
    free(kernel.data);
}
END_TEST

START_TEST(damaged)
{
    struct image kernel = make_kernel();
    struct image copy = {.path = "copy", .data = malloc(KERNEL_LEN)};
    struct multiboot_plan p;
    struct ram_map map;
    unsigned accepted = 0;

    ram_map_expect(&map, 16 * MIB);
    srand(1);
    for (unsigned n = 0; n < 100000; n++) {
        u8 *h = copy.data + HEADER_AT;

        copy.size = rand() % 4 ? KERNEL_LEN : HEADER_AT + 12 + (u64)rand() % 64;
        memcpy(copy.data, kernel.data, copy.size);
        for (int i = rand() % 3; i >= 0; i--) {
            u64 at = HEADER_AT + 12 + (u64)rand() % 20;

            if (at < copy.size)
                copy.data[at] = (u8)rand();
        }
        if (rand() % 8 == 0)
            put_header(h, (u32)rand());
        if (plan(&p, &copy, "", NULL, 0, 16) < 0) {
            ck_assert(err[0] && !strchr(err, '\n'));
        } else {
            const struct elf_segment *s = &p.load.segment[0];

            accepted++;
            ck_assert(s->file_start + s->file_size <= copy.size && s->file_size <= s->size);
            ck_assert(ram_covers(&map, s->address, s->size));
            ck_assert(ram_covers(&map, p.info_address, p.info_len));
            ck_assert(p.info_address >= (u64)s->address + s->size ||
                      p.info_address + p.info_len <= s->address);
        }
        multiboot_free(&p);
    }
    ck_assert_uint_gt(accepted, 1000);
    free(copy.data);
    free(kernel.data);
}
END_TEST

static const char *make_file(const char *name, const void *data, size_t len)
{
    FILE *f = fopen(name, "w");

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    fclose(f);
    return name;
}

/* -initrd's list of modules, and how files that are no kernels are turned down. */
START_TEST(files)
{
    struct image kernel = make_kernel();
    char dir[] = "/tmp/pagewalk-test-XXXXXX";
    struct loader *loader;
    static const struct {
        const char *data;
        size_t len;
        const char *err;
    } bad[] = {
        {"\x1f\x8b\x08", 3,
         "'bad': packed by gzip: unpack it first (an initrd belongs to -initrd)"},
        {"", 0, "'bad' is empty"},
        {"\3757zXZ", 5, "'bad': packed by xz: unpack it first (an initrd belongs to -initrd)"},
        {"\x28\xb5\x2f\xfd", 4,
         "'bad': packed by zstd: unpack it first (an initrd belongs to -initrd)"},
        {"hello", 5, "'bad': neither a Linux kernel (bzImage) nor a multiboot kernel"},
        {"\x7f"
         "ELF\x01\x01\x01\0\0\0\0\0\0\0\0\0",
         16, "'bad': an ELF file without a multiboot header; for Linux, give the bzImage"},
    };

    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
    make_file("kernel", kernel.data, KERNEL_LEN);
    make_file("one", "1", 1);
    make_file("t,wo", "22", 2);
    loader = loader_new("kernel", "one a b, t,,wo c,one", NULL, NULL, 16 * MIB, err, sizeof(err));
    ck_assert_msg(loader != NULL, "%s", err);
    ck_assert_int_eq(loader->kind, LOADER_MULTIBOOT);
    ck_assert_uint_eq(loader->modules, 3);
    ck_assert_str_eq(loader->module_info[0].string, "one a b");
    ck_assert_str_eq(loader->module_info[1].string, "t,wo c");
    ck_assert_str_eq(loader->module[1].path, "t,wo");
    ck_assert_uint_eq(loader->module[1].size, 2);
    ck_assert_str_eq(loader->module_info[2].string, "one");
    loader_free(loader);

    ck_assert_ptr_null(loader_new("kernel", "one,none", "", NULL, 16 * MIB, err, sizeof(err)));
    ck_assert_str_eq(err, "cannot read 'none': No such file or directory");
    ck_assert_ptr_null(loader_new("/tmp", NULL, "", NULL, 16 * MIB, err, sizeof(err)));
    ck_assert_str_eq(err, "cannot read '/tmp': Is a directory");
    ck_assert_ptr_null(loader_new("/dev/zero", NULL, "", NULL, MIB, err, sizeof(err)));
    ck_assert_str_eq(err, "'/dev/zero' is larger than 1 MiB, the most that it can be here");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        make_file("bad", bad[i].data, bad[i].len);
        ck_assert_ptr_null(loader_new("bad", NULL, "", NULL, 16 * MIB, err, sizeof(err)));
        ck_assert_str_eq(err, bad[i].err);
    }
    ck_assert_ptr_null(loader_new(NULL, NULL, NULL, "kernel", 16 * MIB, err, sizeof(err)));
    ck_assert_str_eq(err, "'kernel': a BIOS image has 64 KiB to 4 MiB in steps of 64 KiB; this one "
                          "has 16384 bytes");
    unlink("kernel");
    unlink("one");
    unlink("t,wo");
    unlink("bad");
    ck_assert_int_eq(rmdir(dir), 0);
    free(kernel.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("multiboot");
    TCase *tc = tcase_create("multiboot");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, search);
    tcase_add_loop_test(tc, address_fields, 0, ARRAY_SIZE(fields));
    tcase_add_loop_test(tc, hole, 0, ARRAY_SIZE(holes));
    tcase_add_test(tc, flags);
    tcase_add_test(tc, placed);
    tcase_add_test(tc, no_room);
    tcase_add_test(tc, low_kernel);
    tcase_add_test(tc, damaged);
    tcase_add_test(tc, files);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
