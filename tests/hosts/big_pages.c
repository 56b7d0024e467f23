/* Preloaded (LD_PRELOAD), the host's pages are PAGE bytes: calls that are not in such pages are refused, or reach as far as they
 * would there. Memory of the C library's own is not concerned. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE  65536ul
#define UP(n) (((n) + PAGE - 1) & ~(PAGE - 1))

static int whole(const void *p)
{
    if (!((uintptr_t)p & (PAGE - 1)))
        return 1;
    errno = EINVAL;
    return 0;
}

long sysconf(int name)
{
    extern long __sysconf(int);

    return name == _SC_PAGESIZE ? (long)PAGE : __sysconf(name);
}

int getpagesize(void)
{
    return PAGE;
}

int munmap(void *p, size_t len)
{
    return whole(p) ? (int)syscall(SYS_munmap, p, UP(len)) : -1;
}

int mprotect(void *p, size_t len, int prot)
{
    return whole(p) ? (int)syscall(SYS_mprotect, p, UP(len), prot) : -1;
}

int madvise(void *p, size_t len, int advice)
{
    return whole(p) ? (int)syscall(SYS_madvise, p, UP(len), advice) : -1;
}

/* A place of whole pages is found by taking more and giving the rest back. */
static void *place(size_t len)
{
    uintptr_t all = (uintptr_t)syscall(SYS_mmap, NULL, len + PAGE, PROT_NONE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uintptr_t at = UP(all);

    if ((void *)all == MAP_FAILED)
        return MAP_FAILED;
    if (at > all)
        syscall(SYS_munmap, all, at - all);
    syscall(SYS_munmap, at + len, all + PAGE - at);
    return (void *)at;
}

void *mmap(void *want, size_t len, int prot, int flags, int fd, off_t offset)
{
    if ((offset & (PAGE - 1)) || ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && !whole(want))) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    len = UP(len);
    if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
        want = place(len);
        if (want == MAP_FAILED)
            return want;
        flags |= MAP_FIXED;
    }
    return (void *)syscall(SYS_mmap, want, len, prot, flags, fd, offset);
}

void *mmap64(void *want, size_t len, int prot, int flags, int fd, off_t offset)
    __attribute__((alias("mmap")));
