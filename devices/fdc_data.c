/* The floppy disk controller's commands that deal with sectors, from the track to the host and back.
 *
 * A command goes on by its timer, a sector each time. With DMA a sector's bytes go over the bus at once;
 * without it the host fetches or brings them in chunks as wide as the FIFO's threshold says, and takes all
 * the time it wants (an overrun is only seen with DMA, when the channel does not answer).
 *
 * Without a turning disk there are no index pulses, and a command waits for them until a reset, as on the
 * real chip; drivers have time limits. An image holds no errors, no gaps and sectors of 512 bytes alone: a
 * FORMAT TRACK that wants anything else ends as if the disk were write-protected.
 * SCAN compares byte by byte, and all bytes of a sector must satisfy the condition; 0xff from either side
 * does. Source: Intel 82077AA datasheet (290166), sections 5.1 and 6. */
#include <errno.h>
#include <string.h>

#include "devices/fdc_chip.h"

#define SECTOR_N 2 /* the size code of 512 bytes */
#define ANY_BYTE 0xff

static unsigned code_of(const struct fdc *fdc)
{
    return fdc->command[0] & COMMAND_CODE;
}

static struct floppy *floppy_of(struct fdc *fdc)
{
    return &fdc->drive[fdc->transfer.unit].floppy;
}

static bool multi_track(const struct fdc *fdc)
{
    return fdc->command[0] & COMMAND_MT && code_of(fdc) != CODE_READ_TRACK;
}

static bool uses_dma(const struct fdc *fdc)
{
    return !(fdc->specify[1] & SPECIFY_NO_DMA);
}

bool fdc_transfer_reads(const struct fdc *fdc)
{
    switch (code_of(fdc)) {
    case CODE_READ:
    case CODE_READ_DELETED:
    case CODE_READ_TRACK: return true;
    default: return false;
    }
}

/* From the host to the disk, or to be compared with it. */
static bool brings(const struct fdc *fdc)
{
    switch (code_of(fdc)) {
    case CODE_WRITE:
    case CODE_WRITE_DELETED:
    case CODE_FORMAT:
    case CODE_SCAN_EQUAL:
    case CODE_SCAN_LOW:
    case CODE_SCAN_HIGH: return true;
    default: return false;
    }
}

static bool changes_disk(const struct fdc *fdc)
{
    unsigned code = code_of(fdc);

    return code == CODE_WRITE || code == CODE_WRITE_DELETED || code == CODE_FORMAT;
}

static void go_on(struct fdc *fdc, enum fdc_step step, u64 ns)
{
    fdc->transfer.step = (u8)step;
    timer_arm(&fdc->timer, clock_now(fdc->clock) + ns);
}

static void finish(struct fdc *fdc, u8 st0)
{
    struct fdc_transfer *t = &fdc->transfer;
    const u8 bytes[] = {
        (u8)(st0 | (t->seeked ? ST0_SEEK_END : 0) | (t->head ? ST0_HEAD : 0) | t->unit),
        t->st1,
        t->st2,
        t->c,
        t->h,
        t->r,
        t->n};

    t->request = false;
    timer_cancel(&fdc->timer);
    dma_set_dreq(fdc->dma, fdc->channel, false);
    fdc_answer(fdc, bytes, sizeof(bytes), true);
}

static void fail(struct fdc *fdc, u8 st1, u8 st2)
{
    fdc->transfer.st1 |= st1;
    fdc->transfer.st2 |= st2;
    finish(fdc, ST0_ABNORMAL);
}

/* Whether IDs pass under the head: the rate is the disk's, the track and the side have been formatted. */
static bool has_ids(struct fdc *fdc)
{
    const struct floppy *floppy = floppy_of(fdc);
    const struct floppy_format *format = floppy->format;

    return fdc->command[0] & COMMAND_MFM && fdc->rate == format->rate &&
           floppy->cylinder < format->cylinders && fdc->transfer.head < format->heads;
}

/* Looks for the sector. False: the command has ended without it. */
static bool find_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    const struct floppy *floppy = floppy_of(fdc);

    if (!has_ids(fdc)) {
        fail(fdc, ST1_NO_ADDRESS, 0);
        return false;
    }
    if (t->c == floppy->cylinder && t->h == t->head && t->r >= 1 &&
        t->r <= floppy->format->sectors && t->n == SECTOR_N)
        return true;
    fail(fdc, ST1_NO_DATA, t->c != floppy->cylinder ? ST2_CYLINDER : 0);
    return false;
}

