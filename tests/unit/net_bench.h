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

#endif
