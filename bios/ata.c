/* ATA disks by programmed I/O: commands, data, and errors as int 13h has them.
 *
 * LBA28, LBA48 beyond it, CHS for drives without LBA. The drive's interrupt is off (nIEN) during a
 * transfer and on between them. Sources: ATA/ATAPI-6 (T13/1410D), sections 7 to 9. */
#include "ata.h"

#define CMD_READ       0x20
#define CMD_READ_EXT   0x24
#define CMD_WRITE      0x30
#define CMD_WRITE_EXT  0x34
#define CMD_VERIFY     0x40
#define CMD_VERIFY_EXT 0x42

#define CONTROL_NIEN 0x02
#define CONTROL_SRST 0x04
#define CONTROL_ON   0x08

#define DEVICE_CHS 0xa0
#define DEVICE_LBA 0xe0

#define ERROR_ABRT 0x04
#define ERROR_IDNF 0x10
#define ERROR_UNC  0x40

#define WAIT_READS 0x800000 /* a status read takes at least half a microsecond on a real bus */

void far_in_words(u16 port, u16 seg, u16 off, u16 words)
{
    u32 di = off, cx = words;

    __asm__ volatile("movw %w3, %%es\n\trep insw\n\tpushw %%ds\n\tpopw %%es"
                     : "+D"(di), "+c"(cx)
                     : "d"(port), "r"(seg)
                     : "memory");
}

void far_out_words(u16 port, u16 seg, u16 off, u16 words)
{
    u32 si = off, cx = words;

    __asm__ volatile("movw %w3, %%es\n\trep outsw %%es:(%%esi), %%dx\n\tpushw %%ds\n\tpopw %%es"
                     : "+S"(si), "+c"(cx)
                     : "d"(port), "r"(seg)
                     : "memory");
}

/* Until not busy; the status is right 400 ns after a command. */
u8 ata_wait_idle(u8 index)
{
    u16 io = ebda->drive[index].io, control = ebda->drive[index].control;

    for (unsigned i = 0; i < 4; i++)
        inb(control);
    for (u32 i = 0; i < WAIT_READS; i++)
        if (!(inb(io + ATA_STATUS) & ATA_BSY))
            return INT13_OK;
    return INT13_TIMEOUT;
}

static u8 ata_status(u8 index)
{
    u16 io = ebda->drive[index].io;
    u8 status = inb(io + ATA_STATUS), error;

    bda->hd_ata_status = status;
    if (!(status & (ATA_ERR | ATA_DF)))
        return INT13_OK;
    error = inb(io + ATA_ERROR);
    bda->hd_ata_error = error;
    if (error & ERROR_IDNF)
        return INT13_NOT_FOUND;
    if (error & ERROR_UNC)
        return INT13_CRC;
    return error & ERROR_ABRT ? INT13_BAD_COMMAND : INT13_CONTROLLER;
}

/* Until data can be moved. */
u8 ata_wait_data(u8 index)
{
    u8 result = ata_wait_idle(index);

    if (!result)
        result = ata_status(index);
    if (!result && !(inb(ebda->drive[index].io + ATA_STATUS) & ATA_DRQ))
        result = INT13_CONTROLLER;
    return result;
}

void ata_select(u8 index, u8 device)
{
    u16 control = ebda->drive[index].control;

    outb(control, CONTROL_ON | CONTROL_NIEN);
    outb(ebda->drive[index].io + ATA_DEVICE, device | (ebda->drive[index].unit & 1) << 4);
    for (unsigned i = 0; i < 4; i++)
        inb(control);
}

void ata_finish(u8 index)
{
    outb(ebda->drive[index].control, CONTROL_ON);
}

/* Starts `command`, or its LBA48 form, for `count` sectors (at most 256). */
static u8 ata_command(u8 index, u8 command, u8 command_ext, u32 lba, u32 high, u16 count)
{
    u16 io = ebda->drive[index].io;
    u8 flags = ebda->drive[index].flags, device;
    bool ext = (flags & DRIVE_LBA48) && (high || lba + count > 0x0fffffff);

    if (flags & DRIVE_LBA) {
        device = DEVICE_LBA | (ext ? 0 : lba >> 24 & 15);
    } else {
        u32 track = lba / ebda->drive[index].spt, heads = ebda->drive[index].heads;
        u32 cylinder = track / heads;

        device = DEVICE_CHS | track % heads;
        lba = (lba % ebda->drive[index].spt + 1) | cylinder << 8;
    }
    ata_select(index, device);
    if (ata_wait_idle(index))
        return INT13_TIMEOUT;
    if (ext) {
        outb(io + ATA_COUNT, count >> 8);
        outb(io + ATA_LBA0, lba >> 24);
        outb(io + ATA_LBA1, high);
        outb(io + ATA_LBA2, high >> 8);
    }
    outb(io + ATA_COUNT, (u8)count);
    outb(io + ATA_LBA0, (u8)lba);
    outb(io + ATA_LBA1, (u8)(lba >> 8));
    outb(io + ATA_LBA2, (u8)(lba >> 16));
    outb(io + ATA_STATUS, ext ? command_ext : command);
    return INT13_OK;
}

static u8 ata_data(u8 index, struct transfer *t, u16 wanted)
{
    u16 io = ebda->drive[index].io;
    u8 result;

    while (t->count < wanted) {
        irq_window();
        result = ata_wait_data(index);
        if (result)
            return result;
        if (t->write)
            far_out_words(io, t->seg, t->off, 256);
        else
            far_in_words(io, t->seg, t->off, 256);
        t->seg += 512 / 16;
        t->count++;
    }
    result = ata_wait_idle(index);
    return result ? result : ata_status(index);
}

u8 ata_transfer(u8 index, struct transfer *t)
{
    u16 left = t->count;
    u8 result = INT13_OK;

    t->seg += t->off >> 4; /* an offset that no sector carries over the segment's end */
    t->off &= 15;
    t->count = 0;
    while (left && !result) {
        u16 count = left > 128 ? 128 : left, done = t->count;

        result = ata_command(index, t->write ? CMD_WRITE : CMD_READ,
                             t->write ? CMD_WRITE_EXT : CMD_READ_EXT, t->lba, t->lba_high, count);
        if (!result)
            result = ata_data(index, t, done + count);
        t->lba += count;
        if (t->lba < count)
            t->lba_high++;
        left -= count;
    }
    ata_finish(index);
    return result;
}

u8 ata_verify(u8 index, u32 lba, u32 lba_high, u16 count)
{
    u8 result = INT13_OK;

    while (count && !result) {
        u16 now = count > 128 ? 128 : count;

        irq_window();
        result = ata_command(index, CMD_VERIFY, CMD_VERIFY_EXT, lba, lba_high, now);
        if (!result)
            result = ata_wait_idle(index);
        if (!result)
            result = ata_status(index);
        lba += now;
        if (lba < now)
            lba_high++;
        count -= now;
    }
    ata_finish(index);
    return result;
}

u8 ata_reset(u8 index)
{
    u8 result;

    outb(ebda->drive[index].control, CONTROL_ON | CONTROL_NIEN | CONTROL_SRST);
    delay_us(5);
    outb(ebda->drive[index].control, CONTROL_ON | CONTROL_NIEN);
    delay_us(2000);
    ata_select(index, DEVICE_CHS);
    result = ata_wait_idle(index) ? INT13_RESET_FAILED : INT13_OK;
    ata_finish(index);
    return result;
}
