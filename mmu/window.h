/* Windows: the guest's linear addresses, as the host's MMU sees them.
 *
 * A window is 4 GiB of host address space for supervisor accesses or for a user's: the latter the host's own first 4 GiB, where
 * those are free, so that an access needs no segment, whose base would cost it a cycle. A page is in it when the software TLB has
 * it, with the rights that it has there, or not at all: so whatever is dropped from the TLB leaves the window at once, and an
 * access by [window + la] does what one by the TLB would do, or is a host fault. Stale entries, A and D bits, faults
 * and pages that need work at each access are what they are in the TLB by construction. */
#ifndef PAGEWALK_WINDOW_H
#define PAGEWALK_WINDOW_H

#include "mmu/host/fault.h"
#include "mmu/mmu.h"

#define WINDOW_SIZE (1ull << 32)

/* Of a page, in struct window_side. */
#define WINDOW_READ  1u
#define WINDOW_WRITE 2u
#define WINDOW_GOING 4u /* while a flush is at work */

struct window_side {
    u64 base;  /* the host's address of la 0: 0 itself, or what GS is */
    u64 gs;    /* the handler's struct fault_head is below */
    u32 first; /* page that may be in it */
    u8 *state; /* by page: WINDOW_*; sparse */
    u32 pages; /* that are in it */
    bool low;  /* base is 0 */
    bool on;   /* code that uses it may run */
};

/* A stretch of instructions: from where, and how many flushes, and misses or faults, there had been. */
struct window_seen {
    u64 since, flushes, missed;
};

struct window {
    struct window_side side[2]; /* by whether it is a user's */
    bool local;                 /* pages that are not global may enter, too: until a flush */
    u32 maps,
        maps_most; /* mappings that we may have made since all were gone, and the bound for them */
    u32 global_flushes;
    struct window_seen all, kernel;   /* for who turns them on, by which way; */
    struct window_seen faults;        /* and off */
    void (*turned_off)(void *opaque); /* one of them */
    void *opaque;
};

/* Makes mmu->window; the fault handler of both sides is handle(opaque). 0 or -errno: -ENOTSUP when this host cannot. */
int window_new(struct mmu *mmu, bool (*handle)(void *opaque, u64 *pc, u64 address, bool write),
               void *opaque);
void window_free(struct mmu *mmu);

/* Puts la's page into the side for this access, with those beside it that the same host memory goes on in, as far as the
 * TLB has them. False: the TLB has no such entry, or it would change nothing. Signal handlers may call it. */
bool window_map(struct mmu *mmu, u32 la, enum mmu_access access);
/* Whether la's page must wait: it is not global, and such are not to enter now. */
bool window_waits(const struct mmu *mmu, u32 la, bool user);
/* All that the TLB has and that may enter, into those that are on. */
void window_map_all(struct mmu *mmu);

/* Called by who changes the TLB, before it does. A flush turns windows off, but for the supervisor's where it spares nearly all
 * that is there: global pages, which only it has many of. */
void window_flush(struct mmu *mmu, bool global_too);
void window_drop(struct mmu *mmu, u32 page, bool user);
void window_drop_write(struct mmu *mmu, u32 page, bool user);

/* No code that uses this one is to run. */
void window_turn_off(struct mmu *mmu, bool user);

#endif
