/* Tests of cables, hubs, and the back ends that need nobody else: order, room, padding, links, dumps, scripts. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/net/cable_state.h"
#include "devices/net/door.h"
#include "devices/net/hub.h"
#include "devices/net/netdev.h"
#include "devices/net/pcap.h"

static u64 insns;
static struct clock clock;

struct end {
    struct net_port port;
    unsigned frames, ups, downs, can_sends;
    size_t len;
    u8 last[NET_FRAME_MAX];
    bool closed;
};

static struct end a, b, c;

static u64 count(void *opaque)
{
    (void)opaque;
    return insns;
}

static bool end_room(void *opaque, size_t len)
{
    (void)len;
    return !((struct end *)opaque)->closed;
}

static void end_receive(void *opaque, const u8 *frame, size_t len)
{
    struct end *end = opaque;

    end->frames++;
    end->len = len;
    memcpy(end->last, frame, len);
}

static void end_can_send(void *opaque)
{
    ((struct end *)opaque)->can_sends++;
}

static void end_link(void *opaque, bool up)
{
    struct end *end = opaque;

    up ? end->ups++ : end->downs++;
}

static const struct net_port_ops end_ops = {.has_room = end_room,
                                            .receive = end_receive,
                                            .can_send = end_can_send,
                                            .link_changed = end_link};

static void setup(void)
{
    insns = 0;
    clock_init(&clock, CLOCK_INSN, count, NULL);
    struct end *ends[] = {&a, &b, &c};

    for (unsigned i = 0; i < 3; i++) {
        memset(ends[i], 0, sizeof(*ends[i]));
        net_port_init(&ends[i]->port, &end_ops, ends[i]);
    }
}

static void teardown(void)
{
    net_disconnect(&a.port);
    net_disconnect(&b.port);
    net_disconnect(&c.port);
}

static void pass(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        insns++;
        clock_run(&clock);
    }
}

static bool send(struct end *from, u8 mark, size_t len)
{
    static u8 frame[NET_FRAME_MAX + 1];

    memset(frame, mark, len);
    return net_send(&from->port, frame, len);
}

/* Nothing arrives within the call; short frames are padded with zeros. */
START_TEST(test_cable)
{
    ck_assert(!send(&a, 1, 100)); /* no cable */
    ck_assert_int_eq(net_connect(&a.port, &b.port, &clock), 0);
    ck_assert_uint_eq(a.ups, 1);
    ck_assert(send(&a, 7, 42));
    ck_assert_uint_eq(b.frames, 0);
    pass(1);
    ck_assert_uint_eq(b.frames, 1);
    ck_assert_uint_eq(b.len, NET_FRAME_MIN);
    ck_assert_uint_eq(b.last[41], 7);
    ck_assert_uint_eq(b.last[42], 0);
    ck_assert(!send(&a, 1, NET_HEADER - 1));
    ck_assert(!send(&a, 1, NET_FRAME_MAX + 1));
}
END_TEST

/* A receiver without room loses nothing until the queue is full; then the sender hears when it may go on. */
START_TEST(test_room)
{
    unsigned sent = 0;

    net_connect(&a.port, &b.port, &clock);
    b.closed = true;
    while (net_room(&a.port)) {
        ck_assert(send(&a, (u8)sent, 1000 + sent % 500));
        sent++;
    }
    pass(3);
    ck_assert_uint_eq(b.frames, 0);
    b.closed = false;
    net_flush(&b.port);
    pass(3);
    ck_assert_uint_eq(b.frames, sent);
    ck_assert_uint_eq(b.last[0], (u8)(sent - 1));
    ck_assert_uint_eq(a.can_sends, 1);
    /* Around the queue's end, in any length. */
    for (unsigned i = 0; i < 3000; i++) {
        ck_assert(send(&a, (u8)i, 60 + i * 37 % 9000));
        if (i % 3)
            continue;
        pass(1);
        ck_assert_uint_eq(b.last[0], (u8)i);
        ck_assert_uint_eq(b.len, 60 + i * 37 % 9000);
    }
}
END_TEST

