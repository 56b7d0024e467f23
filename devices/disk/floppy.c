/* A floppy drive and the disk in it: an image as a disk in one of the formats of the PC.
 *
 * Implemented: the formats below, 360 KiB to 2.88 MiB drives, head position, change line; deleted
 * data address marks for as long as the disk is in the drive. An image may be smaller than its
 * format: behind its end sectors read as zeros and cannot be written. Not implemented: 40-track
 * disks in 80-track drives (double stepping); anything that an image of 512-byte sectors cannot
 * hold, which is odd sector numbers and sizes, gaps and errors. Source: ISO 5654, 6596, 7487, 8378,
 * 8630, 8860, 9529 and 10994 (disks as the PC has them); IBM PS/2 Hardware Interface Technical
 * Reference, "Diskette Drive", for the change line. */
#include "devices/disk/floppy.h"

#include <errno.h>
#include <string.h>

#define FORMAT_1440K 6

/* By capacity. */
static const struct floppy_format formats[] = {
    {40, 1, 8, FLOPPY_250, FLOPPY_TYPE_360K},   /* 160K */
    {40, 1, 9, FLOPPY_250, FLOPPY_TYPE_360K},   /* 180K */
    {40, 2, 8, FLOPPY_250, FLOPPY_TYPE_360K},   /* 320K */
    {40, 2, 9, FLOPPY_250, FLOPPY_TYPE_360K},   /* 360K */
    {80, 2, 9, FLOPPY_250, FLOPPY_TYPE_1440K},  /* 720K: in a high-density drive */
    {80, 2, 15, FLOPPY_500, FLOPPY_TYPE_1200K}, /* 1200K */
    [FORMAT_1440K] = {80, 2, 18, FLOPPY_500, FLOPPY_TYPE_1440K},
    {80, 2, 21, FLOPPY_500, FLOPPY_TYPE_1440K},  /* 1680K: a distribution format */
    {82, 2, 21, FLOPPY_500, FLOPPY_TYPE_1440K},  /* 1722K: the same with two cylinders more */
    {80, 2, 36, FLOPPY_1000, FLOPPY_TYPE_2880K}, /* 2880K */
};

static u64 capacity(const struct floppy_format *format)
{
    return (u64)format->cylinders * format->heads * format->sectors;
}

/* The format that a DOS boot sector's parameter block describes; NULL: none of ours. */
static const struct floppy_format *format_of_boot_sector(struct block *block)
{
    u8 boot[BLOCK_SECTOR];

    if (block_read(block, 0, boot, 1) < 0 || get16(boot + 0x0b) != BLOCK_SECTOR)
        return NULL;
    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
        if (get16(boot + 0x13) == capacity(&formats[i]) &&
            get16(boot + 0x18) == formats[i].sectors && get16(boot + 0x1a) == formats[i].heads)
            return &formats[i];
    return NULL;
}

const struct floppy_format *floppy_format_of(struct block *block)
{
    const struct floppy_format *format;

    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
        if (capacity(&formats[i]) == block->sectors)
            return &formats[i];
    format = format_of_boot_sector(block);
    if (format && capacity(format) > block->sectors)
        return format;
    /* Programs that were put behind a boot sector count on 1440K's tracks. */
    for (unsigned i = FORMAT_1440K; i < ARRAY_SIZE(formats); i++)
        if (capacity(&formats[i]) > block->sectors)
            return &formats[i];
    return NULL;
}

/* Cylinders that the heads reach: a few more than a format has. */
static int reach(const struct floppy *floppy)
{
    return floppy->type == FLOPPY_TYPE_360K ? 42 : 84;
}

void floppy_step(struct floppy *floppy, int steps)
{
    int to = floppy->cylinder + steps;

    if (floppy->type == FLOPPY_TYPE_NONE || steps == 0)
        return;
    if (to < 0)
        to = 0;
    if (to >= reach(floppy))
        to = reach(floppy) - 1;
    floppy->cylinder = (u8)to;
    if (floppy->format)
        floppy->changed = false;
}

static u32 sector_number(const struct floppy *floppy, u8 head, u8 sector)
{
    const struct floppy_format *format = floppy->format;

    BUG_ON(floppy->cylinder >= format->cylinders || head >= format->heads || sector < 1 ||
           sector > format->sectors);
    return ((u32)floppy->cylinder * format->heads + head) * format->sectors + sector - 1;
}

int floppy_read(struct floppy *floppy, u8 head, u8 sector, void *data)
{
    u32 number = sector_number(floppy, head, sector);

    if (number >= floppy->block->sectors) { /* behind the image's end */
        memset(data, 0, BLOCK_SECTOR);
        return 0;
    }
    return block_read(floppy->block, number, data, 1);
}

int floppy_write(struct floppy *floppy, u8 head, u8 sector, const void *data, bool deleted)
{
    u32 number = sector_number(floppy, head, sector);
    u8 bit = (u8)(1u << number % 8);
    int r = block_write(floppy->block, number, data, 1);

    if (r == 0 && floppy->block->write_through)
        r = block_flush(floppy->block);
    if (r < 0)
        return r;
    if (deleted)
        floppy->deleted[number / 8] |= bit;
    else
        floppy->deleted[number / 8] &= (u8)~bit;
    return 0;
}

bool floppy_is_deleted(const struct floppy *floppy, u8 head, u8 sector)
{
    u32 number = sector_number(floppy, head, sector);

    return floppy->deleted[number / 8] & 1u << number % 8;
}

void floppy_reset(struct floppy *floppy)
{
    floppy->cylinder = 0;
    floppy->changed = floppy->type != FLOPPY_TYPE_NONE;
}

void floppy_state(struct floppy *floppy, struct state *state)
{
    state_u8(state, &floppy->cylinder);
    state_bool(state, &floppy->changed);
    state_bytes(state, floppy->deleted, sizeof(floppy->deleted));
    if (floppy->cylinder >= reach(floppy)) {
        state_reject(state);
        floppy->cylinder = 0;
    }
}

/* A drive takes its own disks, and the largest also those that have the same tracks. */
bool floppy_fits(const struct floppy *floppy, struct block *block)
{
    const struct floppy_format *format = floppy_format_of(block);

    return format && (floppy->type == format->type ||
                      (floppy->type == FLOPPY_TYPE_2880K && format->type == FLOPPY_TYPE_1440K));
}

void floppy_insert(struct floppy *floppy, struct block *block)
{
    floppy->block = block;
    floppy->format = block ? floppy_format_of(block) : NULL;
    floppy->changed = true;
    memset(floppy->deleted, 0, sizeof(floppy->deleted));
}

void floppy_init(struct floppy *floppy, struct block *block, enum floppy_type type)
{
    memset(floppy, 0, sizeof(*floppy));
    floppy->type = type;
    if (block) {
        floppy->block = block;
        floppy->format = floppy_format_of(block);
        BUG_ON(!floppy->format);
        floppy->type = floppy->format->type;
    }
    floppy_reset(floppy);
}
