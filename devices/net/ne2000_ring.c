/* The DP8390's local DMA: frames out of its RAM, and into the ring of 256-byte pages.
 *
 * A frame takes no time on the cable. In place of the wire's slowness, which drivers rely on (Linux' handles nine frames and
 * then clears PRX, whatever has come meanwhile), frames come in batches of at most BATCH: the next one when the driver has
 * cleared PRX, a moment after it has emptied the ring, or after PATIENCE_NS. A frame that finds no room in the ring waits for
 * OVERFLOW_NS; then the ring overflows as the datasheet says. Sources: National Semiconductor DP8390D/NS32490D
 * datasheet, sections 5 (packet reception), 6 (packet transmission) and 8 (loopback). */
#include <string.h>

#include "devices/net/ne2000_regs.h"

#define PAGE        256u
#define RING_HEADER 4u
#define FCS         4u
#define BATCH       8
#define PATIENCE_NS 20000000u
#define EMPTY_NS    200000u /* for a driver that has emptied the ring to come to an end */
#define OVERFLOW_NS 1000000000u
#define TALLY_FULL  0xc0 /* where counting stops */
#define TALLY_MSB   0x80

static void count(struct ne2000 *ne, unsigned tally)
{
    if (ne->tally[tally] < TALLY_FULL)
        ne->tally[tally]++;
    if (ne->tally[tally] & TALLY_MSB)
        ne->isr |= ISR_CNT;
}

u8 ne2000_load(const struct ne2000 *ne, u16 address)
{
    if (address >= NE2000_RAM_AT && address < NE2000_RAM_AT + NE2000_RAM)
        return ne->ram[address - NE2000_RAM_AT];
    if (address >= NE2000_RAM_AT)
        return 0xff;
    /* The PROM: each byte twice, since a 16-bit slot shows it on both halves of the bus. */
    address = address % NE2000_PROM / 2;
    return address < NET_MAC ? ne->mac[address] : address >= 14 ? 'W' : 0;
}

