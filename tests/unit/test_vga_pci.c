/* Test of the VGA as a PCI function: identity, and that the frame buffer follows BAR 0. */
#include "devices/pci/pci.h"
#include "tests/unit/vga_rig.h"

static struct rig rig;
static struct pci_bus bus;

static u32 config_get(u8 offset)
{
    ioport_write(&rig.b.bus, 0xcf8, 0x80001000u | offset, 4);
    return ioport_read(&rig.b.bus, 0xcfc, 4);
}

static void config_set(u8 offset, u32 value)
{
    ioport_write(&rig.b.bus, 0xcf8, 0x80001000u | offset, 4);
    ioport_write(&rig.b.bus, 0xcfc, value, 4);
}

/* The least that an option ROM for the function has: the PCI data structure is at 0x28. */
static u8 image[0x40] = {0x55, 0xaa, 0x01, [0x18] = 0x28, 0x00, [0x28] = 'P', 'C',
                         'I',  'R',  0x34, 0x12,          0x11, 0x11,         [0x3f] = 0x99};

START_TEST(test_bad_roms)
{
    static u8 large[VGA_ROM + 1];

    rig_init(&rig);
    ck_assert(!vga_pci_set_rom(&rig.vga, image, 0x3f));
    ck_assert(!vga_pci_set_rom(&rig.vga, image, 0x19));
    ck_assert(!vga_pci_set_rom(&rig.vga, image, 0));
    memcpy(large, image, sizeof(image));
    ck_assert(!vga_pci_set_rom(&rig.vga, large, sizeof(large)));
    ck_assert(vga_pci_set_rom(&rig.vga, large, VGA_ROM));
    large[0x2c] = 0x35; /* another's */
    ck_assert(!vga_pci_set_rom(&rig.vga, large, VGA_ROM));
    large[0x18] = large[0x19] = 0xff;
    ck_assert(!vga_pci_set_rom(&rig.vga, large, VGA_ROM));
    rig_free(&rig);
}
END_TEST

START_TEST(test_pci)
{
    rig_init(&rig);
    vga_map_lfb(&rig.vga, VGA_UNMAPPED);
    pci_bus_init(&bus, &rig.b.bus);
    bus.memory_first = 0x80000000;
    bus.memory_last = 0xfebfffff;
    vga_pci_init(&rig.vga, &bus, PCI_DEVFN(2, 0));
    ck_assert_uint_eq(config_get(0), 0x11111234);
    ck_assert_uint_eq(config_get(8) >> 8, 0x030000);
    config_set(0x10, 0xffffffff);
    ck_assert_uint_eq(config_get(0x10), 0xff000008); /* 16 MiB, prefetchable */
    config_set(0x10, 0xe1000000);
    ck_assert_uint_eq(rig.vga.lfb, VGA_UNMAPPED); /* not decoded yet */
    config_set(0x04, 0x02);
    ck_assert_uint_eq(rig.vga.lfb, 0xe1000000);
    phys_store(&rig.phys, 0xe1234567, 0xabcdef12, 4);
    config_set(0x10, 0xc0000000);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xe1234567, 4), 0xffffffff);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xc0234567, 4), 0xabcdef12);
    config_set(0x30, 0xffffffff);
    ck_assert_uint_eq(config_get(0x30), 0xffff0001);
    config_set(0x30, 0xfd000001);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd000000, 4), 0);
    ck_assert(vga_pci_set_rom(&rig.vga, image, sizeof(image)));
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd000000, 2), 0xaa55);
    phys_store(&rig.phys, 0xfd000000, 0, 2);
    config_set(0x30, 0xfd100001);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd000000, 2), 0xffff);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd100000, 2), 0xaa55);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd10003f, 1), image[0x3f]);
    config_set(0x04, 0); /* Bochs' BIOS reads the ROM like this */
    ck_assert_uint_eq(rig.vga.lfb, VGA_UNMAPPED);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd100000, 2), 0xaa55);
    config_set(0x30, 0xfd100000);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd100000, 2), 0xffff);
    config_set(0x30, 0xfd100001);
    config_set(0x04, 2);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd100000, 2), 0xaa55);
    pci_bus_reset(&bus);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xfd100000, 2), 0xffff);
    ck_assert_uint_eq(rig.vga.lfb, VGA_UNMAPPED);
    ck_assert_uint_eq(phys_load(&rig.phys, 0xc0234567, 4), 0xffffffff);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("vga_pci");

    tcase_add_test(tc, test_pci);
    tcase_add_test(tc, test_bad_roms);
    return bench_main(tc, "vga_pci");
}
