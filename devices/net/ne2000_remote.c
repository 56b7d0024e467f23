/* The DP8390's remote DMA: the card's memory through the data port, bytes or words by DCR's WTS. */
#include "devices/net/ne2000_regs.h"

static unsigned unit(const struct ne2000 *ne)
{
    return ne->dcr & DCR_WTS ? 2 : 1;
}

/* Steps over what was moved; the address wraps at the ring's end, and the count ends the transfer. */
static void step(struct ne2000 *ne)
{
    unsigned n = unit(ne);

    ne->rsar = (u16)(ne->rsar + n);
    if (ne->rsar == ne->pstop << 8)
        ne->rsar = (u16)(ne->pstart << 8);
    ne->rbcr = ne->rbcr > n ? (u16)(ne->rbcr - n) : 0;
    if (ne->rbcr)
        return;
    ne->isr |= ISR_RDC;
    ne2000_update_irq(ne);
}

static bool reads(const struct ne2000 *ne)
{
    u8 rd = ne->cr & CR_RD;

    return ne->rbcr && (rd == CR_RD_READ || rd == CR_RD_SEND);
}

static bool writes(const struct ne2000 *ne)
{
    return ne->rbcr && (ne->cr & CR_RD) == CR_RD_WRITE;
}

/* One unit; an access narrower than a word sees its low byte, and takes all of it. */
static u32 read_unit(struct ne2000 *ne)
{
    u32 value = 0xffff;

    if (!reads(ne))
        return value;
    value = ne2000_load(ne, ne->rsar);
    if (ne->dcr & DCR_WTS)
        value |= (u32)ne2000_load(ne, (u16)(ne->rsar + 1)) << 8;
    step(ne);
    return value;
}

static void store(struct ne2000 *ne, u16 address, u8 value)
{
    if (address >= NE2000_RAM_AT && address < NE2000_RAM_AT + NE2000_RAM)
        ne->ram[address - NE2000_RAM_AT] = value;
}

static void write_unit(struct ne2000 *ne, u32 value)
{
    if (!writes(ne))
        return;
    store(ne, ne->rsar, (u8)value);
    if (ne->dcr & DCR_WTS)
        store(ne, (u16)(ne->rsar + 1), (u8)(value >> 8));
    step(ne);
}

u32 ne2000_data_read(struct ne2000 *ne, unsigned size)
{
    unsigned n = unit(ne);
    u32 value = 0;

    if (size <= n)
        return read_unit(ne) & (size == 1 ? 0xff : 0xffff);
    for (unsigned at = 0; at < size; at += n)
        value |= (read_unit(ne) & (n == 1 ? 0xff : 0xffff)) << 8 * at;
    return value;
}

void ne2000_data_write(struct ne2000 *ne, u32 value, unsigned size)
{
    unsigned n = unit(ne);

    if (size <= n) {
        write_unit(ne, value & (size == 1 ? 0xff : 0xffff));
        return;
    }
    for (unsigned at = 0; at < size; at += n)
        write_unit(ne, value >> 8 * at);
}

/* Up to the access that ends the transfer, which is what changes more than data. */
static u32 block_read(void *opaque, u16 offset, void *data, unsigned size, u32 count)
{
    struct ne2000 *ne = opaque;
    u8 *to = data;
    u32 done = 0;

    (void)offset;
    while (done < count && reads(ne)) {
        u32 value = ne2000_data_read(ne, size);

        for (unsigned i = 0; i < size; i++)
            *to++ = (u8)(value >> 8 * i);
        done++;
    }
    return done;
}

static u32 block_write(void *opaque, u16 offset, const void *data, unsigned size, u32 count)
{
    struct ne2000 *ne = opaque;
    const u8 *from = data;
    u32 done = 0;

    (void)offset;
    while (done < count && writes(ne)) {
        u32 value = 0;

        for (unsigned i = 0; i < size; i++)
            value |= (u32)*from++ << 8 * i;
        ne2000_data_write(ne, value, size);
        done++;
    }
    return done;
}

const struct ioport_block_ops ne2000_data_block = {block_read, block_write};
