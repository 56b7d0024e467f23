/* A disk's contents to compressed clusters, by several threads: each batch is read, compressed, and written in order. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/img/img.h"

#define THREADS_MIN 4 /* there is waiting for the disk, too */
#define THREADS_MAX 8
#define BATCH       (4 * MIB) /* bytes, for all threads */

struct batch {
    const struct img_copy *copy;
    struct qcow2 *to;
    u32 clusters; /* that there is room for */
    u32 count;    /* that are in it */
    u32 next;     /* that no thread has taken yet */
    u8 *data, *packed;
    u32 *sizes; /* 0: it does not get smaller */
    u64 *at;    /* the disk's address of each */
};

static void *work(void *opaque)
{
    struct batch *b = opaque;
    u32 size = b->to->cluster, i;

    while ((i = __atomic_fetch_add(&b->next, 1, __ATOMIC_RELAXED)) < b->count)
        b->sizes[i] = (u32)qcow2_pack(b->to->header.compression, size, b->data + (size_t)i * size,
                                      b->packed + (size_t)i * size);
    return NULL;
}

static void compress_batch(struct batch *b, unsigned threads)
{
    pthread_t others[THREADS_MAX];
    unsigned n = 0;

    b->next = 0;
    while (n + 1 < threads && pthread_create(&others[n], NULL, work, b) == 0)
        n++;
    work(b);
    while (n)
        pthread_join(others[--n], NULL);
}

static int write_batch(struct batch *b)
{
    u32 size = b->to->cluster;
    int r = 0;

    for (u32 i = 0; i < b->count && r == 0; i++) {
        u64 end = b->to->block.sectors * BLOCK_SECTOR, len = end - b->at[i];

        if (b->sizes[i])
            r = qcow2_write_packed(b->to, b->at[i], b->packed + (size_t)i * size, b->sizes[i]);
        else
            r = qcow2_write(b->to, b->at[i], b->data + (size_t)i * size, len < size ? len : size);
    }
    return r;
}

/* One cluster of the disk, unless it is zeros. */
static int add_cluster(struct batch *b, u64 at)
{
    const struct img_copy *copy = b->copy;
    u64 size = b->to->cluster, len = copy->count * BLOCK_SECTOR - at;
    u8 *data = b->data + (size_t)b->count * size;
    int r;

    if (len > size)
        len = size;
    r = block_read(copy->from, copy->skip + at / BLOCK_SECTOR, data, (u32)(len / BLOCK_SECTOR));
    memset(data + len, 0, size - len);
    if (r == 0 && (!copy->fresh || !block_is_zeros(data, size)))
        b->at[b->count++] = at;
    return r;
}

/* Fills the batch from *at on, as far as the disk goes. */
static int read_batch(struct batch *b, u64 *at)
{
    const struct img_copy *copy = b->copy;
    u64 end = copy->count * BLOCK_SECTOR, size = b->to->cluster;
    int r = 0;

    for (b->count = 0; b->count < b->clusters && *at < end && r == 0;) {
        struct block_extent extent;
        u64 here = copy->skip + *at / BLOCK_SECTOR, skip;

        r = block_map_chain(copy->from, NULL, here, copy->count - *at / BLOCK_SECTOR, &extent);
        skip = extent.count * BLOCK_SECTOR / size * size;
        if (r == 0 && extent.kind != BLOCK_DATA && copy->fresh && skip) {
            *at += skip;
            continue;
        }
        if (r == 0)
            r = add_cluster(b, *at);
        *at += size;
    }
    return r;
}

int img_copy_packed(const struct img_copy *copy)
{
    struct qcow2 *to = qcow2_of(copy->to);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = cpus < THREADS_MIN   ? THREADS_MIN
                       : cpus > THREADS_MAX ? THREADS_MAX
                                            : (unsigned)cpus;
    struct batch b = {.copy = copy, .to = to, .clusters = BATCH / to->cluster};
    u64 at = 0, end = copy->count * BLOCK_SECTOR;
    int r;

    b.data = aligned_alloc(4096, BATCH);
    b.packed = malloc(BATCH);
    b.sizes = calloc(b.clusters, sizeof(*b.sizes));
    b.at = calloc(b.clusters, sizeof(*b.at));
    r = b.data && b.packed && b.sizes && b.at ? 0 : -ENOMEM;
    while (at < end && r == 0) {
        r = read_batch(&b, &at);
        if (r == 0) {
            compress_batch(&b, threads);
            r = write_batch(&b);
        }
        img_progress(&copy->common, at < end ? at : end, end);
    }
    free(b.data);
    free(b.packed);
    free(b.sizes);
    free(b.at);
    return r;
}
