/* Hostile ends of networks: random bytes from a stream's other side, and random frames from a guest to a user network.
 *
 * usage: test_net_hostile [FRAMES [SEED]]. Nothing may crash, hang, or leave the process; under the sanitizers neither may it
 * read elsewhere. The user network is restricted, so that nothing goes out. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/net/checksum.h"
#include "devices/net/netdev.h"

static unsigned frames = 5000;
static u64 seed = 1, insns;
static struct clock clock;

static struct {
    struct net_port port;
    unsigned frames, ups;
} card;

static u64 count(void *opaque)
{
    (void)opaque;
    return insns;
}

static u32 any(u32 below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)((seed >> 33) % below);
}

static void receive(void *opaque, const u8 *frame, size_t len)
{
    u8 sum = 0;

    (void)opaque;
    ck_assert_uint_ge(len, NET_FRAME_MIN);
    ck_assert_uint_le(len, NET_FRAME_MAX);
    for (size_t i = 0; i < len; i++) /* for the sanitizer */
        sum ^= frame[i];
    card.frames += 1 + (sum & 0);
}

static void link_changed(void *opaque, bool up)
{
    (void)opaque;
    card.ups += up;
}

static const struct net_port_ops card_ops = {.receive = receive, .link_changed = link_changed};

static void turn(struct netdev *dev)
{
    insns += 100000; /* 1 ms */
    netdev_poll(dev);
    clock_run(&clock);
}

static struct netdev *plug(const struct netdev_spec *spec)
{
    char err[400] = "";
    struct netdev *dev = netdev_open(spec, err, sizeof(err));

    ck_assert_msg(dev != NULL, "%s", err);
    insns = 0;
    clock_init(&clock, CLOCK_INSN, count, NULL);
    memset(&card, 0, sizeof(card));
    net_port_init(&card.port, &card_ops, &card);
    ck_assert_int_eq(net_connect(&card.port, &dev->port, &clock), 0);
    return dev;
}

static void unplug(struct netdev *dev)
{
    net_disconnect(&card.port);
    dev->ops->close(dev);
}

