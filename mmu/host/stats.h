/* Event counters, generated from stats.def. */
#ifndef PAGEWALK_STATS_H
#define PAGEWALK_STATS_H

#include <stdio.h>

#include "mmu/host/base.h"

struct stats {
#define STAT(name, help) u64 name;
#include "mmu/host/stats.def"
#undef STAT
};

/* Prints every counter, one a line: value, name, help. */
void stats_print(const struct stats *stats, FILE *out);

#endif
