/* The floppy disk controller at a sector: finding, reading, writing, comparing, formatting it.
 *
 * An image holds no errors, no gaps and sectors of 512 bytes alone: a FORMAT TRACK that wants
 * anything else ends as if the disk were write-protected. SCAN compares byte by byte, and all
 * bytes of a sector must satisfy the condition; 0xff from either side does. Source: Intel 82077AA
 * datasheet (290166), sections 5.1 and 6. */
#include <errno.h>
#include <string.h>

#include "devices/disk/fdc_chip.h"

#define SECTOR_N 2 /* the size code of 512 bytes */
#define ANY_BYTE 0xff

/* Whether IDs pass under the head: the rate is the disk's, the track and the side have been
 * formatted. */
static bool has_ids(struct fdc *fdc)
{
    const struct floppy *floppy = fdc_floppy(fdc);
    const struct floppy_format *format = floppy->format;

    return fdc->command[0] & COMMAND_MFM && fdc->rate == format->rate &&
           floppy->cylinder < format->cylinders && fdc->transfer.head < format->heads;
}

/* Looks for the sector. False: the command has ended without it. */
static bool find_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    const struct floppy *floppy = fdc_floppy(fdc);

    if (!has_ids(fdc)) {
        fdc_fail(fdc, ST1_NO_ADDRESS, 0);
        return false;
    }
    if (t->c == floppy->cylinder && t->h == t->head && t->r >= 1 &&
        t->r <= floppy->format->sectors && t->n == SECTOR_N)
        return true;
    fdc_fail(fdc, ST1_NO_DATA, t->c != floppy->cylinder ? ST2_CYLINDER : 0);
    return false;
}

/* The host failed: as a disk's bad spot. */
static void fail_host(struct fdc *fdc, int error)
{
    if (error == -EROFS)
        fdc_fail(fdc, ST1_NO_WRITE, 0);
    else
        fdc_fail(fdc, ST1_DATA, ST2_DATA);
}

static void store_format(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    struct floppy *floppy = fdc_floppy(fdc);
    u8 c = t->buf[0], h = t->buf[1], r = t->buf[2], n = t->buf[3];
    int error;

    if (t->done && t->at < 4) {
        fdc_sector_done(fdc);
        return;
    }
    if (c != floppy->cylinder || h != t->head || r < 1 || r > floppy->format->sectors ||
        n != SECTOR_N) {
        t->st1 |= ST1_NO_WRITE;
        fdc_sector_done(fdc);
        return;
    }
    memset(t->buf, fdc->command[5], sizeof(t->buf));
    error = floppy_write(floppy, t->head, r, t->buf, false);
    if (error < 0)
        fail_host(fdc, error);
    else
        fdc_sector_done(fdc);
}

static bool scan_holds(const struct fdc *fdc, u8 disk, u8 host)
{
    if (disk == ANY_BYTE || host == ANY_BYTE)
        return true;
    switch (fdc_code(fdc)) {
    case CODE_SCAN_LOW: return disk <= host;
    case CODE_SCAN_HIGH: return disk >= host;
    default: return disk == host;
    }
}

static void scan_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    bool holds = true, equal = true;
    u8 disk[BLOCK_SECTOR];
    int error = floppy_read(fdc_floppy(fdc), t->head, t->r, disk);

    if (error < 0) {
        fail_host(fdc, error);
        return;
    }
    for (unsigned i = 0; i < t->at; i++) {
        holds &= scan_holds(fdc, disk[i], t->buf[i]);
        equal &= disk[i] == t->buf[i] || disk[i] == ANY_BYTE || t->buf[i] == ANY_BYTE;
    }
    t->st2 &= (u8) ~(ST2_HIT | ST2_NO_HIT);
    t->st2 |= holds ? (equal ? ST2_HIT : 0) : ST2_NO_HIT;
    t->stop |= holds;
    fdc_sector_done(fdc);
}

/* Write-protected; or a track that an image cannot hold. */
static bool is_protected(struct fdc *fdc)
{
    const struct floppy *floppy = fdc_floppy(fdc);

    if (!fdc_transfer_writes(fdc))
        return false;
    return floppy->block->read_only ||
           (fdc_code(fdc) == CODE_FORMAT && (fdc->transfer.n != SECTOR_N || !has_ids(fdc) ||
                                             fdc->command[3] != floppy->format->sectors));
}

