/* The 82540EM's receiver: filters, descriptors, checksums.
 *
 * A frame waits while there are too few descriptors for it. The four bytes of FCS behind it are zeros. Source: 8254x manual,
 * 3.2 and 13.4.22. */
#include <string.h>

#include "devices/net/e1000_regs.h"
#include "devices/net/ipv4.h"

#define RCTL_EN    0x00000002u
#define RCTL_UPE   0x00000008u
#define RCTL_MPE   0x00000010u
#define RCTL_LPE   0x00000020u
#define RCTL_BAM   0x00008000u
#define RCTL_VFE   0x00040000u
#define RCTL_BSEX  0x02000000u
#define RCTL_SECRC 0x04000000u

#define RXCSUM_IPOFL 0x100u
#define RXCSUM_TUOFL 0x200u

enum {
    RX_DD = 0x01,
    RX_EOP = 0x02,
    RX_IXSM = 0x04,
    RX_VP = 0x08,
    RX_TCPCS = 0x20,
    RX_IPCS = 0x40,
};
enum { RX_TCPE = 0x20, RX_IPE = 0x40 };

#define FCS       4u
#define FRAME_MAX 1518u /* without RCTL_LPE, and without FCS and a VLAN tag 1514 */

/* What a descriptor says of a frame. */
struct result {
    u8 status, errors;
    u16 checksum, vlan;
};

static u32 rctl(const struct e1000 *e)
{
    return e->reg[RCTL / 4];
}

static u32 ring_size(const struct e1000 *e)
{
    return e->reg[RDLEN / 4] / E1000_DESCRIPTOR;
}

/* Descriptors that the driver has given. */
static u32 ring_free(const struct e1000 *e)
{
    u32 head = e->reg[RDH / 4], tail = e->reg[RDT / 4], size = ring_size(e);

    if (head >= size || tail >= size)
        return 0;
    return tail >= head ? tail - head : size - head + tail;
}

static u32 buffer_size(const struct e1000 *e)
{
    u32 shift = rctl(e) >> 16 & 3;

    return rctl(e) & RCTL_BSEX && shift ? 0x8000u >> shift : 2048u >> shift;
}

static bool has_room(void *opaque, size_t len)
{
    struct e1000 *e = opaque;

    if (!(rctl(e) & RCTL_EN) ||
        len + FCS > (size_t)buffer_size(e) * (ring_size(e) ? ring_size(e) - 1 : 0))
        return true; /* and is lost */
    return len + FCS <= (size_t)buffer_size(e) * ring_free(e);
}

static bool multicast_wanted(const struct e1000 *e, const u8 *frame)
{
    static const u8 shift[4] = {4, 3, 2, 0};
    u32 hash = get16(frame + 4) >> shift[rctl(e) >> 12 & 3] & 0xfff;

    return e->reg[MTA / 4 + (hash >> 5)] >> (hash & 31) & 1;
}

