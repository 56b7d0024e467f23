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

/* The host's clock, for counters of time: only called when somebody wants them. */
u64 stats_ns(void);

/* Prints every counter, one a line: value, name, help; then the ratios of some: value, help. */
void stats_print(const struct stats *stats, FILE *out);

#endif
