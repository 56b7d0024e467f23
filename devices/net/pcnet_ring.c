/* The Am79C970A's descriptors and initialization block, in their three forms, and its transmitter.
 *
 * Descriptors are taken when CSR0's TDMD is written, and go on when the cable has room; the chip's own polling is left out.
 * Whatever they say, BUDGET is what is done at a time, and no more than frame[] holds is kept of a frame. */
#include "devices/net/pcnet_regs.h"

#define STYLE_LANCE                                                                                \
    0 /* 16-bit structures; 1: 32-bit ones of the ILACC; 2: of the PCnet-PCI; 3: in another order */
#define STYLE_LAST 3

#define BUDGET  (256 * KIB) /* bytes of data, where a descriptor counts for */
#define STEP    256u
#define MORE_NS 100000u

static u64 desc_place(const struct pcnet *p, unsigned csr, u32 n)
{
    u32 base = p->csr[csr] | (u32)p->csr[csr + 1] << 16;

    return base + (u64)n * (pcnet_style(p) == STYLE_LANCE ? 8 : 16);
}

/* LANCE: the address has 24 bits, with the flags in the upper byte of the second word, and counts of 16 bits follow. */
void pcnet_read_desc(const struct pcnet *p, unsigned csr, u32 n, struct pcnet_desc *d)
{
    bool swapped = pcnet_style(p) == STYLE_LAST;
    u8 b[16];

    phys_read(p->phys, desc_place(p, csr, n), b, pcnet_style(p) == STYLE_LANCE ? 8 : 16);
    if (pcnet_style(p) == STYLE_LANCE) {
        d->address = get32(b) & 0xffffff;
        d->word = (get32(b) & 0xff000000u) | get16(b + 4);
        d->status = get16(b + 6);
        return;
    }
    d->address = get32(b + (swapped ? 8 : 0));
    d->word = get32(b + 4);
    d->status = get32(b + (swapped ? 0 : 8));
}

/* The status first: whoever sees that OWN is clear finds it there. */
void pcnet_write_desc(const struct pcnet *p, unsigned csr, u32 n, const struct pcnet_desc *d)
{
    u64 place = desc_place(p, csr, n);
    u8 b[4];

    if (pcnet_style(p) == STYLE_LANCE) {
        put16(b, (u16)d->status);
        phys_write(p->phys, place + 6, b, 2);
        b[0] = (u8)(d->word >> 24);
        phys_write(p->phys, place + 3, b, 1);
        return;
    }
    put32(b, d->status);
    phys_write(p->phys, place + (pcnet_style(p) == STYLE_LAST ? 0 : 8), b, 4);
    put32(b, d->word);
    phys_write(p->phys, place + 4, b, 4);
}

static void set_pair(struct pcnet *p, unsigned csr, u32 value)
{
    p->csr[csr] = (u16)value;
    p->csr[csr + 1] = (u16)(value >> 16);
}

static u16 ring_len(unsigned code)
{
    return (u16) - (1u << (code > 9 ? 9 : code));
}

/* 24 bytes with the lengths beside 24-bit addresses, or 28 with them beside the mode. */
void pcnet_load_block(struct pcnet *p)
{
    bool wide = pcnet_style(p) != STYLE_LANCE;
    u32 at = p->csr[CSR_BLOCK] | (u32)p->csr[CSR_BLOCK + 1] << 16;
    u8 b[28];

    phys_read(p->phys, at, b, wide ? 28 : 24);
    p->csr[CSR_MODE] = get16(b);
    for (unsigned i = 0; i < 3; i++)
        p->csr[CSR_MAC + i] = get16(b + (wide ? 4 : 2) + 2 * i);
    for (unsigned i = 0; i < 4; i++)
        p->csr[CSR_FILTER + i] = get16(b + (wide ? 12 : 8) + 2 * i);
    set_pair(p, CSR_RX_RING, wide ? get32(b + 20) : get32(b + 16) & 0xffffff);
    set_pair(p, CSR_TX_RING, wide ? get32(b + 24) : get32(b + 20) & 0xffffff);
    p->csr[CSR_RX_LEN] = ring_len(wide ? b[2] >> 4 : b[19] >> 5);
    p->csr[CSR_TX_LEN] = ring_len(wide ? b[3] >> 4 : b[23] >> 5);
    p->rx_at = p->tx_at = 0;
    p->gathering = false;
}

static void send(struct pcnet *p, const struct pcnet_desc *last)
{
    u32 len = p->len;

    p->gathering = false;
    p->csr[CSR_FEATURES] |= FEATURE_TXSTRT;
    if (p->csr[CSR_MODE] & MODE_NOFCS && !(last->word & DESC_ADD_FCS))
        len -= len > PCNET_FCS ? PCNET_FCS : len; /* the driver's own */
    if (len < NET_HEADER)
        return;
    if (p->csr[CSR_MODE] & MODE_LOOP)
        pcnet_receive(p, p->frame, len);
    else
        net_send(&p->port, p->frame, len);
}

/* The next one's data; whether it was the card's. */
static bool take(struct pcnet *p, u32 *work)
{
    u32 count = pcnet_ring_len(p, CSR_TX_LEN), len, room;
    struct pcnet_desc d;
    bool asked;

    pcnet_read_desc(p, CSR_TX_RING, p->tx_at, &d);
    if (!(d.word & DESC_OWN))
        return false;
    if (d.word & DESC_STP) {
        p->gathering = true;
        p->len = 0;
    }
    len = pcnet_buffer_len(&d);
    *work += STEP + len;
    room = NET_FRAME_MAX - p->len;
    if (p->gathering) {
        len = len < room ? len : room;
        phys_read(p->phys, d.address, p->frame + p->len, len);
        p->len += len;
    }
    if (p->gathering && d.word & DESC_ENP)
        send(p, &d);
    asked = d.word & DESC_LTINT || !(p->csr[CSR_EXTENDED] & EXTENDED_LTINT);
    d.word &= ~(DESC_OWN | DESC_ERR | 0x0c000000u); /* and what happened on the wire: nothing */
    d.status = 0;
    pcnet_write_desc(p, CSR_TX_RING, p->tx_at, &d);
    p->tx_at = p->tx_at + 1 < count ? p->tx_at + 1 : 0;
    if (d.word & DESC_ENP && asked && !(p->csr[CSR_EXTENDED] & EXTENDED_NOTINT))
        pcnet_interrupt(p, S_TINT);
    return true;
}

void pcnet_transmit(struct pcnet *p)
{
    u32 work = 0;

    if (p->busy)
        return;
    p->busy = true;
    while (p->csr[CSR_STATUS] & S_TXON) {
        if (work >= BUDGET)
            timer_arm(&p->more, clock_now(p->more.clock) + MORE_NS);
        if (work >= BUDGET || !net_room(&p->port) || !take(p, &work))
            break;
    }
    p->busy = false;
    pcnet_interrupt(p, 0);
}
