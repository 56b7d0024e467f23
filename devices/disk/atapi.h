/* An ATAPI CD-ROM drive on an IDE channel. */
#ifndef PAGEWALK_ATAPI_H
#define PAGEWALK_ATAPI_H

#include "devices/block/cd.h"
#include "devices/disk/ide.h"
#include "mmu/host/be.h"

#define CD_PREGAP   150u /* sectors before address 0, which MSF addresses count */
#define CD_LEAD_OUT 0xaa /* its track number */

/* Makes device `number` of the channel a CD-ROM drive. The block stays the caller's; NULL: no disc. */
void atapi_attach(struct ide_channel *channel, unsigned number, struct block *block);

/* Another disc, in a tray that is closed then, or none (NULL), in one that stays open. -EBUSY: the guest has locked the tray
 * over a disc, and is asked to let it out; with `force` that does not matter. */
int atapi_insert(struct ide_drive *drive, struct block *block, bool force);

/* Between atapi.c, which moves packets and data, and atapi_command.c, which knows what they mean. */

/* Answers with the first `len` bytes of the buffer, as many as the command allows. */
void atapi_reply(struct ide_drive *drive, u32 len, u32 allowed);
/* Answers with `count` CD sectors from lba on, which must be there: of each the parts that READ CD names. */
void atapi_read(struct ide_drive *drive, u32 lba, u32 count, u8 parts);
void atapi_good(struct ide_drive *drive);
/* Ends the command with CHECK CONDITION. asc: additional sense code and qualifier, 0x3a02 for instance. */
void atapi_check(struct ide_drive *drive, u8 key, u16 asc);

/* Opens or closes the tray, if it is not so already. */
void atapi_move_tray(struct ide_drive *drive, bool open);

/* Runs the command in the packet. */
void atapi_execute(struct ide_drive *drive);

/* Sectors of the disc; 0: none in the drive, or the tray is open. */
u32 atapi_capacity(const struct ide_drive *drive);

/* Parts of a sector, as byte 9 of READ CD selects them. */
#define CD_PART_SYNC      0x80
#define CD_PART_SUBHEADER 0x40
#define CD_PART_HEADER    0x20
#define CD_PART_DATA      0x10
#define CD_PART_ECC       0x08
#define CD_PART_C2_BLOCK  0x04
#define CD_PART_C2        0x02
#define CD_PARTS_MAX      (CD_RAW + 296u) /* bytes of all that can be asked for */

enum { ATAPI_READ_CD_MSF = 0xb9, ATAPI_READ_CD = 0xbe };

/* Whether what the command wants are the block's sectors as they are. */
bool atapi_is_plain(const struct ide_drive *drive);
/* Puts what the command wants of CD sector lba behind what the buffer has. -EMEDIUMTYPE: it is of another type than that
 * expects; or another -errno. (atapi_sector.c) */
int atapi_add_sector(struct ide_drive *drive, u32 lba);
/* The disc's tracks: the image's own, or one of data, which is put into `own`. */
const struct cd *atapi_disc(const struct ide_drive *drive, struct cd *own);

/* Sense keys. */
enum {
    SENSE_NONE = 0x0,
    SENSE_NOT_READY = 0x2,
    SENSE_MEDIUM_ERROR = 0x3,
    SENSE_ILLEGAL_REQUEST = 0x5,
    SENSE_UNIT_ATTENTION = 0x6,
};
/* Additional sense codes with their qualifiers. */
enum {
    ASC_UNRECOVERED_READ = 0x1100,
    ASC_INVALID_COMMAND = 0x2000,
    ASC_LBA_OUT_OF_RANGE = 0x2100,
    ASC_INVALID_FIELD = 0x2400,
    ASC_MEDIUM_CHANGED = 0x2800,
    ASC_POWER_ON = 0x2900,
    ASC_SEQUENCE = 0x2c00,
    ASC_SAVING_NOT_SUPPORTED = 0x3900,
    ASC_NO_MEDIUM = 0x3a01,
    ASC_TRAY_OPEN = 0x3a02,
    ASC_REMOVAL_PREVENTED = 0x5302,
    ASC_ILLEGAL_MODE = 0x6400,
};

/* Media events (MMC-3, GET EVENT STATUS NOTIFICATION). */
enum { EVENT_NONE = 0, EVENT_EJECT_REQUEST = 1, EVENT_NEW_MEDIA = 2, EVENT_REMOVAL = 3 };

/* Fill the buffer with a table of contents, mode pages, feature descriptors; they return its length, 0: the
 * request has an invalid field. (atapi_tables.c) */
u32 atapi_toc(const struct ide_drive *drive, u8 *data);
u32 atapi_mode_pages(const struct ide_drive *drive, u8 *data);
u32 atapi_configuration(const struct ide_drive *drive, u8 *data);

u8 atapi_control(const struct cd_track *track);
/* The first track of a session, and what the TOC says that a session is. */
const struct cd_track *atapi_first_of(const struct cd *cd, u32 session);
u8 atapi_disc_type(const struct cd *cd, u32 session);

/* Minute, second, frame of a sector. */
static inline void put_msf(u8 *p, u32 lba)
{
    u32 frames = lba + CD_PREGAP;

    p[0] = (u8)(frames / (75 * 60));
    p[1] = (u8)(frames / 75 % 60);
    p[2] = (u8)(frames % 75);
}

#endif
