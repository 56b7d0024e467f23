/* POST's PCI set-up: BARs, decoding, interrupt lines and routes, for one bus.
 *
 * I/O goes from C000 up, prefetchable memory (frame buffers) from E0000000 up, other memory and expansion
 * ROMs from FEC00000 down. A BAR that finds no room is left at 0, where nothing decodes it. Not done:
 * bridges to other buses, 64-bit addresses (their upper halves are 0), latency timers.
 * Sources: PCI 2.1, 6.2.5 (sizing); Intel 82371SB data sheet, 2.2 (PIRQRC) and 2.3 (IDETIM); Intel 82371AB
 * data sheet, 7.1 (PMBA, PMREGMISC). */
#include "pci.h"

#define IO_FIRST       0xc000u
#define IO_END         0x10000u
#define PREFETCH_FIRST 0xe0000000u
#define MEMORY_END     0xfec00000u

/* Configuration space. */
#define REG_ID         0x00
#define REG_COMMAND    0x04
#define REG_CLASS      0x08
#define REG_HEADER     0x0e
#define REG_BAR0       0x10
#define REG_ROM        0x30
#define REG_INT_LINE   0x3c
#define REG_INT_PIN    0x3d
#define BARS           6
#define COMMAND_IO     0x01
#define COMMAND_MEM    0x02
#define COMMAND_MASTER 0x04
#define BAR_IO         0x01u
#define BAR_TYPE       0x06u
#define BAR_64         0x04u
#define BAR_PREFETCH   0x08u
#define HEADER_TYPE    0x7f
#define HEADER_MULTI   0x80

/* Functions that need more than addresses. */
#define ID_PIIX3_ISA 0x70008086u
#define ID_PIIX3_IDE 0x70108086u
#define ID_PIIX4_IDE 0x71118086u
#define ID_PIIX4_PM  0x71138086u
#define CLASS_VGA    0x0300

#define REG_PIRQRC    0x60
#define REG_IDETIM    0x40
#define IDETIM_DECODE 0x8000
#define REG_PMBA      0x40
#define REG_PMREGMISC 0x80
#define ELCR          0x4d0
#define SCI_IRQ       9

/* Where the next BAR of each kind goes. */
struct room {
    u32 io, prefetch, memory_end;
};

static u8 route(unsigned pirq)
{
    return pirq < 2 ? 10 : 11;
}

static u16 config_port(u8 devfn, u8 reg)
{
    outl(0xcf8, 0x80000000u | (u32)devfn << 8 | (reg & 0xfc));
    return (u16)(0xcfc + (reg & 3));
}

static u32 read32(u8 devfn, u8 reg)
{
    return inl(config_port(devfn, reg));
}

static u16 read16(u8 devfn, u8 reg)
{
    return inw(config_port(devfn, reg));
}

static u8 read8(u8 devfn, u8 reg)
{
    return inb(config_port(devfn, reg));
}

static void write32(u8 devfn, u8 reg, u32 value)
{
    outl(config_port(devfn, reg), value);
}

static void write16(u8 devfn, u8 reg, u16 value)
{
    outw(config_port(devfn, reg), value);
}

static void write8(u8 devfn, u8 reg, u8 value)
{
    outb(config_port(devfn, reg), value);
}

/* The end of [first, first + size) with first aligned up; 0 when it does not end by `end`. */
static u32 place_up(u32 *next, u32 size, u32 end)
{
    u32 base = (*next + size - 1) & ~(size - 1);

    if (base < *next || base >= end || size > end - base)
        return 0;
    *next = base + size;
    return base;
}

static u32 place_down(u32 *next, u32 size, u32 first)
{
    u32 base;

    if (size > *next - first)
        return 0;
    base = (*next - size) & ~(size - 1);
    if (base < first)
        return 0;
    *next = base;
    return base;
}

