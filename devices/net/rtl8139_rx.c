/* The RTL8139C+'s receiver: filters, the receive buffer, and C+ descriptors.
 *
 * A frame waits while there is no room for it, up to a second; then it is lost, as the interrupt says. The four bytes of
 * FCS behind it are zeros. Source: RTL8139C+ data sheet, 6.10 (RCR), 8 (the buffer), 9.2 (descriptors). */
#include <string.h>

#include "devices/net/ipv4.h"
#include "devices/net/rtl8139_regs.h"
#include "devices/net/tcp.h"

/* The header of a frame in the buffer. */
#define HEADER     4u
#define STATUS_ROK 0x0001u
#define STATUS_BAR 0x2000u
#define STATUS_PAM 0x4000u
#define STATUS_MAR 0x8000u
#define ALIGN      4u
#define GAP        16u /* CAPR is behind what was read, less this */

/* C+ descriptors. */
#define RX_SIZE     0x1fffu
#define RX_MAR      0x04000000u
#define RX_PAM      0x02000000u
#define RX_BAR      0x01000000u
#define RX_TCP      0x00010000u
#define RX_UDP      0x00020000u
#define RX_IP       0x00030000u
#define RX_IP_FAIL  0x00008000u
#define RX_UDP_FAIL 0x00004000u
#define RX_TCP_FAIL 0x00002000u
#define RX_TAGGED   0x00010000u /* of the second word */
#define VLAN_TYPE   0x8100
#define VLAN_LEN    4u

#define FRAME_MAX  4096u /* without the FCS */
#define RETRY_NS   200000u
#define PATIENT_NS 1000000000u

static u32 rcr(const struct rtl8139 *r)
{
    return rtl8139_32(r, RCR);
}

static u32 buffer_size(const struct rtl8139 *r)
{
    return 0x2000u << (rcr(r) >> 11 & 3);
}

static u32 write_place(const struct rtl8139 *r)
{
    return rtl8139_16(r, CBR) & (buffer_size(r) - 1);
}

static u32 read_place(const struct rtl8139 *r)
{
    return (rtl8139_16(r, CAPR) + GAP) & (buffer_size(r) - 1);
}

bool rtl8139_buffer_empty(const struct rtl8139 *r)
{
    return write_place(r) == read_place(r);
}

bool rtl8139_rx_ring(const struct rtl8139 *r)
{
    return r->cplus && rtl8139_16(r, CPCR) & CPCR_RX;
}

static u32 buffer_need(size_t len)
{
    return (u32)(HEADER + len + RTL_FCS + ALIGN - 1) & ~(ALIGN - 1);
}

/* Full and empty must differ, so the last words are never used. */
static bool buffer_has_room(const struct rtl8139 *r, size_t len)
{
    u32 used = (write_place(r) - read_place(r)) & (buffer_size(r) - 1);

    return buffer_need(len) + 2 * ALIGN <= buffer_size(r) - used;
}

static u64 ring_place(const struct rtl8139 *r)
{
    return (rtl8139_32(r, RDSAR) | (u64)rtl8139_32(r, RDSAR + 4) << 32) +
           r->rx_next * RTL_DESCRIPTOR;
}

/* Whether the descriptors from the next one on are enough; the interrupt asks for more. */
static bool ring_has_room(struct rtl8139 *r, size_t len)
{
    u32 next = r->rx_next, left = (u32)len + RTL_FCS;
    u64 base = ring_place(r) - next * RTL_DESCRIPTOR;

    for (unsigned i = 0; i < RTL_DESCRIPTORS; i++) {
        u8 d[4];
        u32 word, size;

        phys_read(r->phys, base + next * RTL_DESCRIPTOR, d, sizeof(d));
        word = get32(d);
        size = word & RX_SIZE;
        if (!(word & DESC_OWN))
            return false;
        if (size >= left)
            return true;
        left -= size;
        next = word & DESC_EOR ? 0 : (next + 1) % RTL_DESCRIPTORS;
    }
    return false;
}

static bool receiver_on(const struct rtl8139 *r)
{
    return r->reg[CR] & CR_RE;
}

static bool room_now(struct rtl8139 *r, size_t len)
{
    return rtl8139_rx_ring(r) ? ring_has_room(r, len) : buffer_has_room(r, len);
}

