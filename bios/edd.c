/* INT 13h 41h to 49h and 4Eh: the Enhanced Disk Drive services, by linear sector.
 *
 * Installation check (version 3.0; fixed disk access, locking and ejecting, enhanced support), read,
 * write, verify, lock, eject, seek, parameters with the device parameter table extension and the path
 * of version 3, media change. Not: 64-bit buffer addresses, which real mode cannot reach. Source: "BIOS
 * Enhanced Disk Drive Specification" 3.0 (Phoenix) and T13/1484D. */
#include "int13.h"

/* The disk address packet at DS:SI. */
enum { DAP_SIZE = 0, DAP_COUNT = 2, DAP_OFF = 4, DAP_SEG = 6, DAP_LBA = 8, DAP_LBA_HIGH = 12 };

/* The result buffer of 48h. */
enum {
    PARAM_SIZE = 0,
    PARAM_FLAGS = 2,
    PARAM_CYLINDERS = 4,
    PARAM_HEADS = 8,
    PARAM_SPT = 12,
    PARAM_SECTORS = 16,
    PARAM_SECTORS_HIGH = 20,
    PARAM_BYTES = 24,
    PARAM_V1 = 26, /* so long in version 1 */
    PARAM_DPTE = 26,
    PARAM_V2 = 30,
    PARAM_KEY = 30,
    PARAM_PATH_SIZE = 32,
    PARAM_BUS = 36,
    PARAM_INTERFACE = 40,
    PARAM_INTERFACE_PATH = 48,
    PARAM_DEVICE_PATH = 56,
    PARAM_CHECKSUM = 65,
    PARAM_V3 = 66,
};
#define FLAG_DMA_BOUNDARY 0x0001
#define FLAG_GEOMETRY     0x0002
#define FLAG_REMOVABLE    0x0004
#define FLAG_CHANGE_LINE  0x0010
#define FLAG_LOCKABLE     0x0020

static bool is_cd(u8 index)
{
    return ebda->drive[index].type == DRIVE_ATAPI;
}

static bool edd_in_range(u8 index, const struct transfer *t)
{
    u32 last = t->lba + t->count - 1, last_high = t->lba_high + (last < t->lba);

    if (is_cd(index))
        return !t->lba_high; /* the drive knows its disc */
    return !t->count || last_high < ebda->drive[index].sectors_high ||
           (last_high == ebda->drive[index].sectors_high && last < ebda->drive[index].sectors);
}

static void edd_access(struct regs *r, u8 index)
{
    struct transfer t;
    u16 count;
    u8 status = INT13_OK;

    memset(&t, 0, sizeof(t));
    t.count = count = far_read16(r->ds, r->si + DAP_COUNT);
    t.off = far_read16(r->ds, r->si + DAP_OFF);
    t.seg = far_read16(r->ds, r->si + DAP_SEG);
    t.lba = far_read32(r->ds, r->si + DAP_LBA);
    t.lba_high = far_read32(r->ds, r->si + DAP_LBA_HIGH);
    t.write = r->ah == 0x43;
    if (far_read8(r->ds, r->si + DAP_SIZE) < 0x10 || !edd_in_range(index, &t) ||
        (t.seg == 0xffff && t.off == 0xffff && (t.write || r->ah == 0x42)) ||
        (t.write && is_cd(index))) {
        far_write16(r->ds, r->si + DAP_COUNT, 0);
        int13_return(r, t.write && is_cd(index) ? INT13_WRITE_PROTECT : INT13_BAD_COMMAND);
        return;
    }
    if (r->ah == 0x47 || !count) {
        int13_return(r, INT13_OK);
        return;
    }
    if (r->ah == 0x44) {
        if (!is_cd(index))
            status = ata_verify(index, t.lba, t.lba_high, t.count);
    } else {
        status = is_cd(index) ? atapi_read(index, &t) : ata_transfer(index, &t);
    }
    far_write16(r->ds, r->si + DAP_COUNT, status ? t.count : count);
    int13_return(r, status);
}

/* The extension names ports and modes, for drivers that go around int 13h. */
static void edd_fill_dpte(u8 index)
{
    u8 flags = ebda->drive[index].flags, sum = 0;
    u16 options = (ebda->drive[index].translation ? 0x08 : 0) | (flags & DRIVE_LBA ? 0x10 : 0) |
                  (is_cd(index) ? 0x60 : 0);
    u8 unit = ebda->drive[index].unit;
    u16 io = ebda->drive[index].io, control = ebda->drive[index].control;

    for (unsigned i = 0; i < 16; i++)
        ebda->edd_dpte[i] = 0;
    ebda->edd_dpte[0] = (u8)io;
    ebda->edd_dpte[1] = io >> 8;
    ebda->edd_dpte[2] = (u8)control;
    ebda->edd_dpte[3] = control >> 8;
    ebda->edd_dpte[4] = 0xa0 | (unit & 1) << 4 | (flags & DRIVE_LBA ? 0x40 : 0);
    ebda->edd_dpte[5] = 0xcb;
    ebda->edd_dpte[6] = unit < 2 ? 14 : 15;
    ebda->edd_dpte[7] = 1;
    ebda->edd_dpte[10] = (u8)options;
    ebda->edd_dpte[11] = options >> 8;
    ebda->edd_dpte[14] = 0x11;
    for (unsigned i = 0; i < 15; i++)
        sum += ebda->edd_dpte[i];
    ebda->edd_dpte[15] = -sum;
}

