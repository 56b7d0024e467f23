/* Character back ends with somebody else at the other end: named pipes, TCP and telnet, UDP; and stamped lines. */
#include "devices/chr/spec.h"
#include "tests/unit/bench_main.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/pagewalk-chr-XXXXXX";
static char got[256];
static size_t got_len;

static size_t can_receive(void *opaque)
{
    (void)opaque;
    return sizeof(got) - got_len;
}

static void receive(void *opaque, const u8 *data, size_t len)
{
    (void)opaque;
    memcpy(got + got_len, data, len);
    got_len += len;
}

static void attach(struct chr *chr)
{
    got_len = 0;
    chr->can_receive = can_receive;
    chr->receive = receive;
}

static void put(struct chr *chr, const char *text)
{
    chr->ops->write(chr, (const u8 *)text, strlen(text));
}

/* Polls until so many bytes came in. */
static void take(struct chr *chr, size_t len)
{
    while (got_len < len) {
        struct pollfd pfd = {.fd = chr->ops->poll_fd(chr), .events = POLLIN};

        poll(&pfd, 1, 10);
        chr->ops->poll(chr);
    }
}

/* Reads exactly so many bytes from a descriptor. */
static void expect(int fd, const char *text)
{
    char buffer[256];
    size_t len = strlen(text), at = 0;

    while (at < len) {
        ssize_t n = read(fd, buffer + at, len - at);

        ck_assert_int_gt(n, 0);
        at += (size_t)n;
    }
    ck_assert_mem_eq(buffer, text, len);
}

START_TEST(named_pipes)
{
    char base[100], in[110], out[110], err[200] = "";
    struct chr *chr;
    int to, from;

    snprintf(base, sizeof(base), "%s/fifo", dir);
    snprintf(in, sizeof(in), "%s.in", base);
    snprintf(out, sizeof(out), "%s.out", base);
    ck_assert_int_eq(mkfifo(in, 0600) | mkfifo(out, 0600), 0);
    to = open(in, O_RDWR);
    from = open(out, O_RDWR);
    chr = chr_open_pipe(base, err, sizeof(err));
    ck_assert_msg(chr != NULL, "%s", err);
    attach(chr);
    put(chr, "out");
    chr->ops->poll(chr);
    expect(from, "out");
    ck_assert_int_eq(write(to, "in", 2), 2);
    take(chr, 2);
    ck_assert_mem_eq(got, "in", 2);
    chr->ops->close(chr);
    close(to);
    close(from);
}
END_TEST

/* A free port of the host's: that of a socket which is bound and closed again. */
static void free_port(int type, char *port, size_t size)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(name);
    int fd = socket(AF_INET, type, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &len), 0);
    snprintf(port, size, "%u", ntohs(name.sin_port));
    close(fd);
}

static int connect_to(const char *port)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                               .sin_port = htons((u16)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    return fd;
}

START_TEST(tcp_server)
{
    char port[8], err[200] = "";
    struct chr_spec spec = {
        .kind = CHR_TCP, .server = true, .host = "127.0.0.1", .port = port, .text = "tcp"};
    struct chr *chr;
    int fd;

    free_port(SOCK_STREAM, port, sizeof(port));
    chr = chr_open_socket(&spec, err, sizeof(err));
    ck_assert_msg(chr != NULL, "%s", err);
    attach(chr);
    fd = connect_to(port);
    ck_assert_int_eq(write(fd, "in", 2), 2);
    take(chr, 2);
    ck_assert_mem_eq(got, "in", 2);
    put(chr, "out");
    chr->ops->poll(chr);
    expect(fd, "out");
    close(fd);
    chr->ops->close(chr);
}
END_TEST

/* IAC and what belongs to it is the protocol's; a doubled one is a byte. (RFC 854) */
START_TEST(telnet_server)
{
    char port[8], err[200] = "";
    struct chr_spec spec = {.kind = CHR_TCP,
                            .server = true,
                            .telnet = true,
                            .host = "127.0.0.1",
                            .port = port,
                            .text = "telnet"};
    struct chr *chr;
    int fd;

    free_port(SOCK_STREAM, port, sizeof(port));
    chr = chr_open_socket(&spec, err, sizeof(err));
    ck_assert_msg(chr != NULL, "%s", err);
    attach(chr);
    fd = connect_to(port);
    ck_assert_int_eq(write(fd,
                           "a\xff\xfb\x01"
                           "b\xff\xff",
                           7),
                     7);
    take(chr, 3);
    ck_assert_uint_eq(got_len, 3);
    ck_assert_mem_eq(got, "ab\xff", 3);
    close(fd);
    chr->ops->close(chr);
}
END_TEST

START_TEST(udp)
{
    char ours[8], theirs[8], err[200] = "";
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in to = name;
    struct chr_spec spec = {.kind = CHR_UDP,
                            .host = "127.0.0.1",
                            .port = theirs,
                            .local_host = "127.0.0.1",
                            .local_port = ours,
                            .text = "udp"};
    struct chr *chr;
    socklen_t len = sizeof(name);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &len), 0);
    snprintf(theirs, sizeof(theirs), "%u", ntohs(name.sin_port));
    free_port(SOCK_DGRAM, ours, sizeof(ours));
    to.sin_port = htons((u16)atoi(ours));
    chr = chr_open_udp(&spec, err, sizeof(err));
    ck_assert_msg(chr != NULL, "%s", err);
    attach(chr);
    put(chr, "out");
    chr->ops->poll(chr);
    expect(fd, "out");
    ck_assert_int_eq(sendto(fd, "in", 2, 0, (struct sockaddr *)&to, sizeof(to)), 2);
    take(chr, 2);
    ck_assert_mem_eq(got, "in", 2);
    chr->ops->close(chr);
    close(fd);
}
END_TEST

static u64 stamp_now(void *opaque)
{
    return *(u64 *)opaque;
}

START_TEST(stamps)
{
    char path[100], err[200] = "", text[200] = "";
    u64 now = 1500000000;
    struct chr *chr;
    FILE *file;

    snprintf(path, sizeof(path), "%s/stamps", dir);
    chr = chr_open_file(path, false, err, sizeof(err));
    chr = chr_open_stamp(chr, stamp_now, &now, err, sizeof(err));
    ck_assert_msg(chr != NULL, "%s", err);
    put(chr, "a");
    now = 12345678901234;
    put(chr, "b\n\nc");
    put(chr, "d\n");
    chr->ops->close(chr);
    file = fopen(path, "r");
    ck_assert_uint_gt(fread(text, 1, sizeof(text) - 1, file), 0);
    fclose(file);
    ck_assert_str_eq(text, "[    1.500000] ab\n[12345.678901] \n[12345.678901] cd\n");
}
END_TEST

int main(void)
{
    static const char *const files[] = {"fifo.in", "fifo.out", "stamps"};
    TCase *tc = tcase_create("chr_net");
    int failed;

    if (!mkdtemp(dir))
        return 1;
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, named_pipes);
    tcase_add_test(tc, tcp_server);
    tcase_add_test(tc, telnet_server);
    tcase_add_test(tc, udp);
    tcase_add_test(tc, stamps);
    failed = bench_main(tc, "chr_net");
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        char path[100];

        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
    return failed != 0;
}
