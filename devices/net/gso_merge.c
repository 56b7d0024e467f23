/* Frames of a guest's that follow each other in one TCP stream, merged into one for the host.
 *
 * Only what the host will cut into the very same frames again: sums are right, headers differ in nothing but lengths,
 * identifications that count, sequence numbers, sums, and a PSH at the end, and all segments but the last are equally long. */
#include <string.h>

#include "devices/net/checksum.h"
#include "devices/net/gso.h"
#include "devices/net/ipv4.h"
#include "devices/net/ipv6.h"
#include "devices/net/tcp.h"

#define IPV4_DONT                                                                                  \
    0x4000u /* of the word behind the identification: it is not, and may not become, a fragment */
#define ETHERTYPE 12

/* A frame that might be part of a stream. */
struct segment {
    u32 tcp, data, len; /* len: of the frame */
    bool v6, ends;
};

static u16 pseudo_sum(const u8 *frame, bool v6, u32 tcp, u32 end)
{
    const u8 *ip = frame + NET_HEADER;
    u8 rest[4];

    put_be16(rest, IPV4_TCP);
    put_be16(rest + 2, (u16)(end - tcp));
    return checksum_add(
        v6 ? checksum_add(0, ip + IPV6_SOURCE, 32) : checksum_add(0, ip + IPV4_SOURCE, 8), rest, 4);
}

/* Whether nothing but TCP's header and data follow the IP header, which ends with the frame. */
static bool parse_network(const u8 *frame, size_t len, struct segment *s)
{
    const u8 *ip = frame + NET_HEADER;

    if (len < NET_HEADER + IPV6_HEADER)
        return false;
    s->v6 = get_be16(frame + ETHERTYPE) == 0x86dd;
    if (s->v6) {
        s->tcp = NET_HEADER + IPV6_HEADER;
        return ip[0] >> 4 == 6 && ip[IPV6_NEXT] == IPV4_TCP &&
               len == s->tcp + get_be16(ip + IPV6_LENGTH);
    }
    s->tcp = NET_HEADER + IPV4_HEADER;
    return get_be16(frame + ETHERTYPE) == 0x0800 && ip[0] == 0x45 && ip[9] == IPV4_TCP &&
           get_be16(ip + 6) == IPV4_DONT &&
           len == NET_HEADER + (size_t)get_be16(ip + IPV4_LENGTH) &&
           checksum_add(0, ip, IPV4_HEADER) == 0xffff;
}

static bool parse(const u8 *frame, size_t len, struct segment *s)
{
    const u8 *tcp;

    if (!parse_network(frame, len, s) || s->tcp + TCP_HEADER > len)
        return false;
    tcp = frame + s->tcp;
    s->data = s->tcp + tcp_header_len(tcp);
    s->len = (u32)len;
    s->ends = tcp[TCP_FLAGS] & TCP_PSH;
    return (tcp[TCP_FLAGS] & ~TCP_PSH) == TCP_ACK && tcp_header_len(tcp) >= TCP_HEADER &&
           s->data < len &&
           checksum_add(pseudo_sum(frame, s->v6, s->tcp, s->len), tcp, len - s->tcp) == 0xffff;
}

/* Whether all is equal between two bytes of the headers. */
static bool same(const struct gso_merge *m, const u8 *frame, u32 from, u32 to)
{
    return memcmp(m->frame + from, frame + from, to - from) == 0;
}

static bool same_stream(const struct gso_merge *m, const u8 *frame, const struct segment *s)
{
    const u32 ip = NET_HEADER, flags = m->tcp + TCP_FLAGS, sum = m->tcp + TCP_SUM;

    if (s->v6 != m->v6 || s->tcp != m->tcp || s->data != m->data)
        return false;
    if (m->v6 ? !same(m, frame, 0, ip + IPV6_LENGTH) || !same(m, frame, ip + IPV6_NEXT, m->tcp)
              : !same(m, frame, 0, ip + IPV4_LENGTH) ||
                    !same(m, frame, ip + IPV4_ID + 2, ip + IPV4_SUM) ||
                    !same(m, frame, ip + IPV4_SOURCE, m->tcp) ||
                    get_be16(frame + ip + IPV4_ID) !=
                        (u16)(get_be16(m->frame + ip + IPV4_ID) + m->segments))
        return false;
    return same(m, frame, m->tcp, m->tcp + TCP_SEQUENCE) &&
           same(m, frame, m->tcp + TCP_SEQUENCE + 4, flags) && same(m, frame, flags + 1, sum) &&
           same(m, frame, sum + 2, m->data) && get_be32(frame + m->tcp + TCP_SEQUENCE) == m->next;
}

static void begin(struct gso_merge *m, const u8 *frame, const struct segment *s)
{
    m->tcp = s->tcp;
    m->data = s->data;
    m->v6 = s->v6;
    m->size = s->len - s->data;
    m->len = s->len;
    memcpy(m->frame, frame, s->len);
}

bool gso_merge_add(struct gso_merge *m, const u8 *frame, size_t len)
{
    struct segment s;
    u32 n;

    if (m->closed || !parse(frame, len, &s))
        return false;
    n = s.len - s.data;
    if (!m->len) {
        begin(m, frame, &s);
        m->segments = 0;
        m->next = get_be32(frame + s.tcp + TCP_SEQUENCE);
    } else if (n > m->size || m->len + n > NET_HEADER + 0xffff || !same_stream(m, frame, &s)) {
        return false;
    } else {
        memcpy(m->frame + m->len, frame + s.data, n);
        m->len += n;
        m->frame[m->tcp + TCP_FLAGS] |= frame[m->tcp + TCP_FLAGS];
    }
    m->next += n;
    m->segments++;
    m->closed = s.ends || n < m->size;
    return true;
}

const u8 *gso_merge_take(struct gso_merge *m, struct virtio_net_hdr *header, size_t *len)
{
    u8 *ip = m->frame + NET_HEADER, *tcp = m->frame + m->tcp;

    memset(header, 0, sizeof(*header));
    *len = m->len;
    if (!m->len)
        return NULL;
    if (m->segments > 1) {
        *header = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                          .gso_type = m->v6 ? VIRTIO_NET_HDR_GSO_TCPV6
                                                            : VIRTIO_NET_HDR_GSO_TCPV4,
                                          .hdr_len = (u16)m->data,
                                          .gso_size = (u16)m->size,
                                          .csum_start = (u16)m->tcp,
                                          .csum_offset = TCP_SUM};
        if (m->v6) {
            put_be16(ip + IPV6_LENGTH, (u16)(m->len - m->tcp));
        } else {
            put_be16(ip + IPV4_LENGTH, (u16)(m->len - NET_HEADER));
            put16(ip + IPV4_SUM, 0);
            put16(ip + IPV4_SUM, (u16)~checksum_add(0, ip, IPV4_HEADER));
        }
        put16(tcp + TCP_SUM, pseudo_sum(m->frame, m->v6, m->tcp, m->len));
    }
    m->len = 0;
    m->closed = false;
    return m->frame;
}
