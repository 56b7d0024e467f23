/* The guest's address space: mmap() and its kin, by the host's calls within the window. */
#define _GNU_SOURCE
#include "tools/user/pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define FLUSH_PAGES 16u /* so many are flushed singly */

#define GUEST_MAP_32BIT   0x40u
#define READ_IMPLIES_EXEC 0x0400000u /* of personality() */

static u8 *rights_of(u32 address)
{
    return process.flat.rights + (address >> PAGE_SHIFT);
}

static bool in_space(u32 address, u64 len)
{
    return len > 0 && len <= TASK_TOP && address <= TASK_TOP - len;
}

static u8 rights_for(u32 prot)
{
    u8 rights = SPACE_MAPPED;

    if ((prot & PROT_READ) && (process.personality & READ_IMPLIES_EXEC))
        prot |= PROT_EXEC;
    if (prot & PROT_READ)
        rights |= FLAT_READ;
    if (prot & PROT_WRITE)
        rights |= FLAT_WRITE | FLAT_READ;
    if (prot & PROT_EXEC)
        rights |= FLAT_EXEC | FLAT_READ;
    return rights;
}

static int host_prot(u8 rights)
{
    return (rights & FLAT_ANY ? PROT_READ : 0) | (rights & FLAT_WRITE ? PROT_WRITE : 0);
}

/* Rights of these pages are less than they were: every TLB forgets them. */
static void forget(u32 address, u64 len)
{
    struct mmu *mmu;

    if (!self)
        return;
    mmu = &self->cpu->mmu;
    if (len >> PAGE_SHIFT > FLUSH_PAGES)
        mmu_flush(mmu, true);
    else
        for (u64 at = 0; at < len; at += PAGE_SIZE)
            mmu_flush_page(mmu, (u32)(address + at));
    code_flush_others(self);
}

/* Whether nothing is mapped there. */
static bool is_free(u32 address, u64 len)
{
    const u8 *p = rights_of(address), *end = p + (len >> PAGE_SHIFT);

    for (; p < end; p++)
        if (*p & SPACE_MAPPED)
            return false;
    return true;
}

/* The highest free place below `top`, in host pages of its own and as far into one as `into`; 0: there is none. */
static u32 find_free(u64 len, u32 top, u32 into)
{
    u32 page_mask = process.host_page - 1, before = into & page_mask, run = 0;
    u32 want = (u32)(pages_up(before + len) >> PAGE_SHIFT);

    for (u32 page = top >> PAGE_SHIFT; page-- > 16;) {
        run = process.flat.rights[page] & SPACE_MAPPED ? 0 : run + 1;
        if (run >= want && (page << PAGE_SHIFT & page_mask) == 0)
            return (page << PAGE_SHIFT) + before;
    }
    return 0;
}

static u32 find_place(u64 len, u32 into)
{
    u32 place = find_free(len, process.map_top, into);

    return place ? place : find_free(len, TASK_TOP, into);
}

static int reserve(u32 address, u64 len)
{
    void *p = g2h(address);

    if (pages_coarse())
        return (int)pages_update(address, len);
    return mmap(p, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                0) == p
               ? 0
               : -errno;
}

/* Before anything else comes to these pages. */
static void leave(u32 address, u64 len)
{
    if (is_free(address, len))
        return;
    code_begin_change(address, len);
    memset(rights_of(address), 0, len >> PAGE_SHIFT);
    forget(address, len);
    code_end_change();
}

/* A mapping in host pages that are larger: none of them may be guarded meanwhile. */
static i64 make_coarse(u32 place, u64 len, u8 rights, u32 flags, int fd, u64 offset)
{
    i64 err;

    code_begin_change(place, len);
    err = pages_fill(place, len, flags, fd, offset);
    if (!err) {
        memset(rights_of(place), rights, len >> PAGE_SHIFT);
        err = pages_update(place, len);
    }
    if (err) {
        memset(rights_of(place), 0, len >> PAGE_SHIFT);
        pages_update(place, len);
    }
    code_end_change();
    return err ? err : (i64)place;
}

