/* Booting from CD: the El Torito catalogue's default entry, and the disk that it may emulate.
 *
 * No emulation, floppies of 1.2, 1.44 and 2.88 MB, hard disk. Not: other entries of the catalogue than
 * the first one for x86, writing to an emulated disk. Source: "El Torito" Bootable CD-ROM Format
 * Specification 1.0 (Phoenix, IBM). */
#include "boot.h"

#include "int13.h"

#define RECORD_SECTOR  17
#define CATALOG_OFFSET 0x47

enum {
    ENTRY_BOOTABLE = 0x20,
    ENTRY_MEDIA,
    ENTRY_SEGMENT,
    ENTRY_SYSTEM = 0x24,
    ENTRY_COUNT = 0x26,
    ENTRY_LBA = 0x28
};

#define BOOTABLE 0x88

enum media { MEDIA_NONE, MEDIA_1200, MEDIA_1440, MEDIA_2880, MEDIA_HD };

static u8 cd_read(u8 number, u32 lba, u16 sectors, u16 seg, u16 off)
{
    struct transfer t;

    memset(&t, 0, sizeof(t));
    t.lba = lba;
    t.count = sectors;
    t.seg = seg;
    t.off = off;
    return atapi_read(ebda->cdrom[number], &t);
}

/* 512-byte pieces, which need not begin or end with the disc's sectors. */
static u8 cd_read_pieces(u8 number, u32 start, u32 piece, u16 pieces, u16 seg, u16 off)
{
    struct transfer t;

    memset(&t, 0, sizeof(t));
    t.lba = start + piece / 4;
    t.skip = piece & 3;
    t.count = (t.skip + pieces + 3) / 4;
    t.drop = (u8)(t.count * 4 - t.skip - pieces);
    t.seg = seg;
    t.off = off;
    return atapi_read(ebda->cdrom[number], &t);
}

static bool has_text(const u8 *at, const char *rom_text)
{
    u8 c;

    while ((c = rom8(rom_text++)))
        if (*at++ != c)
            return false;
    return true;
}

static bool set_geometry(u8 media, const u8 *sector)
{
    u16 cylinders = 80, heads = 2, spt;

    switch (media) {
    case MEDIA_1200: spt = 15; break;
    case MEDIA_1440: spt = 18; break;
    case MEDIA_2880: spt = 36; break;
    case MEDIA_HD: /* from the only entry of its partition table */
        spt = sector[0x1be + 6] & 0x3f;
        heads = sector[0x1be + 5] + 1;
        cylinders = (sector[0x1be + 7] | (sector[0x1be + 6] & 0xc0) << 2) + 1;
        break;
    default: return false;
    }
    ebda->emulation.spt = spt;
    ebda->emulation.heads = heads;
    ebda->emulation.cylinders = cylinders;
    return spt != 0;
}

const char *eltorito_load(u8 number, u8 *drive, u16 *segment)
{
    u8 sector[CD_SECTOR], media;
    u16 count;
    u32 lba;

    if (cd_read(number, RECORD_SECTOR, 1, 0, (u16)(u32)sector))
        return S("cannot be read");
    if (sector[0] || !has_text(sector + 1, S("CD001")) ||
        !has_text(sector + 7, S("EL TORITO SPECIFICATION")))
        return S("not bootable");
    lba = *(u32 *)(sector + CATALOG_OFFSET);
    if (cd_read(number, lba, 1, 0, (u16)(u32)sector))
        return S("boot catalogue cannot be read");
    if (sector[0] != 1 || sector[1] || sector[30] != 0x55 || sector[31] != 0xaa ||
        sector[ENTRY_BOOTABLE] != BOOTABLE)
        return S("no bootable entry");
    media = sector[ENTRY_MEDIA] & 15;
    *segment = *(u16 *)(sector + ENTRY_SEGMENT);
    if (!*segment)
        *segment = 0x07c0;
    count = *(u16 *)(sector + ENTRY_COUNT);
    lba = *(u32 *)(sector + ENTRY_LBA);
    if (!count || ((u32)*segment << 4) + count * 512u > 0x9f000)
        return S("bad boot entry");
    ebda->emulation.media = media;
    ebda->emulation.cd = number;
    ebda->emulation.start = lba;
    ebda->emulation.load_segment = *segment;
    ebda->emulation.sectors = count;
    if (media != MEDIA_NONE &&
        (cd_read(number, lba, 1, 0, (u16)(u32)sector) || !set_geometry(media, sector)))
        return S("bad disk image");
    if (cd_read_pieces(number, lba, 0, count, *segment, 0))
        return S("boot image cannot be read");
    *drive = media == MEDIA_NONE ? FIRST_CD + number : media == MEDIA_HD ? FIRST_HD : 0;
    ebda->emulation.drive = *drive;
    ebda->emulation.active = media != MEDIA_NONE;
    if (ebda->emulation.active && media != MEDIA_HD) /* one floppy drive more */
        bda->equipment =
            bda->equipment & EQUIP_FLOPPY ? bda->equipment + 0x40 : bda->equipment | EQUIP_FLOPPY;
    return NULL;
}

