/* System calls on another process's memory: process_vm_readv() and process_vm_writev().
 *
 * A process that this program runs, too, has its guest's addresses behind its own window. Where that is stands in its struct
 * process, which lies where ours does, counted from where the program was loaded. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/user/calls.h"
#include "tools/user/elf32.h"

#include <sys/auxv.h>

/* Whether pid runs the same program of the host's as we do. */
static bool is_peer(u32 pid)
{
    struct stat own, its;
    char path[32];

    snprintf(path, sizeof(path), "/proc/%u/exe", pid);
    return stat("/proc/self/exe", &own) == 0 && stat(path, &its) == 0 && own.st_dev == its.st_dev &&
           own.st_ino == its.st_ino;
}

/* Where its program headers are; 0: that cannot be known. */
static u64 program_headers_of(u32 pid)
{
    unsigned long item[2]; /* type and value */
    char path[32];
    u64 found = 0;
    int fd;

    snprintf(path, sizeof(path), "/proc/%u/auxv", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    while (!found && read(fd, item, sizeof(item)) == sizeof(item) && item[0] != AT_NULL)
        if (item[0] == AT_PHDR)
            found = item[1];
    close(fd);
    return found;
}

/* Where address 0 of its guest is. A process that is none of ours has its addresses where it sees them. The call itself
 * says what is wrong with a process that cannot be looked into. */
static u64 window_of(u32 pid)
{
    u8 *base = NULL;
    struct iovec to = {&base, sizeof(base)}, from = {&process.flat.base, sizeof(base)};
    u64 headers;

    if (!is_peer(pid))
        return 0;
    headers = program_headers_of(pid);
    if (!headers)
        return 0;
    from.iov_base = (u8 *)from.iov_base + (i64)(headers - getauxval(AT_PHDR));
    HOST(process_vm_readv, INT(pid), PTR(&to), 1, PTR(&from), 1, 0);
    return (u64)(uintptr_t)base;
}

/* The remote side's. Nothing behind the window's end is reached. NULL: too many. */
static struct iovec *remote_get(u32 address, u32 count, struct iovec *buf, u64 window)
{
    const u32 *from = g2h(address);

    if (count > IOV_MOST)
        return NULL;
    for (u32 i = 0; i < count; i++) {
        u32 start = from[2 * i], len = from[2 * i + 1];
        u64 room = start < SPACE_SIZE ? SPACE_SIZE - start : 0;

        buf[i] = (struct iovec){room ? (void *)(uintptr_t)(window + start) : NULL, len};
        if (room && len > room)
            buf[i].iov_len = room;
        if ((i32)len < 0)
            buf[i].iov_len = SIZE_MAX; /* the kernel refuses it */
    }
    return buf;
}

/* Arguments as the call has them: pid, local and its count, remote and its count, flags. */
static i64 move(i64 number, const u32 *a, bool write)
{
    struct iovec local[IOV_MOST], remote[IOV_MOST];
    size_t wanted = 0;
    u64 window;

    if (!iov_get(a[1], a[2], local, !write))
        return -EINVAL;
    for (u32 i = 0; i < a[2]; i++)
        wanted |= local[i].iov_len;
    if (!wanted) /* nobody looks at the remote side */
        return a[5] ? -EINVAL : 0;
    window = a[5] ? 0 : window_of(a[0]);
    if (!remote_get(a[3], a[4], remote, window))
        return -EINVAL;
    if (write && window == (u64)(uintptr_t)process.flat.base)
        for (u32 i = 0; i < a[4]; i++)
            if (remote[i].iov_len != SIZE_MAX)
                code_will_write((u32)((u64)(uintptr_t)remote[i].iov_base - window),
                                remote[i].iov_len);
    return host_call(number, (const i64[6]){INT(a[0]), PTR(local), a[2], PTR(remote), a[4], a[5]});
}

CALL_OF(process_vm_readv)
{
    (void)t;
    return move(SYS_process_vm_readv, a, false);
}

CALL_OF(process_vm_writev)
{
    (void)t;
    return move(SYS_process_vm_writev, a, true);
}
