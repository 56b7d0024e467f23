/* The character back ends: what goes out arrives whole, what comes in waits for the receiver, escape
 * keys do their one thing, and the terminal is as it was, however the process ends. */
#define _GNU_SOURCE /* pipe2 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "devices/chr/spec.h"

/* A receiver that takes `room` bytes and notes what it got; a break is noted as '!'. */
struct receiver {
    char got[8192];
    size_t len, room;
    char keys[16];
    size_t nkeys;
};

static size_t take_room(void *opaque)
{
    struct receiver *r = opaque;

    return r->room;
}

static void take(void *opaque, const u8 *data, size_t len)
{
    struct receiver *r = opaque;

    ck_assert_uint_le(len, r->room);
    ck_assert_uint_lt(r->len + len, sizeof(r->got));
    memcpy(r->got + r->len, data, len);
    r->len += len;
    r->room -= len;
}

static void take_break(void *opaque)
{
    struct receiver *r = opaque;

    r->got[r->len++] = '!';
}

static void take_key(void *opaque, enum chr_key key)
{
    struct receiver *r = opaque;

    r->keys[r->nkeys++] = "xrs"[key];
}

static void attach(struct chr *chr, struct receiver *r, size_t room)
{
    memset(r, 0, sizeof(*r));
    r->room = room;
    chr->can_receive = take_room;
    chr->receive = take;
    chr->send_break = take_break;
    chr->opaque = r;
}

static void put(struct chr *chr, const char *text)
{
    chr->ops->write(chr, (const u8 *)text, strlen(text));
}

/* Everything in a file, as a string. */
static const char *slurp(const char *path)
{
    static char text[4096];
    int fd = open(path, O_RDONLY);
    ssize_t n;

    ck_assert_int_ge(fd, 0);
    n = read(fd, text, sizeof(text) - 1);
    ck_assert_int_ge(n, 0);
    text[n] = '\0';
    close(fd);
    return text;
}

static char dir[] = "/tmp/test_chr.XXXXXX";

START_TEST(null_swallows)
{
    struct chr *chr = chr_open_null();

    ck_assert_ptr_nonnull(chr);
    put(chr, "gone");
    chr->ops->poll(chr);
    ck_assert_int_eq(chr->ops->poll_fd(chr), -1);
    chr->ops->close(chr);
}
END_TEST

START_TEST(file_holds_what_was_written)
{
    char path[64], err[200], big[5001];
    struct chr *chr;

    snprintf(path, sizeof(path), "%s/out", dir);
    for (int i = 0; i < 2; i++) { /* the second opening starts anew */
        chr = chr_open_file(path, false, err, sizeof(err));
        ck_assert_ptr_nonnull(chr);
        put(chr, "one ");
        chr->ops->poll(chr);
        ck_assert_str_eq(slurp(path), "one ");
        put(chr, "two");
        ck_assert_int_eq(chr->ops->poll_fd(chr), -1);
        chr->ops->close(chr);
        ck_assert_str_eq(slurp(path), "one two");
    }

    /* More than the buffer, in one write and without a poll. */
    memset(big, 'b', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    chr = chr_open_file(path, false, err, sizeof(err));
    put(chr, big);
    chr->ops->close(chr);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, (off_t)sizeof(big) - 1);
}
END_TEST

static const struct {
    struct chr_spec spec;
    const char *err; /* NULL: it opens */
} specs[] = {
    {{.kind = CHR_NULL}, NULL},
    {{.kind = CHR_FILE, .path = "/"}, "cannot write /: Is a directory"},
    {{.kind = CHR_FILE, .path = "/nonexistent/x"},
     "cannot write /nonexistent/x: No such file or directory"},
    {{.kind = CHR_PIPE, .path = "/nonexistent/x"},
     "cannot open the pipe '/nonexistent/x': No such file or directory"},
    {{.kind = CHR_UNIX, .path = "/nonexistent/x", .text = "u"}, "'u': No such file or directory"},
    {{.kind = CHR_TCP, .host = "127.0.0.1", .port = "1", .text = "t"}, "'t': Connection refused"},
};

