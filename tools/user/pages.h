/* The guest's pages where the host's are larger, or are to be taken for larger (-p): space.c's other half.
 *
 * A host page is mapped when one of the guest's in it is, with the rights of all of them together; the software TLB checks
 * each access by the rights of the guest's page. Of a part of a host page the contents are copied, not mapped, which only
 * private memory allows. */
#ifndef PAGEWALK_USER_PAGES_H
#define PAGEWALK_USER_PAGES_H

#include "tools/user/user.h"

static inline bool pages_coarse(void)
{
    return process.host_page > PAGE_SIZE;
}

/* The host page that la is in; the first one behind la. */
static inline u64 pages_down(u64 la)
{
    return la & -(u64)process.host_page;
}

static inline u64 pages_up(u64 la)
{
    return pages_down(la + process.host_page - 1);
}

/* Whether a guest page that has code is in the host page. */
bool pages_guarded(u32 la);
/* What the host is to allow in the host page. */
int pages_prot(u64 la);

/* Whether such a mapping can be made there: 0, or -EINVAL: a part of a host page would be shared. */
i64 pages_may_map(u32 address, u64 len, u32 flags, u64 offset);
/* Makes its contents, where nothing is mapped any more. The rights come by pages_update(). 0 or -errno. */
i64 pages_fill(u32 address, u64 len, u32 flags, int fd, u64 offset);
/* The host's rights follow the guest's, which have changed there. 0 or -errno. */
i64 pages_update(u32 address, u64 len);
/* Moves what mremap() moves. The rights are the caller's. 0 or -errno. */
i64 pages_move(u32 address, u32 old_len, u32 new_len, int flags, u32 place, bool shared);

#endif
