/* The board's memory, CMOS and port maps, its ROMs, and what of them a BIOS sees. */
#include "tests/unit/pc_rig.h"

static const struct guest dead = {BYTES("\xfa\xf4")}; /* cli; hlt */

static const struct {
    unsigned mib, ranges;
    u64 extended;                  /* size of RAM above 1 MiB */
    unsigned cmos_ext, cmos_ext16; /* 0x17/0x18 and 0x30/0x31; 0x34/0x35 */
} sizes[] = {
    {1, 3, 0, 0, 0},
    {2, 4, MIB, 1024, 0},
    {16, 4, 15 * MIB, 15360, 0},
    {64, 4, 63 * MIB, 64512, 768},
    {128, 4, 127 * MIB, 65535, 1792},
    {3072, 4, 3071ull * MIB, 65535, 48896},
};

static u32 in(struct pc *pc, u16 port, unsigned size)
{
    return pc_cpu(pc)->hooks.port_in(pc_cpu(pc)->hooks.opaque, port, size);
}

static void out(struct pc *pc, u16 port, u32 value, unsigned size)
{
    pc_cpu(pc)->hooks.port_out(pc_cpu(pc)->hooks.opaque, port, value, size);
}

static unsigned cmos(struct pc *pc, u8 index)
{
    out(pc, 0x70, index, 1);
    return in(pc, 0x71, 1);
}

static unsigned cmos16(struct pc *pc, u8 index)
{
    return cmos(pc, index) | cmos(pc, index + 1) << 8;
}

START_TEST(memory_size)
{
    struct pc_config config = config_default();
    struct pc_memory_range map[8];
    struct machine m;
    unsigned sum = 0;
    u8 byte = 0xa5;
    u64 last;

    config.ram_size = (u64)sizes[_i].mib * MIB;
    last = config.ram_size > MIB ? config.ram_size - 1 : 0x9ffff;
    machine_new(&m, config, &dead);
    ck_assert_uint_eq(pc_memory_map(m.pc, map, 8), sizes[_i].ranges);
    ck_assert_uint_eq(pc_memory_map(m.pc, map, 2), 2);
    ck_assert_uint_eq(map[0].base, 0);
    ck_assert_uint_eq(map[0].size, 0x9fc00);
    ck_assert_uint_eq(map[0].type, 1);
    ck_assert_uint_eq(map[1].base, 0x9fc00);
    ck_assert_uint_eq(map[1].size, 0x400);
    ck_assert_uint_eq(map[1].type, 2);
    if (sizes[_i].extended) {
        pc_memory_map(m.pc, map, 8);
        ck_assert_uint_eq(map[3].base, MIB);
        ck_assert_uint_eq(map[3].size, sizes[_i].extended);
        ck_assert_uint_eq(map[3].type, 1);
    }

    phys_write(pc_phys(m.pc), last, &byte, 1);
    ck_assert_uint_eq(phys_load(pc_phys(m.pc), last, 1), 0xa5);
    ck_assert_uint_eq(phys_load(pc_phys(m.pc), config.ram_size, 4), 0xffffffff);
    ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xa0000, 4), 0xffffffff);
    ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xc0000, 4), 0xffffffff);
    ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xf0000, 4), 0);
    phys_write(pc_phys(m.pc), 0xf0000, &byte, 1);
    ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xf0000, 1), 0); /* ROM */

    ck_assert_uint_eq(cmos(m.pc, 0x0f), 0);
    ck_assert_uint_eq(cmos(m.pc, 0x10), 0x40); /* drive A is there though empty */
    ck_assert_uint_eq(cmos(m.pc, 0x14), 0x07);
    ck_assert_uint_eq(cmos16(m.pc, 0x15), 640);
    ck_assert_uint_eq(cmos16(m.pc, 0x17), sizes[_i].cmos_ext);
    ck_assert_uint_eq(cmos16(m.pc, 0x30), sizes[_i].cmos_ext);
    ck_assert_uint_eq(cmos16(m.pc, 0x34), sizes[_i].cmos_ext16);
    for (u8 i = 0x10; i < 0x2e; i++)
        sum += cmos(m.pc, i);
    ck_assert_uint_eq(cmos(m.pc, 0x2e) << 8 | cmos(m.pc, 0x2f), sum);
    machine_end(&m);
}
END_TEST

