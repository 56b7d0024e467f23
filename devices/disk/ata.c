/* An ATA disk: its commands but for transfers.
 *
 * Implemented: everything that a disk without the packet feature set must have at the level of
 * ATA/ATAPI-6, 48-bit addresses, READ NATIVE MAX ADDRESS, SMART, TRIM; the retired commands RECALIBRATE, SEEK,
 * INITIALIZE DEVICE PARAMETERS and the first numbers of the power commands. The write cache is the
 * host's: FLUSH CACHE asks it to write, and so does every write while it is off. Not implemented, and aborted: SET MAX, security, advanced
 * power and acoustic management, DOWNLOAD MICROCODE, queued and streaming commands, READ LONG. Standby
 * and idle are states that CHECK POWER MODE tells, without timers.
 * Source: T13 1410D (ATA/ATAPI-6), section 8; X3.221 (ATA-1) for what is retired. */
#include "devices/disk/ata.h"

#include <string.h>

enum ata_command {
    NOP = 0x00,
    DATA_SET_MANAGEMENT = 0x06,
    RECALIBRATE = 0x10, /* to 0x1f */
    READ_NATIVE_MAX_EXT = 0x27,
    SEEK = 0x70, /* to 0x7f */
    INITIALIZE_PARAMETERS = 0x91,
    STANDBY_IMMEDIATE_OLD = 0x94,
    IDLE_IMMEDIATE_OLD = 0x95,
    STANDBY_OLD = 0x96,
    IDLE_OLD = 0x97,
    CHECK_POWER_OLD = 0x98,
    SLEEP_OLD = 0x99,
    SMART = 0xb0,
    SET_MULTIPLE = 0xc6,
    STANDBY_IMMEDIATE = 0xe0,
    IDLE_IMMEDIATE = 0xe1,
    STANDBY = 0xe2,
    IDLE = 0xe3,
    READ_BUFFER = 0xe4,
    CHECK_POWER = 0xe5,
    SLEEP = 0xe6,
    FLUSH_CACHE = 0xe7,
    WRITE_BUFFER = 0xe8,
    FLUSH_CACHE_EXT = 0xea,
    IDENTIFY = 0xec,
    SET_FEATURES = 0xef,
    READ_NATIVE_MAX = 0xf8,
};

/* SET FEATURES. */
#define FEATURE_WRITE_CACHE   0x02
#define FEATURE_TRANSFER_MODE 0x03
#define FEATURE_NO_LOOK_AHEAD 0x55
#define FEATURE_KEEP          0x66
#define FEATURE_NO_CACHE      0x82
#define FEATURE_LOOK_AHEAD    0xaa
#define FEATURE_NO_KEEP       0xcc

#define POWER_STANDBY 0x00
#define POWER_IDLE    0x80
#define POWER_ACTIVE  0xff

static void set_defaults(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;

    ata->geometry = ata->own;
    ata->multiple = ATA_MULTIPLE_MAX;
    ata->write_cache = !drive->block->write_through;
    ata->look_ahead = true;
}

static void abort_command(struct ide_drive *drive)
{
    ide_fail(drive, IDE_ABRT);
}

static void flush(struct ide_drive *drive)
{
    int r = block_flush(drive->block);

    if (r < 0 && !ide_passes(drive, true, r))
        abort_command(drive);
    else if (!drive->waiting)
        ide_complete(drive);
}

static void set_features(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;

    switch (drive->now.feature) {
    case FEATURE_WRITE_CACHE: ata->write_cache = true; break;
    case FEATURE_NO_CACHE:
        ata->write_cache = false;
        flush(drive);
        return;
    case FEATURE_LOOK_AHEAD: ata->look_ahead = true; break;
    case FEATURE_NO_LOOK_AHEAD: ata->look_ahead = false; break;
    case FEATURE_KEEP: ata->keep = true; break;
    case FEATURE_NO_KEEP: ata->keep = false; break;
    case FEATURE_TRANSFER_MODE:
        if (ata_set_mode(&ata->mode, drive->now.count, 5))
            break;
        abort_command(drive);
        return;
    default: abort_command(drive); return;
    }
    ide_complete(drive);
}

/* Heads in the device register, sectors a track in the count register. */
static void initialize_parameters(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;
    u8 heads = (drive->device & 0x0f) + 1, track = drive->now.count;

    if (!track) {
        abort_command(drive);
        return;
    }
    ata->geometry.heads = heads;
    ata->geometry.track = track;
    ata->geometry.cylinders = ata_cylinders(ata->sectors, heads, track);
    ide_complete(drive);
}

static void set_multiple(struct ide_drive *drive)
{
    u8 count = drive->now.count;

    if (count > ATA_MULTIPLE_MAX || (count & (count - 1))) {
        abort_command(drive);
        return;
    }
    drive->ata.multiple = count; /* 0: READ and WRITE MULTIPLE are off */
    ide_complete(drive);
}

static void seek(struct ide_drive *drive)
{
    u64 lba;

    if (ata_get_address(drive, false, &lba))
        ide_complete(drive);
    else
        ide_fail(drive, IDE_IDNF);
}

static void read_native_max(struct ide_drive *drive, bool ext)
{
    u64 last = drive->ata.sectors - 1;

    if (!ext && !(drive->device & IDE_DEVICE_LBA)) {
        abort_command(drive);
        return;
    }
    if (!ext && last > ATA_LBA28_MAX)
        last = ATA_LBA28_MAX;
    ata_put_address(drive, ext, last);
    ide_complete(drive);
}

static void set_power(struct ide_drive *drive, u8 power)
{
    drive->ata.power = power;
    ide_complete(drive);
}

