/* A check of a qcow2 image in progress. */
#ifndef PAGEWALK_BLOCK_QCOW2_CHECK_H
#define PAGEWALK_BLOCK_QCOW2_CHECK_H

#include "devices/block/qcow2/tool.h"

struct qcow2_counter {
    struct qcow2 *q;
    const struct qcow2_say *say;
    struct qcow2_check *result;
    u64 clusters;          /* of the file */
    u32 *counts, *l2_refs; /* references to each cluster; of them, those to an L2 table */
    u64 seen_tables;
    bool bad_blocks,
        bad_flags; /* refcount blocks are not where they can be; COPIED flags are wrong */
};

void qcow2_say(struct qcow2_counter *c, const char *fmt, ...) printf_like(2, 3);
/* Counts and compares. -errno: the image cannot be read. */
int qcow2_count(struct qcow2_counter *c);
void qcow2_count_free(struct qcow2_counter *c);

#endif
