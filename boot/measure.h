/* What a run cost, as JSON: the parts that -report and -stats json: share, and the latter's file. */
#ifndef PAGEWALK_MEASURE_H
#define PAGEWALK_MEASURE_H

#include "boot/json.h"
#include "boot/phases.h"

struct session;

/* Host's and guest's seconds, and instructions, since the machine was made. */
void measure_totals(struct json *json, const struct phases *phases);
void measure_phases(struct json *json, const struct phases *phases);
/* Every counter of stats.def. */
void measure_statistics(struct json *json, const struct stats *stats);

/* The file of -stats json:, whole. */
void measure_write(const struct session *s, FILE *out);

#endif
