/* An ATAPI CD-ROM drive: the PACKET protocol, and the few ATA commands that such a drive has.
 *
 * Implemented: PACKET by PIO with byte count limits and by DMA, DEVICE RESET, IDENTIFY PACKET DEVICE, SET
 * FEATURES (transfer modes), the power commands; IDENTIFY DEVICE and READ SECTORS end in an abort with the
 * signature, by which drivers tell what the drive is. Not implemented: overlap, media status notification,
 * sending data to the drive. Source: T13 1410D (ATA/ATAPI-6), 8.23 and 9.8 to 9.10 for PACKET. */
#include "devices/disk/atapi.h"

#include <errno.h>
#include <string.h>

#include "devices/disk/ata.h"

enum atapi_ata_command {
    DEVICE_RESET = 0x08,
    READ_SECTORS = 0x20,
    PACKET = 0xa0,
    IDENTIFY_PACKET = 0xa1,
    STANDBY_IMMEDIATE = 0xe0,
    IDLE_IMMEDIATE = 0xe1,
    CHECK_POWER = 0xe5,
    SLEEP = 0xe6,
    IDENTIFY = 0xec,
    SET_FEATURES = 0xef,
};

#define FEATURE_DMA           0x01 /* of PACKET */
#define FEATURE_OVERLAP       0x02
#define FEATURE_TRANSFER_MODE 0x03 /* of SET FEATURES */

/* The count register in a PACKET command: interrupt reason. */
#define REASON_COMMAND 0x01
#define REASON_TO_HOST 0x02

#define PACKET_LEN sizeof(((struct atapi *)0)->packet)
#define LIMIT_MAX  0xfffeu

u32 atapi_capacity(const struct ide_drive *drive)
{
    u64 sectors = drive->block ? (drive->block->sectors + 3) / 4 : 0;

    if (drive->atapi.open)
        return 0;
    return sectors < INT32_MAX ? (u32)sectors : INT32_MAX;
}

void atapi_move_tray(struct ide_drive *drive, bool open)
{
    const struct ide_channel *channel = drive->channel;

    if (drive->atapi.open == open)
        return;
    drive->atapi.open = open;
    if (channel->tray_moved)
        channel->tray_moved(channel->tray_opaque, drive);
}

void atapi_good(struct ide_drive *drive)
{
    drive->now.count = REASON_COMMAND | REASON_TO_HOST;
    ide_complete(drive);
}

void atapi_check(struct ide_drive *drive, u8 key, u16 asc)
{
    struct atapi *atapi = &drive->atapi;

    atapi->key = key;
    atapi->asc = (u8)(asc >> 8);
    atapi->ascq = (u8)asc;
    drive->now.count = REASON_COMMAND | REASON_TO_HOST;
    ide_fail(drive, (u8)(key << 4 | IDE_ABRT));
}

/* Whole sectors into the empty buffer; those that are only data in one go. */
static int fill(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    bool plain = atapi_is_plain(drive);
    u32 n = IDE_BUFFER / (plain ? CD_DATA : CD_PARTS_MAX);
    int r = 0;

    if (n > atapi->left)
        n = atapi->left;
    atapi->filled = atapi->sent = 0;
    if (plain && ((u64)atapi->lba + n) * 4 <= drive->block->sectors) {
        r = block_read(drive->block, (u64)atapi->lba * 4, drive->buffer, n * 4);
        atapi->filled = n * CD_DATA;
    } else {
        for (u32 i = 0; i < n && r == 0; i++)
            r = atapi_add_sector(drive, atapi->lba + i);
    }
    if (r < 0) {
        u32 filled = atapi->filled;

        atapi->filled = 0;
        if (r == -EMEDIUMTYPE || !ide_passes(drive, false, r) || drive->waiting)
            return r;
        atapi->filled = filled;
    }
    atapi->lba += n;
    atapi->left -= n;
    return 0;
}

