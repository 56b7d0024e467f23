/* Prints the event counters. */
#include "mmu/host/stats.h"

#include <inttypes.h>
#include <time.h>

u64 stats_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

void stats_print(const struct stats *stats, FILE *out)
{
#define STAT(name, help) fprintf(out, "%14" PRIu64 "  %-16s %s\n", stats->name, #name, help);
#define RATIO(name, over, help)                                                                    \
    if (stats->over)                                                                               \
        fprintf(out, "%14.1f  %s\n", (double)stats->name / (double)stats->over, help);
#include "mmu/host/stats.def"
#undef STAT
}
