/* The floppy disk controller's commands: the table of all, and those that deal with no sectors.
 *
 * Source: Intel 82077AA datasheet (290166), section 5. */
#include <string.h>

#include "devices/disk/fdc_chip.h"

static void run_invalid(struct fdc *fdc)
{
    fdc_answer(fdc, (const u8[]){ST0_INVALID}, 1, false);
}

static struct fdc_drive *drive_of(struct fdc *fdc)
{
    return &fdc->drive[fdc->command[1] & (FDC_DRIVES - 1)];
}

static void run_specify(struct fdc *fdc)
{
    memcpy(fdc->specify, fdc->command + 1, sizeof(fdc->specify));
    fdc_command_done(fdc);
}

static void run_sense_drive(struct fdc *fdc)
{
    const struct floppy *floppy = &drive_of(fdc)->floppy;
    u8 st3 = (fdc->command[1] & 7) | ST3_ALWAYS;

    if (floppy->type != FLOPPY_TYPE_NONE && floppy->cylinder == 0)
        st3 |= ST3_TRACK0;
    if (floppy->block && floppy->block->read_only)
        st3 |= ST3_PROTECTED;
    fdc_answer(fdc, &st3, 1, false);
}

/* The heads move when the time has come that they need; the command is over at once. */
static void start_seek(struct fdc *fdc, struct fdc_drive *drive, int steps, u8 to, u8 st0)
{
    unsigned distance = (unsigned)(steps < 0 ? -steps : steps);

    drive->seeking = true;
    drive->interrupt = false;
    drive->steps = (i16)steps;
    drive->to = to;
    drive->st0 = (u8)(st0 | ST0_SEEK_END | (fdc->command[1] & 3));
    timer_arm(&drive->timer, clock_now(fdc->clock) + FDC_SETTLE_NS + distance * (u64)FDC_STEP_NS);
    fdc_command_done(fdc);
}

void fdc_seek_due(void *opaque)
{
    struct fdc_drive *drive = opaque;

    floppy_step(&drive->floppy, drive->steps);
    drive->pcn = drive->to;
    drive->interrupt = true;
    fdc_interrupt(drive->fdc, true);
}

/* Up to 79 steps outwards; a drive that is not there never finds its track 0. */
static void run_recalibrate(struct fdc *fdc)
{
    struct fdc_drive *drive = drive_of(fdc);
    int cylinder = drive->floppy.cylinder;
    bool found = drive->floppy.type != FLOPPY_TYPE_NONE && cylinder <= 79;

    start_seek(fdc, drive, found ? -cylinder : -79, 0, found ? 0 : ST0_ABNORMAL | ST0_EQUIPMENT);
}

static void run_seek(struct fdc *fdc)
{
    struct fdc_drive *drive = drive_of(fdc);

    start_seek(fdc, drive, fdc->command[2] - drive->pcn, fdc->command[2], 0);
}

/* Bit 6: inwards. Outwards beyond track 0 is an error. */
static void run_relative_seek(struct fdc *fdc)
{
    struct fdc_drive *drive = drive_of(fdc);
    int steps = fdc->command[0] & 0x40 ? fdc->command[2] : -fdc->command[2];
    bool beyond = drive->floppy.cylinder + steps < 0;

    start_seek(fdc, drive, steps, (u8)(drive->pcn + steps),
               beyond ? ST0_ABNORMAL | ST0_EQUIPMENT : 0);
}

/* Tells of one drive, the lowest number first; the line falls, and rises again when a seek of
 * another drive has ended too. What polling found after a reset raises it but once. */
static void run_sense_interrupt(struct fdc *fdc)
{
    bool again = false;
    unsigned n = 0;

    while (n < FDC_DRIVES && !fdc->drive[n].interrupt)
        n++;
    if (n == FDC_DRIVES) {
        fdc_interrupt(fdc, false);
        run_invalid(fdc);
        return;
    }
    fdc->drive[n].interrupt = false;
    fdc->drive[n].seeking = false;
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        again |= fdc->drive[i].interrupt && fdc->drive[i].seeking;
    fdc_interrupt(fdc, false);
    if (again)
        fdc_interrupt(fdc, true);
    fdc_answer(fdc, (const u8[]){fdc->drive[n].st0, fdc->drive[n].pcn}, 2, false);
}

