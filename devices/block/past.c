/* A disk that can be seen as it was: pieces of 4 KiB, each as it was before its first write behind a moment.
 *
 * What a piece was at a moment is its oldest copy from then or behind it; without any it is what the image has. */
#include "devices/block/past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_SECTORS 8u
#define PIECE         (PIECE_SECTORS * BLOCK_SECTOR)
#define BUCKETS       8192u

/* Of one bucket, the earlier moments first. */
struct piece {
    struct piece *next;
    u64 number, moment;
    u8 data[PIECE];
};

struct block_past {
    struct block *block;
    u64 moment;            /* the last one passed */
    bool behind;           /* a past moment is looked at: */
    u64 from;              /* since that one, where it was gone to */
    struct piece **kept;   /* by bucket: what was there before writes, */
    struct piece **change; /* and what was written since, while `behind` */
    u64 bytes;
};

static unsigned bucket_of(u64 number)
{
    return (unsigned)(number * 0x9e3779b97f4a7c15ull >> 51) % BUCKETS;
}

struct block_past *block_past_new(struct block *block)
{
    struct block_past *past = calloc(1, sizeof(*past));

    if (!past)
        return NULL;
    past->block = block;
    past->kept = calloc(BUCKETS, sizeof(*past->kept));
    past->change = calloc(BUCKETS, sizeof(*past->change));
    if (past->kept && past->change) {
        block->past = past;
        return past;
    }
    free(past->kept);
    free(past->change);
    free(past);
    return NULL;
}

/* Frees what `goes` says. */
static void clear(struct block_past *past, struct piece **table,
                  bool (*goes)(const struct block_past *past, const struct piece *piece, u64 from,
                               u64 to),
                  u64 from, u64 to)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        struct piece **link = &table[i];

        while (*link) {
            struct piece *piece = *link;

            if (goes && !goes(past, piece, from, to)) {
                link = &piece->next;
                continue;
            }
            *link = piece->next;
            past->bytes -= sizeof(*piece);
            free(piece);
        }
    }
}

void block_past_free(struct block_past *past)
{
    if (!past)
        return;
    clear(past, past->kept, NULL, 0, 0);
    clear(past, past->change, NULL, 0, 0);
    past->block->past = NULL;
    free(past->kept);
    free(past->change);
    free(past);
}

u64 block_past_bytes(const struct block_past *past)
{
    return past->bytes;
}

static struct piece *find(struct piece **table, u64 number, u64 moment)
{
    struct piece *piece = table[bucket_of(number)];

    while (piece && (piece->number != number || piece->moment < moment))
        piece = piece->next;
    return piece;
}

static u32 sectors_of(const struct block_past *past, u64 number)
{
    u64 left = past->block->sectors - number * PIECE_SECTORS;

    return left < PIECE_SECTORS ? (u32)left : PIECE_SECTORS;
}

/* The piece as it is seen now. */
static int see(struct block_past *past, u64 number, u8 *data)
{
    const struct piece *piece = NULL;

    if (past->behind)
        piece = find(past->change, number, 0);
    if (past->behind && !piece)
        piece = find(past->kept, number, past->from);
    if (!piece)
        return past->block->ops->read(past->block, number * PIECE_SECTORS, data,
                                      sectors_of(past, number));
    memcpy(data, piece->data, PIECE);
    return 0;
}

static struct piece *add(struct block_past *past, struct piece **table, u64 number, u64 moment)
{
    struct piece *piece = calloc(1, sizeof(*piece)), **link = &table[bucket_of(number)];

    if (!piece)
        return NULL;
    while (*link && (*link)->moment <= moment)
        link = &(*link)->next;
    *piece = (struct piece){.next = *link, .number = number, .moment = moment};
    *link = piece;
    past->bytes += sizeof(*piece);
    return piece;
}

/* Keeps the piece as it is, unless that was done since the last moment. */
static int keep(struct block_past *past, u64 number)
{
    struct piece *piece = find(past->kept, number, past->moment);
    u8 data[PIECE] = {0};
    int r;

    if (piece && piece->moment == past->moment)
        return 0;
    r = see(past, number, data);
    if (r < 0)
        return r;
    piece = add(past, past->kept, number, past->moment);
    if (!piece)
        return -ENOMEM;
    memcpy(piece->data, data, PIECE);
    return 0;
}

