/* A serial port on standard input and output: escape keys do their one thing, what goes out arrives whole, and a reader
 * that stalls or leaves stops nothing. */
#define _GNU_SOURCE /* pipe2 */
#include <check.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include "tests/unit/chr_rig.h"

static const struct {
    bool escapes;
    const char *input, *got, *keys, *said; /* said: how the output begins */
} keys[] = {
    {true, "ls\r", "ls\r", "", ""},
    {true, "a\x01xb", "ab", "x", ""},
    {true, "\x01\x01", "\x01", "", ""},
    {true, "\x01\x01x", "\x01x", "", ""}, /* the x is an ordinary one */
    {true,
     "ab\x01"
     "bcd",
     "ab!cd", "", ""}, /* the break keeps its place */
    {true, "\x01q1", "1", "", ""},
    {true, "\x01h", "", "", "\r\nC-a h"},
    {true, "\x01r", "", "r", ""},
    {true,
     "\x01"
     "c",
     "", "", "\r\nThere is no monitor here."},
    {true, "\x01s", "", "s", ""}, /* the board says what was saved */
    {true, "\x01", "", "", ""},
    {true, "\x03\x1a\x04", "\x03\x1a\x04", "", ""}, /* C-c C-z C-d belong to the guest */
    {false, "a\x01xb", "a\x01xb", "", ""},
};

START_TEST(stdio_keys)
{
    char err[200], said[500];
    struct receiver r;
    struct chr *chr;
    size_t len = strlen(keys[_i].input);
    int in, out;
    ssize_t n;

    pipes(&in, &out);
    chr = open_stdio(keys[_i].escapes, take_key, &r, err, sizeof(err));
    ck_assert_ptr_nonnull(chr);
    ck_assert_ptr_null(chr_open_stdio(true, err, sizeof(err))); /* there is one terminal */
    ck_assert_ptr_nonnull(strstr(err, "in use"));
    attach(chr, &r, 1000);

    /* A byte at a time: the state between C-a and its key survives a poll. */
    for (size_t i = 0; i < len; i++) {
        ck_assert_int_eq(write(in, keys[_i].input + i, 1), 1);
        chr->ops->poll(chr);
    }
    ck_assert_uint_eq(r.len, strlen(keys[_i].got));
    ck_assert_mem_eq(r.got, keys[_i].got, r.len);
    ck_assert_str_eq(r.keys, keys[_i].keys);

    /* The end of input ends nothing else. */
    close(in);
    chr->ops->poll(chr);
    ck_assert_int_eq(chr->ops->poll_fd(chr), -1);
    ck_assert_str_eq(r.keys, keys[_i].keys);
    put(chr, ".");
    chr->ops->close(chr);
    n = read(out, said, sizeof(said) - 1);
    ck_assert_int_ge(n, 1);
    said[n] = '\0';
    ck_assert_int_eq(said[n - 1], '.');
    if (keys[_i].said[0])
        ck_assert_int_eq(strncmp(said, keys[_i].said, strlen(keys[_i].said)), 0);
    else
        ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(stdio_keys_while_receiver_is_full)
{
    char err[200];
    struct receiver r;
    struct chr *chr;
    int in, out;

    pipes(&in, &out);
    chr = open_stdio(true, take_key, &r, err, sizeof(err));
    attach(chr, &r, 0);
    ck_assert_int_eq(write(in,
                           "ab\x01"
                           "bc\x01x",
                           7),
                     7);
    chr->ops->poll(chr);
    ck_assert_uint_eq(r.len, 0);
    ck_assert_str_eq(r.keys, "x");
    r.room = 1;
    chr->ops->poll(chr);
    ck_assert_uint_eq(r.len, 1);
    r.room = 100;
    chr->ops->poll(chr);
    ck_assert_uint_eq(r.len, 4);
    ck_assert_mem_eq(r.got, "ab!c", 4);
    chr->ops->close(chr);
}
END_TEST

/* A full pipe, made nonblocking by somebody, with a slow reader: every byte arrives. */
START_TEST(stdio_loses_nothing)
{
    char err[200], line[32];
    struct chr *chr;
    int in, out, status;
    pid_t reader;

    pipes(&in, &out);
    fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
    reader = fork();
    if (reader == 0) {
        FILE *f = fdopen(out, "r");
        int next = 0;

        close(1);
        usleep(100000);
        while (fgets(line, sizeof(line), f))
            if (atoi(line) != next++)
                _exit(1);
        _exit(next == 30000 ? 0 : 2);
    }
    close(out);
    chr = open_stdio(true, NULL, NULL, err, sizeof(err));
    for (int i = 0; i < 30000; i++) {
        snprintf(line, sizeof(line), "%d\n", i);
        put(chr, line);
    }
    chr->ops->close(chr);
    close(1);
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert_int_eq(status, 0);
}
END_TEST

static u64 now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

static unsigned sent;

static void note_room(void *opaque)
{
    (void)opaque;
    sent++;
}

/* Writes single bytes while there is room; returns how many. */
static size_t fill(struct chr *chr)
{
    size_t n = 0;

    while (n < (1u << 22) && chr_room(chr)) {
        u8 byte = (u8)n++;

        chr->ops->write(chr, &byte, 1);
    }
    return n;
}

/* A pipe, a terminal and a socket pair that nobody reads: room ends, nothing waits, and when the reader comes
 * everything arrives. */
START_TEST(stdio_reader_stalls)
{
    char err[200];
    struct pollfd pfd = {.events = POLLOUT};
    struct chr *chr;
    u8 got[4096];
    size_t n, arrived = 0;
    int in, out, pair[2], kept = dup(1);
    u64 start;

    pipes(&in, &out);
    if (_i == 1) {
        ck_assert_int_eq(openpty(&pair[0], &pair[1], NULL, NULL, NULL), 0);
    } else if (_i == 2) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    }
    if (_i == 1 || _i == 2) {
        struct termios raw;

        if (_i == 1 && tcgetattr(pair[1], &raw) == 0) {
            cfmakeraw(&raw);
            tcsetattr(pair[1], TCSANOW, &raw);
        }
        dup2(pair[1], 1);
        close(pair[1]);
        close(out);
        out = pair[0];
    }
    start = now_ns();
    chr = open_stdio(true, NULL, NULL, err, sizeof(err));
    ck_assert_ptr_nonnull(chr);
    ck_assert_int_eq(fcntl(1, F_GETFL) & O_NONBLOCK, 0); /* others share it */
    chr->can_send = note_room;
    chr->can_receive = NULL;
    n = fill(chr);
    ck_assert_uint_gt(n, 4000);
    ck_assert_uint_lt(n, 1u << 22);
    ck_assert_uint_eq(chr_room(chr), 0);
    pfd.fd = chr_out_fd(chr);
    ck_assert_int_ge(pfd.fd, 0);
    ck_assert_int_eq(poll(&pfd, 1, 0), 0);
    chr->ops->poll(chr);
    ck_assert_uint_eq(chr_room(chr), 0);

    fcntl(out, F_SETFL, O_NONBLOCK);
    while (arrived < n) {
        ssize_t r = read(out, got, sizeof(got));

        for (ssize_t i = 0; i < r; i++)
            ck_assert_uint_eq(got[i], (u8)(arrived + (size_t)i));
        arrived += r > 0 ? (size_t)r : 0;
        chr->ops->poll(chr);
        ck_assert_msg(now_ns() - start < 60000000000u, "%zu of %zu bytes", arrived, n);
    }
    ck_assert_uint_eq(chr_room(chr), 4096);
    ck_assert_int_eq(chr_out_fd(chr), -1);
    ck_assert_uint_gt(sent, 0);

    fill(chr);
    chr->hurry = true;
    start = now_ns();
    chr->ops->close(chr);
    ck_assert_uint_lt(now_ns() - start, 4000000000u); /* a fifth of a second, on a busy host */
    dup2(kept, 1);
}
END_TEST

