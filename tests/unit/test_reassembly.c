/* Reassembly of IPv4 datagrams: what becomes whole, what hostile fragments end, and that memory is bounded. */
#include <check.h>
#include <stdlib.h>

#include "devices/net/ipv4.h"
#include "devices/net/reassembly.h"
#include "tests/unit/bench_main.h"

#define DONT     0x4000u
#define MORE     0x2000u
#define RESERVED 0x8000u

static struct reassembly r;
static u64 now, seed = 1;

static u32 any(u32 below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)((seed >> 33) % below);
}

/* Byte `at` of the payload of datagram `id`. */
static u8 byte_of(u16 id, u32 at)
{
    return (u8)(at * 7 + (at >> 8) + id);
}

struct piece {
    u16 id;
    u32 first, len;
    u16 flags;
    u32 header;
};
#define P(first, len, flags)                                                                       \
    {                                                                                              \
        1, first, len, flags, 20                                                                   \
    }

static size_t make(u8 *f, const struct piece *x)
{
    u32 header = x->header;
    u8 *ip = f + NET_HEADER;

    memset(f, 0, NET_HEADER + header);
    put_be16(f + 12, 0x0800);
    ip[0] = (u8)(0x40 | header / 4);
    put_be16(ip + IPV4_LENGTH, (u16)(header + x->len));
    put_be16(ip + IPV4_ID, x->id);
    put_be16(ip + 6, (u16)(x->flags | x->first / 8));
    ip[8] = 64;
    ip[9] = 1;
    memset(ip + 20, 1, header - 20); /* options that do nothing */
    put_be32(ip + IPV4_SOURCE, 0x0a00020f);
    put_be32(ip + IPV4_SOURCE + 4, 0x0a000202);
    put16(ip + IPV4_SUM, (u16)~checksum_add(0, ip, header));
    for (u32 i = 0; i < x->len; i++)
        ip[header + i] = byte_of(x->id, x->first + i);
    return NET_HEADER + header + x->len;
}

static u8 wire[NET_HEADER + 60 + 0x10000];

/* Sends it; returns the datagram's payload length once it is whole, and looks at each byte of it. */
static u32 add(const struct piece *x)
{
    size_t len = make(wire, x), whole;
    const u8 *frame = reassembly_add(&r, wire, len, now, &whole);
    struct ipv4 ip;

    if (!frame)
        return 0;
    ck_assert(ipv4_parse(frame, whole, &ip));
    ck_assert(!ip.fragment);
    ck_assert_uint_eq(ipv4_header_sum(frame, &ip), 0xffff);
    ck_assert_uint_eq(whole, NET_HEADER + ip.header + ip.payload);
    ck_assert_uint_eq(get_be16(frame + NET_HEADER + IPV4_ID), x->id);
    for (u32 i = 0; i < ip.payload; i++)
        ck_assert_uint_eq(frame[NET_HEADER + ip.header + i], byte_of(x->id, i));
    return ip.payload;
}

/* What the last of them makes whole; none before it makes anything. */
static const struct {
    const char *name;
    struct piece piece[6];
    unsigned pieces;
    u32 whole;
} rows[] = {
    {"ping -s 4000", {P(0, 1480, MORE), P(1480, 1480, MORE), P(2960, 1048, 0)}, 3, 4008},
    {"backwards", {P(2960, 1048, 0), P(1480, 1480, MORE), P(0, 1480, MORE)}, 3, 4008},
    {"the end first", {P(16, 1, 0), P(0, 8, MORE), P(8, 8, MORE)}, 3, 17},
    {"one that came twice", {P(0, 8, MORE), P(0, 8, MORE), P(8, 8, 0)}, 3, 16},
    {"a part of one again", {P(0, 16, MORE), P(8, 8, MORE), P(16, 8, 0)}, 3, 24},
    {"options", {{1, 0, 8, MORE, 60}, P(8, 3, 0)}, 2, 11},
    {"the flag against fragments", {P(0, 8, MORE | DONT), P(8, 3, DONT)}, 2, 11},
    {"the longest", {P(0, 32768, MORE), P(32768, 32747, 0)}, 2, 65515},
    /* Hostile ones: nothing comes of them, */
    {"teardrop", {P(0, 40, MORE), P(24, 4, 0), P(40, 8, 0)}, 3, 0},
    {"over the middle", {P(0, 16, MORE), P(8, 16, MORE), P(24, 8, 0)}, 3, 0},
    {"over the end", {P(8, 4, 0), P(8, 8, MORE), P(0, 8, MORE)}, 3, 0},
    {"behind the end", {P(8, 8, 0), P(16, 8, MORE), P(0, 8, MORE)}, 3, 0},
    {"the end before what is there", {P(24, 8, MORE), P(8, 8, 0), P(0, 8, MORE)}, 3, 0},
    {"two ends", {P(8, 8, 0), P(16, 8, 0), P(0, 8, MORE)}, 3, 0},
    {"a hole", {P(0, 8, MORE), P(16, 8, 0), P(0, 8, MORE)}, 3, 0},
    {"too long", {P(65528, 100, 0), P(0, 32768, MORE), P(32768, 32760, MORE)}, 3, 0},
    {"too long by its options", {{1, 0, 32768, MORE, 60}, P(32768, 32747, 0)}, 2, 0},
    {"without its beginning", {P(8, 8, MORE), P(16, 8, 0)}, 2, 0},
    /* and these are none: what comes behind them is the datagram. */
    {"an odd length", {P(0, 8, MORE), P(8, 7, MORE), P(8, 8, 0)}, 3, 16},
    {"no bytes", {P(0, 8, MORE), P(8, 0, 0), P(8, 8, 0)}, 3, 16},
    {"the reserved flag", {P(0, 8, MORE), P(8, 8, RESERVED), P(8, 8, 0)}, 3, 16},
};