START_TEST(test_link)
{
    net_connect(&a.port, &b.port, &clock);
    net_set_link(&b.port, false);
    ck_assert_uint_eq(a.downs, 1);
    ck_assert(!send(&a, 1, 100));
    ck_assert(net_room(&a.port));
    net_set_link(&b.port, true);
    ck_assert_uint_eq(a.ups, 2);
    ck_assert(send(&a, 1, 100));
    net_disconnect(&a.port);
    pass(2);
    ck_assert_uint_eq(b.frames, 0); /* what was on its way is lost */
    ck_assert_uint_eq(b.downs, 2);
}
END_TEST

START_TEST(test_hub)
{
    static struct net_hub hub;
    struct end *ends[] = {&a, &b, &c};

    net_hub_init(&hub);
    for (unsigned i = 0; i < 3; i++)
        net_connect(&ends[i]->port, net_hub_add(&hub), &clock);
    send(&b, 9, 64);
    pass(4);
    ck_assert_uint_eq(a.frames, 1);
    ck_assert_uint_eq(b.frames, 0);
    ck_assert_uint_eq(c.frames, 1);
}
END_TEST

/* What comes waits in a door until it is opened; what goes out does not, nor for a back end without room. */
START_TEST(test_door)
{
    static struct net_door door;
    unsigned sent = 0;

    ck_assert_int_eq(net_door_init(&door, &a.port, &clock), 0);
    net_connect(&door.inner, &b.port, &clock);
    ck_assert(send(&a, 3, 80));
    ck_assert(send(&b, 4, 80));
    pass(5);
    ck_assert_uint_eq(b.frames, 0);
    ck_assert_uint_eq(a.frames, 1);
    net_door_turn(&door);
    pass(1);
    ck_assert_uint_eq(b.frames, 1);
    ck_assert_uint_eq(b.last[0], 3);
    net_set_link(&a.port, false);
    ck_assert(b.port.link);
    net_door_turn(&door);
    ck_assert(!b.port.link);
    net_set_link(&a.port, true);
    net_door_turn(&door);
    ck_assert(b.port.link);
    a.closed = true;
    for (; sent < 1000; sent++) {
        ck_assert(net_room(&b.port) && send(&b, 5, 1500));
        pass(3);
    }
    ck_assert_uint_eq(a.frames, 1);
    /* A card without room: the door keeps what the card's queue has no room for. */
    b.closed = true;
    for (sent = 0; net_room(&a.port); sent++) {
        ck_assert(send(&a, (u8)sent, 1400));
        net_door_turn(&door);
    }
    b.closed = false;
    net_flush(&b.port);
    for (unsigned i = 0; i < 1000; i++) {
        pass(2);
        net_door_turn(&door);
    }
    ck_assert_uint_eq(b.frames, 1 + sent);
    net_door_free(&door);
}
END_TEST

/* In the past nothing goes out of a door, what came comes again, and what comes now waits; behind it all goes on at once. */
START_TEST(test_door_behind)
{
    static struct net_door door;

    net_door_init(&door, &a.port, &clock);
    net_connect(&door.inner, &b.port, &clock);
    insns = 1000;
    send(&b, 1, 80);
    send(&b, 2, 80);
    pass(1);
    ck_assert_uint_eq(a.frames, 0); /* they are between door and back end */
    insns = 10;
    net_door_behind(&door, true);
    ck_assert(send(&b, 3, 80));
    send(&a, 9, 80);
    net_door_again(&door, (const u8[80]){7}, 80);
    pass(5);
    ck_assert_uint_eq(a.frames, 0);
    ck_assert_uint_eq(b.frames, 1);
    ck_assert_uint_eq(b.last[0], 7);
    net_door_link_again(&door, false);
    ck_assert(!b.port.link && a.port.link);
    net_door_link_again(&door, true);
    net_door_behind(&door, false);
    pass(5);
    ck_assert_uint_eq(a.frames, 2);
    ck_assert_uint_eq(a.last[0], 2);
    net_door_turn(&door);
    pass(1);
    ck_assert_uint_eq(b.frames, 2);
    ck_assert_uint_eq(b.last[0], 9);
    net_door_free(&door);
}
END_TEST