/* The ID behind this one, as the result phase tells it. (Datasheet, table 5-6) */
static void next_id(struct fdc *fdc, u8 step)
{
    struct fdc_transfer *t = &fdc->transfer;
    u8 eot = fdc->command[6];

    if (t->r < eot) {
        t->r = (u8)(eot - t->r < step ? eot + 1 : t->r + step);
        if (t->r <= eot)
            return;
    } else if (t->r > eot) {
        t->r++;
        return;
    }
    t->r = 1;
    if (!multi_track(fdc)) {
        t->c++;
        return;
    }
    if (t->head)
        t->c++;
    t->h ^= 1;
}

/* A sector is through. */
static void sector_done(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = code_of(fdc);
    bool scans = code == CODE_SCAN_EQUAL || code == CODE_SCAN_LOW || code == CODE_SCAN_HIGH;
    u8 step = scans && fdc->command[8] == 2 ? 2 : 1;
    u8 r = t->r, eot = fdc->command[6];
    bool last = r <= eot && eot - r < step;

    t->count++;
    if (t->stop) {
        finish(fdc, 0);
        return;
    }
    next_id(fdc, step);
    if (code == CODE_VERIFY && fdc->command[1] & 0x80) /* EC: so many sectors */
        t->done = t->count == fdc->command[8];
    if (t->done) {
        finish(fdc, 0);
        return;
    }
    if (last && multi_track(fdc) && !t->head) {
        t->head = 1;
    } else if (last) {
        if (scans || (code == CODE_VERIFY && !(fdc->command[1] & 0x80)))
            finish(fdc, 0);
        else
            fail(fdc, ST1_END, 0);
        return;
    }
    go_on(fdc, FDC_STEP_SECTOR, FDC_SECTOR_NS);
}

/* READ TRACK takes the sectors as they come; IDs that are not those asked for are noted. */
static void track_sector_done(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;

    t->count++;
    t->r++;
    if (!t->done && t->count < fdc->command[6]) {
        go_on(fdc, FDC_STEP_SECTOR, FDC_SECTOR_NS);
        return;
    }
    if (!t->done)
        t->st1 |= ST1_END;
    finish(fdc, t->st1 ? ST0_ABNORMAL : 0);
}

static void format_sector_done(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;

    t->count++;
    if (t->count < fdc->command[3] && !t->done)
        go_on(fdc, FDC_STEP_SECTOR, FDC_SECTOR_NS);
    else
        finish(fdc, t->st1 ? ST0_ABNORMAL : 0);
}

static void done(struct fdc *fdc)
{
    switch (code_of(fdc)) {
    case CODE_READ_TRACK: track_sector_done(fdc); break;
    case CODE_FORMAT: format_sector_done(fdc); break;
    default: sector_done(fdc);
    }
}

/* The host failed: as a disk's bad spot. */
static void fail_host(struct fdc *fdc, int error)
{
    if (error == -EROFS)
        fail(fdc, ST1_NO_WRITE, 0);
    else
        fail(fdc, ST1_DATA, ST2_DATA);
}

/* Opens the FIFO to the host for the next chunk. FIFOTHR + 1 is how many bytes may still be in it when a
 * host that brings is called, and how many may be missing from 16 when one that fetches is. */
static void open_chunk(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned threshold = (fdc->config & CONFIG_THRESHOLD) + 1;
    unsigned width = fdc->config & CONFIG_NO_FIFO || threshold > 15 ? 1 : 16 - threshold;

    t->chunk = (u16)(t->at + width < t->len ? t->at + width : t->len);
    t->request = true;
    fdc_interrupt(fdc, true);
}

/* False: the command has ended. With DMA in one go; a terminal count before the end leaves zeros. */
static bool over_bus(struct fdc *fdc, enum dma_direction direction)
{
    struct fdc_transfer *t = &fdc->transfer;

    if (!(fdc->dor & DOR_GATE)) { /* nobody sees the request */
        fail(fdc, ST1_OVERRUN, 0);
        return false;
    }
    t->at = (u16)dma_transfer(fdc->dma, fdc->channel, direction, t->buf, t->len, &t->done);
    if (t->at == t->len || t->done)
        return true;
    fail(fdc, ST1_OVERRUN, 0);
    return false;
}

