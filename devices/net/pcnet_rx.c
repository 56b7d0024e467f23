/* The Am79C970A's receiver: filters, and frames in one buffer or several.
 *
 * A frame waits while there is no descriptor for it, up to a second; then it is lost, as MISS says. The four bytes of FCS
 * behind it are zeros. */
#include <string.h>

#include "devices/net/pcnet_regs.h"

#define RX_PAM  0x00400000u
#define RX_LAFM 0x00200000u
#define RX_BAM  0x00100000u
#define RX_KEPT 0xffffu

#define FRAME_MAX  4092u /* what a length of 12 bits tells, less the FCS */
#define RETRY_NS   200000u
#define PATIENT_NS 1000000000u

/* Whether the descriptors from the next one on are enough. */
static bool room_now(const struct pcnet *p, size_t len)
{
    u32 count = pcnet_ring_len(p, CSR_RX_LEN), left = (u32)len + PCNET_FCS, at = p->rx_at;

    for (u32 i = 0; i < count && i < FRAME_MAX; i++) {
        struct pcnet_desc d;

        pcnet_read_desc(p, CSR_RX_RING, at, &d);
        if (!(d.word & DESC_OWN))
            return false;
        if (pcnet_buffer_len(&d) >= left)
            return true;
        left -= pcnet_buffer_len(&d);
        at = at + 1 < count ? at + 1 : 0;
    }
    return false;
}

static bool has_room(void *opaque, size_t len)
{
    struct pcnet *p = opaque;
    u64 now = clock_now(p->retry.clock);

    if (!(p->csr[CSR_STATUS] & S_RXON) || len > FRAME_MAX || room_now(p, len)) {
        p->full_since = 0;
        return true;
    }
    if (!p->full_since)
        p->full_since = now + 1;
    else if (now >= p->full_since && now - p->full_since >= PATIENT_NS)
        return true; /* and is lost */
    if (!p->retry.armed)
        timer_arm(&p->retry, now + RETRY_NS);
    return false;
}

void pcnet_room(struct pcnet *p)
{
    timer_cancel(&p->retry);
    net_flush(&p->port);
}

/* How it was chosen: RX_PAM and its kin, 0 in promiscuous mode; -1: it is not wanted. */
static i64 classify(const struct pcnet *p, const u8 *frame)
{
    static const u8 broadcast[NET_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    u16 mode = p->csr[CSR_MODE];
    unsigned bit = ~net_fcs(frame, NET_MAC) >> 26;

    if (memcmp(frame, broadcast, NET_MAC) == 0 && !(mode & MODE_NOBCAST))
        return RX_BAM;
    if (frame[0] & 1 && p->csr[CSR_FILTER + bit / 16] >> bit % 16 & 1)
        return RX_LAFM;
    if (!(frame[0] & 1) && !(mode & MODE_NOPHYS) && get16(frame) == p->csr[CSR_MAC] &&
        get16(frame + 2) == p->csr[CSR_MAC + 1] && get16(frame + 4) == p->csr[CSR_MAC + 2])
        return RX_PAM;
    return mode & MODE_PROM ? 0 : -1;
}

static void store(struct pcnet *p, const u8 *frame, size_t len, u32 kind)
{
    static const u8 fcs[PCNET_FCS] = {0};
    u32 count = pcnet_ring_len(p, CSR_RX_LEN), total = (u32)len + PCNET_FCS;

    for (u32 at = 0; at < total;) {
        u32 n = total - at, data = at < len ? (u32)len - at : 0;
        struct pcnet_desc d;

        pcnet_read_desc(p, CSR_RX_RING, p->rx_at, &d);
        if (!(d.word & DESC_OWN))
            return; /* it has changed meanwhile */
        n = n < pcnet_buffer_len(&d) ? n : pcnet_buffer_len(&d);
        data = data < n ? data : n;
        phys_write(p->phys, d.address, frame + at, data);
        phys_write(p->phys, d.address + (u64)data, fcs, n - data);
        d.word = (d.word & RX_KEPT) | (at ? 0 : DESC_STP);
        d.status = 0;
        if (at + n == total) {
            d.word |= DESC_ENP | kind;
            d.status = total;
        }
        pcnet_write_desc(p, CSR_RX_RING, p->rx_at, &d);
        p->rx_at = p->rx_at + 1 < count ? p->rx_at + 1 : 0;
        at += n;
    }
}

void pcnet_receive(void *opaque, const u8 *frame, size_t len)
{
    struct pcnet *p = opaque;
    i64 kind;

    if (!(p->csr[CSR_STATUS] & S_RXON) || len > FRAME_MAX)
        return;
    kind = classify(p, frame);
    if (kind < 0)
        return;
    if (!room_now(p, len)) {
        p->csr[CSR_MISSED]++;
        pcnet_interrupt(p, S_MISS);
        return;
    }
    store(p, frame, len, (u32)kind);
    pcnet_interrupt(p, S_RINT);
}

static void can_send(void *opaque)
{
    pcnet_transmit(opaque);
}

const struct net_port_ops pcnet_port_ops = {
    .has_room = has_room,
    .receive = pcnet_receive,
    .can_send = can_send,
};