static void ata_command(struct ide_drive *drive, u8 command)
{
    drive->ata.command = command;
    if (ata_transfer(drive, command)) {
        drive->ata.power = POWER_ACTIVE;
        return;
    }
    if ((command & 0xf0) == RECALIBRATE) {
        ide_complete(drive);
        return;
    }
    if ((command & 0xf0) == SEEK) {
        seek(drive);
        return;
    }
    switch (command) {
    case IDENTIFY:
        ata_identify(drive, drive->buffer);
        ide_move(drive, IDE_PIO_IN, 0, BLOCK_SECTOR);
        ide_interrupt(drive);
        break;
    case READ_BUFFER:
        ide_move(drive, IDE_PIO_IN, 0, BLOCK_SECTOR);
        ide_interrupt(drive);
        break;
    case WRITE_BUFFER: ide_move(drive, IDE_PIO_OUT, 0, BLOCK_SECTOR); break;
    case INITIALIZE_PARAMETERS: initialize_parameters(drive); break;
    case SET_MULTIPLE: set_multiple(drive); break;
    case SET_FEATURES: set_features(drive); break;
    case READ_NATIVE_MAX: read_native_max(drive, false); break;
    case READ_NATIVE_MAX_EXT: read_native_max(drive, true); break;
    case SMART: ata_smart(drive); break;
    case DATA_SET_MANAGEMENT: ata_trim(drive); break;
    case FLUSH_CACHE:
    case FLUSH_CACHE_EXT: flush(drive); break;
    case STANDBY:
    case STANDBY_OLD:
    case STANDBY_IMMEDIATE:
    case STANDBY_IMMEDIATE_OLD:
    case SLEEP: /* from which a command wakes it, not only a reset */
    case SLEEP_OLD: set_power(drive, POWER_STANDBY); break;
    case IDLE:
    case IDLE_OLD:
    case IDLE_IMMEDIATE:
    case IDLE_IMMEDIATE_OLD: set_power(drive, POWER_IDLE); break;
    case CHECK_POWER:
    case CHECK_POWER_OLD:
        drive->now.count = drive->ata.power;
        ide_complete(drive);
        break;
    case NOP: /* always ends in an abort (1410D, 8.24) */
    default: abort_command(drive); break;
    }
}

static void ata_moved(struct ide_drive *drive)
{
    switch (drive->ata.command) {
    case IDENTIFY:
    case SMART:
    case READ_BUFFER: ide_go_idle(drive, drive->ready); break;
    case DATA_SET_MANAGEMENT: ata_trim_moved(drive); break;
    case WRITE_BUFFER: ide_complete(drive); break;
    default: ata_transfer_moved(drive);
    }
}

static void ata_reset(struct ide_drive *drive, bool power_on)
{
    struct ata *ata = &drive->ata;

    ide_signature(drive, 0x00, 0x00);
    ata->power = POWER_ACTIVE;
    if (power_on) {
        ata->keep = false;
        ata->smart = true; /* as a drive comes from its maker */
        ata->self_test = 0;
        ata->mode = ATA_MODE_MULTIWORD | 2; /* as a BIOS sets it */
    }
    if (!ata->keep)
        set_defaults(drive);
}

static void ata_retry(struct ide_drive *drive)
{
    switch (drive->ata.command) {
    case FLUSH_CACHE:
    case FLUSH_CACHE_EXT:
    case SET_FEATURES: flush(drive); break;
    case DATA_SET_MANAGEMENT: ata_trim_moved(drive); break;
    default: ata_transfer_retry(drive);
    }
}

/* Whether a loaded phase can be one of the loaded command. */
static bool ata_phase_fits(const struct ide_drive *drive)
{
    switch (drive->ata.command) {
    case IDENTIFY:
    case SMART:
    case READ_BUFFER: return drive->phase == IDE_PIO_IN;
    case DATA_SET_MANAGEMENT: return drive->phase == IDE_DMA_OUT;
    case WRITE_BUFFER: return drive->phase == IDE_PIO_OUT;
    default: return ata_transfer_fits(drive);
    }
}

static void ata_state(struct ide_drive *drive, struct state *state)
{
    struct ata *ata = &drive->ata;

    state_u16(state, &ata->geometry.cylinders);
    state_u8(state, &ata->geometry.heads);
    state_u8(state, &ata->geometry.track);
    state_u8(state, &ata->multiple);
    state_u8(state, &ata->mode);
    state_bool(state, &ata->write_cache);
    state_bool(state, &ata->look_ahead);
    state_bool(state, &ata->keep);
    state_bool(state, &ata->smart);
    state_u8(state, &ata->self_test);
    state_u8(state, &ata->power);
    state_u8(state, &ata->command);
    state_bool(state, &ata->ext);
    state_u64(state, &ata->lba);
    state_u32(state, &ata->left);
    state_u32(state, &ata->block);
    state_u32(state, &ata->per_block);
    if (!state->loading || state->failed)
        return;
    if (!ata->geometry.heads || !ata->geometry.track ||
        (drive->phase != IDE_IDLE && !ata_phase_fits(drive))) {
        state_reject(state);
        set_defaults(drive);
        ide_go_idle(drive, drive->ready);
    }
}

static const struct ide_ops ata_ops = {ata_command, ata_moved, ata_reset,
                                       ata_retry,   ata_state, false};

void ata_attach(struct ide_channel *channel, unsigned number, struct block *block)
{
    struct ide_drive *drive = &channel->drive[number];

    drive->ops = &ata_ops;
    drive->block = block;
    drive->ata.sectors = block->sectors;
    drive->ata.own = (struct ide_geometry){ata_cylinders(block->sectors, ATA_HEADS, ATA_TRACK),
                                           ATA_HEADS, ATA_TRACK};
    drive->ready = IDE_DRDY | IDE_DSC;
}
