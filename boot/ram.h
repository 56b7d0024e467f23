/* Questions about the guest's memory map that every loader asks: is this RAM, where is room. */
#ifndef PAGEWALK_RAM_H
#define PAGEWALK_RAM_H

#include "devices/board/pc.h"

#define RAM_RANGES 32
#define RAM_TYPE   1u /* struct pc_memory_range.type of usable memory, as in E820 */

/* The end of low memory that a loader may use: below the EBDA of any BIOS. */
#define RAM_LOW_END 0x9a000u

struct ram_map {
    struct pc_memory_range range[RAM_RANGES];
    unsigned count;
};

/* The map that a board with ram_size bytes will have, for planning before there is a board: low
 * memory up to 639 KiB, the rest from 1 MiB. */
void ram_map_expect(struct ram_map *map, u64 ram_size);
/* The map of the board itself. */
void ram_map_read(struct ram_map *map, const struct pc *pc);

/* The first address at or after `base` that is not RAM. */
u64 ram_end_from(const struct ram_map *map, u64 base);

/* Whether [base, base + size) is RAM all through; adjoining ranges count as one. */
bool ram_covers(const struct ram_map *map, u64 base, u64 size);

/* KiB of RAM from `base` on without a hole. */
u64 ram_kib_from(const struct ram_map *map, u64 base);

struct ram_span {
    u64 base, end; /* end is exclusive */
};

/* The highest page-aligned address at or above `floor` whose [address, address + size) is RAM, has
 * its last byte at or below `last`, and is clear of every span. 0, or -ENOSPC. */
int ram_place_top(const struct ram_map *map, u64 size, u64 floor, u64 last,
                  const struct ram_span *taken, unsigned taken_count, u64 *address);

#endif