/* Lengths that no frame has end a connection, and another may come. */
START_TEST(test_stream)
{
    char port[16];
    struct netdev_spec spec = {
        .kind = NETDEV_STREAM, .server = true, .remote_host = "127.0.0.1", .remote_port = port};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static u8 data[4 + NET_FRAME_MAX];
    socklen_t len = sizeof(to);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct netdev *dev;

    bind(fd, (struct sockaddr *)&to, len); /* a port that is free */
    getsockname(fd, (struct sockaddr *)&to, &len);
    close(fd);
    snprintf(port, sizeof(port), "%u", ntohs(to.sin_port));
    dev = plug(&spec);
    fd = -1;
    for (unsigned i = 0; i < frames; i++) {
        u32 n = any(50) ? any(2000) : any(NET_FRAME_MAX), said = any(100) ? n : any(3) << 15;

        if (fd < 0) {
            fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
        }
        put32(data, any(300) ? htonl(said) : 0xffffffff);
        memset(data + 4, (int)i, n);
        if (send(fd, data, 4 + n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 || !any(1000)) {
            close(fd);
            fd = -1;
        }
        net_send(&card.port, data, any(1600));
        turn(dev);
    }
    if (fd >= 0)
        close(fd);
    ck_assert_uint_gt(card.frames, frames / 100);
    ck_assert_uint_gt(card.ups, frames / 2000);
    unplug(dev);
}
END_TEST

static void sum_header(u8 *f)
{
    put16(f + 24, 0);
    put16(f + 24, (u16)~checksum_add(0, f + NET_HEADER, 20));
}

/* Headers that are nearly right. */
static size_t make_frame(u8 *f)
{
    static const u8 protocols[] = {1, 6, 17, 58, 2, 0}, services[] = {53, 67, 69, 7, 0};
    static const u8 macs[2][NET_MAC] = {{0x52, 0x55, 10, 0, 2, 2}, {255, 255, 255, 255, 255, 255}};
    size_t len = NET_HEADER + any(any(10) ? 120 : any(10) ? 1500 : any(10) ? 9000 : 65000);
    bool six = !any(4);

    for (size_t i = 0; i < len; i++)
        f[i] = any(3) ? 0 : (u8)any(256);
    memcpy(f, macs[any(2)], NET_MAC);
    memcpy(f + 6, "\x52\x54\0\x12\x34\x56", NET_MAC);
    put16(f + 12, htons(!any(8) ? 0x0806 : six ? 0x86dd : 0x0800));
    if (len < NET_HEADER + 48)
        return len;
    if (six) {
        f[14] = 0x60;
        put16(f + 18, htons(any(5) ? (u16)(len - NET_HEADER - 40) : (u16)any(65536)));
        f[20] = protocols[any(6)];
        f[21] = 255;
        memcpy(f + 22, "\xfe\xc0", 2);
        memset(f + 24, 0, 29);
        f[37] = 15;
        memcpy(f + 38, "\xfe\xc0", 2);
        f[53] = (u8)(2 + any(2));
        f[54] = any(3) ? (u8)(128 + any(10)) : f[54];
        return len;
    }
    f[14] = any(10) ? 0x45 : (u8)any(256);
    put16(f + 16, htons(any(5) ? (u16)(len - NET_HEADER) : (u16)any(65536)));
    put16(f + 20, htons(any(5) ? 0 : (u16)any(65536))); /* fragments */
    f[22] = 64;
    f[23] = protocols[any(6)];
    memcpy(f + 26, "\x0a\0\2\x0f\x0a\0\2", 7);
    f[33] = (u8)(any(2) ? 2 + any(2) : any(256));
    put16(f + 36, htons(services[any(5)]));
    put16(f + 38, htons((u16)(len - NET_HEADER - 20)));
    put16(f + 40, 0); /* no checksum of UDP */
    sum_header(f);
    return len;
}

/* The frame, or the IPv4 datagram that it is in fragments, which may be wrong. */
static void send_frame(const u8 *f, size_t len)
{
    size_t piece = 8 * (1 + any(180)), payload = len - NET_HEADER - 20;
    u8 part[NET_HEADER + 20 + 8 * 180];

    if (f[12] != 0x08 || f[13] != 0 || f[14] != 0x45 || len < 100 || any(2)) {
        net_send(&card.port, f, len);
        return;
    }
    memcpy(part, f, NET_HEADER + 20);
    put16(part + 18, (u16)any(4));
    for (size_t at = 0; at < payload; at += piece) {
        size_t n = payload - at < piece ? payload - at : piece;
        u32 offset = (u32)(at / 8) + !any(100);

        memcpy(part + NET_HEADER + 20, f + NET_HEADER + 20 + at, n);
        put16(part + 16, htons((u16)(20 + n)));
        put16(part + 20, htons((u16)(offset | (at + n < payload ? 0x2000 : 0))));
        sum_header(part);
        net_send(&card.port, part, NET_HEADER + 20 + n);
    }
}

START_TEST(test_user)
{
    struct netdev_spec spec = {
        .kind = NETDEV_USER,
        .user = {.restricted = true, .tftp = "/usr/share/doc", .bootfile = "x", .hostname = "h"}};
    static u8 frame[NET_FRAME_MAX];
    struct netdev *dev;

    if (!netdev_user_version())
        return;
    dev = plug(&spec);
    for (unsigned i = 0; i < frames; i++) {
        send_frame(frame, make_frame(frame));
        if (!any(8))
            turn(dev);
    }
    turn(dev);
    ck_assert_uint_gt(card.frames, frames / 100); /* ARP and DHCP have answers */
    unplug(dev);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *s = suite_create("net_hostile");
    TCase *tc = tcase_create("net_hostile");
    SRunner *runner;
    int failed;

    if (argc > 1)
        frames = (unsigned)strtoul(argv[1], NULL, 0);
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 0);
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, test_stream);
    tcase_add_test(tc, test_user);
    suite_add_tcase(s, tc);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
