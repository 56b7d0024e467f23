/* Host memory for guest RAM (one memfd) and for large sparse tables. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "mmu/host/hostmem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* An anonymous file of size bytes, or -errno. */
static int make_memfd(const char *name, u64 size)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    int err;

    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)size) < 0) {
        err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

void *hostmem_reserve(void *at, u64 size)
{
    u8 *want = at ? (u8 *)at - HOST_PAGE : NULL;
    u8 *p =
        mmap(want, size + 2 * HOST_PAGE, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED_NOREPLACE : 0), -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    if (at && p != want) { /* a kernel that does not know the flag */
        munmap(p, size + 2 * HOST_PAGE);
        return NULL;
    }
    return p + HOST_PAGE;
}

void hostmem_unreserve(void *p, u64 size)
{
    munmap((u8 *)p - HOST_PAGE, size + 2 * HOST_PAGE);
}

static u64 whole_pages(u64 size)
{
    return (size + HOST_PAGE - 1) & ~(u64)(HOST_PAGE - 1);
}

int hostmem_init(struct hostmem *mem, u64 size)
{
    void *p;
    int fd, err = -ENOMEM;

    size = whole_pages(size);
    *mem = (struct hostmem){.fd = -1};
    if (size == 0)
        return -EINVAL;
    fd = make_memfd("pagewalk-guest", size);
    if (fd < 0)
        return fd;
    p = hostmem_reserve(NULL, size);
    if (p) {
        if (mmap(p, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, 0) ==
            p) {
            *mem = (struct hostmem){.base = p, .size = size, .fd = fd};
            return 0;
        }
        err = -errno;
        hostmem_unreserve(p, size);
    }
    close(fd);
    return err;
}

void hostmem_free(struct hostmem *mem)
{
    if (mem->base) {
        hostmem_unreserve(mem->base, mem->size);
        close(mem->fd);
    }
    *mem = (struct hostmem){.fd = -1};
}

int hostmem_guard(struct hostmem *mem, u64 offset)
{
    return mprotect(mem->base + offset, HOST_PAGE, PROT_NONE) < 0 ? -errno : 0;
}

void *hostmem_sparse(u64 size)
{
    void *p;

    size = whole_pages(size);
    p = hostmem_reserve(NULL, size);
    if (p && mprotect(p, size, PROT_READ | PROT_WRITE) < 0) {
        hostmem_unreserve(p, size);
        return NULL;
    }
    return p;
}

void hostmem_sparse_free(void *p, u64 size)
{
    if (p)
        hostmem_unreserve(p, whole_pages(size));
}

int hostmem_clear(void *p, u64 size)
{
    if ((uintptr_t)p % HOST_PAGE || size % HOST_PAGE)
        return -EINVAL;
    if (madvise(p, size, MADV_DONTNEED) < 0)
        return -errno;
    madvise(p, size, MADV_NOHUGEPAGE); /* a host without huge pages refuses, and needs it not */
    return 0;
}
