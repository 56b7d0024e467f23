/* The guest's pages in host pages that are larger. */
#define _GNU_SOURCE
#include "tools/user/pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* All rights that one of the guest's pages in the host page has. */
static u8 rights_in(u64 la)
{
    u8 all = 0;

    la = pages_down(la);
    for (u64 at = la; at < la + process.host_page; at += PAGE_SIZE)
        all |= space_rights((u32)at);
    return all;
}

bool pages_guarded(u32 la)
{
    return rights_in(la) & SPACE_GUARDED;
}

int pages_prot(u64 la)
{
    u8 rights = rights_in(la);

    return (rights & FLAT_ANY ? PROT_READ : 0) |
           (rights & FLAT_WRITE && !(rights & SPACE_GUARDED) ? PROT_WRITE : 0);
}

/* Whether the host page belongs to [address, address + len) as a whole: nothing else is mapped there. */
static bool is_whole(u64 la, u32 address, u64 len)
{
    for (u64 at = la; at < la + process.host_page; at += PAGE_SIZE)
        if ((at < address || at >= address + len) && space_rights((u32)at) & SPACE_MAPPED)
            return false;
    return true;
}

static bool is_congruent(u32 address, u32 flags, u64 offset)
{
    return flags & MAP_ANONYMOUS || ((address ^ offset) & (process.host_page - 1)) == 0;
}

i64 pages_may_map(u32 address, u64 len, u32 flags, u64 offset)
{
    u64 first = pages_down(address), last = pages_down(address + len - 1);

    if ((flags & MAP_TYPE) != MAP_PRIVATE)
        return is_congruent(address, flags, offset) && is_whole(first, address, len) &&
                       is_whole(last, address, len)
                   ? 0
                   : -EINVAL;
    for (u64 at = first; at <= last; at += last > first ? last - first : process.host_page)
        if (!is_whole(at, address, len))
            for (u64 page = at; page < at + process.host_page; page += PAGE_SIZE)
                if ((page < address || page >= address + len) &&
                    space_rights((u32)page) & SPACE_SHARED)
                    return -EINVAL;
    return 0;
}

static i64 map_fixed(u64 la, u64 len, u32 flags, int fd, u64 offset)
{
    int host = (int)(flags | MAP_FIXED);
    void *p = mmap(g2h((u32)la), len, PROT_READ | PROT_WRITE, host, fd, (off_t)offset);

    if (p == MAP_FAILED && errno == EACCES) /* a shared file that may only be read */
        p = mmap(g2h((u32)la), len, PROT_READ, host, fd, (off_t)offset);
    return p == MAP_FAILED ? -errno : 0;
}

/* The guest's pages there to elsewhere; zeroes where a file has ended before its mapping. */
static void copy_out(u8 *to, u32 la, u64 len)
{
    for (u64 n = 0; n < len; n += PAGE_SIZE) {
        struct iovec here = {to + n, PAGE_SIZE}, there = {g2h((u32)(la + n)), PAGE_SIZE};

        if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) != PAGE_SIZE)
            memset(to + n, 0, PAGE_SIZE);
    }
}

/* A host page of which only a part is to get other contents. */
static i64 open_part(u64 la, u64 start, u64 stop)
{
    u8 *page = g2h((u32)la), *kept;

    if (mprotect(page, process.host_page, PROT_READ | PROT_WRITE) < 0)
        return -errno;
    if (madvise(g2h((u32)start), stop - start, MADV_POPULATE_WRITE) == 0)
        return 0;
    /* A file has ended in front of it: memory cannot be reached until it is no longer the file's. */
    kept =
        mmap(NULL, process.host_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (kept == MAP_FAILED)
        return -errno;
    copy_out(kept, (u32)la, process.host_page);
    if (mremap(kept, process.host_page, process.host_page, MREMAP_MAYMOVE | MREMAP_FIXED, page) !=
        MAP_FAILED)
        return 0;
    munmap(kept, process.host_page);
    return -ENOMEM;
}

/* What a file has there; zeroes behind its end. */
static i64 copy_in(u64 la, u64 len, u32 flags, int fd, u64 offset)
{
    u8 *to = g2h((u32)la);

    memset(to, 0, len);
    for (u64 n = 0; n < len && !(flags & MAP_ANONYMOUS);) {
        ssize_t got = pread(fd, to + n, len - n, (off_t)(offset + n));

        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        n += (u64)got;
    }
    return 0;
}

i64 pages_fill(u32 address, u64 len, u32 flags, int fd, u64 offset)
{
    bool mapped = is_congruent(address, flags, offset);
    u64 end = address + len;
    i64 err = 0;

    for (u64 la = pages_down(address), next; la < end && !err; la = next) {
        bool whole = is_whole(la, address, len);
        u64 start = la < address ? address : la, stop;

        next = la + process.host_page;
        while (whole && next < end && is_whole(next, address, len))
            next += process.host_page;
        stop = next < end ? next : end;
        if (whole && mapped) {
            err = map_fixed(la, next - la, flags, fd, offset - (address - la));
            continue;
        }
        if (whole)
            err = map_fixed(la, next - la, ANONYMOUS, -1, 0);
        else
            err = open_part(la, start, stop);
        if (!err)
            err = copy_in(start, stop - start, flags, fd, offset + (start - address));
    }
    return err;
}

i64 pages_update(u32 address, u64 len)
{
    u64 end = pages_up(address + len);

    for (u64 la = pages_down(address), next; la < end; la = next) {
        bool used = rights_in(la) & SPACE_MAPPED;
        int prot = pages_prot(la);

        next = la + process.host_page;
        while (next < end && !!(rights_in(next) & SPACE_MAPPED) == used && pages_prot(next) == prot)
            next += process.host_page;
        if (!used &&
            mmap(g2h((u32)la), next - la, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
            return -errno;
        if (used && mprotect(g2h((u32)la), next - la, prot) < 0)
            return -errno;
    }
    return 0;
}

i64 pages_move(u32 address, u32 old_len, u32 new_len, int flags, u32 place, bool shared)
{
    u64 old_end = pages_up(address + old_len), least = old_len < new_len ? old_len : new_len;
    i64 err;

    if (((address | place) & (process.host_page - 1)) == 0 &&
        (!old_len || is_whole(old_end - process.host_page, address, old_len)) &&
        is_whole(pages_down(place + new_len - 1), place, new_len))
        return mremap(g2h(address), pages_up(old_len), pages_up(new_len),
                      MREMAP_MAYMOVE | MREMAP_FIXED | flags, g2h(place)) == MAP_FAILED
                   ? -errno
                   : 0;
    if (shared)
        return -EINVAL;
    err = pages_may_map(place, new_len, ANONYMOUS, 0);
    if (!err)
        err = pages_fill(place, new_len, ANONYMOUS, -1, 0);
    if (!err && mprotect(g2h((u32)pages_down(address)), old_end - pages_down(address),
                         PROT_READ | PROT_WRITE) < 0)
        err = -errno;
    if (err)
        return err;
    copy_out(g2h(place), address, least);
    return flags & MREMAP_DONTUNMAP ? pages_fill(address, old_len, ANONYMOUS, -1, 0) : 0;
}
