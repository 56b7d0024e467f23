/* An ATAPI CD-ROM drive's commands, as MMC has them.
 *
 * A disc is one track of data (mode 1), or what its .cue file says, closed. The tray can be opened and closed by the guest;
 * the disc in it stays the same, unless the user changes it (atapi_insert()). READ CD gives all parts of a sector. There is
 * no sound: PLAY AUDIO is over at once where the disc has audio. Not implemented, and refused: subchannels but for the
 * position of a drive that plays nothing, MODE SELECT, writing. Speeds have no effect.
 * Sources: SFF-8020i revision 2.6; T10 1228D (MMC-2); T10 1363D (MMC-3) for GET CONFIGURATION and GET EVENT
 * STATUS NOTIFICATION; SPC-2 for INQUIRY and sense data. */
#include <string.h>

#include "devices/disk/atapi.h"

#define ALLOWED_ANY 0xffffffffu

#define INQUIRY_LEN 36
#define SENSE_LEN   18

static void illegal(struct ide_drive *drive, u16 asc)
{
    atapi_check(drive, SENSE_ILLEGAL_REQUEST, asc);
}

static void test_unit_ready(struct ide_drive *drive)
{
    atapi_good(drive);
}

static void request_sense(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    u8 *data = drive->buffer;

    if (atapi->key == SENSE_NONE && atapi->attention) {
        atapi->key = SENSE_UNIT_ATTENTION;
        atapi->asc = atapi->attention;
        atapi->attention = 0;
    }
    memset(data, 0, SENSE_LEN);
    data[0] = 0x70; /* current, fixed format */
    data[2] = atapi->key;
    data[7] = SENSE_LEN - 8;
    data[12] = atapi->asc;
    data[13] = atapi->ascq;
    atapi->key = atapi->asc = atapi->ascq = 0;
    atapi_reply(drive, SENSE_LEN, atapi->packet[4]);
}

static void inquiry(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;
    u8 *data = drive->buffer;

    if ((packet[1] & 1) || packet[2]) { /* vital product data: none */
        illegal(drive, ASC_INVALID_FIELD);
        return;
    }
    memset(data, 0, 8);
    data[0] = 0x05; /* CD-ROM */
    data[1] = 0x80; /* removable */
    data[3] = 0x21; /* ATAPI, response format 1 */
    data[4] = INQUIRY_LEN - 5;
    memcpy(data + 8, "PAGEWALKCD-ROM          1.0 ", INQUIRY_LEN - 8);
    atapi_reply(drive, INQUIRY_LEN, packet[4]);
}

static void start_stop(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    bool start = atapi->packet[4] & 1, tray = atapi->packet[4] & 2;

    if (tray && !start && atapi->locked && !atapi->open) {
        illegal(drive, ASC_REMOVAL_PREVENTED);
        return;
    }
    if (tray && atapi->open == start) {
        atapi_move_tray(drive, !start);
        atapi->event = start && drive->block ? EVENT_NEW_MEDIA : EVENT_REMOVAL;
        if (start && drive->block)
            atapi->attention = ASC_MEDIUM_CHANGED >> 8;
    }
    atapi_good(drive);
}

static void prevent_removal(struct ide_drive *drive)
{
    drive->atapi.locked = drive->atapi.packet[4] & 1;
    atapi_good(drive);
}

static void read_capacity(struct ide_drive *drive)
{
    put_be32(drive->buffer, atapi_capacity(drive) - 1);
    put_be32(drive->buffer + 4, CD_DATA);
    atapi_reply(drive, 8, ALLOWED_ANY);
}

static void read_sectors(struct ide_drive *drive, u32 lba, u32 count, u8 parts)
{
    u32 capacity = atapi_capacity(drive);

    if (lba > capacity || count > capacity - lba)
        illegal(drive, ASC_LBA_OUT_OF_RANGE);
    else if (count && parts)
        atapi_read(drive, lba, count, parts);
    else
        atapi_good(drive);
}

static bool is_audio(const struct ide_drive *drive, u32 lba)
{
    struct cd own;
    const struct cd_track *track = cd_track_of(atapi_disc(drive, &own), lba);

    return track && track->mode == CD_AUDIO;
}

/* Data, which audio tracks have none of. */
static void read_data(struct ide_drive *drive, u32 lba, u32 count)
{
    if (count && is_audio(drive, lba))
        illegal(drive, ASC_ILLEGAL_MODE);
    else
        read_sectors(drive, lba, count, CD_PART_DATA);
}

static void read_10(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;

    read_data(drive, get_be32(packet + 2), get_be16(packet + 7));
}

