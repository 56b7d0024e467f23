/* What the RTL8139C+'s C+ mode does to a frame before it is sent: checksums, TCP segments, a VLAN tag.
 *
 * All of it is computed from the frame's own headers, whatever the driver has put into their checksums. Source: RTL8139C+
 * data sheet, 9.1.1 to 9.1.3. */
#include <string.h>

#include "devices/net/ipv4.h"
#include "devices/net/rtl8139_regs.h"
#include "devices/net/tcp.h"

#define TX_LGSEN     0x08000000u
#define TX_MSS_SHIFT 16
#define TX_MSS       0x7ffu
#define TX_IPCS      0x00040000u
#define TX_UDPCS     0x00020000u
#define TX_TCPCS     0x00010000u
#define TX_TAG       0x00020000u /* of the second word */
#define MSS_MIN      32u         /* no driver asks for less, and each segment is work */
#define VLAN_AT      12u
#define VLAN_LEN     4u

static void send_tagged(struct rtl8139 *r, u8 *frame, u32 len)
{
    if (r->options[1] & TX_TAG && len >= NET_HEADER && len + VLAN_LEN <= NET_FRAME_MAX) {
        memmove(frame + VLAN_AT + VLAN_LEN, frame + VLAN_AT, len - VLAN_AT);
        put_be16(frame + VLAN_AT, 0x8100);
        put16(frame + VLAN_AT + 2, (u16)r->options[1]);
        len += VLAN_LEN;
    }
    rtl8139_send(r, frame, len);
}

static void put_header_sum(u8 *frame, const struct ipv4 *ip)
{
    put16(frame + ip->at + IPV4_SUM, 0);
    put16(frame + ip->at + IPV4_SUM, (u16)~ipv4_header_sum(frame, ip));
}

static void put_payload_sum(u8 *frame, const struct ipv4 *ip, u32 at)
{
    u8 *sum = frame + ip->at + ip->header + at;
    u16 value;

    put16(sum, 0);
    value = (u16)~ipv4_payload_sum(frame, ip);
    put16(sum, value || ip->protocol == IPV4_TCP ? value : 0xffff);
}

/* Each with the headers, of which lengths, identification, sequence number, flags and sums differ. */
static void send_segments(struct rtl8139 *r, struct ipv4 ip, u32 mss)
{
    u8 *tcp = r->frame + ip.at + ip.header;
    u32 header = tcp_header_len(tcp), headers = ip.at + ip.header + header;
    u32 data, sequence = get_be32(tcp + TCP_SEQUENCE);
    u16 id = get_be16(r->frame + ip.at + IPV4_ID);

    if (header < TCP_HEADER || header > ip.payload)
        return;
    data = ip.payload - header;
    for (u32 at = 0, n = 0; at < data || !n; at += mss, n++) {
        u32 part = data - at < mss ? data - at : mss;
        u8 *to = r->segment, *to_tcp = to + ip.at + ip.header;

        memcpy(to, r->frame, headers);
        memcpy(to + headers, r->frame + headers + at, part);
        ip.payload = header + part;
        put_be16(to + ip.at + IPV4_LENGTH, (u16)(ip.header + ip.payload));
        put_be16(to + ip.at + IPV4_ID, (u16)(id + n));
        put_be32(to_tcp + TCP_SEQUENCE, sequence + at);
        if (at + part < data)
            to_tcp[TCP_FLAGS] &= (u8)~TCP_FIN_PSH;
        put_header_sum(to, &ip);
        put_payload_sum(to, &ip, TCP_SUM);
        send_tagged(r, to, headers + part);
    }
}

void rtl8139_send_gathered(struct rtl8139 *r)
{
    u32 options = r->options[0], mss = options >> TX_MSS_SHIFT & TX_MSS;
    struct ipv4 ip;
    bool is_ip = ipv4_parse(r->frame, r->len, &ip);

    if (options & TX_LGSEN) {
        if (is_ip && ip.protocol == IPV4_TCP && !ip.fragment && ip.payload >= TCP_HEADER &&
            mss >= MSS_MIN)
            send_segments(r, ip, mss);
        return;
    }
    if (is_ip && options & TX_TCPCS && ip.protocol == IPV4_TCP && ip.payload >= TCP_HEADER)
        put_payload_sum(r->frame, &ip, TCP_SUM);
    if (is_ip && options & TX_UDPCS && ip.protocol == IPV4_UDP && ip.payload >= UDP_HEADER)
        put_payload_sum(r->frame, &ip, UDP_SUM);
    if (is_ip && options & TX_IPCS)
        put_header_sum(r->frame, &ip);
    send_tagged(r, r->frame, r->len);
}