START_TEST(test_row)
{
    for (unsigned i = 0; i < rows[_i].pieces; i++) {
        u32 whole = add(&rows[_i].piece[i]);

        ck_assert_msg(whole == (i + 1 == rows[_i].pieces ? rows[_i].whole : 0), "%s: %u at %u",
                      rows[_i].name, whole, i);
    }
    reassembly_free(&r);
}
END_TEST

START_TEST(test_wrong_header)
{
    const struct piece first = P(0, 8, MORE), last = P(8, 8, 0);
    size_t whole, len;

    ck_assert_uint_eq(add(&first), 0);
    len = make(wire, &last);
    ck_assert_ptr_null(reassembly_add(&r, wire, len - 1, now, &whole)); /* shorter than it says */
    wire[NET_HEADER + 8]--;                                             /* the sum is wrong */
    ck_assert_ptr_null(reassembly_add(&r, wire, len, now, &whole));
    ck_assert_uint_eq(add(&last), 16);
    reassembly_free(&r);
}
END_TEST

START_TEST(test_two_in_turn)
{
    const struct piece p[] = {P(0, 8, MORE), {2, 0, 16, MORE, 20}, P(8, 4, 0), {2, 16, 9, 0, 20}};

    ck_assert_uint_eq(add(&p[0]), 0);
    ck_assert_uint_eq(add(&p[1]), 0);
    ck_assert_uint_eq(add(&p[2]), 12);
    ck_assert_uint_eq(add(&p[3]), 25);
    reassembly_free(&r);
}
END_TEST

/* Half a datagram is forgotten in time, so that another one of that number is not mixed with it. */
START_TEST(test_time)
{
    const struct piece first = P(0, 8, MORE), last = P(8, 8, 0);

    ck_assert_uint_eq(add(&first), 0);
    now += REASSEMBLY_NS;
    ck_assert_uint_eq(add(&last), 16);
    ck_assert_uint_eq(add(&first), 0);
    now += REASSEMBLY_NS + 1;
    ck_assert_uint_eq(add(&last), 0);
    now -= 10 * REASSEMBLY_NS; /* a machine that has gone back */
    ck_assert_uint_eq(add(&first), 0);
    ck_assert_uint_eq(add(&last), 16);
    reassembly_free(&r);
}
END_TEST

START_TEST(test_flood)
{
    struct piece half = P(0, 8, MORE), last = P(8, 8, 0);

    for (u32 i = 0; i < 100000; i++) {
        half.id = (u16)i;
        now++;
        ck_assert_uint_eq(add(&half), 0);
    }
    last.id = half.id; /* the newest are there, the others are not */
    ck_assert_uint_eq(add(&last), 16);
    last.id = (u16)(half.id - REASSEMBLY_SLOTS);
    ck_assert_uint_eq(add(&last), 0);
    reassembly_free(&r);
}
END_TEST

/* A datagram in any pieces, in any order, some of them twice, among fragments that are anything. */
START_TEST(test_random)
{
    static struct piece p[8300];

    for (unsigned round = 0; round < 300; round++) {
        u32 total = 1 + any(round % 50 ? 3000 : 65515), n = 0, whole = 0;

        for (u32 at = 0; at < total; n++) {
            u32 len = 8 * (1 + any(200));

            if (at + len > total)
                len = total - at;
            p[n] = (struct piece){(u16)round, at, len, at + len < total ? MORE : 0, 20};
            at += len;
        }
        for (u32 i = 0; i < n; i++) {
            u32 j = any(n);
            struct piece x = p[i];

            p[i] = p[j];
            p[j] = x;
        }
        for (u32 i = 0; i < n && total > p[i].len; i++) {
            u32 twice = i ? any(i) : 0;
            struct piece junk = {(u16)(1000 + any(3)), 8 * any(0x2000), any(1500),
                                 (u16)(any(8) << 13), 20 + 4 * any(11)};

            ck_assert_uint_eq(whole, 0);
            whole = add(&p[i]);
            if (!whole && i)
                ck_assert_uint_eq(add(&p[twice]), 0);
            if (junk.header + junk.len <= 0xffff)
                add(&junk);
        }
        if (n > 1)
            ck_assert_uint_eq(whole, total);
    }
    reassembly_free(&r);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("reassembly");

    tcase_add_loop_test(tc, test_row, 0, ARRAY_SIZE(rows));
    tcase_add_test(tc, test_wrong_header);
    tcase_add_test(tc, test_two_in_turn);
    tcase_add_test(tc, test_time);
    tcase_add_test(tc, test_flood);
    tcase_add_test(tc, test_random);
    return bench_main(tc, "reassembly");
}