static void run_configure(struct fdc *fdc)
{
    fdc->config = fdc->command[2] & 0x7f;
    fdc->pretrk = fdc->command[3];
    fdc_command_done(fdc);
}

static void run_dumpreg(struct fdc *fdc)
{
    u8 bytes[FDC_RESULTS];

    for (unsigned i = 0; i < FDC_DRIVES; i++)
        bytes[i] = fdc->drive[i].pcn;
    bytes[4] = fdc->specify[0];
    bytes[5] = fdc->specify[1];
    bytes[6] = fdc->last_eot;
    bytes[7] = (fdc->lock ? 0x80 : 0) | fdc->perpendicular;
    bytes[8] = fdc->config;
    bytes[9] = fdc->pretrk;
    fdc_answer(fdc, bytes, sizeof(bytes), false);
}

static void run_version(struct fdc *fdc)
{
    fdc_answer(fdc, (const u8[]){0x90}, 1, false);
}

/* Bits 2 to 5 say which drives have vertical heads; they change only with bit 7. */
static void run_perpendicular(struct fdc *fdc)
{
    u8 value = fdc->command[1];

    if (value & 0x80)
        fdc->perpendicular = value & 0x3f;
    else
        fdc->perpendicular = (fdc->perpendicular & 0x3c) | (value & 0x03);
    fdc_command_done(fdc);
}

static void run_lock(struct fdc *fdc)
{
    fdc->lock = fdc->command[0] & 0x80;
    fdc_answer(fdc, (const u8[]){fdc->lock ? 0x10 : 0x00}, 1, false);
}

/* A command is the first row whose bits its code has. */
static const struct {
    u8 mask, code, length;
    void (*run)(struct fdc *fdc);
} commands[] = {
    {0x9f, CODE_READ_TRACK, 9, fdc_transfer_start},
    {0xff, 0x03, 3, run_specify},
    {0xff, 0x04, 2, run_sense_drive},
    {0x3f, CODE_WRITE, 9, fdc_transfer_start},
    {0x1f, CODE_READ, 9, fdc_transfer_start},
    {0xff, 0x07, 2, run_recalibrate},
    {0xff, 0x08, 1, run_sense_interrupt},
    {0x3f, CODE_WRITE_DELETED, 9, fdc_transfer_start},
    {0xbf, CODE_READ_ID, 2, fdc_transfer_start},
    {0x1f, CODE_READ_DELETED, 9, fdc_transfer_start},
    {0xbf, CODE_FORMAT, 6, fdc_transfer_start},
    {0xff, 0x0e, 1, run_dumpreg},
    {0xff, 0x0f, 3, run_seek},
    {0xbf, 0x8f, 3, run_relative_seek},
    {0xff, 0x10, 1, run_version},
    {0x1f, CODE_SCAN_EQUAL, 9, fdc_transfer_start},
    {0xff, 0x12, 2, run_perpendicular},
    {0xff, 0x13, 4, run_configure},
    {0x7f, 0x14, 1, run_lock},
    {0x1f, CODE_VERIFY, 9, fdc_transfer_start},
    {0x1f, CODE_SCAN_LOW, 9, fdc_transfer_start},
    {0x1f, CODE_SCAN_HIGH, 9, fdc_transfer_start},
};

static unsigned find(u8 code)
{
    unsigned i = 0;

    while (i < ARRAY_SIZE(commands) && (code & commands[i].mask) != commands[i].code)
        i++;
    return i;
}

unsigned fdc_command_length(u8 code)
{
    unsigned i = find(code);

    return i < ARRAY_SIZE(commands) ? commands[i].length : 1;
}

void fdc_command_run(struct fdc *fdc)
{
    unsigned i = find(fdc->command[0]);

    if (i < ARRAY_SIZE(commands))
        commands[i].run(fdc);
    else
        run_invalid(fdc);
}