static void emulated_read(struct regs *r)
{
    u16 cylinder = chs_cylinder(r), spt = ebda->emulation.spt;
    u8 sector = r->cl & 0x3f, status = INT13_OK;
    u32 piece;

    if (!r->al || !sector || sector > spt || r->dh >= ebda->emulation.heads ||
        cylinder >= ebda->emulation.cylinders) {
        r->al = 0;
        int13_return(r, INT13_BAD_COMMAND);
        return;
    }
    piece = ((u32)cylinder * ebda->emulation.heads + r->dh) * spt + sector - 1;
    if (r->ah == 0x02)
        status =
            cd_read_pieces(ebda->emulation.cd, ebda->emulation.start, piece, r->al, r->es, r->bx);
    if (status)
        r->al = 0;
    int13_return(r, status);
}

static void emulated_parameters(struct regs *r)
{
    u16 last = ebda->emulation.cylinders - 1;
    bool floppy = ebda->emulation.media != MEDIA_HD;

    int13_return(r, INT13_OK);
    r->ax = 0;
    r->ch = (u8)last;
    r->cl = (u8)ebda->emulation.spt | (last >> 2 & 0xc0);
    r->dh = (u8)ebda->emulation.heads - 1;
    r->dl = floppy ? 1 + (ebda->floppy_type[0] != 0) : 1 + ebda->hd_count;
    if (floppy) { /* a disk's caller keeps BX and ES:DI */
        r->bx = ebda->emulation.media == MEDIA_1200   ? 2
                : ebda->emulation.media == MEDIA_1440 ? 4
                                                      : 6;
        r->es = BIOS_SEG;
        r->di = 0xefc7;
    }
}

void emulation_service(struct regs *r)
{
    u32 sectors;

    switch (r->ah) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
    case 0x14:
    case 0x16: int13_return(r, INT13_OK); break;
    case 0x01:
        r->al = bda->hd_status;
        int13_return(r, INT13_OK);
        break;
    case 0x02:
    case 0x04: emulated_read(r); break;
    case 0x03:
    case 0x05: int13_return(r, INT13_WRITE_PROTECT); break;
    case 0x08: emulated_parameters(r); break;
    case 0x15:
        sectors = (u32)ebda->emulation.cylinders * ebda->emulation.heads * ebda->emulation.spt;
        int13_return(r, INT13_OK);
        r->ah = ebda->emulation.media == MEDIA_HD ? 3 : 1;
        if (r->ah == 3) {
            r->cx = sectors >> 16;
            r->dx = (u16)sectors;
        }
        break;
    default: int13_return(r, INT13_BAD_COMMAND); break;
    }
}

/* 4B00h ends emulation, 4B01h tells of it; both fill the specification packet at DS:SI. */
void emulation_status(struct regs *r)
{
    u8 number = ebda->emulation.cd, unit = ebda->drive[ebda->cdrom[number]].unit;

    if (r->al > 1 || !ebda->emulation.load_segment) { /* no CD was booted */
        int13_return(r, INT13_BAD_COMMAND);
        return;
    }
    far_write8(r->ds, r->si, 0x13);
    far_write8(r->ds, r->si + 1, ebda->emulation.media);
    far_write8(r->ds, r->si + 2, ebda->emulation.drive);
    far_write8(r->ds, r->si + 3, unit / 2);
    far_write32(r->ds, r->si + 4, ebda->emulation.start);
    far_write16(r->ds, r->si + 8, unit & 1);
    far_write16(r->ds, r->si + 10, 0);
    far_write16(r->ds, r->si + 12, ebda->emulation.load_segment);
    far_write16(r->ds, r->si + 14, ebda->emulation.sectors);
    far_write8(r->ds, r->si + 16, (u8)(ebda->emulation.cylinders - 1));
    far_write8(r->ds, r->si + 17,
               (u8)(ebda->emulation.spt | ((ebda->emulation.cylinders - 1) >> 2 & 0xc0)));
    far_write8(r->ds, r->si + 18, (u8)(ebda->emulation.heads - 1));
    if (r->al == 0)
        ebda->emulation.active = 0;
    int13_return(r, INT13_OK);
}
