/* An open qcow2 image, as the files of this folder share it.
 *
 * Source: QEMU's docs/interop/qcow2.txt; doc/formats.md has what of it is used here. Addresses of the guest are `at`,
 * those in the file `offset`, both in bytes.
 *
 * What may be lost by a crash, of this process or of the host, is only what was not flushed, and clusters that nobody
 * refers to any more. That is by the order in which qcow2_write_metadata() writes: refcounts, their table, L2 tables
 * behind the data that they name, the L1 table. What becomes free is so only when nothing on disk names it any more
 * (qcow2_free()). */
#ifndef PAGEWALK_BLOCK_QCOW2_H
#define PAGEWALK_BLOCK_QCOW2_H

#include "mmu/host/be.h"
#include "devices/block/block.h"
#include "devices/block/file.h"
#include "devices/block/format.h"

/* Entries of the L1 and L2 tables. */
#define QCOW2_COPIED (1ull << 63) /* its refcount is exactly one: it is written in place */
#define QCOW2_PACKED (1ull << 62)
#define QCOW2_ZERO   (1ull << 0) /* version 3, without subclusters */
#define QCOW2_OFFSET 0x00fffffffffffe00ull

enum {
    QCOW2_DIRTY = 1 << 0, /* incompatible features */
    QCOW2_CORRUPT = 1 << 1,
    QCOW2_DATA_FILE = 1 << 2,
    QCOW2_COMPRESSION = 1 << 3,
    QCOW2_SUBCLUSTERS = 1 << 4,
    QCOW2_LAZY = 1 << 0,    /* compatible ones */
    QCOW2_BITMAPS = 1 << 0, /* autoclear ones */
};

#define QCOW2_NAME_MAX 1023 /* bytes of a backing file's name */
#define QCOW2_WAYS     8    /* tables in a set of a cache */

struct qcow2_header {
    unsigned version, cluster_bits, refcount_order, length;
    u64 size;
    u64 l1_offset, reftable_offset, snapshots_offset;
    u32 l1_size, reftable_clusters, snapshots, crypt;
    u64 incompatible, compatible, autoclear;
    u8 compression; /* 0: zlib, 1: zstd */
    char base[QCOW2_NAME_MAX + 1], base_format[16];
    u64 bitmaps_offset, bitmaps_size; /* of their directory */
    u32 bitmaps;
};

/* Tables of one cluster each, as they are in the file. */
struct qcow2_cache {
    struct qcow2_table {
        u64 offset; /* 0: none */
        u64 used;
        bool dirty;
        u8 *data;
    } * tables;
    u32 sets, dirty;
    u64 clock;
};

struct qcow2_snapshot {
    u64 l1_offset, disk_size, vm_state_size, clock, icount;
    u32 l1_size, seconds, nanoseconds;
    char *id, *name;
    u8 *extra; /* what of the extra data is not known here */
    u32 extra_size;
};

/* Compressed clusters that were read lately, each at the place that its entry tells. */
struct qcow2_unpacked {
    struct qcow2_unpacked_cluster {
        u64 entry; /* 0: none */
        u8 *data;
    } * clusters;
    u32 count;  /* a power of two */
    u8 *packed; /* room for a cluster's bytes */
    void *zstd; /* ZSTD_DCtx */
};

/* Of a table in memory, the entries that the file does not have yet. */
struct qcow2_range {
    u32 first, end;
};

struct qcow2 {
    struct block block;
    struct file *file;
    struct qcow2_header header;
    u32 cluster, unit; /* bytes; a unit is a subcluster, or the cluster where there are none */
    u32 l2_entries, entry_size, units; /* units in a cluster */
    u64 size;                          /* bytes */
    u64 *l1, *reftable;                /* in the host's order */
    u32 l1_size, reftable_size;        /* entries */
    struct qcow2_range l1_dirty, reftable_dirty;
    struct qcow2_cache l2, refblocks;
    u64 free_hint; /* no free cluster is below this one */
    u64 packed_at; /* where the next compressed cluster may begin; 0: in a new cluster */
    struct qcow2_free_range {
        u64 offset, len;
    } * frees;
    size_t frees_count, frees_room;
    struct qcow2_snapshot *snapshots;
    u8 *scratch; /* a cluster, for whom needs one for a moment */
    struct qcow2_unpacked unpacked;
    bool broken; /* an error of the image was told */
};

static inline struct qcow2 *qcow2_of(struct block *block)
{
    return container_of(block, struct qcow2, block);
}

static inline u64 qcow2_align(const struct qcow2 *q, u64 n)
{
    return (n + q->cluster - 1) & ~(u64)(q->cluster - 1);
}

/* header.c. 0 or -errno with one line in err. */
int qcow2_header_read(struct file *file, struct qcow2_header *header, char *err, size_t err_len);
int qcow2_header_set32(struct qcow2 *q, unsigned field, u32 value); /* and flushed */
int qcow2_header_set64(struct qcow2 *q, unsigned field, u64 value);
/* The header's cluster anew, with another base ("": none); other extensions stay as they are. */
int qcow2_header_rebase(struct qcow2 *q, const char *base, const char *format);
enum { /* fields */
       QCOW2_FIELD_SIZE = 24,
       QCOW2_FIELD_L1_SIZE = 36,
       QCOW2_FIELD_REFTABLE = 48,
       QCOW2_FIELD_SNAPSHOTS = 60,
       QCOW2_FIELD_INCOMPATIBLE = 72,
       QCOW2_FIELD_AUTOCLEAR = 88,
};

