/* The DMA controllers: two 8237A (channels 0-3 and 4-7) and the page registers.
 *
 * Implemented: every register; transfers for a device in single, demand and block mode, which
 * differ only in who else gets the bus and thus not at all here; verify, both directions of
 * counting, autoinitialization, masks, cascade through channel 4. Not implemented:
 * memory-to-memory transfers (the temporary register reads as 0); requests by software move
 * nothing; priority and timing bits of the command register are kept. The page registers that no
 * channel has, 0x80 among them, are plain storage as on the AT. Sources: Intel 8237A datasheet
 * (231466); IBM AT Technical Reference for the wiring.
 *
 * An address counter has 16 bits and no carry into the page register, so that a transfer wraps
 * within 64 KiB, or 128 KiB on a channel of words. */
#include "devices/chipset/dma.h"

#include <string.h>

/* Registers from 8 on; below them are the channels' addresses (even) and counts (odd). */
enum {
    DMA_STATUS_COMMAND = 8,
    DMA_REQUEST = 9,
    DMA_MASK_ONE = 10,
    DMA_MODE = 11,
    DMA_CLEAR_FLIP_FLOP = 12,
    DMA_MASTER_CLEAR = 13, /* read: the temporary register */
    DMA_CLEAR_MASK = 14,
    DMA_MASK_ALL = 15,
};

#define SET_BIT     0x04 /* in DMA_REQUEST and DMA_MASK_ONE: set, not clear */
#define STATUS_DONE 0x0f /* terminal counts, cleared by reading */

#define COMMAND_DISABLE 0x04

/* Mode register. */
#define MODE_TYPE     0x0c /* bits 2 and 3 */
#define MODE_WRITE    0x04 /* to memory */
#define MODE_READ     0x08 /* from memory */
#define MODE_AUTOINIT 0x10
#define MODE_DOWN     0x20
#define MODE_CASCADE  0xc0 /* both bits */

#define CASCADE 4 /* the channel through which the first chip's requests go */

static void chip_clear(struct dma_chip *chip)
{
    chip->command = chip->status = chip->request = 0;
    chip->mask = 0x0f;
    chip->high = false;
}

static void put_half(u16 *reg, bool high, u8 value)
{
    *reg = (u16)(high ? (*reg & 0x00ff) | value << 8 : (*reg & 0xff00) | value);
}

static void chip_write(struct dma_chip *chip, unsigned reg, u8 value)
{
    struct dma_channel *ch = &chip->channel[reg / 2 & 3];
    u8 bit = (u8)(1u << (value & 3));

    switch (reg) {
    case DMA_STATUS_COMMAND: chip->command = value; return;
    case DMA_REQUEST:
        chip->request = value & SET_BIT ? chip->request | bit : chip->request & (u8)~bit;
        return;
    case DMA_MASK_ONE:
        chip->mask = value & SET_BIT ? chip->mask | bit : chip->mask & (u8)~bit;
        return;
    case DMA_MODE: chip->channel[value & 3].mode = value & 0xfc; return;
    case DMA_CLEAR_FLIP_FLOP: chip->high = false; return;
    case DMA_MASTER_CLEAR: chip_clear(chip); return;
    case DMA_CLEAR_MASK: chip->mask = 0; return;
    case DMA_MASK_ALL: chip->mask = value & 0x0f; return;
    }
    put_half(reg & 1 ? &ch->base_count : &ch->base_address, chip->high, value);
    put_half(reg & 1 ? &ch->count : &ch->address, chip->high, value);
    chip->high = !chip->high;
}

static u8 chip_read(struct dma_chip *chip, unsigned reg)
{
    struct dma_channel *ch = &chip->channel[reg / 2 & 3];
    u16 word = reg & 1 ? ch->count : ch->address;
    u8 value;

    switch (reg) {
    case DMA_STATUS_COMMAND:
        value = chip->status | (u8)((chip->request | chip->dreq) << 4);
        chip->status &= (u8)~STATUS_DONE;
        return value;
    case DMA_MASTER_CLEAR: return 0;
    case DMA_MASK_ALL: return chip->mask | 0xf0; /* as later chipsets have it */
    }
    if (reg >= DMA_STATUS_COMMAND)
        return 0xff; /* write-only */
    value = (u8)(chip->high ? word >> 8 : word);
    chip->high = !chip->high;
    return value;
}

static void low_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct dma *dma = opaque;

    (void)size;
    chip_write(&dma->chip[0], offset, (u8)value);
}

static u32 low_read(void *opaque, u16 offset, unsigned size)
{
    struct dma *dma = opaque;

    (void)size;
    return chip_read(&dma->chip[0], offset);
}

/* The second chip has its A0 on the bus's A1. */
static void high_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct dma *dma = opaque;

    (void)size;
    chip_write(&dma->chip[1], offset >> 1, (u8)value);
}

static u32 high_read(void *opaque, u16 offset, unsigned size)
{
    struct dma *dma = opaque;

    (void)size;
    return chip_read(&dma->chip[1], offset >> 1);
}

static void page_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct dma *dma = opaque;

    (void)size;
    dma->page[offset] = (u8)value;
}

static u32 page_read(void *opaque, u16 offset, unsigned size)
{
    struct dma *dma = opaque;

    (void)size;
    return dma->page[offset];
}

static const struct ioport_ops low_ops = {low_read, low_write, 1};
static const struct ioport_ops high_ops = {high_read, high_write, 1};
static const struct ioport_ops page_ops = {page_read, page_write, 1};

/* Offset in the page registers of each channel's. */
static const u8 page_of[8] = {0x7, 0x3, 0x1, 0x2, 0xf, 0xb, 0x9, 0xa};

