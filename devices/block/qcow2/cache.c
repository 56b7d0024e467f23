/* A cache of tables of one cluster: L2 tables, or refcount blocks.
 *
 * It is set-associative by the table's offset. A dirty L2 table that must go takes everything with it that has to be
 * on disk before it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/qcow2/qcow2.h"

int qcow2_cache_init(struct qcow2_cache *cache, u64 tables)
{
    cache->sets = 1;
    while ((u64)cache->sets * QCOW2_WAYS < tables)
        cache->sets *= 2;
    cache->tables = calloc((size_t)cache->sets * QCOW2_WAYS, sizeof(*cache->tables));
    return cache->tables ? 0 : -ENOMEM;
}

void qcow2_cache_free(struct qcow2_cache *cache)
{
    for (size_t i = 0; cache->tables && i < (size_t)cache->sets * QCOW2_WAYS; i++)
        free(cache->tables[i].data);
    free(cache->tables);
}

static struct qcow2_table *set_of(const struct qcow2_cache *cache, u64 offset)
{
    u64 hash = (offset >> 9) * 0x9e3779b97f4a7c15ull;

    return &cache->tables[(size_t)((hash >> 32) & (cache->sets - 1)) * QCOW2_WAYS];
}

static struct qcow2_table *find(const struct qcow2_cache *cache, u64 offset)
{
    struct qcow2_table *set = set_of(cache, offset);

    for (unsigned i = 0; i < QCOW2_WAYS; i++)
        if (set[i].offset == offset)
            return &set[i];
    return NULL;
}

static int write_table(struct qcow2 *q, struct qcow2_cache *cache, struct qcow2_table *table)
{
    int r = table->dirty ? file_write(q->file, table->offset, table->data, q->cluster) : 0;

    if (r == 0 && table->dirty) {
        table->dirty = false;
        cache->dirty--;
    }
    return r;
}

int qcow2_cache_write(struct qcow2 *q, struct qcow2_cache *cache)
{
    int r = 0;

    for (size_t i = 0; cache->dirty && i < (size_t)cache->sets * QCOW2_WAYS && r == 0; i++)
        r = write_table(q, cache, &cache->tables[i]);
    return r;
}

/* A place for a table: the one of its set that was used longest ago. */
static int take_place(struct qcow2 *q, struct qcow2_cache *cache, u64 offset,
                      struct qcow2_table **table)
{
    struct qcow2_table *set = set_of(cache, offset), *old = set;
    int r = 0;

    for (unsigned i = 1; i < QCOW2_WAYS; i++)
        if (set[i].used < old->used)
            old = &set[i];
    if (old->dirty)
        r = cache == &q->l2 ? qcow2_write_metadata(q) : write_table(q, cache, old);
    if (r == 0 && !old->data) {
        old->data = malloc(q->cluster);
        r = old->data ? 0 : -ENOMEM;
    }
    old->offset = 0;
    old->used = ++cache->clock;
    *table = old;
    return r;
}

int qcow2_cache_get(struct qcow2 *q, struct qcow2_cache *cache, u64 offset, u8 **data)
{
    struct qcow2_table *table = find(cache, offset);
    int r = 0;

    if (!table) {
        r = take_place(q, cache, offset, &table);
        if (r == 0)
            r = file_read(q->file, offset, table->data, q->cluster);
        if (r < 0)
            return r;
        table->offset = offset;
    }
    table->used = ++cache->clock;
    *data = table->data;
    return 0;
}

int qcow2_cache_new(struct qcow2 *q, struct qcow2_cache *cache, u64 offset, u8 **data)
{
    struct qcow2_table *table = find(cache, offset);
    int r = table ? 0 : take_place(q, cache, offset, &table);

    if (r < 0)
        return r;
    table->offset = offset;
    memset(table->data, 0, q->cluster);
    qcow2_cache_dirty(cache, offset);
    *data = table->data;
    return 0;
}

void qcow2_cache_dirty(struct qcow2_cache *cache, u64 offset)
{
    struct qcow2_table *table = find(cache, offset);

    if (table->dirty)
        return;
    table->dirty = true;
    cache->dirty++;
}

void qcow2_cache_drop(struct qcow2_cache *cache, u64 offset)
{
    struct qcow2_table *table = find(cache, offset);

    if (!table)
        return;
    cache->dirty -= table->dirty;
    table->dirty = false;
    table->offset = table->used = 0;
}