/* format.c */
struct block *qcow2_open(struct file *file, const struct block_how *how, char *err, size_t err_len);
/* The image is damaged: said once, and marked in it where that is possible. -EIO. */
int qcow2_damaged(struct qcow2 *q, const char *fmt, ...) printf_like(2, 3);
int qcow2_set_incompatible(struct qcow2 *q, u64 bits, bool on);

/* flush.c */
int qcow2_write_metadata(struct qcow2 *q);
int qcow2_flush(struct qcow2 *q);
void qcow2_range_add(struct qcow2_range *range, u32 first, u32 end);
/* Entries in the file's order. */
int qcow2_table_write(struct qcow2 *q, u64 offset, const u64 *table, u32 first, u32 end);
int qcow2_table_read(struct qcow2 *q, u64 offset, u32 entries, u64 **table);

/* cache.c: what is got is good until the next call for the same cache. */
int qcow2_cache_init(struct qcow2_cache *cache, u64 tables);
void qcow2_cache_free(struct qcow2_cache *cache);
int qcow2_cache_get(struct qcow2 *q, struct qcow2_cache *cache, u64 offset, u8 **data);
int qcow2_cache_new(struct qcow2 *q, struct qcow2_cache *cache, u64 offset, u8 **data); /* zeros */
void qcow2_cache_dirty(struct qcow2_cache *cache, u64 offset);
void qcow2_cache_drop(struct qcow2_cache *cache, u64 offset); /* it is no table any more */
int qcow2_cache_write(struct qcow2 *q, struct qcow2_cache *cache);

/* refcount.c */
u64 qcow2_refcount_max(const struct qcow2 *q);
u32 qcow2_refcounts(const struct qcow2 *q); /* in a block */
u64 qcow2_refcount_get(const struct qcow2 *q, const u8 *block, u32 i);
void qcow2_refcount_put(const struct qcow2 *q, u8 *block, u32 i, u64 count);
int qcow2_refcount(struct qcow2 *q, u64 cluster, u64 *count);
/* Of all clusters that the bytes lie in. -ERANGE: a count is too large, and none has changed. */
int qcow2_refcount_add(struct qcow2 *q, u64 offset, u64 len, int delta);
/* Once what is in memory is on disk. */
void qcow2_free(struct qcow2 *q, u64 offset, u64 len);
int qcow2_apply_frees(struct qcow2 *q);

/* alloc.c */
/* 1 to `want` neighbouring clusters, of refcount one. */
int qcow2_alloc(struct qcow2 *q, u64 want, u64 *offset, u64 *got);
int qcow2_alloc_table(struct qcow2 *q, u64 len, u64 *offset); /* in one piece */
int qcow2_alloc_bytes(struct qcow2 *q, u32 len, u64 *offset); /* for a compressed cluster */
bool qcow2_is_metadata(const struct qcow2 *q, u64 offset, u64 len, bool tables);

/* map.c */
struct qcow2_run {
    enum block_kind kind;
    bool packed;
    u64 offset, len;
    u64 entry;
};
/* What the image has at `at`, for at most len bytes. */
int qcow2_find(struct qcow2 *q, u64 at, u64 len, struct qcow2_run *run);
/* The L2 table of `at`, which nobody else refers to. */
int qcow2_own_l2(struct qcow2 *q, u64 at, u8 **l2);
static inline u32 qcow2_l2_index(const struct qcow2 *q, u64 at)
{
    return (u32)(at >> q->header.cluster_bits) & (q->l2_entries - 1);
}
static inline u64 qcow2_l2_offset(const struct qcow2 *q, u64 at)
{
    return q->l1[at / q->cluster / q->l2_entries] & QCOW2_OFFSET;
}
void qcow2_entry_set(struct qcow2 *q, u64 at, u8 *l2, u64 entry, u64 bitmap);
/* The bytes that a table's entry for a cluster names; false: none. */
bool qcow2_entry_extent(const struct qcow2 *q, u64 entry, u64 *offset, u64 *len);

/* read.c, write.c */
int qcow2_read(struct qcow2 *q, u64 at, void *data, u64 len);
int qcow2_write(struct qcow2 *q, u64 at, const void *data, u64 len);
int qcow2_zero(struct qcow2 *q, u64 at, u64 len);
int qcow2_discard(struct qcow2 *q, u64 at, u64 len);
/* The clusters from `at` on are forgotten altogether, as behind a disk's end. */
int qcow2_forget(struct qcow2 *q, u64 at, u64 len);

/* packed.c. The bytes that a cluster became, fewer than it has; 0: it does not get smaller. */
size_t qcow2_pack(u8 compression, u32 cluster, const void *data, void *packed);
/* The cluster of an entry; *data is good until the next call. */
int qcow2_unpack(struct qcow2 *q, u64 entry, const u8 **data);
void qcow2_unpacked_forget(struct qcow2 *q); /* what was free is used again */
void qcow2_unpacked_free(struct qcow2 *q);

/* snapshots.c */
int qcow2_snapshots_read(struct qcow2 *q, char *err, size_t err_len);
void qcow2_snapshots_free(struct qcow2 *q);

#endif
