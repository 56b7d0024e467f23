/* System calls on memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "tools/user/calls.h"

/* Other processes, or other addresses, may have the same memory: LOCK means something. */
static void note_shared(struct thread *t, u32 prot, u32 flags)
{
    if ((flags & MAP_TYPE) == MAP_PRIVATE || !(prot & PROT_WRITE) || t->cpu->locks)
        return;
    t->cpu->locks = true;
    cpu_update_mode(t->cpu);
}

CALL_OF(mmap2)
{
    note_shared(t, a[2], a[3]);
    return space_map(a[0], a[1], a[2], a[3], (int)a[4], (u64)a[5] << 12);
}

CALL_OF(mmap)
{
    const u32 *arg = g2h(a[0]);

    if (arg[5] & PAGE_MASK)
        return -EINVAL;
    note_shared(t, arg[2], arg[3]);
    return space_map(arg[0], arg[1], arg[2], arg[3], (int)arg[4], arg[5]);
}

CALL_OF(munmap)
{
    (void)t;
    return space_unmap(a[0], a[1]);
}

#define PROT_SEM 8u /* of other processors */

CALL_OF(mprotect)
{
    u32 grows = a[2] & (PROT_GROWSDOWN | PROT_GROWSUP);

    (void)t;
    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) ||
        (a[2] & ~(grows | PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)))
        return -EINVAL;
    return space_protect(a[0], a[1], a[2]);
}

CALL_OF(mremap)
{
    (void)t;
    return space_remap(a[0], a[1], a[2], a[3], a[4]);
}

CALL_OF(brk)
{
    (void)t;
    return space_brk(a[0]);
}

static bool is_mapped(u32 address, u64 len)
{
    for (u64 at = address & ~PAGE_MASK; at < address + len; at += PAGE_SIZE)
        if (at >= TASK_TOP || !(space_rights((u32)at) & SPACE_MAPPED))
            return false;
    return true;
}

CALL_OF(madvise)
{
    u64 len = ((u64)a[1] + PAGE_MASK) & ~(u64)PAGE_MASK;
    i64 result;

    (void)t;
    if (a[0] & PAGE_MASK)
        return -EINVAL;
    if (len == 0)
        return 0;
    if (!is_mapped(a[0], len))
        return -ENOMEM;
    switch (a[2]) {
    case MADV_DONTFORK:
    case MADV_HWPOISON: return -EINVAL;
    case MADV_DONTNEED:
    case MADV_REMOVE:
    case MADV_FREE:
        code_begin_change(a[0], len);
        result = HOST(madvise, PTR(g2h(a[0])), (i64)len, INT(a[2]));
        code_end_change();
        return result;
    default: return HOST(madvise, PTR(g2h(a[0])), (i64)len, INT(a[2]));
    }
}

/* What the host does to these pages, if all are the guest's: the window's own are nobody's. */
static i64 on_pages(i64 number, const u32 *a, i64 third)
{
    if (!is_mapped(a[0], a[1]))
        return -ENOMEM;
    return host_call(number, (const i64[6]){PTR(g2h(a[0])), a[1], third});
}

CALL_OF(msync)
{
    (void)t;
    return a[0] & PAGE_MASK ? -EINVAL : on_pages(SYS_msync, a, INT(a[2]));
}

CALL_OF(mincore)
{
    (void)t;
    return a[0] & PAGE_MASK ? -EINVAL : on_pages(SYS_mincore, a, PTR(g2h0(a[2])));
}

CALL_OF(mlock)
{
    (void)t;
    return on_pages(SYS_mlock, a, 0);
}

CALL_OF(munlock)
{
    (void)t;
    return on_pages(SYS_munlock, a, 0);
}

CALL_OF(mlock2)
{
    (void)t;
    return on_pages(SYS_mlock2, a, INT(a[2]));
}

/* System V shared memory. */
#define SHM_RDONLY_ 010000u
#define SHM_RND_    020000u
#define SHM_REMAP_  040000u
#define SHM_EXEC_   0100000u

CALL_OF(shmat)
{
    u64 buf[32] = {
        0}; /* struct shmid_ds begins with the permissions, of 48 or 36 bytes, and the size */
    u32 place = a[1], prot = PROT_READ | (a[2] & SHM_RDONLY_ ? 0 : PROT_WRITE);
    i64 result = HOST(shmctl, INT(a[0]), 2 /* IPC_STAT */, PTR(buf));
    u64 size = HOST_IS_I386 ? get32((u8 *)buf + 36) : buf[6];
    u64 len = (size + PAGE_MASK) & ~(u64)PAGE_MASK;

    if (result < 0)
        return result;
    if (place & PAGE_MASK) {
        if (!(a[2] & SHM_RND_))
            return -EINVAL;
        place &= ~PAGE_MASK;
    }
    if (a[2] & SHM_EXEC_)
        prot |= PROT_EXEC;
    note_shared(t, prot, MAP_SHARED);
    result = space_map(place, len, prot,
                       MAP_SHARED | MAP_ANONYMOUS |
                           (!place              ? 0
                            : a[2] & SHM_REMAP_ ? MAP_FIXED
                                                : MAP_FIXED_NOREPLACE),
                       -1, 0);
    if (result == -EEXIST)
        return -EINVAL;
    if (result < 0)
        return result;
    place = (u32)result;
    result = HOST(shmat, INT(a[0]), PTR(g2h(place)), INT(a[2] | SHM_REMAP_));
    if (result < 0) {
        space_unmap(place, len);
        return result;
    }
    return place;
}

/* How long a piece is the guest need not say: it ends where the host has another mapping. */
CALL_OF(shmdt)
{
    u32 end = a[0];
    i64 result;

    (void)t;
    if (a[0] & PAGE_MASK)
        return -EINVAL;
    code_drop(a[0], PAGE_SIZE);
    result = HOST(shmdt, PTR(g2h(a[0])));
    if (result < 0)
        return result;
    while (end < TASK_TOP && msync(g2h(end), PAGE_SIZE, MS_ASYNC) < 0 && errno == ENOMEM)
        end += PAGE_SIZE;
    space_unmap(a[0], end - a[0]);
    return 0;
}
