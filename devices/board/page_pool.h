/* Pages of host memory, taken and given back one by one. They come from large pieces, for which the host is asked for huge
 * pages: what it takes to get memory from it is paid for once in hundreds of pages. */
#ifndef PAGEWALK_PAGE_POOL_H
#define PAGEWALK_PAGE_POOL_H

#include "mmu/host/base.h"

#define PAGE_POOL_PAGE 4096u

struct page_pool_piece;

struct page_pool {
    struct page_pool_piece *pieces;
    u64 used;   /* pages of the newest piece that were ever taken */
    void *free; /* pages that were given back: each begins with the address of the next */
};

/* A page, whatever is in it; NULL: no memory. */
u8 *page_pool_take(struct page_pool *pool);
void page_pool_give(struct page_pool *pool, u8 *page);
/* All of them. */
void page_pool_free(struct page_pool *pool);

#endif
