/* A disk that can be seen as it was: before a piece of it is written, what was there is kept, by moment.
 *
 * The image itself never goes back. While a past moment is looked at, reads answer with what was there then, and writes
 * are kept apart: the machine does again what it did, so once it has come to the present the image has all of it. Only
 * when something else happens instead is the image made what is seen (block_past_fork()).
 *
 * Moments are numbers; the later, the higher. */
#ifndef PAGEWALK_BLOCK_PAST_H
#define PAGEWALK_BLOCK_PAST_H

#include "devices/block/block.h"

struct block_past;

/* NULL: no memory. block->past is set until it is freed. */
struct block_past *block_past_new(struct block *block);
void block_past_free(struct block_past *past); /* NULL is nothing */
u64 block_past_bytes(const struct block_past *past);

/* For block.c, with what was checked; count is not 0. 0 or -errno. data NULL: zeros. */
int block_past_read(struct block_past *past, u64 sector, void *data, u32 count);
/* What is to be done before a write to the image; *done: nothing is left to do. */
int block_past_write(struct block_past *past, u64 sector, const void *data, u64 count, bool *done);

/* It is that moment now: what is written from here on can be undone to it. */
void block_past_pass(struct block_past *past, u64 moment);
/* The disk is what it was at that moment, which was passed. */
void block_past_go(struct block_past *past, u64 moment);
/* The present has come: the disk is what the image is. */
void block_past_present(struct block_past *past);
/* The disk as it is seen becomes the image, and what came later never was. 0 or -errno of the first that could not be
 * written. */
int block_past_fork(struct block_past *past);
/* Nobody goes to a moment between these any more; after: BLOCK_NO_MOMENT: to none before `next`. */
void block_past_merge(struct block_past *past, u64 after, u64 next);
#define BLOCK_NO_MOMENT UINT64_MAX

#endif
