/* What can be done with a qcow2 image that is no drive's: made, checked, and its internal snapshots. */
#ifndef PAGEWALK_BLOCK_QCOW2_TOOL_H
#define PAGEWALK_BLOCK_QCOW2_TOOL_H

#include "devices/block/create.h"
#include "devices/block/qcow2/qcow2.h"

/* create.c: an image without anything in it. 0 or -errno with one line in err. */
int qcow2_create(struct file *file, const struct block_create *create, char *err, size_t err_len);
int qcow2_preallocate(struct block *block, enum block_preallocation how);

/* check.c, repair.c */
enum qcow2_fix { QCOW2_FIX_NONE, QCOW2_FIX_LEAKS, QCOW2_FIX_ALL };
struct qcow2_check {
    u64 errors, leaks;                           /* that are left */
    u64 fixed_errors, fixed_leaks;               /* that were */
    u64 clusters, allocated, packed, fragmented; /* of the disk */
    u64 end;                                     /* bytes of the file that are in use */
};
/* With `say`, one call for each finding. -errno: it could not be checked to its end. */
struct qcow2_say {
    void (*line)(void *opaque, const char *line);
    void *opaque;
};
int qcow2_check(struct qcow2 *q, enum qcow2_fix fix, const struct qcow2_say *say,
                struct qcow2_check *check);

/* snapshots.c, snapshot_tool.c. 0 or -errno; -ENOENT: there is none of that ID or name. */
int qcow2_snapshot_find(const struct qcow2 *q, const char *name, u32 *index);
int qcow2_snapshot_look(struct qcow2 *q, const char *name, char *err, size_t err_len);
int qcow2_snapshots_write(struct qcow2 *q, const struct qcow2_snapshot *snapshots, u32 count);
u64 qcow2_snapshots_size(const struct qcow2 *q); /* bytes of their table in the file */
int qcow2_snapshot_create(struct qcow2 *q, const char *name);
int qcow2_snapshot_apply(struct qcow2 *q, u32 index);
int qcow2_snapshot_delete(struct qcow2 *q, u32 index);
/* COPIED where a refcount is one, and only there. */
int qcow2_mark_copied(struct qcow2 *q);

int qcow2_grow_l1(struct qcow2 *q, u32 entries);
/* The compressed bytes of a whole cluster where nothing is yet. */
int qcow2_write_packed(struct qcow2 *q, u64 at, const void *packed, u32 len);

#endif