static void read_12(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;

    read_data(drive, get_be32(packet + 2), get_be32(packet + 6));
}

/* Both READ CD commands: which sectors, and what of them. */
static void read_cd_parts(struct ide_drive *drive, u32 lba, u32 count)
{
    const u8 *packet = drive->atapi.packet;

    if ((packet[9] & (CD_PART_C2 | CD_PART_C2_BLOCK)) == (CD_PART_C2 | CD_PART_C2_BLOCK) ||
        packet[9] & 1 || packet[10] & 7 || (packet[1] >> 2 & 7) > 5)
        illegal(drive, ASC_INVALID_FIELD);
    else
        read_sectors(drive, lba, count, packet[9]);
}

static void read_cd(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;

    read_cd_parts(drive, get_be32(packet + 2), get_be32(packet + 5) & 0xffffff);
}

static u32 msf_to_frames(const u8 *msf)
{
    return (msf[0] * 60u + msf[1]) * 75 + msf[2];
}

static void read_cd_msf(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;
    u32 first = msf_to_frames(packet + 3), end = msf_to_frames(packet + 6);

    if (first < CD_PREGAP || end < first)
        illegal(drive, ASC_LBA_OUT_OF_RANGE);
    else
        read_cd_parts(drive, first - CD_PREGAP, end - first);
}

static void seek(struct ide_drive *drive)
{
    if (get_be32(drive->atapi.packet + 2) < atapi_capacity(drive))
        atapi_good(drive);
    else
        illegal(drive, ASC_LBA_OUT_OF_RANGE);
}

static void play(struct ide_drive *drive, u32 lba)
{
    if (is_audio(drive, lba))
        atapi_good(drive);
    else
        illegal(drive, ASC_ILLEGAL_MODE);
}

static void play_audio(struct ide_drive *drive)
{
    play(drive, get_be32(drive->atapi.packet + 2));
}

static void play_audio_msf(struct ide_drive *drive)
{
    u32 frames = msf_to_frames(drive->atapi.packet + 3);

    play(drive, frames < CD_PREGAP ? 0 : frames - CD_PREGAP);
}

/* Nothing plays. */
static void pause_audio(struct ide_drive *drive)
{
    illegal(drive, ASC_SEQUENCE);
}

static void stop_audio(struct ide_drive *drive)
{
    atapi_good(drive);
}

/* The address of a sector as its header has it. */
static void read_header(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;
    u32 lba = get_be32(packet + 2);
    const struct cd_track *track;
    u8 *data = drive->buffer;
    struct cd own;

    if (lba >= atapi_capacity(drive)) {
        illegal(drive, ASC_LBA_OUT_OF_RANGE);
        return;
    }
    track = cd_track_of(atapi_disc(drive, &own), lba);
    if (!track || track->mode == CD_AUDIO) {
        illegal(drive, ASC_ILLEGAL_MODE);
        return;
    }
    memset(data, 0, 8);
    data[0] = track->mode == CD_MODE_2 ? 2 : 1;
    put_be32(data + 4, lba);
    if (packet[1] & 2)
        put_msf(data + 5, lba);
    atapi_reply(drive, 8, get_be16(packet + 7));
}

/* The answer of a table, its allocation length at byte 7 of the packet. */
static void table(struct ide_drive *drive, u32 len)
{
    if (len)
        atapi_reply(drive, len, get_be16(drive->atapi.packet + 7));
    else
        illegal(drive, ASC_INVALID_FIELD);
}

static void read_toc(struct ide_drive *drive)
{
    table(drive, atapi_toc(drive, drive->buffer));
}

static void mode_sense(struct ide_drive *drive)
{
    if (drive->atapi.packet[2] >> 6 == 3)
        illegal(drive, ASC_SAVING_NOT_SUPPORTED);
    else
        table(drive, atapi_mode_pages(drive, drive->buffer));
}

static void get_configuration(struct ide_drive *drive)
{
    table(drive, atapi_configuration(drive, drive->buffer));
}

/* Only the media class, and only when asked: nothing is reported by itself. */
static void get_event_status(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    u8 *data = drive->buffer;
    bool media = atapi->packet[4] & 0x10;

    if (!(atapi->packet[1] & 1)) {
        illegal(drive, ASC_INVALID_FIELD);
        return;
    }
    memset(data, 0, 8);
    data[1] = media ? 6 : 2;
    data[2] = media ? 0x04 : 0x80; /* class, or none of those asked for */
    data[3] = 0x10;
    data[4] = atapi->event;
    data[5] = (atapi->open ? 1 : 0) | (atapi_capacity(drive) ? 2 : 0);
    if (media)
        atapi->event = EVENT_NONE;
    table(drive, media ? 8 : 4);
}

