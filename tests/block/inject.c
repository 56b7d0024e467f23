/* Faults of the host's disk: preloaded (LD_PRELOAD) into a program that writes to an image.
 *
 *   INJECT_FILE    the part of a path by which the image's file is known
 *   INJECT_AT      the call that fails, counted from 1: those that write, flush, resize or make room
 *   INJECT_KIND    eio, enospc: this call and all that follow that need the disk; short: half of what it was to write, and
 *                  then no room; once: this call fails with EIO, and no other; kill: the program dies in front of it;
 *                  cut: it dies, and of what was written since the last flush any part is on the disk
 *   INJECT_SEED    chooses that part
 *   INJECT_COUNT   a file that gets the number of calls at the program's end
 *
 * Source: open(2), fdatasync(2): what is not flushed may be lost in any order. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define GRAIN   4096u /* what reaches the disk as a whole */
#define SECTOR  512u
#define PENDING 65536u

/* A change since the last flush, with what was there before; data NULL: the file's size. */
struct change {
    off_t at, size_before, size_after;
    size_t len;
    unsigned char *before, *after;
};

static int target = -1;
static unsigned long calls;
static struct change pending[PENDING];
static unsigned changes;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);

static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    if (!function)
        abort();
    return function;
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static bool kind_is(const char *kind)
{
    return strcmp(setting("INJECT_KIND"), kind) == 0;
}

static void note_open(int fd, const char *path, int flags)
{
    const char *file = setting("INJECT_FILE");

    if (fd >= 0 && *file && strstr(path, file) && (flags & O_ACCMODE) != O_RDONLY)
        target = fd;
    else if (fd == target)
        target = -1; /* that one was closed */
}

int open(const char *path, int flags, ...)
{
    int (*real_open)(const char *, int, ...) = real("open");
    va_list args;
    mode_t mode;
    int fd;

    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    fd = real_open(path, flags, mode);
    note_open(fd, path, flags);
    return fd;
}

int __open_2(const char *path, int flags);

/* What open() is where the compiler checks its arguments. */
int __open_2(const char *path, int flags)
{
    int (*real_open)(const char *, int, ...) = real("open");
    int fd = real_open(path, flags);

    note_open(fd, path, flags);
    return fd;
}

/* The power goes: back to what was flushed, and from there on with some of the changes. */
static void cut(void)
{
    unsigned long long state = strtoull(setting("INJECT_SEED"), NULL, 10) * 2654435761u + 1;
    int (*resize)(int, off_t) = real("ftruncate");

    for (unsigned i = changes; i--;) {
        const struct change *c = &pending[i];

        if (c->size_after < c->size_before && resize(target, c->size_before) < 0)
            abort();
        if (c->before && real_pwrite(target, c->before, c->len, c->at) < 0)
            abort();
        if (c->size_after > c->size_before && resize(target, c->size_before) < 0)
            abort();
    }
    for (unsigned i = 0; i < changes; i++) {
        const struct change *c = &pending[i];

        state = state * 6364136223846793005ull + 1442695040888963407ull;
        if (state >> 62 == 0) /* a quarter is lost */
            continue;
        if (c->after && real_pwrite(target, c->after, c->len, c->at) < 0)
            abort();
        if (!c->after && resize(target, c->size_after) < 0)
            abort();
    }
}

/* Whether this call is to fail, with errno; or the end. */
static bool fails(bool writes)
{
    unsigned long at = strtoul(setting("INJECT_AT"), NULL, 10);

    calls++;
    if (!at || calls < at)
        return false;
    if (kind_is("cut"))
        cut();
    if (kind_is("kill") || kind_is("cut")) {
        raise(SIGKILL);
        pause();
    }
    errno = kind_is("enospc") || kind_is("short") ? ENOSPC : EIO;
    if (kind_is("once"))
        return calls == at;
    return writes || kind_is("eio"); /* what is flushed has its room */
}

static void *copy_of(const void *data, size_t len)
{
    void *copy = malloc(len);

    if (!copy)
        abort();
    return memcpy(copy, data, len);
}

/* Notes a change before it is made; zeros when data is NULL and `write` set. */
static void note(off_t at, const unsigned char *data, size_t len, bool write, off_t size)
{
    struct stat st;

    if (!kind_is("cut"))
        return;
    if (fstat(target, &st) < 0)
        abort();
    do {
        size_t n = GRAIN - (size_t)at % GRAIN;
        struct change c = {.at = at, .size_before = st.st_size, .size_after = size};

        if (n > len)
            n = len;
        if (changes == PENDING)
            abort();
        c.len = n;
        if (write) {
            ssize_t there;

            c.size_after = at + (off_t)n > st.st_size ? at + (off_t)n : st.st_size;
            c.before = calloc(1, n + 1);
            there = real_pread(target, c.before, n, at);
            c.after = data ? copy_of(data, n) : calloc(1, n + 1);
            if (!data && at + (off_t)n > st.st_size) { /* a hole behind the end is nothing */
                free(c.before);
                free(c.after);
                return;
            }
            if (there < 0)
                abort();
            data = data ? data + n : NULL;
            st.st_size = c.size_after;
        }
        pending[changes++] = c;
        at += (off_t)n;
        len -= n;
    } while (len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    if (fd == target && fails(true)) {
        if (!kind_is("short") || calls != strtoul(setting("INJECT_AT"), NULL, 10))
            return -1;
        len = len % SECTOR ? len / 2 : len / SECTOR / 2 * SECTOR; /* no disk tears a sector */
        if (!len)
            return -1;
    }
    if (fd == target)
        note(at, data, len, true, 0);
    return real_pwrite(fd, data, len, at);
}

/* Piece by piece, each a call of its own. */
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t) = real("pwritev");
    ssize_t done = 0;

    if (fd != target)
        return real_pwritev(fd, parts, count, at);
    for (int i = 0; i < count; i++) {
        ssize_t n = pwrite(fd, parts[i].iov_base, parts[i].iov_len, at + done);

        if (n < 0)
            return done ? done : -1;
        done += n;
        if ((size_t)n < parts[i].iov_len)
            break;
    }
    return done;
}

int fdatasync(int fd)
{
    int (*real_fdatasync)(int) = real("fdatasync");

    if (fd != target)
        return real_fdatasync(fd);
    if (fails(false))
        return -1;
    while (changes) {
        changes--;
        free(pending[changes].before);
        free(pending[changes].after);
    }
    return 0; /* nobody cuts this host's own power */
}

int ftruncate(int fd, off_t size)
{
    int (*real_ftruncate)(int, off_t) = real("ftruncate");
    struct stat st;

    if (fd == target && fails(true))
        return -1;
    if (fd == target && fstat(fd, &st) == 0) {
        if (size < st.st_size)
            note(size, NULL, (size_t)(st.st_size - size), true, 0); /* its bytes come back */
        note(0, NULL, 0, false, size);
    }
    return real_ftruncate(fd, size);
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
    int (*real_fallocate)(int, int, off_t, off_t) = real("fallocate");

    if (fd == target && fails(true))
        return -1;
    if (fd == target)
        note(at, NULL, (size_t)len, true, 0);
    return real_fallocate(fd, mode, at, len);
}

__attribute__((constructor)) static void begin(void)
{
    real_pwrite = real("pwrite");
    real_pread = real("pread");
}

__attribute__((destructor)) static void end(void)
{
    FILE *file = *setting("INJECT_COUNT") ? fopen(setting("INJECT_COUNT"), "w") : NULL;

    if (!file)
        return;
    fprintf(file, "%lu\n", calls);
    fclose(file);
}
