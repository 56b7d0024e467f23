/* Files of /proc/self that tell of the guest instead of us. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tools/user/user.h"

/* What follows /proc/self/, or another name of this process'; NULL. */
static const char *own_file(const char *path)
{
    char self_path[32];
    size_t len;

    if (strncmp(path, "/proc/", 6))
        return NULL;
    snprintf(self_path, sizeof(self_path), "%d/", (int)getpid());
    len = strlen(self_path);
    path += 6;
    if (!strncmp(path, "self/", 5))
        return path + 5;
    if (!strncmp(path, "thread-self/", 12))
        return path + 12;
    return !strncmp(path, self_path, len) ? path + len : NULL;
}

bool proc_is_exe(const char *path)
{
    const char *name = own_file(path);

    return name && !strcmp(name, "exe");
}

static const char *name_of(u32 la, const char *host)
{
    if (la >= process.stack_low && la < process.stack_top)
        return "[stack]";
    if (la == process.vdso)
        return "[vdso]";
    if (la >= process.brk_start && la < process.brk && !*host)
        return "[heap]";
    return host;
}

/* A line for pages with the same rights within one of the host's. */
static void put_map(FILE *out, u32 start, u64 end, u64 offset, const char *rest, const char *name)
{
    u8 rights = space_rights(start);
    char shown[16];

    snprintf(shown, sizeof(shown), "%c%c%c%c", rights & FLAT_READ ? 'r' : '-',
             rights & FLAT_WRITE ? 'w' : '-', rights & FLAT_EXEC ? 'x' : '-',
             rights & SPACE_SHARED ? 's' : 'p');
    fprintf(out, "%08" PRIx32 "-%08" PRIx64 " %s %08" PRIx64 " %s", start, end, shown, offset,
            rest);
    name = name_of(start, name);
    fprintf(out, *name ? " %s%s\n" : "\n", rest[0] ? "                     " : "", name);
}

static void put_maps(FILE *out)
{
    FILE *in = fopen("/proc/self/maps", "re");
    u64 base = (u64)(uintptr_t)process.flat.base;
    char line[4400];

    while (in && fgets(line, sizeof(line), in)) {
        u64 start, end, offset;
        char device[24], inode[24], *name;
        int used = 0;
        char rest[64];

        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %23s %23s %n", &start, &end,
                   &offset, device, inode, &used) < 5 ||
            start < base || start - base >= SPACE_SIZE)
            continue;
        line[strcspn(line, "\n")] = '\0';
        name = line + used;
        snprintf(rest, sizeof(rest), "%s %s", device, inode);
        start -= base;
        end -= base;
        for (u64 at = start; at < end && at < SPACE_SIZE;) {
            u8 rights = space_rights((u32)at) & (u8)~SPACE_GUARDED;
            u64 next = at + PAGE_SIZE;

            while (next < end && next < SPACE_SIZE &&
                   (space_rights((u32)next) & (u8)~SPACE_GUARDED) == rights)
                next += PAGE_SIZE;
            if (rights & SPACE_MAPPED)
                put_map(out, (u32)at, next, offset ? offset + (at - start) : 0, rest, name);
            at = next;
        }
    }
    if (in)
        fclose(in);
}

static const char *program_name(void)
{
    const char *base = strrchr(process.exe, '/');

    return base ? base + 1 : process.exe;
}

/* The host's line of this process. */
static bool read_stat(char *line, size_t size)
{
    FILE *in = fopen("/proc/self/stat", "re");
    bool found = in && fgets(line, (int)size, in);

    if (in)
        fclose(in);
    return found;
}

static void put_stat(FILE *out)
{
    char line[4096], *p;
    unsigned field = 3;

    if (!read_stat(line, sizeof(line)))
        return;
    fprintf(out, "%d (%.15s)", (int)getpid(), program_name());
    p = strrchr(line, ')');
    p = p ? p + 2 : line;
    for (char *word = strtok(p, " \n"); word; word = strtok(NULL, " \n"), field++) {
        if (field == 28)
            fprintf(out, " %" PRIu32, process.arg_start);
        else if (field == 26 || field == 27 || field == 29 || field == 30)
            fputs(" 0", out);
        else
            fprintf(out, " %s", word);
    }
    fputc('\n', out);
}

/* What is in the guest's memory. A title that it wrote over its arguments may go on into the environment, to a zero.
 * (Linux, get_mm_cmdline() in fs/proc/base.c) */
static void put_cmdline(FILE *out)
{
    size_t len = process.arg_end - process.arg_start, size = process.env_end - process.arg_start;
    char *text = malloc(size + 1);
    struct iovec to = {text, size}, from = {g2h(process.arg_start), size};
    ssize_t n = text ? process_vm_readv(getpid(), &to, 1, &from, 1, 0) : 0; /* it may be gone */

    if (n > 0 && (size_t)n >= len && len && text[len - 1])
        len = strnlen(text, (size_t)n) + 1;
    if (n > 0)
        fwrite(text, 1, (size_t)n < len ? (size_t)n : len, out);
    free(text);
}

/* A number field of /proc/self/stat, from 3 on. (proc_pid_stat(5)) */
static u64 stat_field(const char *line, unsigned number)
{
    const char *p = strrchr(line, ')');

    for (unsigned field = 2; p && field < number; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

void proc_show_program(void)
{
    struct prctl_mm_map map = {.exe_fd = UINT32_MAX};
    char line[4096];

    prctl(PR_SET_NAME, program_name());
    if (!read_stat(line, sizeof(line)))
        return;
    map.start_code = stat_field(line, 26);
    map.end_code = stat_field(line, 27);
    map.start_stack = stat_field(line, 28);
    map.start_data = stat_field(line, 45);
    map.end_data = stat_field(line, 46);
    map.start_brk = stat_field(line, 47);
    map.brk = (u64)(uintptr_t)sbrk(0);
    map.arg_start = (u64)(uintptr_t)g2h(process.arg_start);
    map.arg_end = map.env_start = (u64)(uintptr_t)g2h(process.env_start);
    map.env_end = (u64)(uintptr_t)g2h(process.env_end);
    prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0); /* a wish: not all kernels have it */
}

static void put_auxv(FILE *out)
{
    fwrite(process.auxv, sizeof(u32), process.auxv_count, out);
}

static int make_file(const char *name, int flags, void (*put)(FILE *out))
{
    int fd = memfd_create(name, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    FILE *out;
    char *text = NULL;
    size_t len = 0, done = 0;

    if (fd < 0)
        return -errno;
    out = open_memstream(&text, &len);
    if (!out) {
        close(fd);
        return -ENOMEM;
    }
    put(out);
    fclose(out);
    while (done < len) {
        ssize_t n = write(fd, text + done, len - done);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    free(text);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

int proc_open(const char *path, int flags)
{
    static const struct {
        const char *name;
        void (*put)(FILE *out);
    } files[] = {
        {"maps", put_maps}, {"stat", put_stat}, {"cmdline", put_cmdline}, {"auxv", put_auxv}};
    const char *name = own_file(path);
    char exe[4096];
    int fd;

    if (!name)
        return -ENOSYS;
    if (!strcmp(name, "exe")) {
        fd = open(path_resolve(exe, sizeof(exe), process.exe, true), flags);
        return fd < 0 ? -errno : fd;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
        if (!strcmp(name, files[i].name))
            return (flags & O_ACCMODE) == O_RDONLY ? make_file(name, flags, files[i].put) : -EACCES;
    return -ENOSYS;
}