/* The next part of the answer, or the end of it. */
static void next_part(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    u32 n;
    int r;

    if (atapi->left && atapi->lba + atapi->left > atapi_capacity(drive)) {
        atapi->left = 0; /* the disc was changed meanwhile */
        atapi_check(drive, SENSE_NOT_READY, ASC_NO_MEDIUM);
        return;
    }
    r = atapi->sent == atapi->filled && atapi->left ? fill(drive) : 0;
    if (r < 0) {
        if (r == -EMEDIUMTYPE)
            atapi_check(drive, SENSE_ILLEGAL_REQUEST, ASC_ILLEGAL_MODE);
        else if (!drive->waiting)
            atapi_check(drive, SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ);
        return;
    }
    n = atapi->filled - atapi->sent;
    if (!n) {
        atapi_good(drive);
        return;
    }
    drive->now.count = REASON_TO_HOST;
    if (atapi->dma) {
        ide_move(drive, IDE_DMA_IN, atapi->sent, atapi->filled);
        return;
    }
    if (n > atapi->limit)
        n = atapi->limit;
    drive->now.mid = (u8)n;
    drive->now.high = (u8)(n >> 8);
    ide_move(drive, IDE_PIO_IN, atapi->sent, atapi->sent + n);
    ide_interrupt(drive);
}

static void begin_answer(struct ide_drive *drive)
{
    drive->atapi.data = true;
    next_part(drive);
    if (drive->phase == IDE_DMA_IN && drive->channel->dma_ready)
        drive->channel->dma_ready(drive->channel->dma_opaque);
}

void atapi_reply(struct ide_drive *drive, u32 len, u32 allowed)
{
    struct atapi *atapi = &drive->atapi;

    atapi->filled = len < allowed ? len : allowed;
    atapi->sent = atapi->left = 0;
    begin_answer(drive);
}

void atapi_read(struct ide_drive *drive, u32 lba, u32 count, u8 parts)
{
    struct atapi *atapi = &drive->atapi;

    atapi->filled = atapi->sent = 0;
    atapi->lba = lba;
    atapi->left = count;
    atapi->parts = parts;
    begin_answer(drive);
}

static void atapi_moved(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;

    if (drive->phase == IDE_PIO_OUT) {
        memcpy(atapi->packet, drive->buffer, PACKET_LEN);
        ide_go_idle(drive, drive->ready);
        atapi_execute(drive);
    } else if (atapi->data) {
        atapi->sent = drive->end;
        next_part(drive);
    } else { /* IDENTIFY PACKET DEVICE */
        ide_go_idle(drive, drive->ready);
    }
}

static void signature(struct ide_drive *drive)
{
    ide_signature(drive, 0x14, 0xeb);
}

static void begin_packet(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    u32 limit = drive->now.mid | (u32)drive->now.high << 8;

    if (drive->now.feature & FEATURE_OVERLAP) {
        ide_fail(drive, IDE_ABRT);
        return;
    }
    atapi->dma = drive->now.feature & FEATURE_DMA;
    atapi->data = false;
    /* An even number, since all parts but the last are whole words; 0 as IDENTIFY says. */
    limit &= LIMIT_MAX;
    atapi->limit = (u16)(limit ? limit : LIMIT_MAX);
    drive->now.count = REASON_COMMAND;
    ide_move(drive, IDE_PIO_OUT, 0, PACKET_LEN); /* without an interrupt, as IDENTIFY says */
}

static void set_features(struct ide_drive *drive)
{
    if (drive->now.feature == FEATURE_TRANSFER_MODE &&
        ata_set_mode(&drive->atapi.mode, drive->now.count, 2))
        ide_complete(drive);
    else
        ide_fail(drive, IDE_ABRT);
}

static void atapi_command(struct ide_drive *drive, u8 command)
{
    switch (command) {
    case PACKET: begin_packet(drive); break;
    case IDENTIFY_PACKET:
        drive->atapi.data = false;
        ata_identify_packet(drive, drive->buffer);
        ide_move(drive, IDE_PIO_IN, 0, 512);
        ide_interrupt(drive);
        break;
    case DEVICE_RESET: /* no interrupt; the device stays selected (1410D, 8.7) */
        signature(drive);
        drive->error = 0x01;
        ide_go_idle(drive, 0);
        break;
    case IDENTIFY:
    case READ_SECTORS:
        signature(drive);
        ide_fail(drive, IDE_ABRT);
        break;
    case SET_FEATURES: set_features(drive); break;
    case CHECK_POWER:
        drive->now.count = 0xff; /* active or idle */
        ide_complete(drive);
        break;
    case STANDBY_IMMEDIATE:
    case IDLE_IMMEDIATE:
    case SLEEP: ide_complete(drive); break;
    default: ide_fail(drive, IDE_ABRT); break;
    }
}

