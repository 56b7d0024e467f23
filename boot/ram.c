/* The guest's memory map as the loaders see it. A map's ranges do not overlap. */
#include "boot/ram.h"

#include <errno.h>

void ram_map_expect(struct ram_map *map, u64 ram_size)
{
    map->range[0] = (struct pc_memory_range){0, 639 * KIB, RAM_TYPE};
    map->count = 1;
    if (ram_size > MIB)
        map->range[map->count++] = (struct pc_memory_range){MIB, ram_size - MIB, RAM_TYPE};
}

void ram_map_read(struct ram_map *map, const struct pc *pc)
{
    map->count = pc_memory_map(pc, map->range, RAM_RANGES);
    BUG_ON(map->count > RAM_RANGES);
}

u64 ram_end_from(const struct ram_map *map, u64 base)
{
    u64 at = base;
    bool grew = true;

    while (grew) {
        grew = false;
        for (unsigned i = 0; i < map->count; i++) {
            const struct pc_memory_range *r = &map->range[i];

            if (r->type == RAM_TYPE && at >= r->base && at - r->base < r->size) {
                at = r->base + r->size;
                grew = true;
            }
        }
    }
    return at;
}

bool ram_covers(const struct ram_map *map, u64 base, u64 size)
{
    return size <= ram_end_from(map, base) - base;
}

u64 ram_kib_from(const struct ram_map *map, u64 base)
{
    return (ram_end_from(map, base) - base) / KIB;
}

/* The highest fit inside [base, end), pushed down by the spans in its way. */
static bool fit_below(u64 base, u64 end, u64 size, const struct ram_span *taken,
                      unsigned taken_count, u64 *address)
{
    for (;;) {
        const struct ram_span *hit = NULL;
        u64 at;

        if (end < base || end - base < size)
            return false;
        at = (end - size) & ~(u64)PAGE_MASK;
        if (at < base)
            return false;
        for (unsigned i = 0; i < taken_count && !hit; i++)
            if (at < taken[i].end && taken[i].base < at + size)
                hit = &taken[i];
        if (!hit) {
            *address = at;
            return true;
        }
        end = hit->base; /* lower than at + size: this ends */
    }
}

int ram_place_top(const struct ram_map *map, u64 size, u64 floor, u64 last,
                  const struct ram_span *taken, unsigned taken_count, u64 *address)
{
    bool found = false;

    for (unsigned i = 0; i < map->count; i++) {
        const struct pc_memory_range *r = &map->range[i];
        u64 base = r->base > floor ? r->base : floor;
        u64 end = r->base + r->size;
        u64 at;

        if (r->type != RAM_TYPE)
            continue;
        if (end > last + 1)
            end = last + 1;
        if (fit_below(base, end, size, taken, taken_count, &at) && (!found || at > *address)) {
            *address = at;
            found = true;
        }
    }
    return found ? 0 : -ENOSPC;
}
