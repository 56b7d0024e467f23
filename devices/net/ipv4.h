/* The IPv4 header of a frame and what it carries, for cards that compute checksums. */
#ifndef PAGEWALK_NET_IPV4_H
#define PAGEWALK_NET_IPV4_H

#include "devices/net/checksum.h"
#include "devices/net/net.h"
#include "mmu/host/be.h"

#define IPV4_TCP 6
#define IPV4_UDP 17

#define IPV4_LENGTH 2   /* 16 bits, of header and payload */
#define IPV4_ID     4   /* 16 */
#define IPV4_SUM    10  /* 16 */
#define IPV4_SOURCE 12  /* 32, and behind it the destination */
#define IPV4_HEADER 20u /* without options */
#define UDP_SUM     6   /* 16; 0: there is none */
#define UDP_HEADER  8u

struct ipv4 {
    u32 at, header, payload; /* where it begins in the frame, and the lengths */
    u8 protocol;
    bool fragment;
};

/* Whether the frame is IPv4 and as long as it says. */
static inline bool ipv4_parse(const u8 *frame, size_t len, struct ipv4 *ip)
{
    const u8 *p = frame + NET_HEADER;
    u32 total;

    if (len < NET_HEADER + 20 || get_be16(frame + 12) != 0x0800 || p[0] >> 4 != 4)
        return false;
    ip->at = NET_HEADER;
    ip->header = (p[0] & 0xf) * 4u;
    total = get_be16(p + IPV4_LENGTH);
    if (ip->header < 20 || total < ip->header || NET_HEADER + total > len)
        return false;
    ip->payload = total - ip->header;
    ip->protocol = p[9];
    ip->fragment = get_be16(p + 6) & 0x3fff;
    return true;
}

/* The sum of the header; 0xffff when its checksum is right. */
static inline u16 ipv4_header_sum(const u8 *frame, const struct ipv4 *ip)
{
    return checksum_add(0, frame + ip->at, ip->header);
}

/* The sum of TCP or UDP with their pseudo header, likewise. */
static inline u16 ipv4_payload_sum(const u8 *frame, const struct ipv4 *ip)
{
    u8 pseudo[4];
    u16 sum;

    put_be16(pseudo, ip->protocol);
    put_be16(pseudo + 2, (u16)ip->payload);
    sum = checksum_add(checksum_add(0, frame + ip->at + IPV4_SOURCE, 8), pseudo, 4);
    return checksum_add(sum, frame + ip->at + ip->header, ip->payload);
}

#endif