static i64 map(u32 address, u64 len, u32 prot, u32 flags, int fd, u64 offset)
{
    u8 rights = rights_for(prot);
    u32 place = address & ~PAGE_MASK;
    bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    void *p;
    i64 err;

    if (len == 0 || (offset & PAGE_MASK))
        return -EINVAL;
    len = (len + PAGE_MASK) & ~(u64)PAGE_MASK;
    if (len > TASK_TOP)
        return -ENOMEM;
    if (fixed) {
        if (address & PAGE_MASK)
            return -EINVAL;
        if (!in_space(address, len))
            return -ENOMEM;
        if ((flags & MAP_FIXED_NOREPLACE) && !is_free(address, len))
            return -EEXIST;
    } else if (place < 16 * PAGE_SIZE || !in_space(place, len) || !is_free(place, len) ||
               ((place ^ offset) & (process.host_page - 1))) {
        place = find_place(len, flags & MAP_ANONYMOUS ? 0 : (u32)offset);
        if (!place)
            return -ENOMEM;
    }
    /* What the host refuses must leave what is there alone: it is tried elsewhere first. */
    if (fixed && !(flags & MAP_ANONYMOUS)) {
        u64 before = offset & (process.host_page - 1);

        p = mmap(NULL, len + before, host_prot(rights),
                 (int)(flags & ~(MAP_FIXED | MAP_FIXED_NOREPLACE)), fd, (off_t)(offset - before));
        if (p == MAP_FAILED)
            return -errno;
        munmap(p, len + before);
    }
    if (pages_coarse() && (err = pages_may_map(place, len, flags, offset)))
        return err;
    leave(place, len);
    flags &= ~(u32)(MAP_FIXED_NOREPLACE | MAP_GROWSDOWN | GUEST_MAP_32BIT);
    if ((flags & MAP_TYPE) != MAP_PRIVATE)
        rights |= SPACE_SHARED;
    if (pages_coarse())
        return make_coarse(place, len, rights, flags, fd, offset);
    p = mmap(g2h(place), len, host_prot(rights), (int)(flags | MAP_FIXED), fd, (off_t)offset);
    if (p == MAP_FAILED) {
        err = -errno;
        reserve(place, len);
        return err;
    }
    memset(rights_of(place), rights, len >> PAGE_SHIFT);
    return place;
}

i64 space_map(u32 address, u64 len, u32 prot, u32 flags, int fd, u64 offset)
{
    i64 result;

    pthread_mutex_lock(&process.map_lock);
    result = map(address, len, prot, flags, fd, offset);
    pthread_mutex_unlock(&process.map_lock);
    return result;
}

static i64 unmap(u32 address, u64 len)
{
    i64 err;

    if ((address & PAGE_MASK) || len == 0)
        return -EINVAL;
    len = (len + PAGE_MASK) & ~(u64)PAGE_MASK;
    if (!in_space(address, len))
        return -EINVAL;
    leave(address, len);
    code_begin_change(address, len); /* nor may a neighbour in a larger host page be guarded */
    err = reserve(address, len);
    code_end_change();
    return err;
}

i64 space_unmap(u32 address, u64 len)
{
    i64 result;

    pthread_mutex_lock(&process.map_lock);
    result = unmap(address, len);
    pthread_mutex_unlock(&process.map_lock);
    return result;
}

static i64 protect(u32 address, u64 len, u32 prot)
{
    u8 rights = rights_for(prot & ~(u32)(PROT_GROWSDOWN | PROT_GROWSUP));
    u8 *p, *end;
    i64 err = 0;

    if (address & PAGE_MASK)
        return -EINVAL;
    len = (len + PAGE_MASK) & ~(u64)PAGE_MASK;
    if (len == 0)
        return 0;
    if (!in_space(address, len))
        return -ENOMEM;
    end = rights_of(address) + (len >> PAGE_SHIFT);
    for (p = rights_of(address); p < end; p++)
        if (!(*p & SPACE_MAPPED))
            return -ENOMEM;
    code_begin_change(address, len);
    if (mprotect(g2h((u32)pages_down(address)), pages_up(address + len) - pages_down(address),
                 host_prot(rights)) < 0) {
        err = -errno;
    } else {
        for (p = rights_of(address); p < end; p++)
            *p = rights | (*p & SPACE_SHARED);
        forget(address, len);
    }
    if (pages_coarse())
        pages_update(address, len);
    code_end_change();
    return err;
}

i64 space_protect(u32 address, u64 len, u32 prot)
{
    i64 result;

    pthread_mutex_lock(&process.map_lock);
    result = protect(address, len, prot);
    pthread_mutex_unlock(&process.map_lock);
    return result;
}

/* The host's side of it. */
static i64 move_host(u32 address, u32 old_len, u32 new_len, int keep, u32 place, bool shared)
{
    if (pages_coarse())
        return pages_move(address, old_len, new_len, keep, place, shared);
    return mremap(g2h(address), old_len, new_len, MREMAP_MAYMOVE | MREMAP_FIXED | keep,
                  g2h(place)) == MAP_FAILED
               ? -errno
               : 0;
}

