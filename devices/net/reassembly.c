/* Reassembly of IPv4 datagrams: RFC 791, 3.2, with the stricter rules of today.
 *
 * A fragment that is there already is ignored. One that overlaps others, or that says of the datagram's end what others do
 * not, ends its datagram (RFC 5722 does the same in IPv6): no sender does that by itself. */
#include "devices/net/reassembly.h"

#include <stdlib.h>
#include <string.h>

#include "devices/net/ipv4.h"

#define IP_FLAGS     6 /* 16 bits, with the offset */
#define IP_RESERVED  0x8000u
#define IP_DONT      0x4000u
#define IP_MORE      0x2000u
#define IP_OFFSET    0x1fffu
#define IP_MAX       0xffffu
#define IP_HEADERS   60u                       /* the longest */
#define PAYLOAD      (NET_HEADER + IP_HEADERS) /* in a slot's frame */
#define UNITS(bytes) (((bytes) + REASSEMBLY_UNIT - 1) / REASSEMBLY_UNIT)

static void drop(struct reassembly_slot *s)
{
    s->taken = false;
}

static struct reassembly_slot *take(struct reassembly_slot *s, const u8 *key, u64 now_ns)
{
    u8 *frame = s->frame ? s->frame : malloc(PAYLOAD + IP_MAX);

    *s = (struct reassembly_slot){.frame = frame, .taken = frame != NULL, .since_ns = now_ns};
    memcpy(s->key, key, sizeof(s->key));
    return frame ? s : NULL;
}

/* The datagram's slot, or a new one: a free one, else the oldest. */
static struct reassembly_slot *find(struct reassembly *r, const u8 *key, u64 now_ns)
{
    struct reassembly_slot *best = &r->slot[0];

    for (unsigned i = 0; i < REASSEMBLY_SLOTS; i++) {
        struct reassembly_slot *s = &r->slot[i];

        if (s->taken && now_ns - s->since_ns > REASSEMBLY_NS)
            drop(s);
        if (s->taken && memcmp(s->key, key, sizeof(s->key)) == 0)
            return s;
        if (best->taken && (!s->taken || s->since_ns < best->since_ns))
            best = s;
    }
    return take(best, key, now_ns);
}

static u32 units_there(const struct reassembly_slot *s, u32 first, u32 end)
{
    u32 n = 0;

    for (u32 unit = first; unit < end; unit++)
        n += s->have[unit / 64] >> unit % 64 & 1;
    return n;
}

/* Whether a fragment that ends there, the last one or not, says of the datagram's end what the others do. */
static bool end_agrees(const struct reassembly_slot *s, u32 end, bool last)
{
    if (s->total)
        return last ? end == s->total : end <= s->total;
    return !last || s->high <= end;
}

/* The frame of a datagram that is whole; NULL: with its header it is too long. */
static const u8 *finish(struct reassembly_slot *s, size_t *whole)
{
    u8 *frame = s->frame + IP_HEADERS - s->header, *ip = frame + NET_HEADER;
    u32 length = s->header + s->total;

    drop(s);
    if (length > IP_MAX)
        return NULL;
    put_be16(ip + IPV4_LENGTH, (u16)length);
    put_be16(ip + IP_FLAGS, get_be16(ip + IP_FLAGS) & IP_DONT);
    put16(ip + IPV4_SUM, 0);
    put16(ip + IPV4_SUM, (u16)~checksum_add(0, ip, s->header));
    *whole = NET_HEADER + length;
    return frame;
}

const u8 *reassembly_add(struct reassembly *r, const u8 *frame, size_t len, u64 now_ns,
                         size_t *whole)
{
    const u8 *p = frame + NET_HEADER;
    struct reassembly_slot *s;
    u32 flags, first, end, there;
    struct ipv4 ip;
    bool last;
    u8 key[11];

    if (!ipv4_parse(frame, len, &ip) || ipv4_header_sum(frame, &ip) != 0xffff)
        return NULL;
    flags = get_be16(p + IP_FLAGS);
    last = !(flags & IP_MORE);
    first = (flags & IP_OFFSET) * REASSEMBLY_UNIT;
    end = first + ip.payload;
    if ((flags & IP_RESERVED) || !ip.payload || (!last && ip.payload % REASSEMBLY_UNIT) ||
        end + ip.header > IP_MAX)
        return NULL;
    memcpy(key, p + IPV4_SOURCE, 8);
    memcpy(key + 8, p + IPV4_ID, 2);
    key[10] = ip.protocol;
    s = find(r, key, now_ns);
    if (!s)
        return NULL;
    there = units_there(s, first / REASSEMBLY_UNIT, UNITS(end));
    if (!end_agrees(s, end, last) || (there && there != UNITS(ip.payload))) {
        drop(s);
        return NULL;
    }
    if (there)
        return NULL; /* sent again */
    if (!first) {
        s->header = ip.header;
        memcpy(s->frame + IP_HEADERS - ip.header, frame, NET_HEADER + ip.header);
    }
    if (last)
        s->total = end;
    if (end > s->high)
        s->high = end;
    memcpy(s->frame + PAYLOAD + first, p + ip.header, ip.payload);
    for (u32 unit = first / REASSEMBLY_UNIT; unit < UNITS(end); unit++)
        s->have[unit / 64] |= 1ull << unit % 64;
    s->units += UNITS(ip.payload);
    return s->header && s->total && s->units == UNITS(s->total) ? finish(s, whole) : NULL;
}

void reassembly_free(struct reassembly *r)
{
    for (unsigned i = 0; i < REASSEMBLY_SLOTS; i++)
        free(r->slot[i].frame);
    *r = (struct reassembly){0};
}
