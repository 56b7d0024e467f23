/* info pci, qtree, mtree, version, history, jit: what the board is made of, and how it is run. */
#include <inttypes.h>
#include <string.h>

#include "devices/monitor/command.h"
#include "devices/monitor/editor.h"
#include "mmu/host/stats.h"
#include "mmu/host/version.h"

static u32 config_read(const struct pci_device *dev, unsigned at, unsigned size)
{
    u32 value = 0;

    memcpy(&value, dev->config + at, size);
    return value;
}

static const char *class_name(u32 class)
{
    static const struct {
        u16 class;
        const char *name;
    } names[] = {{0x0101, "IDE controller"}, {0x0200, "Ethernet controller"},
                 {0x0300, "VGA controller"}, {0x0600, "Host bridge"},
                 {0x0601, "ISA bridge"},     {0x0680, "Bridge"}};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i].class == class)
            return names[i].name;
    return "Device";
}

/* A BAR that is nowhere has QEMU's numbers for it. */
static void put_bar(FILE *out, const char *indent, unsigned number, const struct pci_bar *bar)
{
    u64 base = bar->base == PCI_UNMAPPED ? UINT64_MAX : bar->base;

    if (bar->io)
        fprintf(out, "%sBAR%u: I/O at 0x%04" PRIx64 " [0x%04" PRIx64 "].\n", indent, number,
                base & 0xffff, (base + bar->size - 1) & 0xffff);
    else
        fprintf(out, "%sBAR%u: 32 bit %smemory at 0x%08" PRIx64 " [0x%08" PRIx64 "].\n", indent,
                number, bar->prefetch ? "prefetchable " : "", base, base + bar->size - 1);
}

static void put_function(FILE *out, const struct pci_device *dev)
{
    u32 subvendor = config_read(dev, PCI_SUBVENDOR_ID, 2);

    fprintf(out, "  Bus  0, device %3u, function %u:\n    %s: PCI device %04x:%04x\n",
            dev->devfn >> 3, dev->devfn & 7, class_name(config_read(dev, PCI_CLASS + 1, 2)),
            config_read(dev, PCI_VENDOR_ID, 2), config_read(dev, PCI_DEVICE_ID, 2));
    if (subvendor)
        fprintf(out, "      PCI subsystem %04x:%04x\n", subvendor,
                config_read(dev, PCI_SUBDEVICE_ID, 2));
    if (dev->config[PCI_INTERRUPT_PIN])
        fprintf(out, "      IRQ %u, pin %c\n", dev->config[PCI_INTERRUPT_LINE],
                dev->config[PCI_INTERRUPT_PIN] - 1 + 'A');
    for (unsigned i = 0; i <= PCI_ROM_BAR; i++)
        if (dev->bar[i].size)
            put_bar(out, "      ", i, &dev->bar[i]);
    fputs("      id \"\"\n", out);
}

/* The bus's functions by slot; NULL behind the last. */
static const struct pci_device *next_function(const struct pci_bus *bus, int *devfn)
{
    const struct pci_device *found = NULL;

    for (unsigned i = 0; i < bus->devices; i++) {
        const struct pci_device *dev = bus->device[i];

        if (dev->devfn > *devfn && (!found || dev->devfn < found->devfn))
            found = dev;
    }
    if (found)
        *devfn = found->devfn;
    return found;
}

MONITOR_COMMAND(info_pci)
{
    const struct pci_device *dev;
    int devfn = -1;

    (void)a;
    if (m->pc->config.isa_only) {
        fputs("PCI not supported\n", m->out);
        return;
    }
    while ((dev = next_function(&m->pc->pci, &devfn)))
        put_function(m->out, dev);
}

/* The range that answers from `port` on, and where the next one begins; NULL: nobody does. */
static const struct ioport_range *port_range(const struct ioport_bus *bus, u32 port, u32 *end)
{
    u8 number = bus->map[port];

    for (*end = port + 1; *end < 65536 && bus->map[*end] == number;)
        ++*end;
    return number && bus->range[number - 1].ops ? &bus->range[number - 1] : NULL;
}

static void put_ports(FILE *out, const struct ioport_bus *bus, const char *fmt)
{
    for (u32 port = 0, end; port < 65536; port = end) {
        const struct ioport_range *range = port_range(bus, port, &end);

        if (range)
            fprintf(out, fmt, port, end - 1, range->name);
    }
}