/* Sizes a BAR by the bits that stay zero, and places it. Returns the command bit that it needs. */
static u8 place_bar(struct room *room, u8 devfn, u8 reg, u32 flags)
{
    bool io = reg != REG_ROM && flags & BAR_IO;
    u32 mask = io ? ~3u : reg == REG_ROM ? ~0x7ffu : ~15u;
    u32 bits, size, base;

    write32(devfn, reg, mask);
    bits = read32(devfn, reg) & mask;
    if (io)
        bits |= bits ? 0xffff0000u : 0; /* the upper half may be missing */
    if (!bits)
        return 0;
    size = ~bits + 1;
    if (size & (size - 1)) { /* not as a BAR is */
        write32(devfn, reg, 0);
        return 0;
    }
    if (io)
        base = place_up(&room->io, size, IO_END);
    else if (reg != REG_ROM && flags & BAR_PREFETCH)
        base = place_up(&room->prefetch, size, room->memory_end);
    else
        base = place_down(&room->memory_end, size, room->prefetch);
    write32(devfn, reg, base);
    if (!base || reg == REG_ROM)
        return 0;
    return io ? COMMAND_IO : COMMAND_MEM;
}

static u8 place_bars(struct room *room, u8 devfn)
{
    u8 command = 0;

    for (unsigned i = 0; i < BARS; i++) {
        u8 reg = (u8)(REG_BAR0 + 4 * i);
        u32 flags = read32(devfn, reg);

        command |= place_bar(room, devfn, reg, flags);
        if (!(flags & BAR_IO) && (flags & BAR_TYPE) == BAR_64 && i + 1 < BARS)
            write32(devfn, (u8)(REG_BAR0 + 4 * ++i), 0);
    }
    place_bar(room, devfn, REG_ROM, 0);
    return command;
}

/* The ISA bridge: where the four PCI interrupts go, and that those lines are levels. */
static void set_routes(u8 devfn)
{
    u16 level = 1u << SCI_IRQ;

    for (unsigned i = 0; i < 4; i++) {
        write8(devfn, (u8)(REG_PIRQRC + i), route(i));
        level |= (u16)(1u << route(i));
    }
    outb(ELCR, inb(ELCR) | (u8)level);
    outb(ELCR + 1, inb(ELCR + 1) | (u8)(level >> 8));
}

static void set_up(struct room *room, struct pci_info *info, u8 devfn)
{
    u32 id = read32(devfn, REG_ID);
    u16 class = (u16)(read32(devfn, REG_CLASS) >> 16);
    u16 command = read16(devfn, REG_COMMAND);
    u8 pin = read8(devfn, REG_INT_PIN);

    if ((read8(devfn, REG_HEADER) & HEADER_TYPE) != 0)
        return; /* a bridge */
    write16(devfn, REG_COMMAND, command & (u16) ~(COMMAND_IO | COMMAND_MEM));
    command |= place_bars(room, devfn);
    if (class == CLASS_VGA)
        command |= COMMAND_IO | COMMAND_MEM;
    if (pin >= 1 && pin <= 4)
        write8(devfn, REG_INT_LINE, route(((devfn >> 3) + pin + 2u) & 3));
    switch (id) {
    case ID_PIIX3_ISA: set_routes(devfn); break;
    case ID_PIIX3_IDE:
    case ID_PIIX4_IDE:
        write16(devfn, REG_IDETIM, IDETIM_DECODE);
        write16(devfn, REG_IDETIM + 2, IDETIM_DECODE);
        command |= COMMAND_IO | COMMAND_MASTER;
        break;
    case ID_PIIX4_PM:
        write8(devfn, REG_INT_LINE, SCI_IRQ);
        write32(devfn, REG_PMBA, PCI_PM_BASE);
        write8(devfn, REG_PMREGMISC, 1);
        info->pm_base = PCI_PM_BASE;
        break;
    }
    write16(devfn, REG_COMMAND, command);
}

void pci_setup(struct pci_info *info)
{
    struct room room = {IO_FIRST, PREFETCH_FIRST, MEMORY_END};

    info->last_bus = 0;
    info->pm_base = 0;
    for (unsigned devfn = 0; devfn < 256; devfn++) {
        u32 id = read32((u8)devfn, REG_ID);

        if (id == 0xffffffff || id == 0) {
            if (!(devfn & 7))
                devfn += 7; /* no function 0: an empty slot */
            continue;
        }
        set_up(&room, info, (u8)devfn);
        if (!(devfn & 7) && !(read8((u8)devfn, REG_HEADER) & HEADER_MULTI))
            devfn += 7;
    }
}
