/* -device: what of QEMU's devices there is here, what something else stands in for, and what there is not. */
#include <string.h>

#include "boot/optchr.h"
#include "boot/optdrive.h"
#include "boot/optjson.h"
#include "boot/optnet.h"
#include "boot/optvalue.h"
#include "devices/chipset/pvpanic.h"

KEY(exit_iobase)
{
    u64 n;

    if (!value_number(value, 0, 0xffff, &n))
        return keylist_fail(list, value, "the port is a number up to 0xffff");
    list->p->o->debug_exit_iobase = (u16)n;
    return OPTIONS_RUN;
}

KEY(exit_iosize)
{
    list->p->o->debug_exit_iosize = (u16)(value[strlen(value) - 1] - '0');
    return OPTIONS_RUN;
}

/* QEMU's defaults: port 0x501, two bytes. */
static enum options_result debug_exit(struct parse *p, const char *driver, const char *items)
{
    static const struct key keys[] = {
        {"iobase", NULL, key_exit_iobase, NULL},
        {"iosize", "1|2|4|0x1|0x2|0x4|0x01|0x02|0x04", key_exit_iosize, NULL},
        {"id", NULL, keylist_same, NULL},
    };
    struct keylist list = KEYLIST("-device isa-debug-exit:", NULL, keys, p, NULL);
    struct options *o = p->o;
    enum options_result r;

    o->debug_exit_iobase = 0x501;
    o->debug_exit_iosize = 2;
    r = *items ? keylist_parse(&list, items) : OPTIONS_RUN;
    if (r != OPTIONS_RUN)
        return r;
    if (o->debug_exit_iobase + o->debug_exit_iosize > 0x10000)
        return opt_fail(p, "-device %s: the ports reach beyond 0xffff", driver);
    o->debug_exit = true;
    return OPTIONS_RUN;
}

KEY(panic_iobase)
{
    u64 n;

    if (!value_number(value, 1, 0xffff, &n))
        return keylist_fail(list, value, "the port is a number from 1 to 0xffff");
    list->p->o->pvpanic_iobase = (u16)n;
    return OPTIONS_RUN;
}

KEY(panic_events)
{
    list->p->o->pvpanic_events = (u8)(value[strlen(value) - 1] - '0');
    return OPTIONS_RUN;
}

static enum options_result pvpanic(struct parse *p, const char *driver, const char *items)
{
    static const struct key keys[] = {
        {"ioport", NULL, key_panic_iobase, NULL},
        {"events", "0|1|2|3|0x0|0x1|0x2|0x3", key_panic_events, NULL},
        {"id", NULL, keylist_same, NULL},
    };
    struct keylist list = KEYLIST("-device pvpanic:", NULL, keys, p, NULL);

    (void)driver;
    p->o->pvpanic_iobase = PVPANIC_PORT;
    p->o->pvpanic_events = PVPANIC_PANICKED | PVPANIC_LOADED;
    return *items ? keylist_parse(&list, items) : OPTIONS_RUN;
}

static enum options_result testdev(struct parse *p, const char *driver, const char *items)
{
    static const struct key keys[] = {{"id", NULL, keylist_same, NULL}};
    struct keylist list = KEYLIST("-device pc-testdev:", NULL, keys, p, NULL);

    (void)driver;
    p->o->testdev = true;
    return *items ? keylist_parse(&list, items) : OPTIONS_RUN;
}

static enum options_result vga(struct parse *p, const char *driver, const char *items)
{
    if (*items || strcmp(driver, "VGA") != 0)
        options_note(p->o, "device", options_keepf(p->o, "%s", driver),
                     "this is the display adapter of -vga std");
    p->o->vga = PC_VGA_STD;
    return OPTIONS_RUN;
}

