/* Samples of the event counters, of which there are never too many. */
#include "boot/samples.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_PERIOD_NS 1000000u

int samples_start(struct samples *samples)
{
    *samples = (struct samples){.every_ns = FIRST_PERIOD_NS};
    samples->sample = calloc(SAMPLES_MAX, sizeof(*samples->sample));
    return samples->sample ? 0 : -ENOMEM;
}

void samples_free(struct samples *samples)
{
    free(samples->sample);
    samples->sample = NULL;
}

void samples_look(struct samples *samples, const struct phase_share *at, const struct stats *stats)
{
    if (!samples->sample || at->host_ns < samples->next_ns)
        return;
    if (samples->count == SAMPLES_MAX) {
        for (unsigned i = 0; i < SAMPLES_MAX / 2; i++)
            samples->sample[i] = samples->sample[2 * i + 1];
        samples->count = SAMPLES_MAX / 2;
        samples->every_ns *= 2;
    }
    samples->sample[samples->count++] = (struct sample){*at, *stats};
    samples->next_ns = at->host_ns + samples->every_ns;
}
