/* The event counters as they stood now and then while a machine ran. */
#ifndef PAGEWALK_SAMPLES_H
#define PAGEWALK_SAMPLES_H

#include "boot/phases.h"

#define SAMPLES_MAX 512u /* even */

struct sample {
    struct phase_share at; /* since the start */
    struct stats stats;
};

struct samples {
    struct sample *sample; /* NULL: none are taken */
    unsigned count;
    u64 every_ns, next_ns; /* by the host's clock, since the start */
};

/* 0 or -ENOMEM. */
int samples_start(struct samples *samples);
void samples_free(struct samples *samples);
/* Takes one if it is time: 1 ms after the last at first, and twice as long whenever SAMPLES_MAX were taken, of which
 * every other one stays. `at`: since the start. */
void samples_look(struct samples *samples, const struct phase_share *at, const struct stats *stats);

#endif
