/* Which block's code is at an address of the buffer.
 *
 * The buffer is a ring that is filled in order, so the places of blocks, in the order of their making, ascend
 * when counted from the oldest, modulo the buffer's size. They are a ring too, of numbers that go up. */
#include <stdlib.h>

#include "translate/native/codebuf.h"

static struct code_place *place_of(const struct code_map *map, u32 number)
{
    return &map->place[number & (map->capacity - 1)];
}

/* Twice the places. */
static void grow(struct code_map *map)
{
    struct code_map more = *map;

    more.capacity = map->capacity ? 2 * map->capacity : 1024;
    more.place = calloc(more.capacity, sizeof(*more.place));
    if (!more.place)
        BUG("out of memory");
    for (u32 i = 0; i < map->count; i++)
        *place_of(&more, map->first + i) = *place_of(map, map->first + i);
    free(map->place);
    *map = more;
}

/* The oldest is gone, or will be written over. */
static void drop_oldest(struct code_map *map)
{
    map->first++;
    map->count--;
}

const struct code_place *code_map_oldest(struct code_map *map)
{
    for (; map->count; drop_oldest(map)) {
        const struct code_place *place = place_of(map, map->first);

        if (place->block && !place->block->dead)
            return place;
    }
    return NULL;
}

void code_map_add(struct code_map *map, struct block *block, u32 start, u32 size)
{
    const struct code_place *oldest;

    while ((oldest = code_map_oldest(map)) && oldest->start - start < size)
        drop_oldest(map);
    if (map->count == map->capacity)
        grow(map);
    block->number = map->first + map->count++;
    *place_of(map, block->number) = (struct code_place){block, start, size};
}

void code_map_forget(struct code_map *map, const struct block *block)
{
    if (block->number - map->first < map->count && place_of(map, block->number)->block == block)
        place_of(map, block->number)->block = NULL;
}

static struct block *find_offset(const struct code_map *map, u32 size, u32 offset)
{
    u32 low = 0, high = map->count, origin;
    const struct code_place *place;

    if (!map->count)
        return NULL;
    origin = place_of(map, map->first)->start;
    offset = offset < origin ? offset + size - origin : offset - origin;
    while (high - low > 1) { /* the last that starts at or before it */
        u32 mid = low + (high - low) / 2;
        u32 start = place_of(map, map->first + mid)->start;

        start = start < origin ? start + size - origin : start - origin;
        *(start <= offset ? &low : &high) = mid;
    }
    place = place_of(map, map->first + low);
    low = place->start < origin ? place->start + size - origin : place->start - origin;
    return offset - low < place->size ? place->block : NULL;
}

struct block *code_map_find(const struct code_map *map, const struct codebuf *buf, u64 pc,
                            unsigned *insn)
{
    u64 offset = pc - (u64)(uintptr_t)buf->rx;
    struct block *b = NULL;

    if (offset < buf->size)
        b = find_offset(map, (u32)buf->size, (u32)offset);
    if (!b)
        return NULL;
    offset = pc - (u64)(uintptr_t)b->code;
    *insn = b->insns;
    if (offset < b->straight)
        while (*insn > 0 && b->insn_code[--*insn] > offset)
            ;
    return b;
}

/* The buffer is a ring: what lies ahead of *p is the oldest blocks' code, in the order of their making. No code ahead
 * runs, or has a return address on the stack: blocks are made by the run loop only. */
bool code_map_fits(struct code_map *map, const struct codebuf *buf, u8 *first, u8 **p)
{
    const struct code_place *place = code_map_oldest(map);
    const u8 *oldest = place ? buf->rw + place->start : NULL;

    if (*p + CODEBUF_BLOCK_MAX >
        buf->rw + buf->size) { /* on at the start, when nothing is left here */
        if (oldest && oldest >= *p)
            return false;
        *p = first;
    }
    return !oldest || oldest < *p || oldest >= *p + CODEBUF_BLOCK_MAX;
}

void code_map_free(struct code_map *map)
{
    free(map->place);
    *map = (struct code_map){0};
}