static const struct device {
    const char *name;
    enum options_result (*set)(struct parse *p, const char *driver, const char *items);
    const char *why; /* without set: what stands in for it, or why there is none */
    bool refused;
} devices[] = {
    {"isa-debug-exit", debug_exit, NULL, false},
    {"pvpanic", pvpanic, NULL, false},
    {"pc-testdev", testdev, NULL, false},
    {"pci-testdev", NULL, "there is no test card on the PCI bus: tests that look for it skip",
     false},
    {"isa-serial", optchr_device, NULL, false},
    {"isa-parallel", optchr_device, NULL, false},
    {"isa-debugcon", optchr_device, NULL, false},
    {"ide-hd", optattach_parse, NULL, false},
    {"ide-cd", optattach_parse, NULL, false},
    {"ide-drive", optattach_parse, NULL, false},
    {"floppy", optattach_parse, NULL, false},
    {"e1000", optnet_device, NULL, false},
    {"ne2k_isa", optnet_device, NULL, false},
    {"ne2k_pci", optnet_device, NULL, false},
    {"pcnet", optnet_device, NULL, false},
    {"rtl8139", optnet_device, NULL, false},
    {"VGA", vga, NULL, false},
    {"isa-vga", vga, NULL, false},
    {"cirrus-vga", vga, NULL, false},
    {"usb-tablet", NULL, "there is no USB; the PS/2 mouse is there", false},
    {"usb-mouse", NULL, "there is no USB; the PS/2 mouse is there", false},
    {"usb-kbd", NULL, "there is no USB; the PS/2 keyboard is there", false},
    {"piix3-usb-uhci", NULL, "there is no USB", false},
    {"piix4-usb-uhci", NULL, "there is no USB", false},
    {"usb-ehci", NULL, "there is no USB", false},
    {"qemu-xhci", NULL, "there is no USB", false},
    {"nec-usb-xhci", NULL, "there is no USB", false},
    {"virtio-rng-pci", NULL, "there is no virtio; the guest has its own randomness", false},
    {"virtio-balloon-pci", NULL, "there is no virtio", false},
    {"virtio-balloon", NULL, "there is no virtio", false},
    {"intel-iommu", NULL, "there is no IOMMU", false},
    {"AC97", NULL, "this version has no sound", false},
    {"ES1370", NULL, "this version has no sound", false},
    {"sb16", NULL, "this version has no sound", false},
    {"adlib", NULL, "this version has no sound", false},
    {"intel-hda", NULL, "this version has no sound", false},
    {"hda-duplex", NULL, "this version has no sound", false},
    {"hda-output", NULL, "this version has no sound", false},
    {"usb-storage", NULL, "there is no USB; give the image to ide-hd", true},
    {"virtio-net-pci", NULL, "there is no such card; give e1000, ne2k_pci or ne2k_isa", true},
    {"virtio-blk-pci", NULL, "there is no virtio; give the image to ide-hd", true},
    {"virtio-scsi-pci", NULL, "there is no virtio and no SCSI; give the image to ide-hd", true},
    {"scsi-hd", NULL, "there is no SCSI; give the image to ide-hd", true},
    {"scsi-cd", NULL, "there is no SCSI; give the image to ide-cd", true},
    {"ahci", NULL, "there is no AHCI; give the image to ide-hd without a bus", true},
    {"ich9-ahci", NULL, "there is no AHCI; give the image to ide-hd without a bus", true},
    {"nvme", NULL, "there is no NVMe; give the image to ide-hd", true},
    {"loader", NULL, "give a kernel to -kernel, or a BIOS to -bios", true},
    {"i6300esb", NULL, "there is no watchdog", true},
    {"ib700", NULL, "there is no watchdog", true},
    {"vfio-pci", NULL, "no device of the host is given to a guest", true},
    {"vmware-svga", vga, NULL, false},
    {"qxl-vga", vga, NULL, false},
    {"virtio-vga", vga, NULL, false},
};

static const char *list_devices(struct parse *p)
{
    char text[2000];
    size_t used = 0;

    for (size_t i = 0; i < ARRAY_SIZE(devices) && used < sizeof(text); i++)
        if (devices[i].set && devices[i].set != vga)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
                                     devices[i].name);
    return options_keep(p->o, text);
}

SETTER(device)
{
    const char *rest = "", *driver;

    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_DEVICE_HELP;
    value = optjson_list(p, "-device", value);
    if (!value)
        return OPTIONS_ERROR;
    driver = keylist_first(p, value, &rest);
    if (!driver)
        return opt_fail(p, "-device: the command line is too long");
    if (strncmp(driver, "driver=", 7) == 0)
        driver += 7;
    for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
        const struct device *d = &devices[i];

        if (strcmp(d->name, driver) != 0)
            continue;
        if (d->set)
            return d->set(p, d->name, rest);
        if (d->refused)
            return opt_fail(p, "-device %s: %s", driver, d->why);
        options_note(p->o, "device", driver, d->why);
        return OPTIONS_RUN;
    }
    return opt_fail(p, "-device %s: no such device here; there are: %s", driver, list_devices(p));
}
