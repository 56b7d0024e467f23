/* A disk's contents to compressed clusters: this thread reads clusters and writes them in order, others compress what is
 * between, so that none waits for the slowest. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/img/img.h"

#define THREADS_MIN 4 /* there is waiting for the disk, too */
#define THREADS_MAX 8
#define ROOM        (8 * MIB) /* bytes that are under way at most */

/* A cluster on its way. */
struct slot {
    enum { SLOT_READ, SLOT_PACKED } state;
    u64 at; /* the disk's address */
    u8 *data, *packed;
    u32 size; /* once it is packed; 0: it does not get smaller */
};

struct ring {
    const struct img_copy *copy;
    struct qcow2 *to;
    struct slot *slots;
    u32 count;
    u64 read, taken,
        written; /* clusters so far: by this thread, by those that compress, by this one */
    bool alone, over;
    pthread_mutex_t lock;
    pthread_cond_t more, packed;
};

static struct slot *slot_of(const struct ring *ring, u64 number)
{
    return &ring->slots[number % ring->count];
}

/* Compresses the next cluster, with the lock held on the way in and out. */
static void pack_next(struct ring *ring)
{
    struct slot *slot = slot_of(ring, ring->taken++);

    pthread_mutex_unlock(&ring->lock);
    slot->size =
        (u32)qcow2_pack(ring->to->header.compression, ring->to->cluster, slot->data, slot->packed);
    pthread_mutex_lock(&ring->lock);
    slot->state = SLOT_PACKED;
    if (slot == slot_of(ring, ring->written))
        pthread_cond_signal(&ring->packed);
}

static void *work(void *opaque)
{
    struct ring *ring = opaque;

    pthread_mutex_lock(&ring->lock);
    while (!ring->over || ring->taken < ring->read)
        if (ring->taken < ring->read)
            pack_next(ring);
        else
            pthread_cond_wait(&ring->more, &ring->lock);
    pthread_mutex_unlock(&ring->lock);
    return NULL;
}

/* The cluster at *at, unless it is zeros that are there already; *at moves on, over what nobody has, too. */
static int read_next(struct ring *ring, u64 *at)
{
    const struct img_copy *copy = ring->copy;
    u64 size = ring->to->cluster, end = copy->count * BLOCK_SECTOR, len = end - *at, skip;
    struct slot *slot = slot_of(ring, ring->read);
    struct block_extent extent;
    int r = block_map_chain(copy->from, NULL, copy->skip + *at / BLOCK_SECTOR, len / BLOCK_SECTOR,
                            &extent);

    if (r < 0)
        return r;
    skip = extent.count * BLOCK_SECTOR / size * size;
    if (extent.kind != BLOCK_DATA && copy->fresh && skip) {
        *at += skip;
        return 0;
    }
    if (len > size)
        len = size;
    r = block_read(copy->from, copy->skip + *at / BLOCK_SECTOR, slot->data,
                   (u32)(len / BLOCK_SECTOR));
    memset(slot->data + len, 0, size - len);
    if (r == 0 && (!copy->fresh || !block_is_zeros(slot->data, size))) {
        slot->state = SLOT_READ;
        slot->at = *at;
        pthread_mutex_lock(&ring->lock);
        ring->read++;
        pthread_cond_signal(&ring->more);
        pthread_mutex_unlock(&ring->lock);
    }
    *at += size;
    return r;
}

/* The oldest cluster that is under way, when it is packed. This thread lends no hand where there are others: what it does
 * besides is little, and all wait for that. */
static int write_next(struct ring *ring)
{
    struct slot *slot = slot_of(ring, ring->written);
    u64 len = ring->to->block.sectors * BLOCK_SECTOR - slot->at;

    pthread_mutex_lock(&ring->lock);
    while (slot->state != SLOT_PACKED)
        if (ring->alone)
            pack_next(ring);
        else
            pthread_cond_wait(&ring->packed, &ring->lock);
    ring->written++;
    pthread_mutex_unlock(&ring->lock);
    if (slot->size)
        return qcow2_write_packed(ring->to, slot->at, slot->packed, slot->size);
    return qcow2_write(ring->to, slot->at, slot->data,
                       len < ring->to->cluster ? len : ring->to->cluster);
}

static int copy_all(struct ring *ring)
{
    u64 at = 0, end = ring->copy->count * BLOCK_SECTOR;
    int r = 0;

    while (r == 0 && (at < end || ring->written < ring->read)) {
        if (at < end && ring->read - ring->written < ring->count)
            r = read_next(ring, &at);
        else
            r = write_next(ring);
        img_progress(&ring->copy->common, at < end ? at : end, end);
    }
    return r;
}

int img_copy_packed(const struct img_copy *copy)
{
    struct ring ring = {.copy = copy,
                        .to = qcow2_of(copy->to),
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .more = PTHREAD_COND_INITIALIZER,
                        .packed = PTHREAD_COND_INITIALIZER};
    u32 size = ring.to->cluster;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    long wanted = cpus < THREADS_MIN ? THREADS_MIN : cpus > THREADS_MAX ? THREADS_MAX : cpus;
    pthread_t threads[THREADS_MAX];
    u8 *room = aligned_alloc(4096, 2 * ROOM);
    long n = 0;
    int r = -ENOMEM;

    ring.count = ROOM / size;
    ring.slots = calloc(ring.count, sizeof(*ring.slots));
    if (room && ring.slots) {
        for (u32 i = 0; i < ring.count; i++) {
            ring.slots[i].data = room + 2ull * i * size;
            ring.slots[i].packed = ring.slots[i].data + size;
        }
        while (n < wanted && pthread_create(&threads[n], NULL, work, &ring) == 0)
            n++;
        ring.alone = n == 0;
        r = copy_all(&ring);
    }
    pthread_mutex_lock(&ring.lock);
    ring.over = true;
    pthread_cond_broadcast(&ring.more);
    pthread_mutex_unlock(&ring.lock);
    while (n)
        pthread_join(threads[--n], NULL);
    free(ring.slots);
    free(room);
    return r;
}