static void store_format(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    struct floppy *floppy = floppy_of(fdc);
    u8 c = t->buf[0], h = t->buf[1], r = t->buf[2], n = t->buf[3];
    int error;

    if (t->done && t->at < 4) {
        done(fdc);
        return;
    }
    if (c != floppy->cylinder || h != t->head || r < 1 || r > floppy->format->sectors ||
        n != SECTOR_N) {
        t->st1 |= ST1_NO_WRITE;
        done(fdc);
        return;
    }
    memset(t->buf, fdc->command[5], sizeof(t->buf));
    error = floppy_write(floppy, t->head, r, t->buf, false);
    if (error < 0)
        fail_host(fdc, error);
    else
        done(fdc);
}

static bool scan_holds(const struct fdc *fdc, u8 disk, u8 host)
{
    if (disk == ANY_BYTE || host == ANY_BYTE)
        return true;
    switch (code_of(fdc)) {
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
    int error = floppy_read(floppy_of(fdc), t->head, t->r, disk);

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
    done(fdc);
}

/* Write-protected; or a track that an image cannot hold. */
static bool is_protected(struct fdc *fdc)
{
    const struct floppy *floppy = floppy_of(fdc);

    if (!changes_disk(fdc))
        return false;
    return floppy->block->read_only ||
           (code_of(fdc) == CODE_FORMAT && (fdc->transfer.n != SECTOR_N || !has_ids(fdc) ||
                                            fdc->command[3] != floppy->format->sectors));
}

/* The bytes of the host for this sector are there. */
static void store(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = code_of(fdc);
    int error;

    if (is_protected(fdc)) { /* the guest changed the rate, or moved the heads */
        fail(fdc, ST1_NO_WRITE, 0);
        return;
    }
    if (code == CODE_FORMAT) {
        store_format(fdc);
        return;
    }
    if (!find_sector(fdc))
        return;
    if (!changes_disk(fdc)) {
        scan_sector(fdc);
        return;
    }
    memset(t->buf + t->at, 0, sizeof(t->buf) - t->at);
    error = floppy_write(floppy_of(fdc), t->head, t->r, t->buf, code == CODE_WRITE_DELETED);
    if (error < 0)
        fail_host(fdc, error);
    else
        done(fdc);
}

/* Marks: with SK, sectors of the other kind are passed over; without it the first one ends the command. True:
 * passed over. (Datasheet, tables 5-4 and 5-5) */
static bool skip_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = code_of(fdc);
    bool deleted = floppy_is_deleted(floppy_of(fdc), t->head, t->r);

    if (changes_disk(fdc) || deleted == (code == CODE_READ_DELETED))
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
    return (u8)(fdc->transfer.count % floppy_of(fdc)->format->sectors + 1);
}

static void read_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    bool track = code_of(fdc) == CODE_READ_TRACK;
    u8 sector = track ? track_sector(fdc) : t->r;
    int error;

    if (track &&
        (t->c != floppy_of(fdc)->cylinder || t->h != t->head || t->r != sector || t->n != SECTOR_N))
        t->st1 |= ST1_NO_DATA;
    error = floppy_read(floppy_of(fdc), t->head, sector, t->buf);
    if (error < 0) {
        fail_host(fdc, error);
        return;
    }
    if (!fdc_transfer_reads(fdc)) /* VERIFY */
        done(fdc);
    else if (!uses_dma(fdc))
        open_chunk(fdc);
    else if (over_bus(fdc, DMA_TO_MEMORY))
        done(fdc);
}

/* The first ID that passes, by how far the disk has turned. */
static void read_id(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned sectors = floppy_of(fdc)->format->sectors;

    if (!has_ids(fdc)) {
        fail(fdc, ST1_NO_ADDRESS, 0);
        return;
    }
    t->c = floppy_of(fdc)->cylinder;
    t->h = t->head;
    t->r = (u8)(clock_now(fdc->clock) % FDC_TURN_NS * sectors / FDC_TURN_NS + 1);
    t->n = SECTOR_N;
    finish(fdc, 0);
}

