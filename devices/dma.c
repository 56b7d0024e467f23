/* The DMA controllers: two 8237A (channels 0-3 and 4-7) and the page registers.
 *
 * Implemented: every register as software sees it. Not implemented: transfers, so that no channel
 * ever reaches its terminal count, and the temporary register of memory-to-memory transfers reads
 * as 0. The page registers that no channel has, 0x80 among them, are plain storage as on the AT.
 * Sources: Intel 8237A datasheet (231466); IBM AT Technical Reference for the wiring. */
#include "devices/dma.h"

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
        value = chip->status | (u8)(chip->request << 4);
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

void dma_reset(struct dma *dma)
{
    memset(dma, 0, sizeof(*dma));
    chip_clear(&dma->chip[0]);
    chip_clear(&dma->chip[1]);
}

void dma_init(struct dma *dma, struct ioport_bus *bus)
{
    dma_reset(dma);
    ioport_add(bus, 0x00, 16, &low_ops, dma, "dma 0-3");
    ioport_add(bus, 0x80, 16, &page_ops, dma, "dma pages");
    ioport_add(bus, 0xc0, 32, &high_ops, dma, "dma 4-7");
}