static void atapi_reset(struct ide_drive *drive, bool power_on)
{
    struct atapi *atapi = &drive->atapi;

    signature(drive);
    drive->status = 0; /* DRDY comes with the first command (1410D, 9.1) */
    atapi->data = false;
    if (!power_on)
        return;
    atapi->key = atapi->asc = atapi->ascq = 0;
    atapi->locked = false;
    atapi_move_tray(drive, false);
    atapi->mode = ATA_MODE_MULTIWORD | 2; /* as a BIOS sets it */
    atapi->attention = ASC_POWER_ON >> 8;
    atapi->event = EVENT_NONE;
}

/* Whether what was loaded can be a drive's state. */
static bool fits(const struct ide_drive *drive)
{
    const struct atapi *atapi = &drive->atapi;
    u32 capacity = atapi_capacity(drive);

    if (atapi->filled > IDE_BUFFER || atapi->sent > atapi->filled || atapi->limit < 2 ||
        atapi->limit & 1)
        return false;
    if (atapi->left &&
        (!atapi->parts || atapi->lba > capacity || atapi->left > capacity - atapi->lba))
        return false;
    switch (drive->phase) {
    case IDE_IDLE: return true;
    case IDE_PIO_OUT: return drive->end == PACKET_LEN;
    case IDE_PIO_IN:
    case IDE_DMA_IN: return !atapi->data || drive->end <= atapi->filled;
    case IDE_DMA_OUT: return false;
    }
    return false;
}

static void atapi_state(struct ide_drive *drive, struct state *state)
{
    struct atapi *atapi = &drive->atapi;

    state_bytes(state, atapi->packet, PACKET_LEN);
    state_bool(state, &atapi->data);
    state_bool(state, &atapi->dma);
    state_u16(state, &atapi->limit);
    state_u32(state, &atapi->filled);
    state_u32(state, &atapi->sent);
    state_u32(state, &atapi->lba);
    state_u32(state, &atapi->left);
    state_u8(state, &atapi->parts);
    state_u8(state, &atapi->key);
    state_u8(state, &atapi->asc);
    state_u8(state, &atapi->ascq);
    state_u8(state, &atapi->attention);
    state_u8(state, &atapi->event);
    state_bool(state, &atapi->locked);
    state_bool(state, &atapi->open);
    state_u8(state, &atapi->mode);
    if (!state->loading || state->failed || fits(drive))
        return;
    state_reject(state);
    ide_go_idle(drive, drive->ready);
    atapi->filled = atapi->sent = atapi->left = 0;
    atapi->limit = LIMIT_MAX;
}

static const struct ide_ops atapi_ops = {atapi_command, atapi_moved, atapi_reset,
                                         next_part,     atapi_state, true};

int atapi_insert(struct ide_drive *drive, struct block *block, bool force)
{
    struct atapi *atapi = &drive->atapi;

    if (atapi->locked && !atapi->open && drive->block && !force) {
        atapi->event = EVENT_EJECT_REQUEST;
        return -EBUSY;
    }
    atapi_move_tray(drive, true);
    drive->block = block;
    if (block)
        atapi_move_tray(drive, false);
    atapi->event = block ? EVENT_NEW_MEDIA : EVENT_REMOVAL;
    atapi->attention = block ? ASC_MEDIUM_CHANGED >> 8 : 0;
    return 0;
}

void atapi_attach(struct ide_channel *channel, unsigned number, struct block *block)
{
    struct ide_drive *drive = &channel->drive[number];

    drive->ops = &atapi_ops;
    drive->block = block;
    drive->ready = IDE_DRDY;
    drive->atapi.limit = LIMIT_MAX;
}