/* What is on its way is there again, also where the queue wraps, and nobody is told of the link. */
START_TEST(test_cable_state)
{
    struct state out, in;
    unsigned kept, downs;

    net_connect(&a.port, &b.port, &clock);
    b.port.head = b.port.tail = NET_QUEUE - 5000; /* as much has passed */
    b.closed = true;
    for (unsigned i = 0; i < 300; i++)
        ck_assert(send(&a, (u8)i, 1001 + i));
    ck_assert(send(&b, 5, 90));
    net_set_link(&b.port, false);
    state_init_save(&out);
    net_cable_state(&a.port, "cable", &out);
    kept = b.port.used;
    ck_assert(kept && b.port.head >= b.port.tail);
    net_set_link(&b.port, true);
    net_drop(&a.port);
    net_drop(&b.port);
    memset(b.port.queue, 0xff, NET_QUEUE);
    timer_cancel(&b.port.timer);
    downs = a.downs;
    state_init_load(&in, out.data, out.len);
    net_cable_state(&a.port, "cable", &in);
    ck_assert(!in.failed && !a.port.link && !b.port.link);
    ck_assert_uint_eq(b.port.used, kept);
    ck_assert_uint_eq(a.downs, downs);
    b.closed = false;
    b.frames = a.frames = 0;
    pass(2);
    ck_assert_uint_eq(b.frames, 300);
    ck_assert_uint_eq(b.len, 1300);
    ck_assert_uint_eq(b.last[1299], 299 & 0xff);
    ck_assert_uint_eq(a.frames, 1);
    state_free(&out);
}
END_TEST

/* A dump, and the same frames played again at their times. */
START_TEST(test_dump_and_script)
{
    char path[] = "/tmp/pagewalk-net-XXXXXX", err[200] = "";
    struct netdev_spec spec = {.kind = NETDEV_SCRIPT, .file = path};
    int fd = mkstemp(path);
    struct pcap *pcap;
    struct netdev *dev;

    close(fd);
    net_connect(&a.port, &b.port, &clock);
    pcap = pcap_open(path, 70, &a.port, err, sizeof(err));
    ck_assert_msg(pcap != NULL, "%s", err);
    send(&a, 1, 64);
    pass(200); /* 2 us */
    send(&b, 2, 100);
    pass(1);
    pcap_close(pcap);
    net_disconnect(&a.port);

    dev = netdev_open(&spec, err, sizeof(err));
    ck_assert_msg(dev != NULL, "%s", err);
    insns = 0;
    net_connect(&dev->port, &c.port, &clock);
    netdev_poll(dev);
    pass(1);
    ck_assert_uint_eq(c.frames, 1);
    ck_assert_uint_eq(c.last[0], 1);
    netdev_poll(dev);
    pass(1);
    ck_assert_uint_eq(c.frames, 1); /* not yet */
    pass(200);
    netdev_poll(dev);
    pass(1);
    ck_assert_uint_eq(c.frames, 2);
    ck_assert_uint_eq(c.last[0], 2);
    ck_assert_uint_eq(c.len, 70);
    insns = 10; /* the machine goes another way from there: the second comes again */
    netdev_poll(dev);
    pass(1);
    ck_assert_uint_eq(c.frames, 2);
    pass(200);
    netdev_poll(dev);
    pass(1);
    ck_assert_uint_eq(c.frames, 3);
    ck_assert_uint_eq(c.last[0], 2);
    net_disconnect(&c.port);
    dev->ops->close(dev);
    unlink(path);
}
END_TEST

/* CRC-32 of "123456789" is cbf43926 in every list of CRCs. */
START_TEST(test_words)
{
    u8 mac[NET_MAC];

    ck_assert_uint_eq(net_fcs((const u8 *)"123456789", 9), 0xcbf43926);
    ck_assert(net_parse_mac("52:54:00:AB:cd:0f", mac));
    ck_assert_uint_eq(mac[3], 0xab);
    ck_assert_uint_eq(mac[5], 0x0f);
    ck_assert(!net_parse_mac("52:54:00:ab:cd", mac));
    ck_assert(!net_parse_mac("52:54:00:ab:cd:0f:1", mac));
    ck_assert(!net_parse_mac("53:54:00:ab:cd:0f", mac)); /* a group's */
    ck_assert(!net_parse_mac("5g:54:00:ab:cd:0f", mac));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("net");
    TCase *tc = tcase_create("net");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_cable);
    tcase_add_test(tc, test_room);
    tcase_add_test(tc, test_link);
    tcase_add_test(tc, test_hub);
    tcase_add_test(tc, test_door);
    tcase_add_test(tc, test_door_behind);
    tcase_add_test(tc, test_cable_state);
    tcase_add_test(tc, test_dump_and_script);
    tcase_add_test(tc, test_words);
    suite_add_tcase(s, tc);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
