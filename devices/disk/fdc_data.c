/* The floppy disk controller's transfers, from the disk to the host and back.
 *
 * A command goes on by its timer, a sector each time. With DMA a sector's bytes go over the bus at
 * once; without it the host fetches or brings them in chunks as wide as the FIFO's threshold says,
 * and takes all the time it wants (an overrun is only seen with DMA, when the channel does not
 * answer).
 *
 * Without a turning disk there are no index pulses, and a command waits for them until a reset, as
 * on the real chip; drivers have time limits.
 *
 * A multi-track READ or WRITE DATA with an EOT behind the track's last sector looks in vain for the
 * sectors between on the real chip. SeaBIOS gives the last sector of the whole transfer, as if the
 * track were that long, and relies on a controller that goes on with the other head and the next
 * cylinder until the terminal count. This one does so, too; afterwards the heads are where they
 * were, since such a BIOS does not know that they moved. Source: Intel 82077AA datasheet (290166),
 * section 5.1. */
#include <string.h>

#include "devices/disk/fdc_chip.h"

static bool multi_track(const struct fdc *fdc)
{
    return fdc->command[0] & COMMAND_MT && fdc_code(fdc) != CODE_READ_TRACK;
}

bool fdc_transfer_reads(const struct fdc *fdc)
{
    switch (fdc_code(fdc)) {
    case CODE_READ:
    case CODE_READ_DELETED:
    case CODE_READ_TRACK: return true;
    default: return false;
    }
}

/* From the host to the disk, or to be compared with it. */
bool fdc_transfer_brings(const struct fdc *fdc)
{
    switch (fdc_code(fdc)) {
    case CODE_WRITE:
    case CODE_WRITE_DELETED:
    case CODE_FORMAT:
    case CODE_SCAN_EQUAL:
    case CODE_SCAN_LOW:
    case CODE_SCAN_HIGH: return true;
    default: return false;
    }
}

bool fdc_transfer_writes(const struct fdc *fdc)
{
    unsigned code = fdc_code(fdc);

    return code == CODE_WRITE || code == CODE_WRITE_DELETED || code == CODE_FORMAT;
}

static void go_on(struct fdc *fdc, enum fdc_step step, u64 ns)
{
    fdc->transfer.step = (u8)step;
    timer_arm(&fdc->timer, clock_now(fdc->clock) + ns);
}

/* Moves the heads within a command (see above). */
static void step_over(struct fdc *fdc, int steps)
{
    struct fdc_drive *drive = &fdc->drive[fdc->transfer.unit];

    fdc->transfer.over = (u8)(fdc->transfer.over + steps);
    drive->pcn = (u8)(drive->pcn + steps);
    floppy_step(&drive->floppy, steps);
}

void fdc_finish(struct fdc *fdc, u8 st0)
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
    step_over(fdc, -t->over);
    timer_cancel(&fdc->timer);
    dma_set_dreq(fdc->dma, fdc->channel, false);
    fdc_answer(fdc, bytes, sizeof(bytes), true);
}

void fdc_fail(struct fdc *fdc, u8 st1, u8 st2)
{
    fdc->transfer.st1 |= st1;
    fdc->transfer.st2 |= st2;
    fdc_finish(fdc, ST0_ABNORMAL);
}

/* Whether the command goes on from track to track until the terminal count (see above). */
static bool runs_over(struct fdc *fdc)
{
    unsigned code = fdc_code(fdc);

    return (code == CODE_READ || code == CODE_WRITE) && multi_track(fdc) && fdc_uses_dma(fdc) &&
           fdc->command[6] > fdc_floppy(fdc)->format->sectors;
}

/* Whether the other side of the cylinder is the command's, too. A disk that has none is passed
 * over. */
static bool both_sides(struct fdc *fdc)
{
    return multi_track(fdc) && !(runs_over(fdc) && fdc_floppy(fdc)->format->heads == 1);
}

/* The number of the track's last sector for this command. */
static u8 last_sector(struct fdc *fdc)
{
    return runs_over(fdc) ? fdc_floppy(fdc)->format->sectors : fdc->command[6];
}

/* The ID behind this one, as the result phase tells it. (Datasheet, table 5-6) */
static void next_id(struct fdc *fdc, u8 step)
{
    struct fdc_transfer *t = &fdc->transfer;
    u8 eot = last_sector(fdc);

    if (t->r < eot) {
        t->r = (u8)(eot - t->r < step ? eot + 1 : t->r + step);
        if (t->r <= eot)
            return;
    } else if (t->r > eot) {
        t->r++;
        return;
    }
    t->r = 1;
    if (t->head || !both_sides(fdc))
        t->c++;
    if (both_sides(fdc))
        t->h ^= 1;
}