static void next_sector(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = code_of(fdc);
    bool whole = code == CODE_READ_TRACK || code == CODE_FORMAT;

    if (is_protected(fdc)) {
        fail(fdc, ST1_NO_WRITE, 0);
        return;
    }
    if (whole && !has_ids(fdc)) {
        fail(fdc, ST1_NO_ADDRESS, 0);
        return;
    }
    if (!whole && !find_sector(fdc))
        return;
    if (!whole && skip_sector(fdc)) {
        done(fdc);
        return;
    }
    t->at = 0;
    t->len = code == CODE_FORMAT ? 4 : BLOCK_SECTOR;
    if (!brings(fdc))
        read_sector(fdc);
    else if (!uses_dma(fdc))
        open_chunk(fdc);
    else if (over_bus(fdc, DMA_FROM_MEMORY))
        store(fdc);
}

/* A disk that turns under the heads. */
static bool turning(struct fdc *fdc)
{
    unsigned unit = fdc->transfer.unit;

    return floppy_of(fdc)->format && fdc->dor & DOR_MOTOR << unit;
}

void fdc_transfer_due(void *opaque)
{
    struct fdc *fdc = opaque;

    if (fdc->phase != FDC_EXECUTION || !turning(fdc))
        return;
    switch ((enum fdc_step)fdc->transfer.step) {
    case FDC_STEP_SECTOR:
        if (code_of(fdc) == CODE_READ_ID)
            read_id(fdc);
        else
            next_sector(fdc);
        break;
    case FDC_STEP_CHUNK: open_chunk(fdc); break;
    case FDC_STEP_STORE: store(fdc); break;
    }
}

/* After a byte went through the FIFO. */
static void chunk_moved(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;

    if (t->at < t->chunk)
        return;
    t->request = false;
    fdc_interrupt(fdc, false);
    if (t->at < t->len)
        go_on(fdc, FDC_STEP_CHUNK, FDC_CHUNK_NS);
    else if (brings(fdc))
        go_on(fdc, FDC_STEP_STORE, FDC_SECTOR_NS);
    else if (turning(fdc))
        done(fdc);
}

u8 fdc_transfer_get(struct fdc *fdc)
{
    u8 value = fdc->transfer.buf[fdc->transfer.at++];

    chunk_moved(fdc);
    return value;
}

void fdc_transfer_put(struct fdc *fdc, u8 value)
{
    fdc->transfer.buf[fdc->transfer.at++] = value;
    chunk_moved(fdc);
}

/* CONFIGURE's implied seek, before anything else. */
static u64 implied_seek(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    struct fdc_drive *drive = &fdc->drive[t->unit];
    int steps = t->c - drive->pcn;
    unsigned code = code_of(fdc);

    if (!(fdc->config & CONFIG_SEEK) || steps == 0 || code == CODE_FORMAT || code == CODE_READ_ID)
        return 0;
    floppy_step(&drive->floppy, steps);
    drive->pcn = t->c;
    t->seeked = true;
    return FDC_SETTLE_NS + (u64)(steps < 0 ? -steps : steps) * FDC_STEP_NS;
}

void fdc_transfer_start(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    const u8 *command = fdc->command;
    unsigned code = code_of(fdc);
    bool id = code == CODE_READ_ID, format = code == CODE_FORMAT;
    u64 ns = FDC_START_NS;

    memset(t, 0, sizeof(*t));
    t->unit = command[1] & 3;
    t->head = command[1] >> 2 & 1;
    if (!id && !format) {
        t->c = command[2];
        t->h = command[3];
        t->r = command[4];
        t->n = command[5];
        fdc->last_eot = command[6];
        ns += implied_seek(fdc);
    } else if (format) {
        t->n = command[2];
        fdc->last_eot = command[3];
    }
    fdc->phase = FDC_EXECUTION;
    if (!turning(fdc))
        return; /* no index pulse comes */
    if (uses_dma(fdc) && !id && code != CODE_VERIFY)
        dma_set_dreq(fdc->dma, fdc->channel, true);
    go_on(fdc, FDC_STEP_SECTOR, ns);
}
