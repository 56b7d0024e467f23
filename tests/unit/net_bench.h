/* The other end of a card's cable: what it has got, and frames for the card. */
#ifndef PAGEWALK_TEST_NET_BENCH_H
#define PAGEWALK_TEST_NET_BENCH_H

#include "devices/net/net.h"
#include "tests/unit/dev_bench.h"

static const u8 bench_mac[NET_MAC] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

struct far_end {
    struct net_port port;
    unsigned frames;
    size_t len[64];
    u8 data[64][2048]; /* of the first frames */
};

static inline void far_receive(void *opaque, const u8 *frame, size_t len)
{
    struct far_end *far = opaque;

    if (far->frames < 64) {
        far->len[far->frames] = len;
        memcpy(far->data[far->frames], frame, len < 2048 ? len : 2048);
    }
    far->frames++;
}

static const struct net_port_ops far_ops = {.receive = far_receive};

static inline void far_init(struct far_end *far, struct net_port *card, struct clock *clock)
{
    memset(far, 0, sizeof(*far));
    net_port_init(&far->port, &far_ops, far);
    ck_assert_int_eq(net_connect(&far->port, card, clock), 0);
}

/* A frame to `to` whose bytes count up from behind the header, and time for it to arrive. */
static inline void far_send(struct far_end *far, struct bench *bench, const u8 *to, size_t len)
{
    u8 frame[2048];

    for (size_t i = 0; i < len; i++)
        frame[i] = (u8)i;
    memcpy(frame, to, NET_MAC);
    net_send(&far->port, frame, len);
    bench_pass(bench, 10);
}

/* Where a fuzz test's random numbers begin: NET_FUZZ=N takes others than usual. */
static inline u64 fuzz_seed(u64 usual, int round)
{
    const char *given = getenv("NET_FUZZ");

    return usual + (u64)round + (given ? strtoull(given, NULL, 0) * 0x9e3779b97f4a7c15ull : 0);
}

/* A frame that is wrong in some way: IPv4 with any lengths, sums and protocols, a VLAN tag, or anything. */
static inline void far_send_malformed(struct far_end *far, struct bench *bench, const u8 *to,
                                      u64 *random)
{
    u8 frame[4200];
    u64 r = bench_random(random), r2 = bench_random(random);
    size_t len = r & 1 ? NET_HEADER + (r >> 8) % 60 : NET_HEADER + (r >> 8) % 4100;

    for (size_t i = 0; i + 8 <= sizeof(frame); i += 8)
        put64(frame + i, bench_random(random));
    if (r & 2)
        memcpy(frame, to, NET_MAC);
    if (r & 4)
        memset(frame, 0xff, NET_MAC);
    if (r & 0x30) {
        put16(frame + 12, r & 0x20 ? 0x0008 : 0x0081);
        frame[14] = r & 0x40 ? 0x45 : 0x40 | (r2 & 15);
        if (r & 0x80)
            put16(frame + 16, __builtin_bswap16((u16)(len - NET_HEADER + r2 % 3 - 1)));
        frame[23] = r2 & 0x100 ? 6 : r2 & 0x200 ? 17 : frame[23];
    }
    net_send(&far->port, frame, len);
    bench_pass(bench, 10);
}

/* A card that is fuzzed: frames of both kinds and time are the same for each, the other six steps are its own. They get two
 * random numbers, of which the first one's lowest bits said which step it is, and may draw more. */
static inline void fuzz_card(struct bench *bench, struct far_end *far, u64 seed, unsigned steps,
                             void (*step)(unsigned which, u64 x, u64 y, u64 *random))
{
    u64 random = seed;

    for (unsigned i = 0; i < steps; i++) {
        u64 x = bench_random(&random), y = bench_random(&random);

        if ((x & 7) < 6)
            step(x & 7, x, y, &random);
        else if ((x & 7) == 6)
            bench_pass(bench, y & 0xfffff);
        else if (y & 3)
            far_send_malformed(far, bench, bench_mac, &random);
        else
            far_send(far, bench, bench_mac, NET_HEADER + (y >> 8) % 2000);
    }
}

#endif