static bool wanted(const struct e1000 *e, const u8 *frame)
{
    static const u8 broadcast[NET_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    if (memcmp(frame, broadcast, NET_MAC) == 0 && rctl(e) & RCTL_BAM)
        return true;
    if (rctl(e) & (frame[0] & 1 ? RCTL_MPE : RCTL_UPE))
        return true;
    for (unsigned i = 0; i < ADDRESSES; i++) {
        u32 low = e->reg[RAL / 4 + 2 * i], high = e->reg[RAL / 4 + 2 * i + 1];

        if (high & RAH_VALID && low == get32(frame) && (u16)high == get16(frame + 4))
            return true;
    }
    return frame[0] & 1 && multicast_wanted(e, frame);
}

/* A tag that the filter knows; and where the driver wants it so, it goes to the descriptor. */
static bool vlan_wanted(const struct e1000 *e, const u8 *frame)
{
    u16 id = get_be16(frame + 14) & 0xfff;

    return !(rctl(e) & RCTL_VFE) || get_be16(frame + 12) != (u16)e->reg[VET / 4] ||
           (e->reg[VFTA / 4 + (id >> 5)] >> (id & 31) & 1);
}

/* IPv4's header, and behind it TCP or UDP; of a fragment only the header. */
static void check(const struct e1000 *e, const u8 *frame, size_t len, struct result *r)
{
    u32 rxcsum = e->reg[RXCSUM / 4];
    struct ipv4 ip;

    r->checksum = 0;
    if (!ipv4_parse(frame, len, &ip)) {
        r->status |= RX_IXSM;
        return;
    }
    if (rxcsum & RXCSUM_IPOFL) {
        r->status |= RX_IPCS;
        if (ipv4_header_sum(frame, &ip) != 0xffff)
            r->errors |= RX_IPE;
    }
    if (!(rxcsum & RXCSUM_TUOFL) || (ip.protocol != IPV4_TCP && ip.protocol != IPV4_UDP) ||
        ip.fragment)
        return;
    if (ip.protocol == IPV4_UDP &&
        (ip.payload < UDP_HEADER || !get16(frame + ip.at + ip.header + UDP_SUM)))
        return;
    r->status |= RX_TCPCS;
    if (ipv4_payload_sum(frame, &ip) != 0xffff)
        r->errors |= RX_TCPE;
}

/* Into as many buffers as it takes; has_room() has counted them. */
static void store(struct e1000 *e, const u8 *frame, size_t len, const struct result *r)
{
    static const u8 fcs[FCS] = {0};
    u64 base = (u64)e->reg[RDBAH / 4] << 32 | e->reg[RDBAL / 4];
    size_t total = len + (rctl(e) & RCTL_SECRC ? 0 : FCS), size = buffer_size(e);

    for (size_t at = 0; at < total; at += size) {
        u32 head = e->reg[RDH / 4], count = ring_size(e);
        size_t n = total - at < size ? total - at : size, data = at < len ? len - at : 0;
        u8 d[E1000_DESCRIPTOR];

        if (head >= count)
            return; /* DMA onto our own registers */
        if (data > n)
            data = n;
        phys_read(e->phys, base + (u64)head * E1000_DESCRIPTOR, d, 8);
        phys_write(e->phys, get64(d), frame + at, data);
        phys_write(e->phys, get64(d) + data, fcs, n - data);
        put16(d + 8, (u16)n);
        put16(d + 10, r->checksum);
        d[12] = (u8)(r->status | RX_DD | (at + n == total ? RX_EOP : 0));
        d[13] = r->errors;
        put16(d + 14, r->vlan);
        phys_write(e->phys, base + (u64)head * E1000_DESCRIPTOR + 8, d + 8, 8);
        e->reg[RDH / 4] = head + 1 < count ? head + 1 : 0;
    }
}

static void receive(void *opaque, const u8 *frame, size_t len)
{
    struct e1000 *e = opaque;
    struct result r = {0};

    if (!(rctl(e) & RCTL_EN) || !ring_free(e) || !wanted(e, frame) || !vlan_wanted(e, frame) ||
        (!(rctl(e) & RCTL_LPE) && len > FRAME_MAX))
        return;
    e1000_count(e, GPRC, GORCL, frame, len);
    check(e, frame, len, &r);
    if (e->reg[CTRL / 4] & CTRL_VME && get_be16(frame + 12) == (u16)e->reg[VET / 4]) {
        r.status |= RX_VP;
        r.vlan = get_be16(frame + 14);
        memcpy(e->stripped, frame, 12); /* the addresses move up to the type behind the tag */
        memcpy(e->stripped + 12, frame + 16, len - 16);
        frame = e->stripped;
        len -= 4;
    }
    store(e, frame, len, &r);
}

static void received(void *opaque)
{
    struct e1000 *e = opaque;
    u32 threshold = ring_size(e) >> (1 + (rctl(e) >> 8 & 3));

    e1000_interrupt(e, INT_RXT0 | (ring_free(e) <= threshold ? INT_RXDMT0 : 0));
}

static void can_send(void *opaque)
{
    e1000_transmit(opaque);
}

const struct net_port_ops e1000_port_ops = {
    .has_room = has_room,
    .receive = receive,
    .received = received,
    .can_send = can_send,
    .link_changed = e1000_link_changed,
};
