/* Prints the event counters. */
#include "mmu/host/stats.h"

#include <inttypes.h>

void stats_print(const struct stats *stats, FILE *out)
{
#define STAT(name, help) fprintf(out, "%14" PRIu64 "  %-16s %s\n", stats->name, #name, help);
#include "mmu/host/stats.def"
#undef STAT
}
