/* Damaged images: what a host opens may be anything, and must cost an error, not a crash, nor time or memory without
 * bound.
 *
 * usage: block-fuzz FOLDER FIRST COUNT    in FOLDER are the images that are damaged, by their ending, and what they name
 *
 * Case N copies an image, changes some of its bytes, and reads, writes, checks, repairs and resizes it. Each case runs in
 * a child with limits; one that dies is told by its number (FUZZ_STDERR=1 shows what it says). The last line is "N passed, N failed". */
#define _GNU_SOURCE /* asprintf */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/block/qcow2/tool.h"

#define SECONDS 60 /* of CPU time, for one case */

static u64 seed;

static u64 next(void)
{
    u64 z = seed += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static u64 below(u64 limit)
{
    return next() % limit;
}

/* Values that matter to tables: borders, overlaps, flags, huge ones. */
static u64 nasty(u64 size)
{
    static const u64 flags[] = {0, 0, 1, 1ull << 63, 1ull << 62, 3ull << 62};
    u64 cluster = 512ull << below(8), value = below(size / cluster + 2) * cluster;

    switch (below(8)) {
    case 0: return next();
    case 1: return next() >> below(64);
    case 2: return ~0ull >> below(64);
    case 3: return 1ull << below(64);
    default: return value | flags[below(ARRAY_SIZE(flags))];
    }
}

static void damage(u8 *image, u64 size)
{
    for (u64 n = 1 + below(6); n; n--) {
        u64 head = below(3) == 0 && size > 512 ? 512 : size, at;
        u8 bytes[8];
        unsigned len = 1u << below(4);

        at = below(head - 8);
        if (below(2))
            at &= ~7ull;
        put_be64(bytes, nasty(size));
        if (len < 4)
            bytes[7] = (u8)next();
        memcpy(image + at, bytes + 8 - len, len);
    }
}

/* Text: digits and words change their places, or become others. */
static void damage_text(u8 *text, u64 size)
{
    for (u64 n = 1 + below(6); n; n--) {
        u64 a = below(size), b = below(size);

        switch (below(4)) {
        case 0: text[a] = (u8)next(); break;
        case 1: text[a] = (u8)('0' + below(10)); break;
        case 2: text[a] = text[b]; break;
        default: memmove(text + (a < b ? a : b), text + (a < b ? b : a), size - (a < b ? b : a));
        }
    }
}

/* A folder of files, folders and links with any names. */
static bool make_folder(const char *to)
{
    char path[600], command[700];
    size_t len = (size_t)snprintf(path, sizeof(path), "%s", to);
    int fd;

    snprintf(command, sizeof(command), "rm -rf '%s'", to);
    if (system(command) || mkdir(to, 0777) < 0)
        return false;
    for (unsigned n = (unsigned)below(60); n; n--) {
        size_t name = 1 + (size_t)below(below(8) ? 12 : 200), at = len;

        if (below(4) == 0 && len < 200 && mkdir(path, 0777) == 0)
            len = strlen(path); /* the one before, and what follows is in it */
        path[at = len] = '/';
        for (size_t i = 1; i <= name; i++)
            do
                path[at + i] = (char)(below(4) ? 32 + below(95) : 1 + below(255));
            while (path[at + i] == '/');
        path[at + name + 1] = '\0';
        switch (below(5)) {
        case 0: break;
        case 1: below(2) ? symlink(".", path) : mkfifo(path, 0666); break;
        default:
            fd = open(path, O_WRONLY | O_CREAT | O_EXCL,
                      0666); /* a name may be there, and a FIFO's */
            if (fd < 0)
                break;
            if (ftruncate(fd, (off_t)below(1u << below(24))) < 0)
                return false;
            close(fd);
        }
    }
    return true;
}

static bool copy_damaged(const char *from, const char *to)
{
    int in = open(from, O_RDONLY), out = open(to, O_RDWR | O_CREAT | O_TRUNC, 0666);
    struct stat st;
    u8 *image;
    bool good = in >= 0 && out >= 0 && fstat(in, &st) == 0 &&
                (image = malloc((size_t)st.st_size)) &&
                read(in, image, (size_t)st.st_size) == st.st_size;

    if (good) {
        if (strstr(from, ".cue"))
            damage_text(image, (u64)st.st_size);
        else
            damage(image, (u64)st.st_size);
        good = write(out, image, (size_t)(below(10) ? st.st_size : st.st_size / 2)) > 0;
        free(image);
    }
    close(in);
    close(out);
    return good;
}

/* What is not asked for by name is tried in any order; errors are no failure. */
static void use(const char *path)
{
    static u8 data[256 * BLOCK_SECTOR];
    char err[1024];
    unsigned flags = BLOCK_NO_SYNC | BLOCK_DISC | (below(4) ? 0 : BLOCK_READ_ONLY);
    struct block *block;
    struct qcow2_check check;

    if (below(3) == 0)
        flags |= BLOCK_AS_IT_IS;
    block = block_open(path, flags, err, sizeof(err));
    if (!block) {
        if (strchr(err, '\n'))
            abort(); /* more than one line */
        return;
    }
    for (unsigned i = 0; i < 60; i++) {
        u32 count = 1 + (u32)below(256);
        u64 sector = block->sectors > count ? below(block->sectors - count) : 0;

        if (below(2) && sector > 4096)
            sector %= 4096;
        switch (below(8)) {
        case 0: block_write(block, sector, data, count); break;
        case 1: block_zero(block, sector, count); break;
        case 2: block_discard(block, sector, count); break;
        case 3: block_flush(block); break;
        case 4: next() % 8 == 0 ? block_resize(block, 1 + below(60000)) : 0; break;
        default: block_read(block, sector, data, count); break;
        }
    }
    if (strcmp(block->format, "qcow2") == 0) {
        struct qcow2 *q = qcow2_of(block);

        if (!block->read_only && below(3) == 0)
            qcow2_snapshot_create(q, "name");
        if (!block->read_only && below(3) == 0 && q->header.snapshots)
            qcow2_snapshot_apply(q, (u32)below(q->header.snapshots));
        if (!block->read_only && below(3) == 0 && q->header.snapshots)
            qcow2_snapshot_delete(q, (u32)below(q->header.snapshots));
        qcow2_check(q, block->read_only ? QCOW2_FIX_NONE : (enum qcow2_fix)below(3), NULL, &check);
    }
    block_close(block);
}

/* Returns false, and says why, when the child did not end well. */
static bool run(unsigned long number, const char *from, const char *to)
{
    pid_t child;
    int status;

    fflush(stdout); /* or the child says it again */
    child = fork();

    if (child == 0) {
        struct rlimit cpu = {SECONDS, SECONDS}, file = {1 << 30, 1 << 30};

        setrlimit(RLIMIT_CPU, &cpu);
        setrlimit(RLIMIT_FSIZE, &file); /* a huge disk may well be asked for */
        signal(SIGXFSZ, SIG_IGN);
        if (!getenv("FUZZ_STDERR") && !freopen("/dev/null", "w", stderr))
            _exit(1);
        seed = number * 7919;
        if (strstr(from, ".folder") ? make_folder(strchr(to, ':') + 1) : copy_damaged(from, to))
            use(to);
        exit(0); /* by way of the sanitizers' look for lost memory */
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return false;
    if (status == 0)
        return true;
    printf("FAIL case %lu of '%s': %s %d\n", number, from,
           WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return false;
}

int main(int argc, char **argv)
{
    unsigned long first = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    unsigned long count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0, passed = 0, n = 0;
    static const char *const endings[] = {".qcow2", ".cow", ".cue", ".gz", ".zst", ".folder"};
    char *images[64], *to[64];
    DIR *dir = argc == 4 ? opendir(argv[1]) : NULL;
    struct dirent *entry;

    if (!dir) {
        puts("usage: block-fuzz FOLDER FIRST COUNT");
        return 2;
    }
    while (n < ARRAY_SIZE(images) && (entry = readdir(dir)) != NULL)
        for (unsigned i = 0; i < ARRAY_SIZE(endings); i++) {
            const char *ending = strrchr(entry->d_name, '.');
            bool folder = i + 1 == ARRAY_SIZE(endings);

            if (!ending || strcmp(ending, endings[i]) != 0 ||
                strncmp(entry->d_name, "damaged", 7) == 0)
                continue;
            if (asprintf(&images[n], "%s/%s", argv[1], entry->d_name) < 0 ||
                asprintf(&to[n], "%s%s/damaged%s", folder ? "fat:" : "", argv[1],
                         folder ? "" : ending) < 0)
                return 2;
            n++;
        }
    closedir(dir);
    for (unsigned long i = first; n && i < first + count; i++)
        passed += run(i, images[i % n], to[i % n]);
    printf("%lu passed, %lu failed\n", passed, n ? count - passed : 1);
    for (; n; n--) {
        free(images[n - 1]);
        free(to[n - 1]);
    }
    return passed != count || !count;
}
