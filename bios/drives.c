/* POST looks for ATA and ATAPI drives, and lays out what int 13h shows of them.
 *
 * A disk of more than 1024 cylinders is shown with more heads (LBA-assisted translation: 63 sectors,
 * and the first of 16, 32, 64, 128, 255 heads with which all cylinders fit, or 255). Source: ATA/ATAPI-6,
 * IDENTIFY DEVICE; "BIOS Enhanced Disk Drive Specification" 3.0, for the parameter tables. */
#include "drives.h"

#include "ata.h"
#include "services.h"

#define CMD_IDENTIFY        0xec
#define CMD_IDENTIFY_PACKET 0xa1

#define ID_CYLINDERS 1
#define ID_HEADS     3
#define ID_SPT       6
#define ID_MODEL     27
#define ID_CAPS      49
#define ID_SECTORS   60
#define ID_SETS      83
#define ID_SECTORS48 100
#define CAPS_LBA     0x0200
#define SETS_LBA48   0x0400

static const u16 channel_io[] ROMDATA = {0x1f0, 0x170};
static const u16 channel_control[] ROMDATA = {0x3f6, 0x376};

/* Geometry when more than 1024 cylinders of the drive's own would be needed. */
static void translate(u8 unit)
{
    u32 sectors = ebda->drive[unit].sectors_high ? 0xffffffff : ebda->drive[unit].sectors;
    u16 heads = 16, spt = 63;
    u32 cylinders;

    if (ebda->drive[unit].cylinders <= 1024) {
        ebda->drive[unit].lcylinders = ebda->drive[unit].cylinders;
        ebda->drive[unit].lheads = ebda->drive[unit].heads;
        ebda->drive[unit].lspt = ebda->drive[unit].spt;
        return;
    }
    while (heads < 128 && sectors / spt / heads > 1024)
        heads *= 2;
    if (sectors / spt / heads > 1024)
        heads = 255;
    cylinders = sectors / spt / heads;
    ebda->drive[unit].translation = 2;
    ebda->drive[unit].lcylinders = cylinders > 1024 ? 1024 : cylinders;
    ebda->drive[unit].lheads = heads;
    ebda->drive[unit].lspt = spt;
}

/* Model names have their bytes swapped, and blanks behind. */
static void copy_name(u8 unit, const u16 *id)
{
    unsigned len = 0;

    for (unsigned i = 0; i < sizeof(ebda->drive[0].name) - 1; i++) {
        u16 word = id[ID_MODEL + i / 2];
        u8 c = i & 1 ? (u8)word : word >> 8;

        if (c < ' ' || c > '~')
            c = ' ';
        ebda->drive[unit].name[i] = c;
        if (c != ' ')
            len = i + 1;
    }
    ebda->drive[unit].name[len] = 0;
}

static void identify_disk(u8 unit, const u16 *id)
{
    ebda->drive[unit].type = DRIVE_ATA;
    ebda->drive[unit].cylinders = id[ID_CYLINDERS];
    ebda->drive[unit].heads = id[ID_HEADS];
    ebda->drive[unit].spt = id[ID_SPT];
    ebda->drive[unit].sectors = (u32)id[ID_CYLINDERS] * id[ID_HEADS] * id[ID_SPT];
    if (id[ID_CAPS] & CAPS_LBA) {
        ebda->drive[unit].flags = DRIVE_LBA;
        ebda->drive[unit].sectors = id[ID_SECTORS] | (u32)id[ID_SECTORS + 1] << 16;
    }
    if ((id[ID_CAPS] & CAPS_LBA) && (id[ID_SETS] & 0xc000) == 0x4000 &&
        (id[ID_SETS] & SETS_LBA48)) {
        ebda->drive[unit].flags |= DRIVE_LBA48;
        ebda->drive[unit].sectors = id[ID_SECTORS48] | (u32)id[ID_SECTORS48 + 1] << 16;
        ebda->drive[unit].sectors_high = id[ID_SECTORS48 + 2];
    }
    /* A drive that does not say: as large disks have it. */
    if (!ebda->drive[unit].heads || !ebda->drive[unit].spt) {
        ebda->drive[unit].heads = 16;
        ebda->drive[unit].spt = 63;
        ebda->drive[unit].cylinders = 16383;
    }
    translate(unit);
}