static const char *page_kind(u64 page)
{
    return page & PHYS_MMIO ? "i/o" : page & PHYS_RAM ? "ram" : page & PHYS_ROM ? "rom" : NULL;
}

MONITOR_COMMAND(info_mtree)
{
    const struct phys *phys = &m->pc->phys;
    u64 from = 0;

    (void)a;
    fputs("FlatView #0\n AS \"I/O\", root: io\n", m->out);
    put_ports(m->out, &m->pc->bus, "  %016x-%016x (prio 0, i/o): %s\n");
    fputs("\nFlatView #1\n AS \"memory\", root: system\n", m->out);
    for (u64 page = 1; page <= 1u << 20; page++) {
        u64 before = phys->page[page - 1], now = page >> 20 ? 0 : phys->page[page];
        u64 range = PHYS_RAM | PHYS_ROM | PHYS_MMIO | (before & PHYS_MMIO ? 0xfc0 : 0);

        if (!(page >> 20) && (before & range) == (now & range))
            continue;
        if (page_kind(before))
            fprintf(m->out, "  %016" PRIx64 "-%016" PRIx64 " (prio 0, %s): %s\n",
                    from << PAGE_SHIFT, (page << PAGE_SHIFT) - 1, page_kind(before),
                    before & PHYS_MMIO  ? "device"
                    : before & PHYS_RAM ? "pc.ram"
                                        : "pc.rom");
        from = page;
    }
}

MONITOR_COMMAND(info_qtree)
{
    const struct pci_device *dev;
    int devfn = -1;

    (void)a;
    fputs("bus: main-system-bus\n  type System\n", m->out);
    if (!m->pc->config.isa_only)
        fputs("  dev: i440FX-pcihost, id \"\"\n    bus: pci.0\n      type PCI\n", m->out);
    while (!m->pc->config.isa_only && (dev = next_function(&m->pc->pci, &devfn))) {
        fprintf(
            m->out,
            "      dev: %s, id \"\"\n        addr = %02x.%x\n        class %s, addr 00:%02x.%x, "
            "pci id %04x:%04x\n",
            dev->name, dev->devfn >> 3, dev->devfn & 7,
            class_name(config_read(dev, PCI_CLASS + 1, 2)), dev->devfn >> 3, dev->devfn & 7,
            config_read(dev, PCI_VENDOR_ID, 2), config_read(dev, PCI_DEVICE_ID, 2));
        for (unsigned i = 0; i <= PCI_ROM_BAR; i++)
            if (dev->bar[i].size)
                put_bar(m->out, "        ", i, &dev->bar[i]);
    }
    fputs("  bus: isa.0\n    type ISA\n", m->out);
    put_ports(m->out, &m->pc->bus, "    ports 0x%04x-0x%04x: %s\n");
}

MONITOR_COMMAND(info_version)
{
    (void)a;
    fprintf(m->out, "Pagewalk %s\n", PAGEWALK_VERSION);
}

MONITOR_COMMAND(info_history)
{
    (void)a;
    for (unsigned i = 0; m->editor && i < m->editor->entries; i++)
        fprintf(m->out, "%u: '%s'\n", i, m->editor->history[i]);
}

MONITOR_COMMAND(info_jit)
{
    (void)a;
    fprintf(m->out, "Translator: %" PRIu64 " guest instructions\n", cpu_insns(m->pc->cpu));
    stats_print(&m->pc->stats, m->out);
}

MONITOR_COMMAND(info_name)
{
    const struct monitor_host *host = m->pc->config.monitor_host;

    (void)a;
    if (host && host->name)
        fprintf(m->out, "%s\n", host->name);
}

MONITOR_COMMAND(info_uuid)
{
    const struct monitor_host *host = m->pc->config.monitor_host;

    (void)a;
    fprintf(m->out, "%s\n", host && host->uuid ? host->uuid : MONITOR_NO_UUID);
}

MONITOR_COMMAND(info_cpus)
{
    (void)a;
    fputs("* CPU #0: thread_id=1\n", m->out);
}

MONITOR_COMMAND(info_kvm)
{
    (void)a;
    fputs("kvm support: not compiled\n", m->out);
}

MONITOR_COMMAND(info_chardev)
{
    const struct monitor_host *host = m->pc->config.monitor_host;
    const char *label, *where;

    (void)a;
    for (unsigned i = 0; host && host->chardev && host->chardev(host->opaque, i, &label, &where);
         i++)
        fprintf(m->out, "%s: filename=%s\n", label, where);
}