/* A sector is through. */
static void sector_done(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned code = fdc_code(fdc);
    bool scans = code == CODE_SCAN_EQUAL || code == CODE_SCAN_LOW || code == CODE_SCAN_HIGH;
    u8 step = scans && fdc->command[8] == 2 ? 2 : 1;
    u8 r = t->r, eot = last_sector(fdc);
    bool last = r <= eot && eot - r < step;

    t->count++;
    if (t->stop) {
        fdc_finish(fdc, 0);
        return;
    }
    next_id(fdc, step);
    if (code == CODE_VERIFY && fdc->command[1] & 0x80) /* EC: so many sectors */
        t->done = t->count == fdc->command[8];
    if (t->done) {
        fdc_finish(fdc, 0);
        return;
    }
    if (last && both_sides(fdc) && !t->head) {
        t->head = 1;
    } else if (last && runs_over(fdc)) {
        t->head = 0;
        step_over(fdc, 1);
    } else if (last) {
        if (scans || (code == CODE_VERIFY && !(fdc->command[1] & 0x80)))
            fdc_finish(fdc, 0);
        else
            fdc_fail(fdc, ST1_END, 0);
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
    fdc_finish(fdc, t->st1 ? ST0_ABNORMAL : 0);
}

static void format_sector_done(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;

    t->count++;
    if (t->count < fdc->command[3] && !t->done)
        go_on(fdc, FDC_STEP_SECTOR, FDC_SECTOR_NS);
    else
        fdc_finish(fdc, t->st1 ? ST0_ABNORMAL : 0);
}

void fdc_sector_done(struct fdc *fdc)
{
    switch (fdc_code(fdc)) {
    case CODE_READ_TRACK: track_sector_done(fdc); break;
    case CODE_FORMAT: format_sector_done(fdc); break;
    default: sector_done(fdc);
    }
}

/* Opens the FIFO to the host for the next chunk. FIFOTHR + 1 is how many bytes may still be in it
 * when a host that brings is called, and how many may be missing from 16 when one that fetches is. */
void fdc_open_chunk(struct fdc *fdc)
{
    struct fdc_transfer *t = &fdc->transfer;
    unsigned threshold = (fdc->config & CONFIG_THRESHOLD) + 1;
    unsigned width = fdc->config & CONFIG_NO_FIFO || threshold > 15 ? 1 : 16 - threshold;

    t->chunk = (u16)(t->at + width < t->len ? t->at + width : t->len);
    t->request = true;
    fdc_interrupt(fdc, true);
}

/* With DMA in one go; a terminal count before the end leaves zeros. False: the command has ended. */
bool fdc_over_bus(struct fdc *fdc, enum dma_direction direction)
{
    struct fdc_transfer *t = &fdc->transfer;

    if (!(fdc->dor & DOR_GATE)) { /* nobody sees the request */
        fdc_fail(fdc, ST1_OVERRUN, 0);
        return false;
    }
    t->at = (u16)dma_transfer(fdc->dma, fdc->channel, direction, t->buf, t->len, &t->done);
    if (t->at == t->len || t->done)
        return true;
    fdc_fail(fdc, ST1_OVERRUN, 0);
    return false;
}

/* A disk that turns under the heads. */
static bool turning(struct fdc *fdc)
{
    unsigned unit = fdc->transfer.unit;

    return fdc_floppy(fdc)->format && fdc->dor & DOR_MOTOR << unit;
}

void fdc_transfer_due(void *opaque)
{
    struct fdc *fdc = opaque;

    if (fdc->phase != FDC_EXECUTION || !turning(fdc))
        return;
    switch ((enum fdc_step)fdc->transfer.step) {
    case FDC_STEP_SECTOR:
        if (fdc_code(fdc) == CODE_READ_ID)
            fdc_sector_id(fdc);
        else
            fdc_sector_next(fdc);
        break;
    case FDC_STEP_CHUNK: fdc_open_chunk(fdc); break;
    case FDC_STEP_STORE: fdc_sector_store(fdc); break;
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
    else if (fdc_transfer_brings(fdc))
        go_on(fdc, FDC_STEP_STORE, FDC_SECTOR_NS);
    else if (turning(fdc))
        fdc_sector_done(fdc);
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
    unsigned code = fdc_code(fdc);

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
    unsigned code = fdc_code(fdc);
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
    if (fdc_uses_dma(fdc) && !id && code != CODE_VERIFY)
        dma_set_dreq(fdc->dma, fdc->channel, true);
    go_on(fdc, FDC_STEP_SECTOR, ns);
}
