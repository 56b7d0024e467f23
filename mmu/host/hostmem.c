/* Host memory for guest RAM (one memfd) and for large sparse tables. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "mmu/host/hostmem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The pattern file's size: a table of n bytes takes n / PATTERN_CHUNK mappings (128 for the 32
 * MiB of a software TLB; vm.max_map_count is 65,530), and making the file costs its size in page
 * cache. */
#define PATTERN_CHUNK (256u * KIB)

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

/* Fills the first size bytes of fd with word. 0 or -errno. */
static int fill_file(int fd, u64 size, u64 word)
{
    u64 *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (p == MAP_FAILED)
        return -errno;
    for (u64 i = 0; i < size / sizeof(*p); i++)
        p[i] = word;
    munmap(p, size);
    return 0;
}

int hostmem_pattern(void *p, u64 size, u64 word)
{
    u64 chunk = size < PATTERN_CHUNK ? size : PATTERN_CHUNK;
    int fd, err;

    if (size == 0)
        return 0;
    if ((uintptr_t)p % HOST_PAGE || size % HOST_PAGE)
        return -EINVAL;
    fd = make_memfd("pagewalk-pattern", chunk);
    if (fd < 0)
        return fd;
    err = fill_file(fd, chunk, word);
    for (u64 done = 0; err == 0 && done < size; done += chunk) {
        u64 n = size - done < chunk ? size - done : chunk;

        /* Private: a write copies that one page, the file stays as it is. */
        if (mmap((u8 *)p + done, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
                 fd, 0) == MAP_FAILED)
            err = -errno;
    }
    close(fd); /* the mappings keep the file alive */
    return err;
}