static void mechanism_status(struct ide_drive *drive)
{
    u8 *data = drive->buffer;

    memset(data, 0, 8);
    data[1] = drive->atapi.open ? 0x10 : 0;
    data[5] = 1; /* slot */
    atapi_reply(drive, 8, get_be16(drive->atapi.packet + 8));
}

static void read_disc_information(struct ide_drive *drive)
{
    u8 *data = drive->buffer;
    struct cd own;
    const struct cd *cd = atapi_disc(drive, &own);

    memset(data, 0, 34);
    put_be16(data, 32);
    data[2] = 0x0e; /* disc and last session are complete */
    data[3] = cd->track[0].number;
    data[4] = (u8)cd->sessions;
    data[5] = atapi_first_of(cd, cd->sessions)->number; /* of the last session's tracks */
    data[6] = cd->track[cd->count - 1].number;
    data[7] = 0x20; /* unrestricted use */
    data[8] = atapi_disc_type(cd, cd->sessions);
    memset(data + 16, 0xff, 8); /* no lead-in nor lead-out to come */
    table(drive, 34);
}

/* The data of a drive that plays nothing. */
static void read_subchannel(struct ide_drive *drive)
{
    const u8 *packet = drive->atapi.packet;
    u8 *data = drive->buffer;
    u32 len = packet[2] & 0x40 ? 16 : 4;
    struct cd own;

    if (len > 4 && packet[3] != 1) { /* the current position */
        illegal(drive, ASC_INVALID_FIELD);
        return;
    }
    memset(data, 0, len);
    data[1] = 0x15; /* no audio status */
    put_be16(data + 2, len - 4);
    data[4] = 1; /* format */
    data[5] = atapi_control(&atapi_disc(drive, &own)->track[0]);
    data[6] = data[7] = 1;
    table(drive, len);
}

#define NEEDS_DISC 0x01
#define QUIET      0x02 /* done also while a unit attention is due, which stays */

static const struct {
    u8 opcode, flags;
    void (*run)(struct ide_drive *drive);
} commands[] = {
    {0x00, NEEDS_DISC, test_unit_ready},
    {0x03, QUIET, request_sense},
    {0x12, QUIET, inquiry},
    {0x1b, 0, start_stop},
    {0x1e, 0, prevent_removal},
    {0x25, NEEDS_DISC, read_capacity},
    {0x28, NEEDS_DISC, read_10},
    {0x2b, NEEDS_DISC, seek},
    {0x42, NEEDS_DISC, read_subchannel},
    {0x43, NEEDS_DISC, read_toc},
    {0x44, NEEDS_DISC, read_header},
    {0x45, NEEDS_DISC, play_audio}, /* PLAY AUDIO (10) */
    {0x46, QUIET, get_configuration},
    {0x47, NEEDS_DISC, play_audio_msf},
    {0x4a, QUIET, get_event_status},
    {0x4b, NEEDS_DISC, pause_audio}, /* PAUSE, RESUME */
    {0x4e, NEEDS_DISC, stop_audio},  /* STOP PLAY, SCAN */
    {0x51, NEEDS_DISC, read_disc_information},
    {0x5a, 0, mode_sense},
    {0xa5, NEEDS_DISC, play_audio}, /* PLAY AUDIO (12) */
    {0xa8, NEEDS_DISC, read_12},
    {ATAPI_READ_CD_MSF, NEEDS_DISC, read_cd_msf},
    {0xbb, 0, test_unit_ready}, /* SET CD SPEED */
    {0xbd, 0, mechanism_status},
    {ATAPI_READ_CD, NEEDS_DISC, read_cd},
};

void atapi_execute(struct ide_drive *drive)
{
    struct atapi *atapi = &drive->atapi;
    unsigned i = 0;

    while (i < ARRAY_SIZE(commands) && commands[i].opcode != atapi->packet[0])
        i++;
    if (i == ARRAY_SIZE(commands)) {
        illegal(drive, ASC_INVALID_COMMAND);
        return;
    }
    if (commands[i].run != request_sense)
        atapi->key = atapi->asc = atapi->ascq = 0;
    if (!(commands[i].flags & QUIET) && atapi->attention) {
        u16 asc = (u16)(atapi->attention << 8);

        atapi->attention = 0;
        atapi_check(drive, SENSE_UNIT_ATTENTION, asc);
    } else if (commands[i].flags & NEEDS_DISC && !atapi_capacity(drive)) {
        atapi_check(drive, SENSE_NOT_READY, atapi->open ? ASC_TRAY_OPEN : ASC_NO_MEDIUM);
    } else {
        commands[i].run(drive);
    }
}
