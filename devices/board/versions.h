/* Pages of memory as they were at several moments: a copy is kept only where a page has changed in between.
 *
 * A moment is a number; the later, the higher. What a page was at a moment is its newest copy from then or before; a
 * page without one was zeros. */
#ifndef PAGEWALK_VERSIONS_H
#define PAGEWALK_VERSIONS_H

#include "devices/board/page_pool.h"

#define VERSIONS_PAGE PAGE_POOL_PAGE

struct version;

struct versions {
    struct version **newest; /* by page (hostmem_sparse) */
    u64 pages;
    u64 bytes; /* of host memory that copies take */
    struct page_pool pool;
};

/* The pages that have a copy of one moment. */
struct versions_list {
    u32 *page;
    u32 count, room;
};

/* 0 or -ENOMEM. */
int versions_init(struct versions *versions, u64 pages);
void versions_free(struct versions *versions);

/* The page as it was at that moment; NULL: zeros. */
const u8 *versions_at(const struct versions *versions, u64 page, u64 moment);
/* This is what the page is at that moment, which may lie between others; a copy of that moment is replaced. What has a
 * new copy is noted in the list. 0 or -ENOMEM. */
int versions_put(struct versions *versions, u64 page, u64 moment, const u8 *data,
                 struct versions_list *list);

/* Nobody asks for `moment` any more, but for `next`, the one behind it: the copies of the list are that one's, unless it
 * has its own. 0 or -ENOMEM, then nothing has changed. */
int versions_merge(struct versions *versions, struct versions_list *list, u64 moment, u64 next,
                   struct versions_list *next_list);
/* It was the last one, and never was. */
void versions_drop(struct versions *versions, struct versions_list *list, u64 moment);

#endif