/* The bytes of the host for this sector are there. */
void fdc_sector_store(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = fdc_code(fdc);
    int error;

    if (is_protected(fdc)) { /* the guest changed the rate, or moved the heads */
        fdc_fail(fdc, ST1_NO_WRITE, 0);
        return;
    }
    if (code == CODE_FORMAT) {
        store_format(fdc);
        return;
    }
    if (!find_sector(fdc))
        return;
    if (!fdc_transfer_writes(fdc)) {
        scan_sector(fdc);
        return;
    }
    memset(t->buf + t->at, 0, sizeof(t->buf) - t->at);
    error = floppy_write(fdc_floppy(fdc), t->head, t->r, t->buf, code == CODE_WRITE_DELETED);
    if (error < 0)
        fail_host(fdc, error);
    else
        fdc_sector_done(fdc);
}

/* Marks: with SK, sectors of the other kind are passed over; without it the first one ends the
 * command. True: passed over. (Datasheet, tables 5-4 and 5-5) */
static bool skip_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = fdc_code(fdc);
    bool deleted = floppy_is_deleted(fdc_floppy(fdc), t->head, t->r);

    if (fdc_transfer_writes(fdc) || deleted == (code == CODE_READ_DELETED))
        return false;
    t->st2 |= ST2_MARK;
    if (fdc->command[0] & COMMAND_SKIP)
        return true;
    t->stop = code == CODE_READ || code == CODE_READ_DELETED || code == CODE_VERIFY;
    return false;
}

/* The physical sector of READ TRACK: the first one is behind the index hole. */
static u8 track_sector(struct fdc *fdc)
{
    return (u8)(fdc->transfer.count % fdc_floppy(fdc)->format->sectors + 1);
}

static void read_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    bool track = fdc_code(fdc) == CODE_READ_TRACK;
    u8 sector = track ? track_sector(fdc) : t->r;
    int error;

    if (track && (t->c != fdc_floppy(fdc)->cylinder || t->h != t->head || t->r != sector ||
                  t->n != SECTOR_N))
        t->st1 |= ST1_NO_DATA;
    error = floppy_read(fdc_floppy(fdc), t->head, sector, t->buf);
    if (error < 0) {
        fail_host(fdc, error);
        return;
    }
    if (!fdc_transfer_reads(fdc)) /* VERIFY */
        fdc_sector_done(fdc);
    else if (!fdc_uses_dma(fdc))
        fdc_open_chunk(fdc);
    else if (fdc_over_bus(fdc, DMA_TO_MEMORY))
        fdc_sector_done(fdc);
}

/* The first ID that passes, by how far the disk has turned. */
void fdc_sector_id(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned sectors = fdc_floppy(fdc)->format->sectors;

    if (!has_ids(fdc)) {
        fdc_fail(fdc, ST1_NO_ADDRESS, 0);
        return;
    }
    t->c = fdc_floppy(fdc)->cylinder;
    t->h = t->head;
    t->r = (u8)(clock_now(fdc->clock) % FDC_TURN_NS * sectors / FDC_TURN_NS + 1);
    t->n = SECTOR_N;
    fdc_finish(fdc, 0);
}

void fdc_sector_next(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = fdc_code(fdc);
    bool whole = code == CODE_READ_TRACK || code == CODE_FORMAT;

    if (is_protected(fdc)) {
        fdc_fail(fdc, ST1_NO_WRITE, 0);
        return;
    }
    if (whole && !has_ids(fdc)) {
        fdc_fail(fdc, ST1_NO_ADDRESS, 0);
        return;
    }
    if (!whole && !find_sector(fdc))
        return;
    if (!whole && skip_sector(fdc)) {
        fdc_sector_done(fdc);
        return;
    }
    t->at = 0;
    t->len = code == CODE_FORMAT ? 4 : BLOCK_SECTOR;
    if (!fdc_transfer_brings(fdc))
        read_sector(fdc);
    else if (!fdc_uses_dma(fdc))
        fdc_open_chunk(fdc);
    else if (fdc_over_bus(fdc, DMA_FROM_MEMORY))
        fdc_sector_store(fdc);
}