/* What is written without a look at the room is kept, up to a mebibyte. */
START_TEST(stdio_careless_writer)
{
    char err[200];
    struct chr *chr;
    u8 byte = 'x';
    int in, out;

    pipes(&in, &out);
    chr = chr_open_stdout(err, sizeof(err));
    for (unsigned i = 0; i < 3u << 20; i++)
        chr->ops->write(chr, &byte, 1);
    ck_assert_uint_eq(chr_room(chr), 0);
    chr->hurry = true;
    chr->ops->close(chr);
}
END_TEST

START_TEST(stdio_outlives_its_reader)
{
    char err[200];
    struct chr *chr;
    int in, out;

    pipes(&in, &out);
    chr = open_stdio(true, NULL, NULL, err, sizeof(err));
    close(out);
    for (int i = 0; i < 3; i++) {
        put(chr, "nobody reads this");
        chr->ops->poll(chr);
    }
    chr->ops->close(chr);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("chr_stdio");

    tcase_set_timeout(tc, 20);
    tcase_add_loop_test(tc, stdio_keys, 0, ARRAY_SIZE(keys));
    tcase_add_test(tc, stdio_keys_while_receiver_is_full);
    tcase_add_test(tc, stdio_loses_nothing);
    tcase_add_loop_test(tc, stdio_reader_stalls, 0, 3);
    tcase_add_test(tc, stdio_careless_writer);
    tcase_add_test(tc, stdio_outlives_its_reader);
    return bench_main(tc, "chr_stdio");
}