/* Whether the filters take the frame, and RSR's bit for how it was addressed. */
static bool wanted(const struct ne2000 *ne, const u8 *frame, u8 *phy)
{
    static const u8 broadcast[NET_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    u32 crc = ~net_fcs(frame, NET_MAC);
    unsigned bit = 0;

    *phy = frame[0] & 1 ? RSR_PHY : 0;
    if (ne->rcr & RCR_PRO && !(frame[0] & 1))
        return true;
    if (memcmp(frame, broadcast, NET_MAC) == 0)
        return ne->rcr & RCR_AB;
    if (!(frame[0] & 1))
        return memcmp(frame, ne->par, NET_MAC) == 0;
    for (unsigned i = 0; i < 6; i++) /* the CRC register's upper six bits, first bit sent first */
        bit = bit << 1 | (crc >> i & 1);
    return ne->rcr & RCR_AM && ne->mar[bit >> 3] & 1u << (bit & 7);
}

static bool listens(const struct ne2000 *ne)
{
    return ne->cr & CR_STA && !(ne->cr & CR_STP) && !(ne->tcr & TCR_LB);
}

static unsigned pages_for(size_t len)
{
    return (unsigned)((len + RING_HEADER + FCS + PAGE - 1) / PAGE);
}

/* Pages that a frame may take, and one more: CURR never comes up to BNRY, where it would mean an empty ring. */
static unsigned pages_free(const struct ne2000 *ne)
{
    if (ne->pstop <= ne->pstart || ne->curr < ne->pstart || ne->curr >= ne->pstop)
        return 0;
    if (ne->curr < ne->bnry)
        return ne->bnry - ne->curr;
    if (ne->curr - ne->bnry >= ne->pstop - ne->pstart)
        return 0;
    return (unsigned)(ne->pstop - ne->pstart - (ne->curr - ne->bnry));
}

static bool ring_has_room(const struct ne2000 *ne, size_t len)
{
    return pages_for(len) < pages_free(ne);
}

/* Local DMA to the ring: from CLDA on, which wraps at PSTOP. */
static void ring_store(struct ne2000 *ne, const u8 *data, size_t len)
{
    while (len) {
        u32 stop = ne->pstop * PAGE, n = stop > ne->clda ? stop - ne->clda : 0x10000u - ne->clda;

        if (n > len)
            n = (u32)len;
        for (u32 i = 0; i < n; i++) { /* what lies outside of the RAM is lost */
            u32 at = ne->clda + i - NE2000_RAM_AT;

            if (at < NE2000_RAM) {
                u32 run = n - i < NE2000_RAM - at ? n - i : NE2000_RAM - at;

                memcpy(ne->ram + at, data + i, run);
                i += run - 1;
            }
        }
        ne->clda = (u16)(ne->clda + n);
        if (ne->clda == stop)
            ne->clda = (u16)(ne->pstart * PAGE);
        data += n;
        len -= n;
    }
}

static bool port_has_room(void *opaque, size_t len)
{
    struct ne2000 *ne = opaque;
    bool room = !listens(ne) || ne->rcr & RCR_MON || (!ne->paused && ring_has_room(ne, len));

    if (room || ne->paused)
        timer_cancel(&ne->overflow);
    else if (!ne->overflow.armed)
        timer_arm(&ne->overflow, clock_now(ne->port.clock) + OVERFLOW_NS);
    return room;
}

void ne2000_overflow(void *opaque)
{
    struct ne2000 *ne = opaque;

    ne->isr |= ISR_OVW;
    count(ne, TALLY_MISSED);
    net_drop(&ne->port);
    net_flush(&ne->port);
    ne2000_update_irq(ne);
}

static void pause(struct ne2000 *ne)
{
    if (ne->paused)
        return;
    ne->paused = true;
    timer_arm(&ne->resume, clock_now(ne->port.clock) + PATIENCE_NS);
}

void ne2000_resume(void *opaque)
{
    struct ne2000 *ne = opaque;

    timer_cancel(&ne->resume);
    ne->paused = false;
    ne->batch = 0;
    net_flush(&ne->port);
}

void ne2000_ring_moved(struct ne2000 *ne)
{
    unsigned next = ne->bnry + 1u;

    if (!ne->paused)
        net_flush(&ne->port);
    else if (ne->bnry == ne->curr || (next >= ne->pstop ? ne->pstart : next) == ne->curr)
        timer_arm(&ne->resume, clock_now(ne->resume.clock) + EMPTY_NS);
}

static void receive(void *opaque, const u8 *frame, size_t len)
{
    struct ne2000 *ne = opaque;
    unsigned pages = pages_for(len), next = ne->curr + pages;
    u8 phy, header[RING_HEADER], fcs[FCS];

    if (!listens(ne) || !wanted(ne, frame, &phy))
        return;
    if (ne->rcr & RCR_MON || !ring_has_room(ne, len)) {
        ne->rsr = phy | RSR_MPA;
        count(ne, TALLY_MISSED);
        ne2000_update_irq(ne);
        return;
    }
    if (next >= ne->pstop)
        next -= (unsigned)(ne->pstop - ne->pstart);
    ne->rsr = phy | RSR_PRX;
    header[0] = ne->rsr;
    header[1] = (u8)next;
    put16(header + 2, (u16)(len + FCS));
    put32(fcs, net_fcs(frame, len));
    ne->clda = (u16)(ne->curr * PAGE);
    ring_store(ne, header, sizeof(header));
    ring_store(ne, frame, len);
    ring_store(ne, fcs, sizeof(fcs));
    ne->curr = (u8)next;
    ne->isr |= ISR_PRX;
    if (++ne->batch == BATCH)
        pause(ne);
    ne2000_update_irq(ne);
}

static void received(void *opaque)
{
    struct ne2000 *ne = opaque;

    if (ne->isr & ISR_PRX)
        pause(ne);
}

/* Loopback: the frame goes through the FIFO, which keeps its end, and not to memory. (8.0) */
static void loop_back(struct ne2000 *ne, const u8 *frame, size_t len)
{
    u8 end[FCS + 3], phy;
    unsigned at = (unsigned)(len - 1) & (NE2000_FIFO - 1);

    put32(end, ne->tcr & TCR_CRC && len >= FCS ? get32(frame + len - FCS) : net_fcs(frame, len));
    end[4] = (u8)(len + FCS);
    end[5] = end[6] = (u8)((len + FCS) >> 8);
    for (unsigned i = 0; i < sizeof(end); i++)
        ne->fifo[(at + i) & (NE2000_FIFO - 1)] = end[i];
    ne->fifo[(at - 1) & (NE2000_FIFO - 1)] = frame[len - 1];
    ne->fifo_at = 0;
    if (len >= NET_HEADER && wanted(ne, frame, &phy))
        ne->rsr = phy | RSR_PRX;
}

void ne2000_transmit(struct ne2000 *ne)
{
    u32 at = ne->tpsr * PAGE - NE2000_RAM_AT, len = 0;

    if (!(ne->cr & CR_TXP) || ne->cr & CR_STP || !(ne->cr & CR_STA))
        return;
    if (!(ne->tcr & TCR_LB) && !net_room(&ne->port))
        return;
    if (at < NE2000_RAM) /* as much of it as is in RAM */
        len = ne->tbcr < NE2000_RAM - at ? ne->tbcr : NE2000_RAM - at;
    ne->tsr = TSR_PTX;
    if (len && ne->tcr & TCR_LB)
        loop_back(ne, ne->ram + at, len);
    else if (!len || !net_send(&ne->port, ne->ram + at, len))
        ne->tsr |= TSR_CRS;
    ne->cr &= (u8)~CR_TXP;
    ne->isr |= ISR_PTX;
    ne2000_update_irq(ne);
}

static void can_send(void *opaque)
{
    ne2000_transmit(opaque);
}

const struct net_port_ops ne2000_port_ops = {
    .has_room = port_has_room,
    .receive = receive,
    .received = received,
    .can_send = can_send,
};
