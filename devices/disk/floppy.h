/* A floppy drive and the disk in it: an image as a disk in one of the formats of the PC. */
#ifndef PAGEWALK_FLOPPY_H
#define PAGEWALK_FLOPPY_H

#include "devices/block/block.h"
#include "devices/base/state.h"

/* Data rates as the controller's registers encode them; kbit/s. */
enum floppy_rate { FLOPPY_500, FLOPPY_300, FLOPPY_250, FLOPPY_1000 };

/* Kinds of drives as CMOS RAM encodes them. */
enum floppy_type {
    FLOPPY_TYPE_NONE,
    FLOPPY_TYPE_360K,
    FLOPPY_TYPE_1200K,
    FLOPPY_TYPE_720K,
    FLOPPY_TYPE_1440K,
    FLOPPY_TYPE_2880K,
};

struct floppy_format {
    u8 cylinders, heads, sectors; /* sectors of 512 bytes, numbered from 1, on each track */
    enum floppy_rate rate;
    enum floppy_type type; /* the drive for it */
};

#define FLOPPY_SECTORS_MAX (80 * 2 * 36) /* of the largest disk, 2880K */

struct floppy {
    struct block *block;                /* NULL: no disk */
    const struct floppy_format *format; /* NULL: no disk */
    enum floppy_type type;              /* NONE: no drive */
    u8 cylinder;                        /* where the heads are */
    bool changed;                       /* the change line: until a step with a disk in */
    /* Sectors with a deleted data address mark, which an image cannot hold: one bit each. */
    u8 deleted[FLOPPY_SECTORS_MAX / 8];
};

/* What disk an image is: by its size; or, when no format has that, the one that its boot sector's
 * parameter block describes, or the smallest from 1440K on that holds it. NULL: it is larger than
 * any. */
const struct floppy_format *floppy_format_of(struct block *block);

/* block NULL: a drive of `type` without a disk; else the block must have a format, which says what
 * drive this is. */
void floppy_init(struct floppy *floppy, struct block *block, enum floppy_type type);
bool floppy_fits(const struct floppy *floppy,
                 struct block *block); /* it is a disk for this drive */
/* Another disk that fits, or none (NULL): the change line tells. */
void floppy_insert(struct floppy *floppy, struct block *block);
void floppy_reset(struct floppy *floppy);                      /* power-on: heads at 0 */
void floppy_state(struct floppy *floppy, struct state *state); /* inside the controller's section */

/* Moves the heads, towards the spindle when positive, as far as they go. */
void floppy_step(struct floppy *floppy, int steps);

/* A sector of the track under the heads; `head` and `sector` must be in the format. 0 or -errno. */
int floppy_read(struct floppy *floppy, u8 head, u8 sector, void *data);
int floppy_write(struct floppy *floppy, u8 head, u8 sector, const void *data, bool deleted);
bool floppy_is_deleted(const struct floppy *floppy, u8 head, u8 sector);

#endif
