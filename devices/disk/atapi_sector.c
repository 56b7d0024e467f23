/* A CD's sectors as READ CD gives them: which kind each is, and its parts.
 *
 * Source: T10 1228D (MMC-2), READ CD, "expected sector type" and the table of the parts' sizes. */
#include <errno.h>
#include <string.h>

#include "devices/disk/atapi.h"
#include "devices/disk/cd_sector.h"

/* As the command's byte 1 has it in bits 2-4. */
enum sector_type {
    TYPE_ANY,
    TYPE_AUDIO,
    TYPE_MODE_1,
    TYPE_MODE_2,
    TYPE_FORM_1,
    TYPE_FORM_2,
    TYPES
};

#define SUBMODE       18 /* in a sector of mode 2 */
#define SUBMODE_FORM2 0x20

/* In the order in which the parts come. */
static const struct part {
    u8 bit;
    struct {
        u16 at, len;
    } of[TYPES];
} parts[] = {
    {CD_PART_SYNC, {{0}, {0}, {0, 12}, {0, 12}, {0, 12}, {0, 12}}},
    {CD_PART_HEADER, {{0}, {0}, {12, 4}, {12, 4}, {12, 4}, {12, 4}}},
    {CD_PART_SUBHEADER, {{0}, {0}, {0}, {0}, {16, 8}, {16, 8}}},
    {CD_PART_DATA, {{0}, {0, 2352}, {16, 2048}, {16, 2336}, {24, 2048}, {24, 2328}}},
    {CD_PART_ECC, {{0}, {0}, {2064, 288}, {0}, {2072, 280}, {0}}},
};
/* Behind them a bit for each byte that is in error, and two bytes for all of them: none ever is. */
static u32 errors_len(u8 wanted)
{
    return wanted & CD_PART_C2 ? 294 : wanted & CD_PART_C2_BLOCK ? 296 : 0;
}

const struct cd *atapi_disc(const struct ide_drive *drive, struct cd *own)
{
    if (drive->block && drive->block->cd)
        return drive->block->cd;
    *own = (struct cd){.count = 1, .sessions = 1};
    own->track[0] = (struct cd_track){
        .number = 1, .session = 1, .mode = CD_MODE_1, .end = atapi_capacity(drive)};
    return own;
}

/* The data of a disc that is one track of it. */
static int read_data(const struct ide_drive *drive, u32 lba, u8 *raw)
{
    u64 first = (u64)lba * 4, there = drive->block->sectors - first;

    memset(raw, 0, CD_RAW);
    return block_read(drive->block, first, raw + CD_DATA_AT, there < 4 ? (u32)there : 4);
}

/* All parts of a sector, and what it is. */
static int load(const struct ide_drive *drive, u32 lba, u8 raw[CD_RAW], enum sector_type *type)
{
    const struct cd *cd = drive->block->cd;
    const struct cd_track *track = cd ? cd_track_of(cd, lba) : NULL;
    enum cd_mode mode = track ? track->mode : CD_MODE_1;
    int r = cd && !track ? -EIO
            : track      ? cd_read_stored(track, lba, raw)
                         : read_data(drive, lba, raw);

    if (r < 0)
        return r;
    *type = TYPE_AUDIO;
    if (mode == CD_AUDIO)
        return 0;
    if (!track || track->stored < CD_RAW || lba < track->stored_from || lba >= track->stored_end)
        cd_sector_finish(raw, lba + CD_PREGAP, mode == CD_MODE_2,
                         !track || track->stored == CD_DATA);
    *type = mode == CD_MODE_1              ? TYPE_MODE_1
            : raw[SUBMODE] & SUBMODE_FORM2 ? TYPE_FORM_2
                                           : TYPE_FORM_1;
    return 0;
}

static bool is_read_cd(const struct atapi *atapi)
{
    return atapi->packet[0] == ATAPI_READ_CD || atapi->packet[0] == ATAPI_READ_CD_MSF;
}

/* What the command expects; READ (10) and its kin take data of any kind. */
static enum sector_type expected(const struct atapi *atapi)
{
    return is_read_cd(atapi) ? atapi->packet[1] >> 2 & 7 : TYPE_ANY;
}

bool atapi_is_plain(const struct ide_drive *drive)
{
    const struct atapi *atapi = &drive->atapi;
    enum sector_type wanted = expected(atapi);

    if (atapi->parts != CD_PART_DATA)
        return false;
    return !is_read_cd(atapi) ||
           (!drive->block->cd && (wanted == TYPE_ANY || wanted == TYPE_MODE_1));
}

int atapi_add_sector(struct ide_drive *drive, u32 lba)
{
    struct atapi *atapi = &drive->atapi;
    u8 *to = drive->buffer + atapi->filled, raw[CD_RAW];
    enum sector_type wanted = expected(atapi), type = TYPE_ANY;
    int r = load(drive, lba, raw, &type);

    if (r < 0)
        return r;
    if (wanted == TYPE_MODE_2 && (type == TYPE_FORM_1 || type == TYPE_FORM_2))
        type = TYPE_MODE_2;
    if (wanted != TYPE_ANY && wanted != type)
        return -EMEDIUMTYPE;
    for (unsigned i = 0; i < ARRAY_SIZE(parts); i++)
        if (atapi->parts & parts[i].bit) {
            memcpy(to, raw + parts[i].of[type].at, parts[i].of[type].len);
            to += parts[i].of[type].len;
        }
    memset(to, 0, errors_len(atapi->parts));
    atapi->filled = (u32)(to - drive->buffer) + errors_len(atapi->parts);
    return 0;
}
