/* Reading: from the image's clusters, from its base, and zeros. */
#include <string.h>

#include "devices/block/qcow2/qcow2.h"

/* A base that is shorter goes on with zeros. All is in whole sectors. */
static int read_base(struct qcow2 *q, u64 at, u8 *data, u64 len)
{
    struct block *base = q->block.base;
    u64 size = base ? base->sectors * BLOCK_SECTOR : 0, there = at < size ? size - at : 0;
    int r = 0;

    if (there > len)
        there = len;
    if (there)
        r = block_read(base, at / BLOCK_SECTOR, data, (u32)(there / BLOCK_SECTOR));
    memset(data + there, 0, len - there);
    return r;
}

static int read_packed(struct qcow2 *q, u64 at, void *data, const struct qcow2_run *run)
{
    const u8 *cluster;
    int r = qcow2_unpack(q, run->entry, &cluster);

    if (r == 0)
        memcpy(data, cluster + (at & (q->cluster - 1)), run->len);
    return r;
}

int qcow2_read(struct qcow2 *q, u64 at, void *data, u64 len)
{
    struct qcow2_run run;
    u8 *to = data;

    for (; len; at += run.len, to += run.len, len -= run.len) {
        int r = qcow2_find(q, at, len, &run);

        if (r < 0)
            return r;
        if (run.packed)
            r = read_packed(q, at, to, &run);
        else if (run.kind == BLOCK_DATA)
            r = file_read(q->file, run.offset, to, run.len);
        else if (run.kind == BLOCK_ABSENT)
            r = read_base(q, at, to, run.len);
        else
            memset(to, 0, run.len);
        if (r < 0)
            return r;
    }
    return 0;
}
