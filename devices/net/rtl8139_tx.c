/* The RTL8139C+'s transmitter: the four slots, and C+ descriptors.
 *
 * Both are taken as they are given, and go on when the cable has room. Whatever slots and descriptors say, BUDGET is what is done at a
 * time, the rest between slices of the guest, and no more than frame[] holds is kept of a frame. Source: RTL8139C+ data
 * sheet, 6.3 (TSD), 9.1 (descriptors). */
#include "devices/net/rtl8139_regs.h"

#define SLOTS   4u
#define TX_LEN  0xffffu
#define BUDGET  (256 * KIB) /* bytes of data, where a descriptor counts for */
#define STEP    256u
#define MORE_NS 100000u

bool rtl8139_tx_rings(const struct rtl8139 *r)
{
    return r->cplus && rtl8139_16(r, CPCR) & CPCR_TX;
}

void rtl8139_send(struct rtl8139 *r, const u8 *frame, u32 len)
{
    if (len < NET_HEADER)
        return;
    r->tally.tx_ok++;
    if ((rtl8139_32(r, TCR) & TCR_LOOPBACK) == TCR_LOOPBACK)
        rtl8139_receive(r, frame, len);
    else
        net_send(&r->port, frame, len);
}

static bool is_over(struct rtl8139 *r, u32 done)
{
    if (done < BUDGET)
        return false;
    timer_arm(&r->more, clock_now(r->more.clock) + MORE_NS);
    return true;
}

/* In order, as far as they are the card's. Frames that come back (loopback) may be DMA onto the slots' own registers. */
static void send_slots(struct rtl8139 *r)
{
    for (u32 done = 0;;) {
        u8 at = (u8)(TSD + 4 * r->slot);
        u32 status = rtl8139_32(r, at), len = status & TSD_SIZE;

        if (status & TSD_OWN || is_over(r, done) || !net_room(&r->port))
            return;
        done += STEP + len;
        phys_read(r->phys, rtl8139_32(r, (u8)(TSAD + 4 * r->slot)), r->segment, len);
        rtl8139_send(r, r->segment, len);
        put32(r->reg + at, status | TSD_OWN | TSD_TOK);
        r->slot = (r->slot + 1) % SLOTS;
        rtl8139_interrupt(r, INT_TOK);
    }
}

static void gather(struct rtl8139 *r, unsigned ring, const u8 *d)
{
    u32 word = get32(d), len = word & TX_LEN, room;

    if (word & DESC_FS) {
        r->gathering = true;
        r->ring = (u8)ring;
        r->len = 0;
        r->options[0] = word;
        r->options[1] = get32(d + 4);
    }
    if (!r->gathering)
        return;
    room = NET_FRAME_MAX - r->len;
    if (len > room)
        len = room;
    phys_read(r->phys, get64(d + 8), r->frame + r->len, len);
    r->len += len;
    if (!(word & DESC_LS))
        return;
    r->gathering = false;
    rtl8139_send_gathered(r);
}

/* The descriptor that is next, if it is the card's; how much work it was, or 0. */
static u32 take(struct rtl8139 *r, unsigned ring)
{
    u8 table = (u8)(TSAD + 8 * ring), d[RTL_DESCRIPTOR];
    u64 place = (rtl8139_32(r, table) | (u64)rtl8139_32(r, table + 4) << 32) +
                r->tx_next[ring] * RTL_DESCRIPTOR;
    u32 word;

    phys_read(r->phys, place, d, sizeof(d));
    word = get32(d);
    if (!(word & DESC_OWN))
        return 0;
    gather(r, ring, d);
    put32(d, word & (DESC_EOR | DESC_FS | DESC_LS | TX_LEN));
    phys_write(r->phys, place, d, 4);
    r->tx_next[ring] = word & DESC_EOR ? 0 : (r->tx_next[ring] + 1) % RTL_DESCRIPTORS;
    if (word & DESC_LS)
        rtl8139_interrupt(r, INT_TOK);
    return STEP + (word & TX_LEN);
}

/* Those of high priority first, but never between a frame's descriptors. */
static void send_rings(struct rtl8139 *r)
{
    u8 *poll = &r->reg[TPPOLL];
    u32 done = 0;

    while (*poll & (TPPOLL_LOW | TPPOLL_HIGH)) {
        unsigned ring = r->gathering ? r->ring : *poll & TPPOLL_HIGH ? 1 : 0;
        u32 work;

        if (is_over(r, done) || !net_room(&r->port))
            return;
        work = take(r, ring);
        done += work;
        if (work)
            continue;
        *poll &= (u8) ~(ring ? TPPOLL_HIGH : TPPOLL_LOW);
        if (r->gathering)
            break; /* the rest of the frame is yet to come */
        rtl8139_interrupt(r, INT_TDU);
    }
}

void rtl8139_transmit(struct rtl8139 *r)
{
    if (!(r->reg[CR] & CR_TE) || r->busy)
        return;
    r->busy = true;
    if (rtl8139_tx_rings(r))
        send_rings(r);
    else
        send_slots(r);
    r->busy = false;
}
