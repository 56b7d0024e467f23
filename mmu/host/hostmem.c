/* Host memory for guest RAM (one memfd) and for large sparse tables. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "mmu/host/hostmem.h"

#include <errno.h>
#include <fcntl.h>
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

u64 hostmem_page(void)
{
    return (u64)sysconf(_SC_PAGESIZE);
}

static u64 whole_pages(u64 size)
{
    u64 mask = hostmem_page() - 1;

    return (size + mask) & ~mask;
}

u64 hostmem_guarded(u64 size)
{
    return whole_pages(size) + hostmem_page();
}

void *hostmem_reserve(void *at, u64 size)
{
    u64 guard = hostmem_page();
    u8 *want = at ? (u8 *)at - guard : NULL;
    u8 *p =
        mmap(want, guard + hostmem_guarded(size), PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED_NOREPLACE : 0), -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    if (at && p != want) { /* a kernel that does not know the flag */
        munmap(p, guard + hostmem_guarded(size));
        return NULL;
    }
    return p + guard;
}

void hostmem_unreserve(void *p, u64 size)
{
    u64 guard = hostmem_page();

    munmap((u8 *)p - guard, guard + hostmem_guarded(size));
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
    return mprotect(mem->base + offset, hostmem_page(), PROT_NONE) < 0 ? -errno : 0;
}

static int map_memfd(struct hostmem *mem, u64 offset, u64 size)
{
    void *p = mmap(mem->base + offset, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE | MAP_FIXED, mem->fd, (off_t)offset);

    return p == MAP_FAILED ? -errno : 0;
}

/* The memfd has zeros there, and no memory behind them. */
static int punch(const struct hostmem *mem, u64 offset, u64 size)
{
    int r =
        fallocate(mem->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size);

    return r < 0 ? -errno : 0;
}

static void end_loan(struct hostmem *mem, u64 offset)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < mem->loans; i++)
        if (mem->loan[i].offset != offset)
            mem->loan[kept++] = mem->loan[i];
    mem->loans = kept;
}

static int read_all(int fd, u8 *to, u64 len, u64 at)
{
    while (len) {
        ssize_t n = pread(fd, to, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        to += n;
        at += (u64)n;
        len -= (u64)n;
    }
    return 0;
}

int hostmem_lend(struct hostmem *mem, u64 offset, u64 size, int fd, u64 from)
{
    int r;

    if (from & (hostmem_page() - 1)) {
        r = hostmem_zero(mem, offset, size);
        return r < 0 ? r : read_all(fd, mem->base + offset, size, from);
    }
    r = punch(mem, offset, size);
    if (r < 0)
        return r;
    end_loan(mem, offset);
    if (mem->loans == HOSTMEM_LOANS)
        return -ENOMEM;
    if (mmap(mem->base + offset, size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, fd, (off_t)from) == MAP_FAILED)
        return -errno;
    mem->loan[mem->loans++] = (struct hostmem_loan){offset, size};
    return 0;
}

int hostmem_zero(struct hostmem *mem, u64 offset, u64 size)
{
    int r = punch(mem, offset, size);

    if (r == 0)
        r = map_memfd(mem, offset, size);
    if (r == 0)
        end_loan(mem, offset);
    return r;
}

#define UNIT 4096u /* of what is looked at for zeros */

static bool is_zero(const u8 *page)
{
    u64 first;

    memcpy(&first, page, sizeof(first));
    return first == 0 && memcmp(page, page + sizeof(first), UNIT - sizeof(first)) == 0;
}

static int write_all(int fd, const u8 *data, u64 len, u64 at)
{
    while (len) {
        ssize_t n = pwrite(fd, data, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        at += (u64)n;
        len -= (u64)n;
    }
    return 0;
}

int hostmem_settle(struct hostmem *mem)
{
    while (mem->loans) {
        struct hostmem_loan loan = mem->loan[mem->loans - 1];
        int r = 0;

        for (u64 at = 0; at < loan.size && r == 0; at += UNIT) {
            const u8 *page = mem->base + loan.offset + at;

            if (!is_zero(page))
                r = write_all(mem->fd, page, UNIT, loan.offset + at);
        }
        if (r == 0)
            r = map_memfd(mem, loan.offset, loan.size);
        if (r < 0)
            return r;
        mem->loans--;
    }
    return 0;
}

u64 hostmem_extent(const struct hostmem *mem, u64 offset, u64 size, bool *data)
{
    off_t end;

    *data = true;
    for (unsigned i = 0; i < mem->loans; i++)
        if (mem->loan[i].offset < offset + size && offset < mem->loan[i].offset + mem->loan[i].size)
            return size;
    end = lseek(mem->fd, (off_t)offset, SEEK_DATA);
    *data = end == (off_t)offset;
    if (*data)
        end = lseek(mem->fd, (off_t)offset, SEEK_HOLE);
    else if (end < 0 && errno == ENXIO)
        end = (off_t)(offset + size); /* no data up to the end */
    if (end < 0) {
        *data = true;
        return size;
    }
    return (u64)end - offset < size ? (u64)end - offset : size;
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

void hostmem_wish_huge(void *p, u64 size)
{
    madvise(p, size, MADV_HUGEPAGE);
}

int hostmem_clear(void *p, u64 size)
{
    u64 page = hostmem_page(), head = -(uintptr_t)p & (page - 1), whole;

    if (head > size)
        head = size;
    memset(p, 0, head);
    p = (u8 *)p + head;
    whole = (size - head) & ~(page - 1);
    memset((u8 *)p + whole, 0, size - head - whole);
    if (!whole)
        return 0;
    if (madvise(p, whole, MADV_DONTNEED) < 0)
        return -errno;
    madvise(p, whole, MADV_NOHUGEPAGE); /* a host without huge pages refuses, and needs it not */
    return 0;
}
