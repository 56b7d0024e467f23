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

int hostmem_init(struct hostmem *mem, u64 size)
{
    void *p;
    int fd;

    size = (size + HOST_PAGE - 1) & ~(u64)(HOST_PAGE - 1);
    *mem = (struct hostmem){.fd = -1};
    if (size == 0)
        return -EINVAL;
    fd = make_memfd("pagewalk-guest", size);
    if (fd < 0)
        return fd;
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (p == MAP_FAILED) {
        int err = -errno;

        close(fd);
        return err;
    }
    *mem = (struct hostmem){.base = p, .size = size, .fd = fd};
    return 0;
}

void hostmem_free(struct hostmem *mem)
{
    if (mem->base) {
        munmap(mem->base, mem->size);
        close(mem->fd);
    }
    *mem = (struct hostmem){.fd = -1};
}

void *hostmem_sparse(u64 size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

void hostmem_sparse_free(void *p, u64 size)
{
    if (p)
        munmap(p, size);
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