/* Whether the chip would answer a request on this channel. */
static bool chip_serves(const struct dma_chip *chip, unsigned n)
{
    return !(chip->command & COMMAND_DISABLE) && !(chip->mask & 1u << n);
}

static bool is_cascade(const struct dma_channel *ch)
{
    return (ch->mode & MODE_CASCADE) == MODE_CASCADE;
}

static bool channel_serves(const struct dma *dma, unsigned channel)
{
    const struct dma_channel *cascade = &dma->chip[1].channel[CASCADE & 3];

    if (channel < CASCADE && !(chip_serves(&dma->chip[1], CASCADE & 3) && is_cascade(cascade)))
        return false;
    return chip_serves(&dma->chip[channel / 4], channel & 3) &&
           !is_cascade(&dma->chip[channel / 4].channel[channel & 3]);
}

/* Physical address of the next unit: a byte, or a word with its address line 0 low. */
static u32 channel_pa(const struct dma *dma, unsigned channel)
{
    u32 address = dma->chip[channel / 4].channel[channel & 3].address;
    u32 page = dma->page[page_of[channel]];

    return channel < CASCADE ? page << 16 | address : (page & 0xfe) << 16 | address << 1;
}

/* Units that lie one behind the other in memory, from the present one on. */
static u32 run_length(const struct dma_channel *ch, u32 units)
{
    u32 room = 0x10000u - ch->address;

    if (units > (u32)ch->count + 1)
        units = (u32)ch->count + 1;
    if (ch->mode & MODE_DOWN)
        return 1;
    return units < room ? units : room;
}

static void move(struct dma *dma, const struct dma_channel *ch, u32 pa,
                 enum dma_direction direction, u8 *buf, u32 len)
{
    u8 type = ch->mode & MODE_TYPE;

    if (direction == DMA_FROM_MEMORY && type == MODE_READ)
        phys_read(dma->phys, pa, buf, len);
    else if (direction == DMA_FROM_MEMORY)
        memset(buf, 0, len);
    else if (type == MODE_WRITE)
        phys_write(dma->phys, pa, buf, len);
}

/* After `units`; true at the terminal count. */
static bool advance(struct dma_chip *chip, unsigned n, u32 units)
{
    struct dma_channel *ch = &chip->channel[n];
    bool done = units == (u32)ch->count + 1;

    ch->address = (u16)(ch->mode & MODE_DOWN ? ch->address - units : ch->address + units);
    ch->count = (u16)(ch->count - units);
    if (!done)
        return false;
    chip->status |= (u8)(1u << n);
    chip->request &= (u8) ~(1u << n);
    if (ch->mode & MODE_AUTOINIT) {
        ch->address = ch->base_address;
        ch->count = ch->base_count;
    } else {
        chip->mask |= (u8)(1u << n);
    }
    return true;
}

u32 dma_transfer(struct dma *dma, unsigned channel, enum dma_direction direction, void *buf,
                 u32 len, bool *done)
{
    struct dma_chip *chip = &dma->chip[channel / 4];
    struct dma_channel *ch = &chip->channel[channel & 3];
    unsigned shift = channel > CASCADE;
    u32 moved = 0;

    BUG_ON(channel > 7 || channel == CASCADE);
    *done = false;
    if (!channel_serves(dma, channel))
        return 0;
    while (!*done && (len - moved) >> shift) {
        u32 units = run_length(ch, (len - moved) >> shift);

        move(dma, ch, channel_pa(dma, channel), direction, (u8 *)buf + moved, units << shift);
        moved += units << shift;
        *done = advance(chip, channel & 3, units);
    }
    return moved;
}

void dma_set_dreq(struct dma *dma, unsigned channel, bool level)
{
    struct dma_chip *chip = &dma->chip[channel / 4];
    u8 bit = (u8)(1u << (channel & 3));

    chip->dreq = level ? chip->dreq | bit : chip->dreq & (u8)~bit;
}

/* All masked, but for the cascade, which is as a BIOS leaves it. The devices' lines are theirs. */
void dma_reset(struct dma *dma)
{
    for (unsigned i = 0; i < 2; i++) {
        memset(dma->chip[i].channel, 0, sizeof(dma->chip[i].channel));
        chip_clear(&dma->chip[i]);
    }
    memset(dma->page, 0, sizeof(dma->page));
    dma->chip[1].channel[CASCADE & 3].mode = MODE_CASCADE;
    dma->chip[1].mask &= (u8) ~(1u << (CASCADE & 3));
}

void dma_state(struct dma *dma, struct state *state)
{
    if (!state_begin(state, "dma"))
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct dma_chip *chip = &dma->chip[i];

        for (unsigned n = 0; n < 4; n++) {
            state_u16(state, &chip->channel[n].base_address);
            state_u16(state, &chip->channel[n].base_count);
            state_u16(state, &chip->channel[n].address);
            state_u16(state, &chip->channel[n].count);
            state_u8(state, &chip->channel[n].mode);
        }
        state_u8(state, &chip->command);
        state_u8(state, &chip->status);
        state_u8(state, &chip->request);
        state_u8(state, &chip->dreq);
        state_u8(state, &chip->mask);
        state_bool(state, &chip->high);
    }
    state_bytes(state, dma->page, sizeof(dma->page));
    state_end(state);
}

void dma_init(struct dma *dma, struct ioport_bus *bus, struct phys *phys)
{
    memset(dma, 0, sizeof(*dma));
    dma->phys = phys;
    dma_reset(dma);
    ioport_add(bus, 0x00, 16, &low_ops, dma, "dma 0-3");
    ioport_add(bus, 0x80, 16, &page_ops, dma, "dma pages");
    ioport_add(bus, 0xc0, 32, &high_ops, dma, "dma 4-7");
}