/* Ports where nobody is, and a few where somebody is. */
static const struct {
    u16 port;
    unsigned size;
    u32 value;
} ports[] = {
    {0x2e, 1, 0xff},  {0x1f7, 1, 0x00}, {0x177, 1, 0x00},     {0x2f8, 1, 0xff},  {0x3d5, 1, 0xff},
    {0x3bf, 1, 0xff}, {0x3f6, 1, 0x00}, {0x279, 1, 0xff},     {0xcf8, 4, 0},     {0xcfc, 4, ~0u},
    {0xa79, 1, 0xff}, {0x5678, 4, ~0u}, {0x3f8 + 5, 1, 0x60}, {0x3f8 + 2, 1, 1},
};

START_TEST(port_map)
{
    struct machine m;

    machine_new(&m, config_default(), &dead);
    pc_run(m.pc); /* power-on reset */
    for (unsigned i = 0; i < ARRAY_SIZE(ports); i++) {
        u32 value = in(m.pc, ports[i].port, ports[i].size);

        ck_assert_msg(value == ports[i].value, "port %x reads %x", ports[i].port, value);
    }
    ck_assert_uint_ne(in(m.pc, 0x64, 1), 0xff);
    out(m.pc, 0x80, 0x42, 1);
    ck_assert_uint_eq(in(m.pc, 0x80, 1), 0x42);
    machine_end(&m);
}
END_TEST

static u32 pci_read(struct pc *pc, u8 devfn, u8 reg)
{
    out(pc, 0xcf8, 0x80000000u | (u32)devfn << 8 | reg, 4);
    return in(pc, 0xcfc, 4);
}

static void pci_write(struct pc *pc, u8 devfn, u8 reg, u32 value, unsigned size)
{
    out(pc, 0xcf8, 0x80000000u | (u32)devfn << 8 | (reg & 0xfc), 4);
    out(pc, (u16)(0xcfc + (reg & 3)), value, size);
}

/* The chipset where QEMU's board has it; shadow RAM; power-off by the PM ports and by port 0x8900. 1: without
 * a PCI bus, 2: without power management. */
START_TEST(pci_board)
{
    static const char word[] = "Shutdown";
    struct pc_config config = config_default();
    struct machine m;
    int status = 9;

    config.isa_only = _i == 1;
    config.no_acpi = _i == 2;
    machine_new(&m, config, &dead);
    pc_run(m.pc);
    ck_assert_uint_eq(in(m.pc, 0xb2, 1), _i ? 0xff : 0);
    if (_i) {
        if (config.isa_only)
            ck_assert_uint_eq(in(m.pc, 0xcf8, 4), 0xffffffff);
        else
            ck_assert_uint_eq(pci_read(m.pc, 0x08, 0), 0x70008086);
        ck_assert(config.isa_only || pci_read(m.pc, 0x0b, 0) == 0xffffffff);
        ck_assert_uint_eq(in(m.pc, 0xafe0, 4), 0xffffffff);
        ck_assert(!pc_power_button(m.pc));
        for (unsigned i = 0; word[i]; i++)
            out(m.pc, 0x8900, (u8)word[i], 1);
    } else {
        u32 first = 0x12345678;

        ck_assert_uint_eq(pci_read(m.pc, 0x00, 0), 0x12378086);
        ck_assert_uint_eq(pci_read(m.pc, 0x08, 0), 0x70008086);
        ck_assert_uint_eq(pci_read(m.pc, 0x0b, 0), 0x71138086);
        phys_write(pc_phys(m.pc), 0xf0000, &first, 4);
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xf0000, 4), 0);
        pci_write(m.pc, 0x00, 0x59, 0x30, 1);
        phys_write(pc_phys(m.pc), 0xf0000, &first, 4);
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xf0000, 4), first);
        ck_assert(!pc_power_button(m.pc)); /* nobody has enabled it */
        pci_write(m.pc, 0x0b, 0x40, 0xb000, 4);
        pci_write(m.pc, 0x0b, 0x80, 1, 1);
        out(m.pc, 0xb004, 0x2000, 2);
    }
    ck_assert(pc_run_insns(m.pc, 1, &status));
    ck_assert_int_eq(status, 0);
    machine_end(&m);
}
END_TEST

/* The display adapter's ports and memory are there, or not. */
START_TEST(display)
{
    struct pc_config config = config_default();
    struct machine m;

    config.vga = _i ? PC_VGA_NONE : PC_VGA_STD;
    config.isa_only = true;
    machine_new(&m, config, &dead);
    pc_run(m.pc);
    ck_assert((pc_display(m.pc) == NULL) == (_i != 0));
    out(m.pc, 0x3c2, 0x67, 1);
    ck_assert_uint_eq(in(m.pc, 0x3cc, 1), _i ? 0xff : 0x67);
    ck_assert(phys_is_ram(pc_phys(m.pc), 0xe0000000, 16 * MIB) == (_i == 0));
    machine_end(&m);
}
END_TEST

