/* The character back ends that need nobody at the other end, and UNIX sockets; opening by what the user gave. */
#define _GNU_SOURCE /* pipe2 */
#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/unit/chr_rig.h"

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

/* A name may stand for something else, which stays: a server's own sockets alone are replaced. */
START_TEST(unix_server_keeps_files)
{
    char path[64], target[64], err[200];
    struct chr_spec spec = {.kind = CHR_UNIX, .server = true, .path = path, .text = "u"};
    struct stat st;

    snprintf(target, sizeof(target), "%s/data", dir);
    snprintf(path, sizeof(path), "%s/link", dir);
    ck_assert_int_eq(close(open(target, O_CREAT | O_WRONLY, 0600)), 0);
    ck_assert_int_eq(symlink(target, path), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_null(chr_open(&spec, err, sizeof(err)));
        ck_assert_str_eq(err, "'u': a file that is no socket is there");
        ck_assert_int_eq(lstat(path, &st), 0);
        snprintf(path, sizeof(path), "%s", target);
    }
}
END_TEST

/* A server that takes nobody is another program's, too, and looking for it waits for nothing. */
START_TEST(unix_server_is_busy)
{
    char err[200];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct chr_spec spec = {.kind = CHR_UNIX, .server = true, .path = name.sun_path, .text = "u"};
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(name.sun_path, sizeof(name.sun_path), "%s/busy", dir);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&name, sizeof(name)), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_null(chr_open(&spec, err, sizeof(err)));
        ck_assert_str_eq(err, "'u': another program listens there");
        if (i == 0)
            ck_assert_int_eq(listen(server, 0), 0);
        else if (i == 1) /* nobody else fits in */
            ck_assert_int_eq(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
    }
    close(client);
    close(server);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("chr");
    char command[64];
    int failed;

    if (!mkdtemp(dir))
        return 1;
    tcase_set_timeout(tc, 20);
    tcase_add_test(tc, null_swallows);
    tcase_add_test(tc, file_holds_what_was_written);
    tcase_add_test(tc, unix_server);
    tcase_add_test(tc, unix_server_keeps_files);
    tcase_add_test(tc, unix_server_is_busy);
    tcase_add_loop_test(tc, open_by_spec, 0, ARRAY_SIZE(specs));
    failed = bench_main(tc, "chr");
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    if (system(command))
        failed++;
    return failed;
}