START_TEST(open_by_spec)
{
    char err[200] = "";
    struct chr *chr = chr_open(&specs[_i].spec, err, sizeof(err));

    ck_assert_int_eq(chr == NULL, specs[_i].err != NULL);
    ck_assert_str_eq(err, specs[_i].err ? specs[_i].err : "");
    if (chr)
        chr->ops->close(chr);
}
END_TEST

/* A server without wait: output before there is a client is lost, and the next one is taken after the first. */
START_TEST(unix_server)
{
    char path[64], err[200], text[8] = "";
    struct chr_spec spec = {.kind = CHR_UNIX, .server = true, .path = path, .text = path};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct receiver r;
    struct chr *chr;

    snprintf(path, sizeof(path), "%s/socket", dir);
    snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    chr = chr_open(&spec, err, sizeof(err));
    ck_assert_ptr_nonnull(chr);
    attach(chr, &r, 1000);
    put(chr, "lost");
    chr->ops->poll(chr);
    for (int i = 0; i < 2; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
        chr->ops->poll(chr);
        put(chr, "out");
        chr->ops->poll(chr);
        ck_assert_int_eq(read(fd, text, 3), 3);
        ck_assert_str_eq(text, "out");
        ck_assert_int_eq(write(fd, "in", 2), 2);
        chr->ops->poll(chr);
        close(fd);
        chr->ops->poll(chr);
        chr->ops->poll(chr);
    }
    ck_assert_uint_eq(r.len, 4);
    chr->ops->close(chr);
    chr = chr_open(&spec, err, sizeof(err)); /* the name that was left does not matter */
    ck_assert_ptr_nonnull(chr);
    ck_assert_ptr_null(chr_open(&spec, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "another program listens there"));
    chr->ops->close(chr);
}
END_TEST

/* Opens a pty with stderr caught; the slave's name is taken from the message. */
static struct chr *open_pty(char *name, size_t len)
{
    char path[64], err[200];
    int saved = dup(2);
    int fd;
    struct chr *chr;
    const char *text;

    snprintf(path, sizeof(path), "%s/err", dir);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(fd, 2);
    chr = chr_open_pty(err, sizeof(err));
    dup2(saved, 2);
    close(fd);
    close(saved);
    if (!chr)
        return NULL;
    text = slurp(path);
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
    while (chr_room(chr) && chr_room(chr) != SIZE_MAX)
        chr->ops->write(chr, data, 1);
    while (!chr_room(chr))
        poll(NULL, 0, 10);
    ck_assert_int_lt(chr_out_fd(chr), 0);
    for (unsigned i = 0; i < 1000; i++) {
        chr->ops->write(chr, data, sizeof(data));
        ck_assert(chr_room(chr) == SIZE_MAX);
    }
    chr->ops->close(chr);
}
END_TEST

