/* The IDE function of a PIIX3 (82371SB, function 1): bus master DMA for both channels.
 *
 * Implemented: the sixteen ports at BAR 4 and the transfers they start, which take no time: as soon as a
 * drive asks for DMA and the guest has started it, everything that drive and descriptors have is moved.
 * Memory that is not there reads as ones and swallows writes, without an error. Not implemented: timing
 * (IDETIM and SIDETIM are kept), and their decode enable bits: the channels' ports are always there, as
 * after a BIOS. Sources: Intel 82371SB datasheet (290550), 2.3 and 2.6; "Programming Interface for Bus
 * Master IDE Controller" 1.0, sections 2 and 3.
 *
 * A table lies within 64 KiB, so that it ends after 8192 descriptors whatever the guest has put there:
 * one that goes on ends in an error. */
#include "devices/disk/ide_dma.h"
#include "devices/pci/pci_bar.h"

#include <string.h>

#define VENDOR_INTEL   0x8086
#define DEVICE_82371SB 0x7010
#define CLASS_IDE      0x010180 /* a bus master, both channels at their ISA ports */
#define STATUS         0x0280   /* medium DEVSEL#, fast back to back */

/* Configuration registers. */
enum {
    CONFIG_IDETIM = 0x40, /* two of 16 bits */
    CONFIG_SIDETIM = 0x44,
};
#define IDETIM_DECODE 0x80 /* in the high byte */

#define BAR       4
#define PORTS     16
#define REGISTERS 8 /* a channel */

enum dma_register {
    REG_COMMAND = 0,
    REG_STATUS = 2,
    REG_TABLE = 4, /* 32 bits */
};

#define COMMAND_START     0x01
#define COMMAND_TO_MEMORY 0x08

#define STATUS_ACTIVE    0x01
#define STATUS_ERROR     0x02
#define STATUS_INTERRUPT 0x04
#define STATUS_CAPABLE   0x60 /* a BIOS's notes on the drives */

/* Descriptors: address, count (0: 64 KiB), end of table. */
#define DESCRIPTOR      8u
#define DESCRIPTOR_LAST 0x80000000u
#define DESCRIPTORS_MAX 8192u

/* The next piece of memory; false when the table has ended. */
static bool next_piece(struct ide_dma_channel *c)
{
    u8 descriptor[DESCRIPTOR];
    u32 count;

    if (c->last)
        return false;
    if (c->descriptors++ == DESCRIPTORS_MAX) {
        c->status |= STATUS_ERROR;
        return false;
    }
    phys_read(c->dma->phys, c->next, descriptor, sizeof(descriptor));
    c->next = (c->next & 0xffff0000) | ((c->next + DESCRIPTOR) & 0xffff);
    count = get32(descriptor + 4);
    c->last = count & DESCRIPTOR_LAST;
    c->address = get32(descriptor) & ~1u;
    c->left = count & 0xfffe ? count & 0xfffe : 0x10000;
    return true;
}

/* The drive that asks for DMA; NULL: none. */
static struct ide_drive *asking(struct ide_dma_channel *c)
{
    enum ide_phase phase = c->command & COMMAND_TO_MEMORY ? IDE_DMA_IN : IDE_DMA_OUT;

    for (unsigned i = 0; i < 2; i++)
        if (c->ide->drive[i].phase == phase)
            return &c->ide->drive[i];
    return NULL;
}

static void move(struct ide_dma_channel *c, struct ide_drive *drive)
{
    u32 n = drive->end - drive->at < c->left ? drive->end - drive->at : c->left;

    if (c->command & COMMAND_TO_MEMORY)
        phys_write(c->dma->phys, c->address, drive->buffer + drive->at, n);
    else
        phys_read(c->dma->phys, c->address, drive->buffer + drive->at, n);
    c->address += n;
    c->left -= n;
    ide_moved(drive, n);
}

/* Moves what there is to move. The status afterwards tells which side had more. (Programming
 * Interface, 3.1) */
static void run(struct ide_dma_channel *c)
{
    struct ide_drive *drive;

    if (!pci_is_master(&c->dma->dev))
        return;
    while (c->status & STATUS_ACTIVE && (drive = asking(c)) != NULL) {
        if (c->left || next_piece(c))
            move(c, drive);
        else
            c->status &= (u8)~STATUS_ACTIVE;
    }
    if (c->last && !c->left)
        c->status &= (u8)~STATUS_ACTIVE;
}

static void dma_ready(void *opaque)
{
    run(opaque);
}

/* The channel's line. The interrupt bit says that it rose, and that the data is in memory. */
static void set_line(void *opaque, unsigned line, bool level)
{
    struct ide_dma *dma = opaque;
    struct ide_dma_channel *c = &dma->channel[line];

    if (level)
        c->status |= STATUS_INTERRUPT;
    irq_set(&c->irq, level);
}

