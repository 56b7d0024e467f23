/* A disk's contents to another image: one thread reads runs of data in large pieces, the other looks for zeros in them, which
 * are left out, and writes. Neither knows the other's image. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tools/img/img.h"

#define PIECE  (512 * KIB) /* bytes read at a time: a processor's cache has several */
#define PIECES 4u

static int write_zeros(const struct img_copy *copy, u64 to, u64 count)
{
    return copy->fresh ? 0 : block_zero(copy->to, to, count);
}

/* Zeros of at least copy->sparse become holes; the rest is written in runs. */
static int write_piece(const struct img_copy *copy, u64 to, const u8 *data, u32 count)
{
    u32 grain = copy->sparse / BLOCK_SECTOR, run = 0;
    int r = 0;

    if (!grain)
        return block_write(copy->to, to, data, count);
    for (u32 i = 0; i < count && r == 0;) {
        u32 n = grain - (u32)((to + i) % grain);

        if (n > count - i)
            n = count - i;
        if (block_is_zeros(data + (size_t)i * BLOCK_SECTOR, (size_t)n * BLOCK_SECTOR)) {
            if (i > run)
                r = block_write(copy->to, to + run, data + (size_t)run * BLOCK_SECTOR, i - run);
            if (r == 0)
                r = write_zeros(copy, to + i, n);
            run = i + n;
        }
        i += n;
    }
    if (r == 0 && count > run)
        r = block_write(copy->to, to + run, data + (size_t)run * BLOCK_SECTOR, count - run);
    return r;
}

/* What the reader has found. */
struct piece {
    u64 to, count; /* sectors */
    enum block_kind kind;
    u8 *data;
};

struct pipe {
    const struct img_copy *copy;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct piece piece[PIECES];
    unsigned read, written; /* pieces, so far */
    bool over;              /* the reader has come to the end, or failed, or is to give up */
    int result;
};

/* The place of the next piece, when it is free; NULL: nobody wants one. */
static struct piece *next_free(struct pipe *p)
{
    struct piece *piece = NULL;

    pthread_mutex_lock(&p->lock);
    while (p->read - p->written == PIECES && !p->over)
        pthread_cond_wait(&p->moved, &p->lock);
    if (!p->over)
        piece = &p->piece[p->read % PIECES];
    pthread_mutex_unlock(&p->lock);
    return piece;
}

static void moved(struct pipe *p, unsigned *count, bool over, int result)
{
    pthread_mutex_lock(&p->lock);
    *count += !over;
    p->over |= over;
    if (result < 0)
        p->result = result;
    pthread_cond_signal(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

/* One piece of an extent; pieces of data end where the next one begins evenly. The sectors that it has, or -errno. */
static i64 read_piece(struct pipe *p, u64 to, const struct block_extent *extent)
{
    struct piece *piece = next_free(p);
    u64 n = extent->count;
    int r = 0;

    if (!piece)
        return -ECANCELED;
    piece->to = to;
    piece->kind = extent->kind;
    if (extent->kind == BLOCK_DATA) {
        if (n > PIECE / BLOCK_SECTOR - to % (PIECE / BLOCK_SECTOR))
            n = PIECE / BLOCK_SECTOR - to % (PIECE / BLOCK_SECTOR);
        r = block_read(p->copy->from, p->copy->skip + to, piece->data, (u32)n);
    }
    piece->count = n;
    if (r == 0)
        moved(p, &p->read, false, 0);
    return r < 0 ? r : (i64)n;
}

static void *reader(void *opaque)
{
    struct pipe *p = opaque;
    const struct img_copy *copy = p->copy;
    i64 r = 0;

    for (u64 done = 0; done < copy->count && r >= 0;) {
        struct block_extent extent;

        r = block_map_chain(copy->from, copy->below, copy->skip + done, copy->count - done,
                            &extent);
        while (r >= 0 && extent.count) {
            r = read_piece(p, done, &extent);
            if (r >= 0) {
                done += (u64)r;
                extent.count -= (u64)r;
            }
        }
    }
    moved(p, &p->read, true, r < 0 ? (int)r : 0);
    return NULL;
}

/* The next piece that has been read; NULL: there are no more. */
static const struct piece *next_read(struct pipe *p)
{
    const struct piece *piece = NULL;

    pthread_mutex_lock(&p->lock);
    while (p->read == p->written && !p->over)
        pthread_cond_wait(&p->moved, &p->lock);
    if (p->read != p->written)
        piece = &p->piece[p->written % PIECES];
    pthread_mutex_unlock(&p->lock);
    return piece;
}

static int write_all(struct pipe *p)
{
    const struct img_copy *copy = p->copy;
    const struct piece *piece;
    int r = 0;

    while (r == 0 && (piece = next_read(p)) != NULL) {
        if (piece->kind == BLOCK_DATA)
            r = write_piece(copy, piece->to, piece->data, (u32)piece->count);
        else if (piece->kind == BLOCK_ZERO || !copy->below)
            r = write_zeros(copy, piece->to, piece->count);
        img_progress(&copy->common, piece->to + piece->count, copy->count);
        moved(p, &p->written, r < 0, r);
    }
    return r;
}

int img_copy(const struct img_copy *copy)
{
    struct pipe p = {
        .copy = copy, .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};
    u8 *data = aligned_alloc(4096, PIECES * PIECE); /* the kernel copies pages faster than bytes */
    pthread_t thread;
    int r = data ? 0 : -ENOMEM;

    for (unsigned i = 0; r == 0 && i < PIECES; i++)
        p.piece[i].data = data + (size_t)i * PIECE;
    if (r == 0)
        r = -pthread_create(&thread, NULL, reader, &p);
    if (r == 0) {
        r = write_all(&p);
        pthread_join(thread, NULL);
        r = r < 0 ? r : p.result;
    }
    free(data);
    return r;
}