/* Puts pipes at stdin and stdout; returns our ends. */
static void pipes(int *in, int *out)
{
    int a[2], b[2];

    ck_assert_int_eq(pipe2(a, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(b, O_CLOEXEC), 0);
    fflush(stdout);
    dup2(a[0], 0);
    dup2(b[1], 1);
    close(a[0]);
    close(b[1]);
    *in = a[1];
    *out = b[0];
}

/* Standard input and output as a serial port has them. */
static struct chr *open_stdio(bool escapes, void (*key)(void *opaque, enum chr_key key),
                              void *opaque, char *err, size_t err_len)
{
    struct chr *chr = chr_open_stdio(!escapes, err, err_len);

    return escapes ? chr_open_mux(chr, 1, key, opaque, err, err_len) : chr;
}

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

static bool same_tty(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
           a->c_cflag == b->c_cflag && !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

/* How the owner of the terminal ends: 0 closes it, -1 calls exit, else a signal. */
static const int endings[] = {0,       -1,      SIGTERM, SIGINT,    SIGHUP,  SIGQUIT, SIGSEGV,
                              SIGABRT, SIGALRM, SIGBUS,  SIGFPE,    SIGILL,  SIGTRAP, SIGSYS,
                              SIGXCPU, SIGPROF, SIGPWR,  SIGVTALRM, SIGUSR1, SIGUSR2, SIGIO};

START_TEST(terminal_is_restored)
{
    int ending = endings[_i];
    struct termios before, now;
    int master, slave, status, ready[2], seen[2];
    char byte;
    pid_t child;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    ck_assert_int_eq(tcgetattr(slave, &before), 0);
    ck_assert_int_ne(before.c_lflag & ICANON, 0);
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(seen), 0);
    child = fork();
    if (child == 0) {
        char err[200];
        struct chr *chr;

        dup2(slave, 0);
        dup2(slave, 1);
        for (size_t i = 2; i < ARRAY_SIZE(endings); i++)
            signal(endings[i], SIG_DFL);
        chr = open_stdio(true, NULL, NULL, err, sizeof(err));
        if (!chr || write(ready[1], "r", 1) != 1)
            _exit(9);
        if (read(seen[0], &byte, 1) != 1)
            _exit(9);
        while (ending > 0)
            pause();
        if (ending == 0) {
            chr->ops->close(chr);
            _exit(0);
        }
        exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(tcgetattr(slave, &now), 0);
    ck_assert_int_eq(now.c_lflag & (ICANON | ECHO | ISIG), 0);
    ck_assert_int_eq(now.c_iflag & (ICRNL | IXON), 0);
    ck_assert_int_eq(write(seen[1], "s", 1), 1);
    if (ending > 0)
        kill(child, ending);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (ending > 0) {
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(WTERMSIG(status), ending);
    } else {
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(tcgetattr(slave, &now), 0);
    ck_assert(same_tty(&before, &now));
}
END_TEST

START_TEST(terminal_without_escapes_keeps_signals)
{
    struct termios now;
    int master, slave;
    char err[200];
    struct chr *chr;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    dup2(slave, 0);
    chr = open_stdio(false, NULL, NULL, err, sizeof(err));
    ck_assert_ptr_nonnull(chr);
    tcgetattr(slave, &now);
    ck_assert_int_eq(now.c_lflag & (ICANON | ECHO), 0);
    ck_assert_int_ne(now.c_lflag & ISIG, 0);
    chr->ops->close(chr);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chr");
    TCase *tc = tcase_create("chr");
    char command[64];
    SRunner *runner;
    int failed;

    if (!mkdtemp(dir))
        return 1;
    tcase_set_timeout(tc, 20);
    tcase_add_test(tc, null_swallows);
    tcase_add_test(tc, file_holds_what_was_written);
    tcase_add_test(tc, unix_server);
    tcase_add_loop_test(tc, open_by_spec, 0, ARRAY_SIZE(specs));
    tcase_add_test(tc, pty_both_ways);
    tcase_add_test(tc, pty_without_reader_does_not_block);
    tcase_add_test(tc, pty_slow_reader);
    tcase_add_test(tc, pty_gives_up);
    tcase_add_loop_test(tc, stdio_keys, 0, ARRAY_SIZE(keys));
    tcase_add_test(tc, stdio_keys_while_receiver_is_full);
    tcase_add_test(tc, stdio_loses_nothing);
    tcase_add_loop_test(tc, stdio_reader_stalls, 0, 3);
    tcase_add_test(tc, stdio_careless_writer);
    tcase_add_test(tc, stdio_outlives_its_reader);
    tcase_add_loop_test(tc, terminal_is_restored, 0, ARRAY_SIZE(endings));
    tcase_add_test(tc, terminal_without_escapes_keeps_signals);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    if (system(command))
        failed++;
    return failed;
}