static bool has_room(void *opaque, size_t len)
{
    struct rtl8139 *r = opaque;
    u64 now = clock_now(r->retry.clock);

    if (!receiver_on(r) || len > FRAME_MAX || room_now(r, len)) {
        r->full_since = 0;
        return true;
    }
    if (!r->full_since) {
        r->full_since = now + 1;
        if (rtl8139_rx_ring(r))
            rtl8139_interrupt(r, INT_RXOVW);
    } else if (now - r->full_since >= PATIENT_NS && now >= r->full_since) {
        return true; /* and is lost */
    }
    if (!r->retry.armed)
        timer_arm(&r->retry, now + RETRY_NS);
    return false;
}

void rtl8139_room(struct rtl8139 *r)
{
    timer_cancel(&r->retry);
    net_flush(&r->port);
}

static bool multicast_wanted(const struct rtl8139 *r, const u8 *frame)
{
    u32 crc = ~net_fcs(frame, NET_MAC), bit = 0;

    for (unsigned i = 0; i < 6; i++) /* the CRC register's upper six bits, first bit sent first */
        bit = bit << 1 | (crc >> i & 1);
    return r->reg[MAR + (bit >> 3)] >> (bit & 7) & 1;
}

/* STATUS_BAR, STATUS_MAR or STATUS_PAM, 0 for another's in promiscuous mode; -1: it is not wanted. */
static int classify(const struct rtl8139 *r, const u8 *frame)
{
    static const u8 broadcast[NET_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    if (memcmp(frame, broadcast, NET_MAC) == 0)
        return rcr(r) & (RCR_AB | RCR_AAP) ? (int)STATUS_BAR : -1;
    if (frame[0] & 1)
        return rcr(r) & RCR_AAP || (rcr(r) & RCR_AM && multicast_wanted(r, frame)) ? (int)STATUS_MAR
                                                                                   : -1;
    if (memcmp(frame, r->reg + IDR, NET_MAC) == 0)
        return rcr(r) & (RCR_APM | RCR_AAP) ? (int)STATUS_PAM : -1;
    return rcr(r) & RCR_AAP ? 0 : -1;
}

/* At the write place, which goes on behind the end with RCR_WRAP, or at the start. */
static void put(struct rtl8139 *r, u32 *at, const u8 *data, u32 len, bool wrap)
{
    u32 base = rtl8139_32(r, RBSTART), room = buffer_size(r) - *at;

    if (!wrap && len > room && *at < buffer_size(r)) {
        phys_write(r->phys, (u64)base + *at, data, room);
        data += room;
        len -= room;
        *at = 0;
    }
    phys_write(r->phys, (u64)base + *at, data, len);
    *at += len;
    if (!wrap && *at >= buffer_size(r))
        *at -= buffer_size(r);
}

static void store_in_buffer(struct rtl8139 *r, const u8 *frame, size_t len, u16 status)
{
    static const u8 fcs[RTL_FCS] = {0};
    bool wrap = rcr(r) & RCR_WRAP && buffer_size(r) < 0x10000;
    u32 at = write_place(r), end = at + buffer_need(len);
    u8 header[HEADER];

    put16(header, status | STATUS_ROK);
    put16(header + 2, (u16)(len + RTL_FCS));
    put(r, &at, header, HEADER, wrap);
    put(r, &at, frame, (u32)len, wrap);
    put(r, &at, fcs, RTL_FCS, wrap);
    put16(r->reg + CBR, (u16)(end & (buffer_size(r) - 1)));
    rtl8139_interrupt(r, INT_ROK);
}

static u32 check(const struct rtl8139 *r, const u8 *frame, size_t len)
{
    struct ipv4 ip;
    u32 result, transport;
    const u8 *p;

    if (!(rtl8139_16(r, CPCR) & CPCR_RXSUM) || !ipv4_parse(frame, len, &ip))
        return 0;
    p = frame + ip.at + ip.header;
    result = ipv4_header_sum(frame, &ip) != 0xffff ? RX_IP_FAIL : 0;
    if (ip.fragment ||
        !((ip.protocol == IPV4_TCP && ip.payload >= TCP_HEADER) ||
          (ip.protocol == IPV4_UDP && ip.payload >= UDP_HEADER && get16(p + UDP_SUM))))
        return result | RX_IP;
    transport = ip.protocol == IPV4_TCP ? RX_TCP : RX_UDP;
    if (ipv4_payload_sum(frame, &ip) != 0xffff)
        result |= ip.protocol == IPV4_TCP ? RX_TCP_FAIL : RX_UDP_FAIL;
    return result | transport;
}

/* Into as many buffers as it takes; has_room() has looked. */
static void store_in_ring(struct rtl8139 *r, const u8 *frame, size_t len, u32 status)
{
    u32 total = (u32)len + RTL_FCS, tag = 0;
    static const u8 fcs[RTL_FCS] = {0};
    u8 head[12];
    bool tagged = rtl8139_16(r, CPCR) & CPCR_RXVLAN && len >= NET_HEADER + VLAN_LEN &&
                  get_be16(frame + 12) == VLAN_TYPE;

    status |= check(r, frame, len);
    memcpy(head, frame, sizeof(head));
    if (tagged) { /* the addresses move up to the type behind the tag */
        tag = RX_TAGGED | get16(frame + 14);
        memmove(r->segment + 12, frame + 16, len - 16); /* the frame may be in it (loopback) */
        memcpy(r->segment, head, sizeof(head));
        frame = r->segment;
        total -= VLAN_LEN;
    }
    for (u32 at = 0; at < total;) {
        u32 n = total - at, data = at + RTL_FCS < total ? total - RTL_FCS - at : 0, word;
        u64 place = ring_place(r);
        u8 d[RTL_DESCRIPTOR];

        phys_read(r->phys, place, d, sizeof(d));
        word = get32(d);
        if (!(word & DESC_OWN) || !(word & RX_SIZE))
            return; /* it has changed meanwhile */
        n = n < (word & RX_SIZE) ? n : word & RX_SIZE;
        data = data < n ? data : n;
        phys_write(r->phys, get64(d + 8), frame + at, data);
        phys_write(r->phys, get64(d + 8) + data, fcs, n - data);
        put32(d, (word & DESC_EOR) | (at ? 0 : DESC_FS) | status |
                     (at + n == total ? DESC_LS | total : n));
        put32(d + 4, tag);
        phys_write(r->phys, place + 4, d + 4, 4);
        phys_write(r->phys, place, d, 4);
        r->rx_next = word & DESC_EOR ? 0 : (r->rx_next + 1) % RTL_DESCRIPTORS;
        at += n;
    }
    rtl8139_interrupt(r, INT_ROK);
}

static void count_lost(struct rtl8139 *r)
{
    u32 missed = rtl8139_32(r, MPC) & 0xffffff;

    if (missed < 0xffffff)
        put32(r->reg + MPC, missed + 1);
    if (r->tally.missed < 0xffff)
        r->tally.missed++;
    rtl8139_interrupt(r, INT_RXOVW | (rtl8139_rx_ring(r) ? INT_FOVW : 0));
}

void rtl8139_receive(void *opaque, const u8 *frame, size_t len)
{
    struct rtl8139 *r = opaque;
    int kind;

    if (!receiver_on(r) || len > FRAME_MAX)
        return;
    kind = classify(r, frame);
    if (kind < 0)
        return;
    if (!room_now(r, len)) {
        count_lost(r);
        return;
    }
    r->tally.rx_ok++;
    r->tally.rx_physical += kind == (int)STATUS_PAM;
    r->tally.rx_broadcast += kind == (int)STATUS_BAR;
    r->tally.rx_multicast += kind == (int)STATUS_MAR;
    if (!rtl8139_rx_ring(r))
        store_in_buffer(r, frame, len, (u16)kind);
    else
        store_in_ring(r, frame, len,
                      kind == (int)STATUS_BAR   ? RX_BAR
                      : kind == (int)STATUS_MAR ? RX_MAR
                      : kind                    ? RX_PAM
                                                : 0);
}

static void can_send(void *opaque)
{
    rtl8139_transmit(opaque);
}

static void link_changed(void *opaque, bool up)
{
    (void)up;
    rtl8139_interrupt(opaque, INT_LINK);
}

const struct net_port_ops rtl8139_port_ops = {
    .has_room = has_room,
    .receive = rtl8139_receive,
    .can_send = can_send,
    .link_changed = link_changed,
};
