/* The table of internal snapshots: read, written anew, and looked into. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/qcow2/tool.h"

#define HEAD      40u
#define EXTRA     24u   /* what is known of the extra data */
#define EXTRA_MAX 1024u /* QEMU's limit */
#define TABLE_MAX (64u * MIB)

void qcow2_snapshots_free(struct qcow2 *q)
{
    for (u32 i = 0; q->snapshots && i < q->header.snapshots; i++) {
        free(q->snapshots[i].id);
        free(q->snapshots[i].name);
        free(q->snapshots[i].extra);
    }
    free(q->snapshots);
    q->snapshots = NULL;
}

/* A string of the file; NULL: no memory, or it cannot be read. */
static char *read_string(struct file *file, u64 at, u32 len)
{
    char *text = calloc(1, len + 1u);

    if (text && file_read(file, at, text, len) < 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int read_one(struct qcow2 *q, u64 *at, struct qcow2_snapshot *s)
{
    u8 head[HEAD], extra[EXTRA] = {0};
    u32 extra_size, known, id_len, name_len;
    int r = file_read(q->file, *at, head, sizeof(head));

    if (r < 0)
        return r;
    extra_size = get_be32(head + 36);
    id_len = get_be16(head + 12);
    name_len = get_be16(head + 14);
    if (extra_size > EXTRA_MAX)
        return -EINVAL;
    known = extra_size < EXTRA ? extra_size : EXTRA;
    r = file_read(q->file, *at + HEAD, extra, known);
    if (r < 0)
        return r;
    *s = (struct qcow2_snapshot){
        .l1_offset = get_be64(head),
        .l1_size = get_be32(head + 8),
        .seconds = get_be32(head + 16),
        .nanoseconds = get_be32(head + 20),
        .clock = get_be64(head + 24),
        .vm_state_size = extra_size >= 8 ? get_be64(extra) : get_be32(head + 32),
        .disk_size = extra_size >= 16 ? get_be64(extra + 8) : q->size,
        .icount = extra_size >= 24 ? get_be64(extra + 16) : ~0ull,
        .extra_size = extra_size - known,
    };
    *at += HEAD + known;
    s->extra = (u8 *)read_string(q->file, *at, s->extra_size);
    *at += s->extra_size;
    s->id = read_string(q->file, *at, id_len);
    s->name = read_string(q->file, *at + id_len, name_len);
    *at = (*at + id_len + name_len + 7) & ~7ull;
    return s->extra && s->id && s->name ? 0 : -ENOMEM;
}

int qcow2_snapshots_read(struct qcow2 *q, char *err, size_t err_len)
{
    u64 at = q->header.snapshots_offset;
    int r = 0;

    q->snapshots = calloc(q->header.snapshots + 1u, sizeof(*q->snapshots));
    if (!q->snapshots)
        r = -ENOMEM;
    for (u32 i = 0; i < q->header.snapshots && r == 0; i++) {
        struct qcow2_snapshot *s = &q->snapshots[i];

        r = read_one(q, &at, s);
        if (r == 0 && (s->l1_size > 32 * MIB / 8 || s->l1_offset % q->cluster ||
                       s->l1_offset > QCOW2_OFFSET || at - q->header.snapshots_offset > TABLE_MAX))
            r = -EINVAL;
    }
    if (r < 0)
        snprintf(err, err_len, "cannot open qcow2 image '%s': its table of snapshots: %s",
                 q->file->path, strerror(-r));
    return r;
}

static size_t size_of(const struct qcow2_snapshot *s)
{
    return (HEAD + EXTRA + s->extra_size + strlen(s->id) + strlen(s->name) + 7) & ~7ull;
}

static void put_one(u8 *to, const struct qcow2_snapshot *s)
{
    size_t id = strlen(s->id), name = strlen(s->name);
    u64 state = s->vm_state_size;

    put_be64(to, s->l1_offset);
    put_be32(to + 8, s->l1_size);
    put_be16(to + 12, (u16)id);
    put_be16(to + 14, (u16)name);
    put_be32(to + 16, s->seconds);
    put_be32(to + 20, s->nanoseconds);
    put_be64(to + 24, s->clock);
    put_be32(to + 32, state > 0xffffffffu ? 0xffffffffu : (u32)state);
    put_be32(to + 36, EXTRA + s->extra_size);
    put_be64(to + HEAD, state);
    put_be64(to + HEAD + 8, s->disk_size);
    put_be64(to + HEAD + 16, s->icount);
    to += HEAD + EXTRA;
    memcpy(to, s->extra, s->extra_size);
    memcpy(to + s->extra_size, s->id, id);
    memcpy(to + s->extra_size + id, s->name, name);
}

u64 qcow2_snapshots_size(const struct qcow2 *q)
{
    u64 size = 0;

    for (u32 i = 0; i < q->header.snapshots; i++)
        size += size_of(&q->snapshots[i]);
    return size;
}

/* At a new place, which the header then names. */
int qcow2_snapshots_write(struct qcow2 *q, const struct qcow2_snapshot *snapshots, u32 count)
{
    u64 size = 0, at = 0, offset = 0, old = q->header.snapshots_offset,
        old_size = qcow2_snapshots_size(q);
    u8 bytes[12], *table;
    int r = 0;

    for (u32 i = 0; i < count; i++)
        size += size_of(&snapshots[i]);
    if (count > 65536 || size > TABLE_MAX)
        return -EFBIG;
    table = calloc(1, size + 1);
    if (!table)
        return -ENOMEM;
    for (u32 i = 0; i < count; i++) {
        put_one(table + at, &snapshots[i]);
        at += size_of(&snapshots[i]);
    }
    if (size)
        r = qcow2_alloc_table(q, size, &offset);
    if (r == 0)
        r = file_write(q->file, offset, table, size);
    free(table);
    if (r == 0)
        r = qcow2_flush(q);
    put_be32(bytes, count);
    put_be64(bytes + 4, offset);
    if (r == 0)
        r = file_write(q->file, QCOW2_FIELD_SNAPSHOTS, bytes, sizeof(bytes));
    if (r == 0)
        r = file_sync(q->file);
    if (r < 0)
        return r;
    q->header.snapshots_offset = offset;
    if (old_size)
        qcow2_free(q, old, qcow2_align(q, old_size));
    return 0;
}

int qcow2_snapshot_find(const struct qcow2 *q, const char *name, u32 *index)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (u32 i = 0; i < q->header.snapshots; i++)
            if (strcmp(pass ? q->snapshots[i].name : q->snapshots[i].id, name) == 0) {
                *index = i;
                return 0;
            }
    return -ENOENT;
}

int qcow2_snapshot_look(struct qcow2 *q, const char *name, char *err, size_t err_len)
{
    u32 index;
    u64 *l1, table = (u64)q->l2_entries * q->cluster;
    const struct qcow2_snapshot *s;
    int r = qcow2_snapshot_find(q, name, &index);

    if (r < 0) {
        snprintf(err, err_len, "'%s' has no snapshot '%s'", q->file->path, name);
        return r;
    }
    s = &q->snapshots[index];
    if (s->disk_size > 1ull << 62 || s->disk_size / table > s->l1_size)
        r = -EINVAL;
    if (r == 0)
        r = qcow2_table_read(q, s->l1_offset, s->l1_size, &l1);
    if (r < 0) {
        snprintf(err, err_len, "'%s': snapshot '%s': %s", q->file->path, name, strerror(-r));
        return r;
    }
    free(q->l1);
    q->l1 = l1;
    q->l1_size = s->l1_size;
    q->size = s->disk_size;
    q->block.sectors = (q->size + BLOCK_SECTOR - 1) / BLOCK_SECTOR;
    return 0;
}