static void write_command(struct ide_dma_channel *c, u8 value)
{
    bool was = c->command & COMMAND_START, is = value & COMMAND_START;

    if (was && is) /* the direction must not change under way */
        return;
    c->command = value & (COMMAND_START | COMMAND_TO_MEMORY);
    if (is) {
        c->status |= STATUS_ACTIVE;
        c->next = c->table;
        c->left = c->descriptors = 0;
        c->last = false;
        run(c);
    } else {
        c->status &= (u8)~STATUS_ACTIVE;
    }
}

static void write_byte(struct ide_dma_channel *c, unsigned reg, u8 value)
{
    unsigned shift;

    switch (reg) {
    case REG_COMMAND: write_command(c, value); break;
    case REG_STATUS:
        c->status &= (u8) ~(value & (STATUS_ERROR | STATUS_INTERRUPT));
        c->status = (u8)((c->status & ~STATUS_CAPABLE) | (value & STATUS_CAPABLE));
        break;
    case REG_TABLE:
    case REG_TABLE + 1:
    case REG_TABLE + 2:
    case REG_TABLE + 3:
        shift = 8 * (reg - REG_TABLE);
        c->table = ((c->table & ~(0xffu << shift)) | (u32)value << shift) & ~3u;
        break;
    }
}

static u8 read_byte(const struct ide_dma_channel *c, unsigned reg)
{
    switch (reg) {
    case REG_COMMAND: return c->command;
    case REG_STATUS: return c->status;
    case REG_TABLE:
    case REG_TABLE + 1:
    case REG_TABLE + 2:
    case REG_TABLE + 3: return (u8)(c->table >> 8 * (reg - REG_TABLE));
    default: return 0;
    }
}

static void dma_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct ide_dma *dma = opaque;

    for (unsigned i = offset; i < offset + size && i < PORTS; i++, value >>= 8)
        write_byte(&dma->channel[i / REGISTERS], i % REGISTERS, (u8)value);
}

static u32 dma_read(void *opaque, u16 offset, unsigned size)
{
    struct ide_dma *dma = opaque;
    u32 value = 0;

    for (unsigned i = 0; i < size && offset + i < PORTS; i++) {
        unsigned at = offset + i;

        value |= (u32)read_byte(&dma->channel[at / REGISTERS], at % REGISTERS) << 8 * i;
    }
    return value;
}

static const struct ioport_ops dma_ops = {dma_read, dma_write, 4};

static void map_ports(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct ide_dma *dma = opaque;

    (void)bar;
    pci_bar_ports(dma->ports, old, base, PORTS, &dma_ops, dma, "ide dma");
}

/* What was started before the function became a master begins now. */
static void config_changed(void *opaque, unsigned offset, unsigned size)
{
    struct ide_dma *dma = opaque;

    (void)offset, (void)size;
    for (unsigned i = 0; i < 2; i++)
        run(&dma->channel[i]);
}

void ide_dma_reset(struct ide_dma *dma)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ide_dma_channel *c = &dma->channel[i];

        c->command = c->status = 0;
        c->table = c->next = c->address = c->left = c->descriptors = 0;
        c->last = false;
    }
}

void ide_dma_state(struct ide_dma *dma, struct state *state)
{
    if (!state_begin(state, "ide dma"))
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_dma_channel *c = &dma->channel[i];

        state_u8(state, &c->command);
        state_u8(state, &c->status);
        state_u32(state, &c->table);
        state_u32(state, &c->next);
        state_u32(state, &c->address);
        state_u32(state, &c->left);
        state_u32(state, &c->descriptors);
        state_bool(state, &c->last);
        if (c->left > 0x10000 || c->descriptors > DESCRIPTORS_MAX + 1)
            state_reject(state);
    }
    state_end(state);
}

void ide_dma_init(struct ide_dma *dma, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                  struct phys *phys, struct ide_channel ide[2])
{
    struct pci_device *dev = &dma->dev;

    memset(dma, 0, sizeof(*dma));
    dma->ports = ports;
    dma->phys = phys;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_dma_channel *c = &dma->channel[i];

        c->ide = &ide[i];
        c->dma = dma;
        c->irq = ide[i].irq;
        ide[i].irq = (struct irq){set_line, dma, i};
        ide[i].dma_ready = dma_ready;
        ide[i].dma_opaque = c;
    }
    pci_device_init(dev, "ide", VENDOR_INTEL, DEVICE_82371SB, CLASS_IDE, dma);
    put16(&dev->config[PCI_STATUS], STATUS);
    put32(&dev->writable[CONFIG_IDETIM], 0xffffffff);
    dev->writable[CONFIG_SIDETIM] = 0xff;
    dev->config[CONFIG_IDETIM + 1] = dev->config[CONFIG_IDETIM + 3] = IDETIM_DECODE;
    dev->bar[BAR] = (struct pci_bar){.size = PORTS, .io = true, .map = map_ports};
    dev->changed = config_changed;
    pci_add(bus, dev, devfn);
}