/* The old pages to another place. */
static i64 move(u32 address, u32 old_len, u32 new_len, u32 flags, u32 place)
{
    u8 rights = *rights_of(address);
    int keep = flags & MREMAP_DONTUNMAP;
    i64 result = place, err;

    leave(place, new_len);
    code_begin_change(address, old_len ? old_len : PAGE_SIZE);
    err = move_host(address, old_len, new_len, keep, place, rights & SPACE_SHARED);
    if (err) {
        result = err;
        reserve(place, new_len);
    } else {
        memset(rights_of(place), rights & (u8)~SPACE_GUARDED, new_len >> PAGE_SHIFT);
        if (old_len && !keep) {
            memset(rights_of(address), 0, old_len >> PAGE_SHIFT);
            reserve(address, old_len);
        }
        forget(address, old_len);
    }
    if (pages_coarse()) {
        pages_update(place, new_len);
        pages_update(address, old_len ? old_len : PAGE_SIZE);
    }
    code_end_change();
    return result;
}

/* A mapping's end goes up, where nothing is. */
static bool extend(u32 address, u32 old_len, u32 new_len)
{
    u32 end = address + old_len;
    u8 rights = *rights_of(address);

    if (pages_coarse() || !in_space(address, new_len) || !is_free(end, new_len - old_len))
        return false; /* larger pages always move */
    munmap(g2h(end), new_len - old_len);
    if (mremap(g2h(address), old_len, new_len, 0) == MAP_FAILED) {
        reserve(end, new_len - old_len);
        return false;
    }
    memset(rights_of(end), rights & (u8)~SPACE_GUARDED, (new_len - old_len) >> PAGE_SHIFT);
    return true;
}

static i64 remap(u32 address, u32 old_len, u32 new_len, u32 flags, u32 wanted)
{
    u32 place;
    bool wraps;

    wraps = old_len > ~PAGE_MASK;
    old_len = (old_len + PAGE_MASK) & ~PAGE_MASK;
    new_len = (new_len + PAGE_MASK) & ~PAGE_MASK;
    if ((address & PAGE_MASK) || new_len == 0 ||
        (flags & ~(u32)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) ||
        ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE)))
        return -EINVAL;
    if (!in_space(address, old_len ? old_len : PAGE_SIZE) || !(*rights_of(address) & SPACE_MAPPED))
        return -EFAULT;
    if (wraps || (!old_len && !(*rights_of(address) & SPACE_SHARED))) /* 0: a second mapping */
        return -EINVAL;
    if (flags & MREMAP_FIXED) {
        if ((wanted & PAGE_MASK) || !in_space(wanted, new_len) ||
            (wanted < address + old_len && address < wanted + new_len))
            return -EINVAL;
        return move(address, old_len, new_len, flags, wanted);
    }
    if (!(flags & MREMAP_DONTUNMAP)) {
        if (new_len < old_len) {
            i64 err = unmap(address + new_len, old_len - new_len);

            return err ? err : (i64)address;
        }
        if (new_len == old_len || (old_len && extend(address, old_len, new_len)))
            return address;
    }
    if (!(flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    place = find_place(new_len, address);
    return place ? move(address, old_len, new_len, flags, place) : -ENOMEM;
}

i64 space_remap(u32 address, u32 old_len, u32 new_len, u32 flags, u32 wanted)
{
    i64 result;

    pthread_mutex_lock(&process.map_lock);
    result = remap(address, old_len, new_len, flags, wanted);
    pthread_mutex_unlock(&process.map_lock);
    return result;
}

void space_set_brk(u32 start)
{
    process.brk_start = process.brk = start;
}

u32 space_brk(u32 address)
{
    u32 old = (process.brk + PAGE_MASK) & ~PAGE_MASK;
    u32 new = (address + PAGE_MASK) & ~PAGE_MASK;

    pthread_mutex_lock(&process.map_lock);
    if (address >= process.brk_start && address < TASK_TOP) {
        if (new > old && is_free(old, new - old) &&
            map(old, new - old, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == old)
            process.brk = address;
        else if (new == old || (new < old &&unmap(new, old - new) == 0))
            process.brk = address;
    }
    address = process.brk;
    pthread_mutex_unlock(&process.map_lock);
    return address;
}

int space_init(void)
{
    int err = flat_init(&process.flat);

    if (err)
        return err;
    if (process.host_page < hostmem_page())
        process.host_page = (u32)hostmem_page();
    process.flat.coarse = pages_coarse();
    process.code_users = hostmem_sparse((u64)TLB_PAGES * sizeof(*process.code_users));
    process.map_top = TASK_TOP - 128 * MIB;
    return process.code_users ? 0 : -ENOMEM;
}
