/* Pages of host memory from large pieces. */
#include "devices/board/page_pool.h"

#include <stdlib.h>
#include <string.h>

#include "mmu/host/hostmem.h"

#define PIECE (8u * MIB)

struct page_pool_piece {
    struct page_pool_piece *next;
    u8 *memory;
};

static bool grow(struct page_pool *pool)
{
    struct page_pool_piece *piece = malloc(sizeof(*piece));

    if (!piece)
        return false;
    piece->memory = hostmem_sparse(PIECE);
    if (!piece->memory) {
        free(piece);
        return false;
    }
    hostmem_wish_huge(piece->memory, PIECE);
    piece->next = pool->pieces;
    pool->pieces = piece;
    pool->used = 0;
    return true;
}

u8 *page_pool_take(struct page_pool *pool)
{
    u8 *page = pool->free;

    if (page) {
        memcpy(&pool->free, page, sizeof(pool->free));
        return page;
    }
    if ((!pool->pieces || pool->used == PIECE / PAGE_POOL_PAGE) && !grow(pool))
        return NULL;
    return pool->pieces->memory + pool->used++ * PAGE_POOL_PAGE;
}

void page_pool_give(struct page_pool *pool, u8 *page)
{
    memcpy(page, &pool->free, sizeof(pool->free));
    pool->free = page;
}

void page_pool_free(struct page_pool *pool)
{
    while (pool->pieces) {
        struct page_pool_piece *piece = pool->pieces;

        pool->pieces = piece->next;
        hostmem_sparse_free(piece->memory, PIECE);
        free(piece);
    }
    *pool = (struct page_pool){0};
}
