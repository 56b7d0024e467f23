/* A host's large TCP frame, cut into those that a wire carries.
 *
 * A segment is made where its data lies: the headers are copied before it, over what is out already. */
#include <string.h>

#include "devices/net/gso.h"
#include "devices/net/ipv4.h"
#include "devices/net/ipv6.h"
#include "devices/net/tcp.h"

#define ETHERTYPE 12

/* Where the network's header begins, behind any VLAN tags. */
static u32 network_header(const u8 *frame, u32 len)
{
    u32 at = ETHERTYPE;

    while (at + 6 <= len && (get_be16(frame + at) == 0x8100 || get_be16(frame + at) == 0x88a8))
        at += 4;
    return at + 2;
}

/* What the kernel has left open; the field holds the pseudo header's sum. (virtio 1.1, 5.1.6.2) */
static bool finish_sum(u8 *frame, size_t len, u32 start, u32 offset)
{
    u16 sum;

    if (start >= len || start + offset + 2 > len)
        return false;
    sum = (u16)~checksum_add(0, frame + start, len - start);
    put16(frame + start + offset, sum ? sum : 0xffff);
    return true;
}

static bool begin_segments(struct gso_split *s, u8 type, u32 size)
{
    u32 payload = s->len - s->tcp;
    u8 *tcp = s->frame + s->tcp;
    u8 length[2];

    s->v6 = type == VIRTIO_NET_HDR_GSO_TCPV6;
    if ((!s->v6 && type != VIRTIO_NET_HDR_GSO_TCPV4) || s->tcp + TCP_HEADER > s->len)
        return false;
    s->ip = network_header(s->frame, s->len);
    s->data = s->tcp + tcp_header_len(tcp);
    if (s->frame[s->ip] >> 4 != (s->v6 ? 6 : 4) ||
        s->ip + (s->v6 ? IPV6_HEADER : IPV4_HEADER) > s->tcp)
        return false;
    if (tcp_header_len(tcp) < TCP_HEADER || s->data >= s->len || s->data + size > NET_FRAME_MAX)
        return false;
    put_be16(length, (u16)payload);
    s->pseudo =
        checksum_add(get16(tcp + TCP_SUM), (const u8[2]){(u8)~length[0], (u8)~length[1]}, 2);
    s->size = size;
    s->at = s->data;
    s->sequence = get_be32(tcp + TCP_SEQUENCE);
    s->id = get_be16(s->frame + s->ip + IPV4_ID);
    s->flags = tcp[TCP_FLAGS];
    return true;
}

bool gso_split_begin(struct gso_split *s, const struct virtio_net_hdr *header, u8 *frame,
                     size_t len)
{
    u8 type = header->gso_type & (u8)~VIRTIO_NET_HDR_GSO_ECN;
    bool open = header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;

    *s = (struct gso_split){.frame = frame, .len = (u32)len, .tcp = header->csum_start};
    if (len < NET_HEADER || len > GSO_FRAME_MAX)
        return false;
    if (type != VIRTIO_NET_HDR_GSO_NONE)
        return open && header->csum_offset == TCP_SUM && header->gso_size &&
               begin_segments(s, type, header->gso_size);
    return len <= NET_FRAME_MAX &&
           (!open || finish_sum(frame, len, header->csum_start, header->csum_offset));
}

static void put_network_header(const struct gso_split *s, u8 *ip, u32 len)
{
    u32 header = s->tcp - s->ip;

    if (s->v6) {
        put_be16(ip + IPV6_LENGTH, (u16)(len - IPV6_HEADER));
        return;
    }
    put_be16(ip + IPV4_LENGTH, (u16)len);
    put_be16(ip + IPV4_ID, (u16)(s->id + s->sent));
    put16(ip + IPV4_SUM, 0);
    put16(ip + IPV4_SUM, (u16)~checksum_add(0, ip, header));
}

const u8 *gso_split_next(struct gso_split *s, size_t *len)
{
    u32 left = s->len - s->at, n = left < s->size ? left : s->size;
    u8 *to, *tcp, flags = s->flags, length[2];

    if (!left)
        return NULL;
    if (!s->size) {
        s->at = s->len;
        *len = s->len;
        return s->frame;
    }
    to = s->frame + s->at - s->data;
    memmove(to, to - (s->sent ? s->size : 0), s->data);
    tcp = to + s->tcp;
    if (s->sent)
        flags &= (u8)~TCP_CWR;
    if (n < left)
        flags &= (u8)~TCP_FIN_PSH;
    put_network_header(s, to + s->ip, s->data - s->ip + n);
    put_be32(tcp + TCP_SEQUENCE, s->sequence + s->sent * s->size);
    tcp[TCP_FLAGS] = flags;
    put_be16(length, (u16)(s->data - s->tcp + n));
    put16(tcp + TCP_SUM, checksum_add(s->pseudo, length, 2));
    put16(tcp + TCP_SUM, (u16)~checksum_add(0, tcp, s->data - s->tcp + n));
    s->at += n;
    s->sent++;
    *len = s->data + n;
    return to;
}
