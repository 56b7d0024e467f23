/* A serial port on a terminal of its own: both ways, readers that are slow, late or not there. */
#define _GNU_SOURCE /* pipe2 */
#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/unit/chr_rig.h"

/* Opens a pty with stderr caught; the slave's name is taken from the message. */
static struct chr *open_pty(char *name, size_t len)
{
    char text[200], err[200];
    int saved = dup(2), said[2];
    struct chr *chr;
    ssize_t n;

    ck_assert_int_eq(pipe2(said, O_CLOEXEC), 0);
    dup2(said[1], 2);
    chr = chr_open_pty(err, sizeof(err));
    dup2(saved, 2);
    close(saved);
    close(said[1]);
    n = read(said[0], text, sizeof(text) - 1);
    close(said[0]);
    if (!chr)
        return NULL;
    ck_assert_int_gt(n, 26);
    text[n] = '\0';
    ck_assert_int_eq(strncmp(text, "char device redirected to ", 26), 0);
    snprintf(name, len, "%.*s", (int)strcspn(text + 26, "\n"), text + 26);
    return chr;
}

/* The kernel takes its time to carry what was written to the other end of a terminal. */
static void await_input(struct chr *chr)
{
    struct pollfd pfd = {.fd = chr->ops->poll_fd(chr), .events = POLLIN};

    ck_assert_int_eq(poll(&pfd, 1, -1), 1);
}

START_TEST(pty_both_ways)
{
    char name[128], buf[64];
    struct receiver r;
    struct chr *chr = open_pty(name, sizeof(name));
    int slave;
    ssize_t n;

    ck_assert_ptr_nonnull(chr);
    attach(chr, &r, 2);
    slave = open(name, O_RDWR | O_NOCTTY);
    ck_assert_int_ge(slave, 0);

    put(chr, "hi\r\n\x03"); /* raw: nothing is translated */
    chr->ops->poll(chr);
    for (n = 0; n < 5;) {
        ssize_t got = read(slave, buf + n, sizeof(buf) - (size_t)n);

        ck_assert_int_gt(got, 0);
        n += got;
    }
    ck_assert_int_eq(n, 5);
    ck_assert_mem_eq(buf, "hi\r\n\x03", 5);

    ck_assert_int_eq(write(slave, "abc\r", 4), 4);
    await_input(chr);
    chr->ops->poll(chr);
    ck_assert_uint_eq(r.len, 2); /* all the room there was */
    r.room = 100;
    chr->ops->poll(chr);
    ck_assert_uint_eq(r.len, 4);
    ck_assert_mem_eq(r.got, "abc\r", 4);

    /* The program at the other end leaves: no end of file, no error, nothing to wake up for. */
    close(slave);
    chr->ops->poll(chr);
    struct pollfd pfd = {.fd = chr->ops->poll_fd(chr), .events = POLLIN};
    ck_assert_int_ge(pfd.fd, 0);
    ck_assert_int_eq(poll(&pfd, 1, 0), 0);
    chr->ops->close(chr);
}
END_TEST

START_TEST(pty_without_reader_does_not_block)
{
    char name[128];
    struct chr *chr = open_pty(name, sizeof(name));

    ck_assert_ptr_nonnull(chr);
    for (int i = 0; i < 10000; i++) {
        put(chr, "0123456789");
        if (i % 100 == 0)
            chr->ops->poll(chr);
    }
    chr->ops->close(chr);
}
END_TEST

/* Somebody reads, by and by: nothing is lost, though more comes than all buffers hold; the last of it at the close. */
START_TEST(pty_slow_reader)
{
    enum { BYTES = 300000 };
    char name[128];
    struct chr *chr = open_pty(name, sizeof(name));
    pid_t reader;
    int slave, status;

    ck_assert_ptr_nonnull(chr);
    slave = open(name, O_RDONLY | O_NOCTTY);
    ck_assert_int_ge(slave, 0);
    reader = fork();
    ck_assert_int_ge(reader, 0);
    if (!reader) {
        for (unsigned i = 0; i < BYTES; i++) {
            char byte;

            if (i % 10000 == 0)
                usleep(2000);
            if (read(slave, &byte, 1) != 1 || byte != (char)('a' + i % 23))
                _exit(1);
        }
        _exit(0);
    }
    for (unsigned i = 0; i < BYTES; i++) {
        u8 byte = (u8)('a' + i % 23);

        while (!chr_room(chr)) {
            struct pollfd pfd = {.fd = chr_out_fd(chr), .events = POLLOUT};

            poll(&pfd, 1, 100);
        }
        chr->ops->write(chr, &byte, 1);
    }
    chr->ops->close(chr);
    close(slave);
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* Nobody reads: it is waited for once. */
START_TEST(pty_gives_up)
{
    char name[128];
    struct chr *chr = open_pty(name, sizeof(name));
    u8 data[256] = {0};

    ck_assert_ptr_nonnull(chr);
    while (chr_room(chr) != SIZE_MAX) { /* the kernel may find room for some more, late */
        if (chr_room(chr))
            chr->ops->write(chr, data, 1);
        else
            poll(NULL, 0, 10);
    }
    ck_assert_int_lt(chr_out_fd(chr), 0);
    for (unsigned i = 0; i < 1000; i++) {
        chr->ops->write(chr, data, sizeof(data));
        ck_assert(chr_room(chr) == SIZE_MAX);
    }
    chr->ops->close(chr);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("chr_pty");

    tcase_set_timeout(tc, 20);
    tcase_add_test(tc, pty_both_ways);
    tcase_add_test(tc, pty_without_reader_does_not_block);
    tcase_add_test(tc, pty_slow_reader);
    tcase_add_test(tc, pty_gives_up);
    return bench_main(tc, "chr_pty");
}
