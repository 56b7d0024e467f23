/* The 82540EM's transmitter: legacy and extended descriptors, checksums, segmentation, VLAN tags.
 *
 * Descriptors are taken as TDT is written, and go on when the cable has room. Whatever they say, BUDGET is what
 * is done at a time, the rest between slices of the guest, and no more than frame[] holds is kept of a frame. Source: 8254x manual, 3.3 to 3.5. */
#include <string.h>

#include "devices/net/checksum.h"
#include "devices/net/e1000_regs.h"
#include "devices/net/tcp.h"
#include "mmu/host/be.h"

#define TCTL_EN 0x2u

/* DCMD and TUCMD, in bits 24 and up of the second word but one. */
enum {
    CMD_EOP = 0x01,
    CMD_IC = 0x04, /* legacy: insert a checksum */
    CMD_TSE = 0x04,
    CMD_RS = 0x08,
    CMD_RPS = 0x10,
    CMD_DEXT = 0x20,
    CMD_VLE = 0x40,
};
enum { TUCMD_TCP = 0x01, TUCMD_IP = 0x02 };
enum { POPTS_IXSM = 0x01, POPTS_TXSM = 0x02 };
#define TYPE_CONTEXT 0
#define TYPE_DATA    1
#define STATUS_DD    0x01

#define MSS_MIN  32u         /* no driver asks for less, and each segment is work */
#define BUDGET   (256 * KIB) /* bytes of data, where a descriptor counts for */
#define STEP     256u
#define MORE_NS  100000u /* the wire would take 2 ms for as much */
#define VLAN_AT  12u     /* behind the addresses */
#define VLAN_LEN 4u

/* Puts the checksum of [start, end] at `at`; end 0: all that follows. */
static void put_checksum(u8 *frame, u32 len, u32 start, u32 at, u32 end)
{
    u32 stop = end && end < len ? end + 1 : len;

    if (start < stop && at + 2 <= len)
        put16(frame + at, (u16)~checksum_add(0, frame + start, stop - start));
}

/* What differs between the segments of a frame: lengths, the identification, the sequence number, flags. */
static void fix_headers(struct e1000 *e, bool last)
{
    const struct e1000_context *c = &e->context;
    u8 *ip = e->frame + c->ipcss, *tcp = e->frame + c->tucss;
    u32 payload = e->len - c->tucss;

    if (c->ipcss + 20u > e->len || c->tucss + 20u > e->len || e->len < c->tucss)
        return;
    if (c->command & TUCMD_IP) {
        put_be16(ip + 2, e->len - c->ipcss);
        put_be16(ip + 4, get_be16(ip + 4) + e->segments);
    } else {
        put_be16(ip + 4, e->len - c->ipcss - 40);
    }
    if (c->command & TUCMD_TCP) {
        u32 seq = get_be32(tcp + TCP_SEQUENCE) + e->segments * c->mss;

        put_be32(tcp + TCP_SEQUENCE, seq);
        if (!last)
            tcp[TCP_FLAGS] &= (u8)~TCP_FIN_PSH;
    } else {
        put_be16(tcp + 4, payload);
    }
    if (e->options & POPTS_TXSM && c->tucso + 2u <= e->len) { /* the pseudo header's length */
        u8 length[2];

        put_be16(length, payload);
        put16(e->frame + c->tucso, checksum_add(get16(e->frame + c->tucso), length, 2));
    }
}

static void insert_vlan(struct e1000 *e)
{
    if (!e->has_vlan || e->len < NET_HEADER || e->len + VLAN_LEN > sizeof(e->frame))
        return;
    memmove(e->frame + VLAN_AT + VLAN_LEN, e->frame + VLAN_AT, e->len - VLAN_AT);
    put_be16(e->frame + VLAN_AT, *e1000_reg(e, VET));
    put_be16(e->frame + VLAN_AT + 2, e->vlan);
    e->len += VLAN_LEN;
}

static void send_frame(struct e1000 *e, bool last)
{
    const struct e1000_context *c = &e->context;

    if (e->segmented)
        fix_headers(e, last);
    if (e->options & POPTS_TXSM)
        put_checksum(e->frame, e->len, c->tucss, c->tucso, c->tucse);
    if (e->options & POPTS_IXSM)
        put_checksum(e->frame, e->len, c->ipcss, c->ipcso, c->ipcse);
    insert_vlan(e);
    net_send(&e->port, e->frame, e->len);
    e1000_count(e, GPTC, GOTCL, e->frame, e->len);
    e->segments++;
}