/* IDENTIFY; true with 256 words in id. */
static bool identify(u8 unit, u8 command, u16 *id)
{
    u16 io = ebda->drive[unit].io;

    outb(io + ATA_STATUS, command);
    if (ata_wait_data(unit))
        return false;
    for (unsigned i = 0; i < 256; i++)
        id[i] = inw(io);
    return true;
}

void ata_detect(u8 unit, u16 *id)
{
    u16 io = rom16(&channel_io[unit / 2]);
    u8 status;

    ebda->drive[unit].unit = unit;
    ebda->drive[unit].io = io;
    ebda->drive[unit].control = rom16(&channel_control[unit / 2]);
    ata_select(unit, 0xa0);
    /* No drive: a floating bus, or registers that do not hold what is written. */
    outb(io + ATA_COUNT, 0x55);
    outb(io + ATA_LBA0, 0xaa);
    status = inb(io + ATA_STATUS);
    if (inb(io + ATA_COUNT) != 0x55 || inb(io + ATA_LBA0) != 0xaa || status == 0xff ||
        (status & ATA_BSY && ata_wait_idle(unit)))
        return;
    if (identify(unit, CMD_IDENTIFY, id)) {
        identify_disk(unit, id);
        copy_name(unit, id);
    } else if (inb(io + ATA_LBA1) == 0x14 && inb(io + ATA_LBA2) == 0xeb &&
               identify(unit, CMD_IDENTIFY_PACKET, id) && (id[0] >> 8 & 0x1f) == 5) {
        ebda->drive[unit].type = DRIVE_ATAPI;
        copy_name(unit, id);
    }
    ata_finish(unit);
}

/* The fixed disk parameter table of vector 41h or 46h; translated ones have the signature A0h, the
 * drive's own geometry, and a checksum (EDD 3.0, section 4.3). */
static void parameter_table(u8 number, u8 unit)
{
    u16 lcylinders = ebda->drive[unit].lcylinders, cylinders = ebda->drive[unit].cylinders;
    u8 lheads = (u8)ebda->drive[unit].lheads, lspt = (u8)ebda->drive[unit].lspt;
    u8 table[16], sum = 0;

    memset(table, 0, sizeof(table));
    table[0] = (u8)lcylinders;
    table[1] = lcylinders >> 8;
    table[2] = lheads;
    table[8] = 0xc0 | (lheads > 8 ? 8 : 0);
    table[14] = lspt;
    if (ebda->drive[unit].translation) {
        table[3] = 0xa0;
        table[4] = (u8)ebda->drive[unit].spt;
        table[9] = (u8)cylinders;
        table[10] = cylinders >> 8;
        table[11] = (u8)ebda->drive[unit].heads;
        for (unsigned i = 0; i < 15; i++)
            sum += table[i];
        table[15] = -sum;
    } else {
        table[5] = table[6] = 0xff; /* no write precompensation */
        table[12] = (u8)cylinders;  /* landing zone */
        table[13] = cylinders >> 8;
    }
    for (unsigned i = 0; i < sizeof(table); i++)
        ebda->hd_table[number][i] = table[i];
}

void drives_init(void)
{
    u16 id[256];

    for (u8 unit = 0; unit < DRIVES; unit++) {
        ata_detect(unit, id);
        if (ebda->drive[unit].type == DRIVE_ATA) {
            if (ebda->hd_count < 2)
                parameter_table(ebda->hd_count, unit);
            ebda->hd[ebda->hd_count++] = unit;
        } else if (ebda->drive[unit].type == DRIVE_ATAPI) {
            ebda->cdrom[ebda->cdrom_count++] = unit;
        }
    }
    bda->hd_count = ebda->hd_count;
    if (ebda->hd_count)
        bda->hd_control = 0xc0;
    set_vector_far(0x41, EBDA_SEG, offsetof(struct extended_data, hd_table[0]));
    set_vector_far(0x46, EBDA_SEG, offsetof(struct extended_data, hd_table[1]));
    irq_unmask(14);
    irq_unmask(15);
}