/* Version 3: host bus and interface as text, ports or PCI function, and the unit. */
static void edd_fill_path(struct regs *r, u8 index)
{
    u16 seg = r->ds, at = r->si;
    u8 unit = ebda->drive[index].unit, sum = 0;

    for (unsigned i = PARAM_KEY; i < PARAM_V3; i++)
        far_write8(seg, at + i, 0);
    far_write16(seg, at + PARAM_KEY, 0xbedd);
    far_write8(seg, at + PARAM_PATH_SIZE, PARAM_V3 - PARAM_KEY);
    far_write32(seg, at + PARAM_BUS, 0x20415349);           /* "ISA " */
    far_write32(seg, at + PARAM_INTERFACE, 0x20415441);     /* "ATA " */
    far_write32(seg, at + PARAM_INTERFACE + 4, 0x20202020); /* eight characters */
    if (is_cd(index))
        far_write32(seg, at + PARAM_INTERFACE, 0x50415441); /* "ATAPI   " */
    if (is_cd(index))
        far_write8(seg, at + PARAM_INTERFACE + 4, 'I');
    far_write16(seg, at + PARAM_INTERFACE_PATH, ebda->drive[index].io);
    far_write8(seg, at + PARAM_DEVICE_PATH, unit & 1);
    for (unsigned i = PARAM_KEY; i < PARAM_CHECKSUM; i++)
        sum += far_read8(seg, at + i);
    far_write8(seg, at + PARAM_CHECKSUM, -sum);
}

static void edd_parameters(struct regs *r, u8 index)
{
    u16 seg = r->ds, at = r->si, size = far_read16(seg, at + PARAM_SIZE);
    u32 sectors = ebda->drive[index].sectors, high = ebda->drive[index].sectors_high;
    bool cd = is_cd(index);

    if (size < PARAM_V1) {
        int13_return(r, INT13_BAD_COMMAND);
        return;
    }
    if (cd) {
        high = 0;
        if (atapi_capacity(index, &sectors))
            sectors = high = 0xffffffff;
    }
    far_write16(seg, at + PARAM_FLAGS,
                cd ? FLAG_REMOVABLE | FLAG_CHANGE_LINE | FLAG_LOCKABLE : FLAG_GEOMETRY);
    far_write32(seg, at + PARAM_CYLINDERS, cd ? 0xffffffff : ebda->drive[index].cylinders);
    far_write32(seg, at + PARAM_HEADS, cd ? 0xffffffff : ebda->drive[index].heads);
    far_write32(seg, at + PARAM_SPT, cd ? 0xffffffff : ebda->drive[index].spt);
    far_write32(seg, at + PARAM_SECTORS, sectors);
    far_write32(seg, at + PARAM_SECTORS_HIGH, high);
    far_write16(seg, at + PARAM_BYTES, cd ? CD_SECTOR : 512);
    far_write16(seg, at + PARAM_SIZE, PARAM_V1);
    if (size >= PARAM_V2) {
        edd_fill_dpte(index);
        far_write16(seg, at + PARAM_DPTE, offsetof(struct extended_data, edd_dpte));
        far_write16(seg, at + PARAM_DPTE + 2, EBDA_SEG);
        far_write16(seg, at + PARAM_SIZE, PARAM_V2);
    }
    if (size >= PARAM_V3) {
        edd_fill_path(r, index);
        far_write16(seg, at + PARAM_SIZE, PARAM_V3);
    }
    int13_return(r, INT13_OK);
}

void edd_service(struct regs *r, u8 index)
{
    bool cd = is_cd(index);

    switch (r->ah) {
    case 0x41:
        if (r->bx != 0x55aa) {
            int13_return(r, INT13_BAD_COMMAND);
            break;
        }
        int13_return(r, INT13_OK);
        r->bx = 0xaa55;
        r->cx = 0x0007;
        r->ah = 0x30;
        break;
    case 0x42:
    case 0x43:
    case 0x44:
    case 0x47: edd_access(r, index); break;
    case 0x45: /* locks: nobody else could open the drive */
        r->al = 0;
        int13_return(r, cd ? INT13_OK : INT13_NOT_REMOVABLE);
        break;
    case 0x46: int13_return(r, cd ? atapi_eject(index, false) : INT13_NOT_REMOVABLE); break;
    case 0x48: edd_parameters(r, index); break;
    case 0x49: int13_return(r, cd ? atapi_ready(index) : INT13_OK); break;
    case 0x4e: /* hardware configuration: only what is so anyway */
        int13_return(r, r->al == 1 || r->al == 3 || r->al == 4 || r->al == 6 ? INT13_OK
                                                                             : INT13_BAD_COMMAND);
        break;
    default: int13_return(r, INT13_BAD_COMMAND); break;
    }
}
