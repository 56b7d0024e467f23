/* What drives say of themselves in answer to IDENTIFY DEVICE and IDENTIFY PACKET DEVICE.
 *
 * Source: T13 1410D (ATA/ATAPI-6), sections 8.15 and 8.16; T13 1153D (ATA/ATAPI-4) for words that are retired. */
#include <string.h>

#include "devices/disk/ata.h"

#define FIRMWARE    "1.0"
#define MODEL_DISK  "PAGEWALK HARDDISK"
#define MODEL_CDROM "PAGEWALK CD-ROM"

/* Words 82 to 84: command sets. */
#define SET_LOOK_AHEAD  0x0040
#define SET_WRITE_CACHE 0x0020
#define SET_SMART       0x0001
#define SET_82          0x7008 /* NOP, READ BUFFER, WRITE BUFFER, power management */
#define SET_83          0x3400 /* FLUSH CACHE EXT, FLUSH CACHE, 48-bit addresses */
#define SET_84          0x0003 /* SMART's self-tests and error log */
#define SET_WWN         0x0100
#define SET_VALID       0x4000 /* words 83, 84, 87, 93 */

static void put_word(u8 *data, unsigned word, u64 value)
{
    put16(data + 2 * word, (u16)value);
}

/* ASCII strings are padded with spaces and have their bytes swapped in each word. */
static void put_text(u8 *data, unsigned word, unsigned words, const char *text)
{
    size_t len = strlen(text);

    for (unsigned i = 0; i < 2 * words; i++)
        data[2 * word + (i ^ 1)] = i < len ? (u8)text[i] : ' ';
}

static u16 mode_selected(u8 mode, u8 kind)
{
    return (mode & 0xf8) == kind ? (u16)(0x100 << (mode & 7)) : 0;
}

bool ata_set_mode(u8 *mode, u8 value, u8 ultra)
{
    u8 number = value & 7;

    if (value <= 0x01 || (value >= 0x08 && value <= 0x0c)) /* PIO */
        return true;
    if (!((value & 0xf8) == ATA_MODE_MULTIWORD && number <= 2) &&
        !((value & 0xf8) == ATA_MODE_ULTRA && number <= ultra))
        return false;
    *mode = value;
    return true;
}

/* What disks and CD-ROM drives have alike. The serial number has the drive's place, so that the drives of
 * a machine differ. */
static void put_common(const struct ide_drive *drive, u8 *data, const char *model, u8 mode)
{
    const char *channel = drive->channel->name;
    const struct ide_identity *identity = &drive->identity;
    char serial[] = "PW00000000000000000";

    serial[17] = channel[strlen(channel) - 1];
    serial[18] = (char)('0' + drive->number);
    put_text(data, 10, 10, *identity->serial ? identity->serial : serial);
    put_text(data, 23, 4, *identity->firmware ? identity->firmware : FIRMWARE);
    put_text(data, 27, 20, *identity->model ? identity->model : model);
    put_word(data, 50, 0x4000);
    put_word(data, 63, 0x0007 | mode_selected(mode, ATA_MODE_MULTIWORD));
    put_word(data, 64, 0x0003); /* PIO modes 3 and 4 */
    for (unsigned i = 65; i <= 68; i++)
        put_word(data, i, 120); /* ns a cycle: multiword DMA (two), PIO without and with IORDY */
    /* Result of the last hardware reset: an 80-wire cable, device numbers by jumper. */
    put_word(data, 93, drive->number ? 0x6b00 : 0x600b);
}

void ata_put_sum(u8 *data)
{
    u8 sum = 0;

    for (unsigned i = 0; i < 511; i++)
        sum += data[i];
    data[511] = (u8)-sum;
}

u16 ata_cylinders(u64 sectors, unsigned heads, unsigned track)
{
    u64 cylinders = sectors / (heads * track);

    return (u16)(cylinders > ATA_CYLINDERS ? ATA_CYLINDERS : cylinders ? cylinders : 1);
}