int block_past_read(struct block_past *past, u64 sector, void *data, u32 count)
{
    u8 piece[PIECE], *to = data;

    if (!past->behind)
        return past->block->ops->read(past->block, sector, data, count);
    while (count) {
        u32 at = (u32)(sector % PIECE_SECTORS), n = PIECE_SECTORS - at;
        int r = see(past, sector / PIECE_SECTORS, piece);

        if (r < 0)
            return r;
        if (n > count)
            n = count;
        memcpy(to, piece + at * BLOCK_SECTOR, (size_t)n * BLOCK_SECTOR);
        to += (size_t)n * BLOCK_SECTOR;
        sector += n;
        count -= n;
    }
    return 0;
}

/* Writes n sectors of a piece, from its sector `at` on, beside the image. */
static int change(struct block_past *past, u64 number, u32 at, const u8 *data, u32 n)
{
    struct piece *piece = find(past->change, number, 0);
    u8 before[PIECE] = {0};
    int r;

    if (!piece) {
        r = see(past, number, before);
        if (r < 0)
            return r;
        piece = add(past, past->change, number, 0);
        if (!piece)
            return -ENOMEM;
        memcpy(piece->data, before, PIECE);
    }
    if (data)
        memcpy(piece->data + at * BLOCK_SECTOR, data, (size_t)n * BLOCK_SECTOR);
    else
        memset(piece->data + at * BLOCK_SECTOR, 0, (size_t)n * BLOCK_SECTOR);
    return 0;
}

int block_past_write(struct block_past *past, u64 sector, const void *data, u64 count, bool *done)
{
    const u8 *from = data;
    int r = 0;

    *done = past->behind;
    while (count && r == 0) {
        u32 at = (u32)(sector % PIECE_SECTORS), n = PIECE_SECTORS - at;

        if (n > count)
            n = (u32)count;
        r = keep(past, sector / PIECE_SECTORS);
        if (r == 0 && past->behind)
            r = change(past, sector / PIECE_SECTORS, at, from, n);
        if (from)
            from += (size_t)n * BLOCK_SECTOR;
        sector += n;
        count -= n;
    }
    return r;
}

void block_past_pass(struct block_past *past, u64 moment)
{
    past->moment = moment;
}

void block_past_go(struct block_past *past, u64 moment)
{
    clear(past, past->change, NULL, 0, 0);
    past->behind = true;
    past->from = past->moment = moment;
}

void block_past_present(struct block_past *past)
{
    clear(past, past->change, NULL, 0, 0);
    past->behind = false;
}

static bool is_later(const struct block_past *past, const struct piece *piece, u64 from, u64 to)
{
    (void)past, (void)to;
    return piece->moment > from;
}

static int write_piece(struct block_past *past, u64 number)
{
    u8 data[PIECE];
    int r = see(past, number, data);

    return r < 0 ? r
                 : past->block->ops->write(past->block, number * PIECE_SECTORS, data,
                                           sectors_of(past, number));
}

int block_past_fork(struct block_past *past)
{
    int first = 0;

    if (!past->behind)
        return 0;
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (const struct piece *p = past->change[i]; p; p = p->next) {
            int r = write_piece(past, p->number);

            first = first ? first : r;
        }
        for (const struct piece *p = past->kept[i]; p; p = p->next) {
            int r = p->moment < past->from || find(past->change, p->number, 0) ||
                            find(past->kept, p->number, past->from) != p
                        ? 0
                        : write_piece(past, p->number);

            first = first ? first : r;
        }
    }
    clear(past, past->kept, is_later, past->moment, 0);
    block_past_present(past);
    return first;
}

/* Of no use: what goes back to `after` finds an older copy; or there is no such moment. */
static bool is_spare(const struct block_past *past, const struct piece *piece, u64 after, u64 next)
{
    if (piece->moment >= next)
        return false;
    return after == BLOCK_NO_MOMENT ||
           (piece->moment > after && find(past->kept, piece->number, after) != piece);
}

void block_past_merge(struct block_past *past, u64 after, u64 next)
{
    clear(past, past->kept, is_spare, after, next);
}
