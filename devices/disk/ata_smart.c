/* An ATA disk's SMART feature set: a disk in good health, whose self-tests pass at once.
 *
 * Implemented: switching it on and off, attributes with their thresholds, the status, self-tests and their log (the last
 * one), the log directory and an empty error log. Attributes are those that have a meaning without mechanics; their values
 * never change. Source: T13 1410D (ATA/ATAPI-6), section 8.55; T13 1321D for the format of attributes. */
#include <string.h>

#include "devices/disk/ata.h"

enum smart_command {
    READ_DATA = 0xd0,
    READ_THRESHOLDS = 0xd1,
    AUTOSAVE = 0xd2,
    SAVE_ATTRIBUTES = 0xd3,
    EXECUTE_TEST = 0xd4,
    READ_LOG = 0xd5,
    ENABLE = 0xd8,
    DISABLE = 0xd9,
    RETURN_STATUS = 0xda,
};

#define KEY_MID  0x4f /* in every command, and in the answer of a disk that is well */
#define KEY_HIGH 0xc2

#define LOG_DIRECTORY 0x00
#define LOG_ERRORS    0x01 /* a summary */
#define LOG_TESTS     0x06

static const struct {
    u8 id, value, threshold, raw;
    u16 flags; /* bit 0: below the threshold it is about to fail; bit 1: kept up all the time */
} attributes[] = {
    {1, 100, 50, 0, 0x000b},  /* errors of raw reads */
    {5, 100, 36, 0, 0x0033},  /* sectors that were moved */
    {12, 100, 0, 1, 0x0032},  /* how often it was switched on */
    {197, 100, 0, 0, 0x0012}, /* sectors that wait to be moved */
};

#define ATTRIBUTE_LEN 12

static void put_attributes(u8 *data, bool thresholds)
{
    u8 *p = data + 2;

    for (unsigned i = 0; i < ARRAY_SIZE(attributes); i++, p += ATTRIBUTE_LEN) {
        p[0] = attributes[i].id;
        if (thresholds) {
            p[1] = attributes[i].threshold;
        } else {
            put16(p + 1, attributes[i].flags);
            p[3] = p[4] = attributes[i].value; /* now, and at the worst */
            p[5] = attributes[i].raw;
        }
    }
}

static void read_data(struct ide_drive *drive)
{
    u8 *data = drive->buffer;

    put16(data, 0x0010); /* the format's version */
    put_attributes(data, false);
    data[367] = 0x11;          /* off-line tests on demand, self-tests */
    put16(data + 368, 0x03);   /* attributes are kept */
    data[370] = 0x01;          /* there is an error log */
    data[372] = data[373] = 1; /* minutes of the short and the long test */
}

static void read_thresholds(struct ide_drive *drive)
{
    put16(drive->buffer, 0x0010);
    put_attributes(drive->buffer, true);
}

/* One sector of a log. False: there is no such. */
static bool read_log(struct ide_drive *drive)
{
    u8 *data = drive->buffer;

    switch (drive->now.low) {
    case LOG_DIRECTORY:
        put16(data, 1);
        put16(data + 2 * LOG_ERRORS, 1); /* sectors of each */
        put16(data + 2 * LOG_TESTS, 1);
        return true;
    case LOG_ERRORS: data[0] = 1; return true;
    case LOG_TESTS:
        put16(data, 1);
        if (drive->ata.self_test) { /* completed without an error, at power-on hour 0 */
            data[2] = drive->ata.self_test;
            data[508] = 1; /* the entry that was written last */
        }
        return true;
    default: return false;
    }
}

/* Off-line data, a short and a long test, and the latter two while the host waits (bit 7). */
static bool execute(struct ide_drive *drive)
{
    u8 test = drive->now.low;

    if ((test & 0x7f) > 2 && test != 0x7f)
        return false;
    if (test != 0x7f && test & 0x7f) /* 7fh breaks off what runs: nothing does */
        drive->ata.self_test = test;
    return true;
}

/* The buffer's sector goes to the host. */
static void answer(struct ide_drive *drive)
{
    ata_put_sum(drive->buffer);
    ide_move(drive, IDE_PIO_IN, 0, BLOCK_SECTOR);
    ide_interrupt(drive);
}

void ata_smart(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;
    u8 command = drive->now.feature;
    bool good = drive->now.mid == KEY_MID && drive->now.high == KEY_HIGH &&
                (ata->smart || command == ENABLE);
    bool data = false;

    memset(drive->buffer, 0, BLOCK_SECTOR);
    switch (good ? command : 0) {
    case READ_DATA: read_data(drive), data = true; break;
    case READ_THRESHOLDS: read_thresholds(drive), data = true; break;
    case READ_LOG: good = data = read_log(drive); break;
    case EXECUTE_TEST: good = execute(drive); break;
    case ENABLE: ata->smart = true; break;
    case DISABLE: ata->smart = false; break;
    case AUTOSAVE:
    case SAVE_ATTRIBUTES:
    case RETURN_STATUS: break; /* the registers' key stays, which says that it is well */
    default: good = false;
    }
    if (data)
        answer(drive);
    else if (good)
        ide_complete(drive);
    else
        ide_fail(drive, IDE_ABRT);
}