void ata_identify(const struct ide_drive *drive, u8 *data)
{
    const struct ata *ata = &drive->ata;
    u32 chs = (u32)ata->geometry.cylinders * ata->geometry.heads * ata->geometry.track;
    u64 lba28 = ata->sectors < ATA_LBA28_MAX ? ata->sectors : ATA_LBA28_MAX;
    u16 settings = (ata->look_ahead ? SET_LOOK_AHEAD : 0) |
                   (ata->write_cache ? SET_WRITE_CACHE : 0) | (ata->smart ? SET_SMART : 0);
    u16 set_84 = SET_VALID | SET_84 | (drive->identity.wwn ? SET_WWN : 0);

    memset(data, 0, 512);
    put_common(drive, data, MODEL_DISK, ata->mode);
    put_word(data, 0, 0x0040); /* a fixed disk */
    put_word(data, 1, ata->own.cylinders);
    put_word(data, 2, 0xc837); /* spins by itself, and this data is complete */
    put_word(data, 3, ata->own.heads);
    put_word(data, 4, ata->own.track * BLOCK_SECTOR); /* retired: bytes a track, bytes a sector */
    put_word(data, 5, BLOCK_SECTOR);
    put_word(data, 6, ata->own.track);
    put_word(data, 20, 3); /* retired: buffer type and size, bytes of ECC */
    put_word(data, 21, 512);
    put_word(data, 22, 4);
    put_word(data, 47, 0x8000 | ATA_MULTIPLE_MAX);
    put_word(data, 48, 0x0001); /* retired: doubleword access to the data port */
    put_word(data, 49, 0x2f00); /* standard standby times, IORDY, LBA, DMA */
    put_word(data, 51, 0x0200); /* retired: PIO and DMA timing */
    put_word(data, 52, 0x0200);
    put_word(data, 53, 0x0007); /* words 54-58, 64-70 and 88 are valid */
    put_word(data, 54, ata->geometry.cylinders);
    put_word(data, 55, ata->geometry.heads);
    put_word(data, 56, ata->geometry.track);
    put_word(data, 57, chs & 0xffff);
    put_word(data, 58, chs >> 16);
    put_word(data, 59, ata->multiple ? 0x0100 | ata->multiple : 0);
    put_word(data, 60, lba28 & 0xffff);
    put_word(data, 61, lba28 >> 16);
    put_word(data, 80, 0x00fe); /* ATA-1 to -7, which drivers ask for before they believe in TRIM */
    put_word(data, 82, SET_82 | SET_LOOK_AHEAD | SET_WRITE_CACHE | SET_SMART);
    put_word(data, 83, SET_VALID | SET_83);
    put_word(data, 84, set_84);
    put_word(data, 85, SET_82 | settings);
    put_word(data, 86, SET_83);
    put_word(data, 87, set_84);
    put_word(data, 88, 0x003f | mode_selected(ata->mode, ATA_MODE_ULTRA));
    for (unsigned i = 0; i < 4; i++)
        put_word(data, 100 + i, ata->sectors >> 16 * i);
    put_word(data, 105, 1); /* sectors of ranges in a TRIM command */
    for (unsigned i = 0; i < 4; i++)
        put_word(data, 108 + i, drive->identity.wwn >> (48 - 16 * i));
    put_word(data, 169, 0x0001); /* TRIM */
    put_word(data, 217, drive->identity.rotation_rate);
    put_word(data, 255, 0x00a5); /* a sum follows */
    ata_put_sum(data);
}

#define PACKET_SET 0x4218 /* NOP, DEVICE RESET, PACKET, power management */

void ata_identify_packet(const struct ide_drive *drive, u8 *data)
{
    u8 mode = drive->atapi.mode;

    memset(data, 0, 512);
    put_common(drive, data, MODEL_CDROM, mode);
    put_word(data, 0, 0x85c0);  /* a CD-ROM drive, removable, DRQ soon after PACKET, 12 bytes */
    put_word(data, 49, 0x0f00); /* IORDY, LBA, DMA */
    put_word(data, 53, 0x0006); /* words 64-70 and 88 are valid */
    put_word(data, 80, 0x0070); /* ATA/ATAPI-4 to -6 */
    put_word(data, 82, PACKET_SET);
    put_word(data, 83, SET_VALID);
    put_word(data, 84, SET_VALID);
    put_word(data, 85, PACKET_SET);
    put_word(data, 87, SET_VALID);
    put_word(data, 88, 0x0007 | mode_selected(mode, ATA_MODE_ULTRA));
    put_word(data, 125, 0xfffe); /* what a byte count limit of 0 means */
    put_word(data, 255, 0x00a5);
    ata_put_sum(data);
}
