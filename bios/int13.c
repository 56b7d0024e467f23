/* INT 13h: which drive is meant; and hard disks by cylinder, head and sector.
 *
 * Drives 80h... are ATA disks, E0h... CD-ROMs, 00h and 01h floppies (INT 40h). A disk emulated from a CD
 * (El Torito) takes its number, and the drives of its kind move up by one. Functions of hard disks
 * here: 00-05, 08, 09, 0C, 0D, 10, 11, 14, 15; 41h and up in edd.c. Not: 06, 07 (format drive), 0A, 0B
 * (with ECC), which no drive of the last decades does. Source: IBM PS/2 and Personal Computer BIOS
 * Interface Technical Reference, INT 13h; "BIOS Enhanced Disk Drive Specification" 3.0. */
#include "int13.h"

void int13_return(struct regs *r, u8 status)
{
    r->ah = status;
    bda->hd_status = status;
    set_cf(r, status != INT13_OK);
}

/* A track of CHS as a linear sector; false: not on the disk. */
static bool hd_lba(const struct regs *r, u8 index, u32 *lba)
{
    u16 cylinder = chs_cylinder(r), spt = ebda->drive[index].lspt;
    u8 sector = r->cl & 0x3f;

    if (cylinder >= ebda->drive[index].lcylinders || r->dh >= ebda->drive[index].lheads ||
        !sector || sector > spt)
        return false;
    *lba = ((u32)cylinder * ebda->drive[index].lheads + r->dh) * spt + sector - 1;
    return true;
}

static void hd_access(struct regs *r, u8 index)
{
    struct transfer t;
    u8 status;

    memset(&t, 0, sizeof(t));
    if (!r->al || r->al > 128 || !hd_lba(r, index, &t.lba)) {
        r->al = 0;
        int13_return(r, INT13_BAD_COMMAND);
        return;
    }
    t.count = r->al;
    t.seg = r->es;
    t.off = r->bx;
    t.write = r->ah == 0x03;
    if (r->ah == 0x04) {
        status = ata_verify(index, t.lba, 0, t.count);
    } else {
        status = ata_transfer(index, &t);
        r->al = (u8)t.count;
    }
    int13_return(r, status);
}

static void hd_parameters(struct regs *r, u8 index)
{
    u16 last =
        ebda->drive[index].lcylinders - 1; /* IBM's keeps one for diagnostics; nobody does now */

    r->ax = 0;
    r->ch = (u8)last;
    r->cl = ebda->drive[index].lspt | (last >> 2 & 0xc0);
    r->dh = ebda->drive[index].lheads - 1;
    r->dl = ebda->hd_count + (ebda->emulation.active && ebda->emulation.drive == FIRST_HD);
    int13_return(r, INT13_OK);
}

static void hd_type(struct regs *r, u8 index)
{
    u32 sectors =
        (u32)ebda->drive[index].lcylinders * ebda->drive[index].lheads * ebda->drive[index].lspt;

    int13_return(r, INT13_OK);
    r->ah = 3;
    r->cx = sectors >> 16;
    r->dx = (u16)sectors;
}

void hd_service(struct regs *r, u8 index)
{
    u32 lba;

    switch (r->ah) {
    case 0x00:
    case 0x0d: int13_return(r, ata_reset(index)); break;
    case 0x01:
        r->al = bda->hd_status;
        int13_return(r, INT13_OK);
        break;
    case 0x02:
    case 0x03:
    case 0x04: hd_access(r, index); break;
    case 0x05: /* low-level format of a track: the drive's own business; the track must exist */
    case 0x0c:
        r->cl = (r->cl & 0xc0) | 1;
        int13_return(r, hd_lba(r, index, &lba) ? INT13_OK : INT13_BAD_COMMAND);
        break;
    case 0x08: hd_parameters(r, index); break;
    case 0x09:
    case 0x10:
    case 0x11:
    case 0x14: int13_return(r, INT13_OK); break;
    case 0x15: hd_type(r, index); break;
    default:
        if (r->ah >= 0x41)
            edd_service(r, index);
        else
            int13_return(r, INT13_BAD_COMMAND);
    }
}

void cd_service(struct regs *r, u8 index)
{
    switch (r->ah) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x11:
    case 0x14: int13_return(r, INT13_OK); break;
    case 0x01:
        r->al = bda->hd_status;
        int13_return(r, INT13_OK);
        break;
    case 0x10: int13_return(r, atapi_ready(index)); break;
    case 0x03:
    case 0x05: int13_return(r, INT13_WRITE_PROTECT); break;
    case 0x15:
        int13_return(r, INT13_OK);
        r->ah = 2; /* with a change line */
        break;
    default:
        if (r->ah >= 0x41)
            edd_service(r, index);
        else
            int13_return(r, INT13_BAD_COMMAND);
    }
}

static void no_drive(struct regs *r)
{
    u8 function = r->ah;

    int13_return(r, INT13_BAD_COMMAND);
    if (function == 0x08)
        r->ax = 0x0700, r->cx = 0, r->dx = ebda->hd_count;
    if (function == 0x15)
        r->ah = 0, r->cx = r->dx = 0;
}

void int13(struct regs *r)
{
    u8 drive = r->dl, active = ebda->emulation.active, emulated = ebda->emulation.drive;

    set_flag(r, FLAG_IF, true); /* IBM's returns by RET 2, with interrupts on */
    if (active && drive == emulated && r->ah != 0x4b) {
        emulation_service(r);
        return;
    }
    if (r->ah == 0x4b) {
        emulation_status(r);
        return;
    }
    if (drive < FIRST_HD) {
        if (active && !emulated && drive)
            floppy_service(r, drive - 1);
        else
            r->next = far_read32(0, 0x40 * 4);
        return;
    }
    if (active && emulated == FIRST_HD && drive > FIRST_HD)
        drive--;
    if (drive - FIRST_HD < ebda->hd_count)
        hd_service(r, ebda->hd[drive - FIRST_HD]);
    else if (drive >= FIRST_CD && drive - FIRST_CD < ebda->cdrom_count)
        cd_service(r, ebda->cdrom[drive - FIRST_CD]);
    else
        no_drive(r);
}

void int40(struct regs *r)
{
    set_flag(r, FLAG_IF, true);
    floppy_service(r, r->dl);
}