/* Option ROMs stand one behind the other. */
START_TEST(option_roms)
{
    static u8 rom[96 * KIB];
    struct machine m;

    rom[0] = 0x55;
    rom[1] = 0xaa;
    rom[2] = 1;
    rom[511] = 0x77;
    machine_new(&m, config_default(), &dead);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, 2), -EINVAL);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, 511), -EINVAL);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom + 1, 512), -EINVAL);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, 512), 0);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, sizeof(rom)), 0);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, 32 * KIB), -ENOSPC);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, 28 * KIB), 0);
    ck_assert_int_eq(pc_add_option_rom(m.pc, rom, 512), -ENOSPC);
    for (unsigned i = 0; i < 3; i++) {
        static const u32 places[] = {0xc0000, 0xc1000, 0xd9000};

        ck_assert_uint_eq(phys_load(pc_phys(m.pc), places[i], 2), 0xaa55);
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), places[i] + 511, 1), 0x77);
        phys_store(pc_phys(m.pc), places[i], 0, 2);
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), places[i], 2), 0xaa55);
    }
    machine_end(&m);
}
END_TEST

/* A BIOS of one page or more ends at both 1 MiB and 4 GiB, and runs from the reset vector. */
static const struct {
    size_t len;
    bool ok;
} images[] = {{0, false},       {1, true},         {4096, true},
              {64 * KIB, true}, {128 * KIB, true}, {256 * KIB, true},
              {100000, true},   {4 * MIB, true},   {4 * MIB + 1, false}};

START_TEST(bios_runs)
{
    static const char start[] = G_EXIT("\x11"); /* 9 bytes with the terminator */
    size_t len = images[_i].len;
    u8 *image = calloc(1, len + 1);
    struct machine m;

    for (size_t i = 0; i < len; i++)
        image[i] = (u8)(i * 7 + (i >> 12));
    if (len >= 16)
        memcpy(image + len - 16, start, sizeof(start) - 1);
    machine_new(&m, config_default(), &dead);
    pc_on_reset(m.pc, NULL, NULL);
    ck_assert_int_eq(pc_add_bios(m.pc, image, len) == 0, images[_i].ok);
    if (images[_i].ok) {
        size_t low = len < 128 * KIB ? len : 128 * KIB;

        for (size_t i = 1; i <= len; i += 97) {
            ck_assert_uint_eq(phys_load(pc_phys(m.pc), (1ull << 32) - i, 1), image[len - i]);
            if (i <= low)
                ck_assert_uint_eq(phys_load(pc_phys(m.pc), MIB - i, 1), image[len - i]);
        }
        if (len >= 16)
            ck_assert_int_eq(pc_run(m.pc), 0x23);
    }
    machine_end(&m);
    free(image);
}
END_TEST

/* Below 1 MiB: ROM, but for another BIOS than ours without a bridge that could put RAM there. */
static const struct {
    bool isa_only, own, ram;
} low_bios[] = {
    {false, false, false}, {false, true, false}, {true, false, true}, {true, true, false}};

START_TEST(bios_low)
{
    struct pc_config config = config_default();
    u8 *image = calloc(1, 128 * KIB);
    u32 want = low_bios[_i].ram ? 0x12345678 : 0x77777777;
    struct machine m;

    memset(image, 0x77, 128 * KIB);
    config.isa_only = low_bios[_i].isa_only;
    config.own_bios = low_bios[_i].own;
    machine_new(&m, config, &dead);
    ck_assert_int_eq(pc_add_bios(m.pc, image, 128 * KIB), 0);
    for (u32 pa = 0xe0000; pa < MIB; pa += 0x1fffc) {
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), pa, 4), 0x77777777);
        phys_store(pc_phys(m.pc), pa, 0x12345678, 4);
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), pa, 4), want);
        ck_assert_uint_eq(phys_load(pc_phys(m.pc), 0xfff00000 | pa, 4), 0x77777777);
    }
    machine_end(&m);
    free(image);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc maps");
    TCase *tc = tcase_create("pc");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, memory_size, 0, ARRAY_SIZE(sizes));
    tcase_add_test(tc, port_map);
    tcase_add_loop_test(tc, pci_board, 0, 3);
    tcase_add_loop_test(tc, display, 0, 2);
    tcase_add_test(tc, option_roms);
    tcase_add_loop_test(tc, bios_runs, 0, ARRAY_SIZE(images));
    tcase_add_loop_test(tc, bios_low, 0, ARRAY_SIZE(low_bios));
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