/* One descriptor's bytes. */
static void add_data(struct e1000 *e, u64 address, u32 len)
{
    u32 header = e->context.header_len, most = header + e->context.mss;

    if (!e->segmented) {
        u32 room = (u32)sizeof(e->frame) - e->len;

        if (len > room)
            len = room;
        phys_read(e->phys, address, e->frame + e->len, len);
        e->len += len;
        return;
    }
    while (len) {
        u32 n = most - e->len < len ? most - e->len : len;

        if (e->len == most) { /* more is to come: this one is not the last */
            memcpy(e->header, e->frame, header);
            send_frame(e, false);
            memcpy(e->frame, e->header, header);
            e->len = header;
            continue;
        }
        phys_read(e->phys, address, e->frame + e->len, n);
        e->len += n;
        address += n;
        len -= n;
    }
}

static void take_vlan(struct e1000 *e, const u8 *descriptor, u8 command)
{
    e->has_vlan = command & CMD_VLE && *e1000_reg(e, CTRL) & CTRL_VME;
    e->vlan = get16(descriptor + 14);
}

bool e1000_frame_fits(const struct e1000 *e)
{
    u32 most = e->segmented ? e->context.header_len + (u32)e->context.mss : NET_FRAME_MAX;

    return most + VLAN_LEN <= NET_FRAME_MAX + VLAN_LEN * !e->segmented && e->len <= most;
}

static void begin_frame(struct e1000 *e, const u8 *descriptor, u8 command)
{
    const struct e1000_context *c = &e->context;

    e->segments = 0;
    e->options = command & CMD_DEXT ? descriptor[13] : 0;
    e->segmented =
        command & CMD_DEXT && command & CMD_TSE && c->mss >= MSS_MIN && c->header_len >= NET_HEADER;
    if (!e1000_frame_fits(e))
        e->segmented = false;
    take_vlan(e, descriptor, command);
}

static void end_frame(struct e1000 *e, const u8 *descriptor, u8 command)
{
    take_vlan(e, descriptor, command);
    if (!(command & CMD_DEXT) && command & CMD_IC)
        put_checksum(e->frame, e->len, descriptor[13], descriptor[10], 0);
    if (e->len >= NET_HEADER)
        send_frame(e, true);
    e->len = 0;
}

static void load_context(struct e1000 *e, const u8 *d, u8 command)
{
    e->context = (struct e1000_context){
        .ipcss = d[0],
        .ipcso = d[1],
        .ipcse = get16(d + 2),
        .tucss = d[4],
        .tucso = d[5],
        .tucse = get16(d + 6),
        .command = command,
        .header_len = d[13],
        .mss = get16(d + 14),
    };
}

/* The bytes of data in it. */
static u32 take(struct e1000 *e, const u8 *d)
{
    u32 word = get32(d + 8);
    u8 command = (u8)(word >> 24);
    bool extended = command & CMD_DEXT;

    if (extended && (word >> 20 & 0xf) == TYPE_CONTEXT) {
        load_context(e, d, command);
        e->len = 0; /* between frames only */
        return 0;
    }
    if (extended && (word >> 20 & 0xf) != TYPE_DATA)
        return 0;
    word &= extended ? 0xfffff : 0xffff;
    if (!e->len)
        begin_frame(e, d, command);
    add_data(e, get64(d), word);
    if (command & CMD_EOP)
        end_frame(e, d, command);
    return word;
}

void e1000_transmit(struct e1000 *e)
{
    u32 count = *e1000_reg(e, TDLEN) / E1000_DESCRIPTOR, causes = 0, done = 0;
    u64 base = (u64)*e1000_reg(e, TDBAH) << 32 | *e1000_reg(e, TDBAL);

    if (!(*e1000_reg(e, TCTL) & TCTL_EN) || e->transmitting)
        return;
    e->transmitting = true;
    while (*e1000_reg(e, TDT) < count && *e1000_reg(e, TDH) != *e1000_reg(e, TDT)) {
        u32 head = *e1000_reg(e, TDH);
        u64 at = base + (u64)head * E1000_DESCRIPTOR;
        u8 d[E1000_DESCRIPTOR];

        if (done >= BUDGET)
            timer_arm(&e->more, clock_now(e->more.clock) + MORE_NS);
        if (done >= BUDGET || !net_room(&e->port))
            break;
        phys_read(e->phys, at, d, sizeof(d));
        done += STEP + take(e, d);
        if (d[11] & (CMD_RS | CMD_RPS)) {
            d[12] |= STATUS_DD;
            phys_write(e->phys, at + 12, d + 12, 1);
            causes |= INT_TXDW;
        }
        *e1000_reg(e, TDH) = head + 1 < count ? head + 1 : 0;
    }
    e->transmitting = false;
    if (*e1000_reg(e, TDH) == *e1000_reg(e, TDT))
        causes |= INT_TXQE;
    e1000_interrupt(e, causes);
}
