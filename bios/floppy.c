/* INT 40h and 13h for floppy disks, INT 0Eh: the 82077 by DMA channel 2.
 *
 * Functions 00-05, 08, 15-18. Media of 160K to 2.88M in drives of the types that CMOS 10h has; the
 * disk's kind is found by reading a sector at each data rate, and forgotten at a change. Reads,
 * writes and verifying go on over tracks and cylinders, in a command for each cylinder. Seek and
 * transfer end by interrupt 6; a hook that takes it, or the controller's status, away from int0e()
 * costs time at most. Not: 128 to 256 and 1024-byte sectors, deleted data marks, a wait for the
 * motor's speed (no emulated drive needs one). Sources: Intel 82077AA data sheet; IBM PS/2 and
 * Personal Computer BIOS Interface Technical Reference, INT 13h. */
#include "int13.h"

#define FDC_DOR  0x3f2
#define FDC_MSR  0x3f4
#define FDC_DATA 0x3f5
#define FDC_DIR  0x3f7 /* write: data rate */

#define DOR_RUN    0x0c /* not reset, interrupt and DMA on */
#define MSR_RQM    0x80
#define MSR_DIO    0x40
#define MSR_BUSY   0x10
#define DIR_CHANGE 0x80

#define FDC_SPECIFY     0x03
#define FDC_RECALIBRATE 0x07
#define FDC_SENSE_INT   0x08
#define FDC_SEEK        0x0f
#define FDC_READ        0xe6 /* multitrack, MFM, skip deleted */
#define FDC_WRITE       0xc5
#define FDC_FORMAT      0x4d
#define FDC_VERIFY      0x56 /* MFM; no DMA */

#define MEDIA_KNOWN 0x10 /* fd_media: established; bits 6-7 the rate; 5 double step */
#define MOTOR_TICKS 37
#define IRQ_TICKS   40 /* about 2 s */

/* What a disk can be, tried in this order by those drives that can. */
struct media {
    u8 drive_types; /* bit n: CMOS type n can */
    u8 rate;        /* of the CCR */
    u8 spt, cylinders;
    u8 gap, format_gap;
    u8 type;  /* of function 08; 0: not what a drive is described by */
    u8 state; /* of 40:90 */
};
static const struct media media_table[] ROMDATA = {
    {1 << 5 | 1 << 6, 3, 36, 80, 0x1b, 0x54, 6, 0xd7},
    {1 << 4 | 1 << 5 | 1 << 6, 0, 21, 80, 0x0c, 0x1c, 0, 0x17},
    {1 << 4 | 1 << 5 | 1 << 6, 0, 18, 80, 0x1b, 0x6c, 4, 0x17},
    {1 << 2, 0, 15, 80, 0x1b, 0x54, 2, 0x15},
    {1 << 3 | 1 << 4 | 1 << 5 | 1 << 6, 2, 9, 80, 0x2a, 0x50, 3, 0x97},
    {1 << 2, 1, 9, 40, 0x23, 0x50, 1, 0x74},
    {1 << 2, 1, 8, 40, 0x23, 0x50, 0, 0x74},
    {1 << 1, 2, 9, 40, 0x2a, 0x50, 1, 0x93},
    {1 << 1, 2, 8, 40, 0x2a, 0x50, 0, 0x93},
};
/* The rows of function 17's disk and drive types. */
static const u8 dasd_media[] ROMDATA = {0xff, 7, 5, 3, 4};

/* The interrupt: whoever waits looks at bit 7 of 40:3E. */
void int0e(struct regs *r)
{
    (void)r;
    bda->fd_recalibrate |= 0x80;
    irq_eoi(6);
}

/* Waits for the interrupt; or, of a command with results, until these are there. */
static bool wait_irq(bool results)
{
    u8 ready = MSR_RQM | MSR_DIO | MSR_BUSY;
    u32 start = bda->ticks;

    while (!(bda->fd_recalibrate & 0x80)) {
        if (results && (inb(FDC_MSR) & ready) == ready) {
            irq_window(); /* reading them would take the interrupt back */
            break;
        }
        if (bda->ticks - start > IRQ_TICKS)
            return false;
        irq_wait();
    }
    bda->fd_recalibrate &= 0x7f;
    return true;
}

static bool fdc_send(u8 value)
{
    for (u32 i = 0; i < 100000; i++)
        if ((inb(FDC_MSR) & (MSR_RQM | MSR_DIO)) == MSR_RQM) {
            outb(FDC_DATA, value);
            return true;
        }
    return false;
}

/* The result phase into 40:42: how many bytes, at most `count`. A hook may have read some. */
static u8 fdc_result(u8 count)
{
    for (u8 n = 0; n < count; n++) {
        u32 i = 0;

        while (!(inb(FDC_MSR) & MSR_RQM))
            if (++i > 100000)
                return n;
        if (!(inb(FDC_MSR) & MSR_DIO))
            return n;
        bda->fd_result[n] = inb(FDC_DATA);
    }
    return count;
}

static void fdc_reset(void)
{
    u8 dor = DOR_RUN | (bda->fd_motor & 3) << 4 | (bda->fd_motor >> 4 & 3);

    bda->fd_recalibrate &= 0x70;
    outb(FDC_DOR, dor & (u8)~0x04);
    delay_us(5);
    outb(FDC_DOR, dor);
    wait_irq(false);
    for (unsigned i = 0; i < 4; i++) /* one for each drive, by polling */
        if (!fdc_send(FDC_SENSE_INT) || !fdc_result(2))
            break;
    fdc_send(FDC_SPECIFY);
    fdc_send(far_read8(far_read16(0, 0x1e * 4 + 2), far_read16(0, 0x1e * 4)));
    fdc_send(0x02);
}

/* The motor runs, and stops by the tick's count after the last use. */
static void motor_on(u8 drive)
{
    u16 flags = irq_save();

    bda->fd_motor_count = 255;
    bda->fd_motor = (bda->fd_motor & 3) | 1 << drive | drive << 4;
    outb(FDC_DOR, DOR_RUN | (bda->fd_motor & 3) << 4 | drive);
    irq_restore(flags);
}

/* Ends a service: status, and the time until the motor stops. */
static void floppy_return(struct regs *r, u8 status)
{
    bda->fd_motor_count = MOTOR_TICKS;
    bda->fd_status = status;
    r->ah = status;
    set_cf(r, status != INT13_OK);
}

/* What the result phase says. */
static u8 result_status(void)
{
    u8 st0 = bda->fd_result[0], st1 = bda->fd_result[1], st2 = bda->fd_result[2];

    if (!(st0 & 0xc0))
        return INT13_OK;
    if (st0 & 0x08)
        return INT13_TIMEOUT;
    if (st1 & 0x02)
        return INT13_WRITE_PROTECT;
    if (st1 & 0x20)
        return INT13_CRC;
    if (st1 & 0x10)
        return INT13_DMA_OVERRUN;
    if ((st1 & 0x01) || (st2 & 0x01))
        return INT13_BAD_MARK;
    if (st1 & 0x84)
        return INT13_NOT_FOUND;
    return st2 & 0x12 ? INT13_SEEK : INT13_CONTROLLER;
}

static u8 fdc_sense_seek(void)
{
    bool came = wait_irq(false);

    if (!fdc_send(FDC_SENSE_INT) || !fdc_result(2))
        return INT13_CONTROLLER;
    if ((bda->fd_result[0] & 0xc0) == 0x80) /* nothing to tell: a hook has been told */
        return came ? INT13_OK : INT13_TIMEOUT;
    return (bda->fd_result[0] & 0xe0) == 0x20 ? INT13_OK : INT13_SEEK;
}

static u8 recalibrate(u8 drive)
{
    u8 status = INT13_OK;

    for (unsigned i = 0; i < 2; i++) { /* one goes 77 or 79 tracks at most */
        bda->fd_recalibrate &= 0x7f;
        if (!fdc_send(FDC_RECALIBRATE) || !fdc_send(drive))
            return INT13_CONTROLLER;
        status = fdc_sense_seek();
        if (!status)
            break;
    }
    if (!status) {
        bda->fd_recalibrate |= 1 << drive;
        bda->fd_track[drive] = 0;
    }
    return status;
}

static u8 seek(u8 drive, u8 head, u8 cylinder)
{
    u8 status = INT13_OK;

    if (!(bda->fd_recalibrate >> drive & 1))
        status = recalibrate(drive);
    if (status || bda->fd_track[drive] == cylinder)
        return status;
    bda->fd_recalibrate &= 0x7f;
    if (!fdc_send(FDC_SEEK) || !fdc_send(head << 2 | drive) || !fdc_send(cylinder))
        return INT13_CONTROLLER;
    status = fdc_sense_seek();
    if (!status)
        bda->fd_track[drive] = cylinder;
    return status;
}

/* The controller's counter of addresses has 16 bits. */
static bool dma_can(u32 address, u32 len)
{
    return address >> 16 == (address + len - 1) >> 16;
}

/* DMA channel 2, single mode. len is bytes. */
static void dma_start(u32 address, u32 len, bool to_disk)
{
    outb(0x0a, 0x06);
    outb(0x0c, 0);
    outb(0x0b, to_disk ? 0x4a : 0x46);
    outb(0x04, (u8)address);
    outb(0x04, (u8)(address >> 8));
    outb(0x81, (u8)(address >> 16));
    outb(0x05, (u8)(len - 1));
    outb(0x05, (u8)((len - 1) >> 8));
    outb(0x0a, 0x02);
}

struct floppy_access {
    u8 drive, head, cylinder, sector, command;
};

static u8 run_access(const struct floppy_access *a, u8 eot, u8 gap)
{
    u8 status = seek(a->drive, a->head, a->cylinder);

    if (status)
        return status;
    bda->fd_recalibrate &= 0x7f;
    if (!fdc_send(a->command) || !fdc_send(a->head << 2 | a->drive) || !fdc_send(a->cylinder) ||
        !fdc_send(a->head) || !fdc_send(a->sector) || !fdc_send(2) || !fdc_send(eot) ||
        !fdc_send(gap) || !fdc_send(0xff))
        return INT13_CONTROLLER;
    if (!wait_irq(true)) {
        fdc_reset();
        return INT13_TIMEOUT;
    }
    return fdc_result(7) == 7 ? result_status() : INT13_CONTROLLER;
}

static bool drive_can(u8 drive, unsigned media)
{
    return rom8(&media_table[media].drive_types) >> ebda->floppy_type[drive] & 1;
}

/* The media that was found in a drive or set for it, if the state byte still says so; -1: none. */
static int known_media(u8 drive)
{
    u8 state = bda->fd_media[drive], media = ebda->floppy_media[drive];

    return state & MEDIA_KNOWN && rom8(&media_table[media].state) == state ? media : -1;
}

static void set_media(u8 drive, unsigned media)
{
    ebda->floppy_media[drive] = media;
    bda->fd_media[drive] = rom8(&media_table[media].state);
    outb(FDC_DIR, rom8(&media_table[media].rate));
}

static u8 verify_sector(const struct floppy_access *a, unsigned media)
{
    struct floppy_access verify = *a;

    verify.command = FDC_VERIFY;
    return run_access(&verify, a->sector, rom8(&media_table[media].gap));
}

/* Finds what is in the drive by the last sector of a track: an EOT beyond the transfer would hide a
 * wrong kind. */
static u8 try_media(u8 drive, unsigned media)
{
    struct floppy_access a = {.drive = drive, .sector = rom8(&media_table[media].spt)};

    outb(FDC_DIR, rom8(&media_table[media].rate));
    return verify_sector(&a, media);
}

static u8 find_media(u8 drive, int *media)
{
    u8 status = INT13_NOT_FOUND;

    *media = known_media(drive);
    if (*media >= 0)
        return INT13_OK;
    for (unsigned i = 0; i < ARRAY_SIZE(media_table); i++) {
        if (!drive_can(drive, i))
            continue;
        status = try_media(drive, i);
        if (status == INT13_TIMEOUT || status == INT13_CONTROLLER)
            break;
        if (!status) {
            *media = (int)i;
            return INT13_OK;
        }
    }
    return status;
}

/* The change line: a step with the disk in clears it. */
static bool was_changed(u8 drive)
{
    if (ebda->floppy_type[drive] == 1 || !(inb(FDC_DIR) & DIR_CHANGE))
        return false;
    bda->fd_media[drive] &= (u8)~MEDIA_KNOWN;
    bda->fd_recalibrate &= (u8) ~(1 << drive);
    return true;
}

static void clear_change(u8 drive)
{
    recalibrate(drive);
    seek(drive, 0, 1);
    seek(drive, 0, 0);
}

/* Disks of 160K and 180K look like 320K and 360K until their other side is wanted. */
static u8 sides(u8 drive, unsigned media, u8 cylinder)
{
    struct floppy_access a = {.drive = drive, .head = 1, .cylinder = cylinder, .sector = 1};

    return rom8(&media_table[media].cylinders) == 40 && verify_sector(&a, media) ? 1 : 2;
}

/* Where on its cylinder, of so many sectors a track, the result phase says that the command
 * stopped. */
static u8 stopped_at(const struct floppy_access *a, u8 spt)
{
    if (bda->fd_result[3] != a->cylinder || !bda->fd_result[5])
        return a->head * spt + a->sector - 1;
    return bda->fd_result[4] * spt + bda->fd_result[5] - 1;
}

/* Function 02, 03 or 04 from a sector on: in AL how many were done. A command deals with sectors of
 * one cylinder; of one sector when it verifies, since that ends at EOT alone. */
static u8 transfer(struct regs *r, struct floppy_access *a, unsigned media)
{
    u8 spt = rom8(&media_table[media].spt), gap = rom8(&media_table[media].gap), status = INT13_OK;
    u8 wanted = r->al, at = a->head * spt + a->sector - 1, cylinder_end = 2 * spt, now, stop;
    bool verifies = a->command == FDC_VERIFY;
    u32 address = ((u32)r->es << 4) + r->bx;

    r->al = 0;
    if (a->sector > spt)
        return INT13_NOT_FOUND;
    if (!verifies && !dma_can(address, wanted * 512u))
        return INT13_DMA_BOUNDARY;
    if (at < spt && at + wanted > spt)
        cylinder_end = sides(a->drive, media, a->cylinder) * spt;
    while (r->al < wanted && !status) {
        now = wanted - r->al;
        if (now > cylinder_end - at)
            now = cylinder_end - at;
        if (verifies)
            now = 1;
        a->head = at / spt;
        a->sector = at % spt + 1;
        if (!verifies)
            dma_start(address + r->al * 512u, now * 512u, a->command == FDC_WRITE);
        status = run_access(a, verifies ? a->sector : spt, gap);
        stop = status ? stopped_at(a, spt) : at + now;
        if (stop > at && stop <= at + now)
            r->al += stop - at;
        at += now;
        if (at == cylinder_end) {
            at = 0;
            a->cylinder++;
        }
    }
    return status;
}

static void access(struct regs *r, u8 drive)
{
    struct floppy_access a = {
        .drive = drive, .head = r->dh, .cylinder = r->ch, .sector = r->cl, .command = FDC_VERIFY};
    u8 status;
    int media;

    if (r->ah == 0x02)
        a.command = FDC_READ;
    if (r->ah == 0x03)
        a.command = FDC_WRITE;
    if (!r->al || a.head > 1 || !a.sector || a.cylinder >= 84) {
        r->al = 0;
        floppy_return(r, INT13_BAD_COMMAND);
        return;
    }
    motor_on(drive);
    if (was_changed(drive)) {
        clear_change(drive);
        status = inb(FDC_DIR) & DIR_CHANGE ? INT13_TIMEOUT : INT13_CHANGED;
    } else {
        status = find_media(drive, &media);
    }
    if (status) {
        r->al = 0;
    } else {
        set_media(drive, (unsigned)media);
        status = transfer(r, &a, (unsigned)media);
    }
    floppy_return(r, status);
}

/* The largest that the drive can take: what function 08 describes. */
static unsigned best_media(u8 drive)
{
    unsigned i = 0;

    while (i < ARRAY_SIZE(media_table) - 1 && (!drive_can(drive, i) || !rom8(&media_table[i].type)))
        i++;
    return i;
}

/* Formats a track from the four-byte sector descriptions at ES:BX. */
static void format(struct regs *r, u8 drive)
{
    int media = known_media(drive);
    u32 address = ((u32)r->es << 4) + r->bx;
    u8 spt, status;

    motor_on(drive);
    if (media < 0)
        media = (int)best_media(drive);
    set_media(drive, (unsigned)media);
    spt = rom8(&media_table[media].spt);
    if (r->dh > 1 || r->ch >= rom8(&media_table[media].cylinders)) {
        floppy_return(r, INT13_BAD_COMMAND);
        return;
    }
    if (!dma_can(address, spt * 4u)) {
        floppy_return(r, INT13_DMA_BOUNDARY);
        return;
    }
    dma_start(address, spt * 4u, true);
    status = seek(drive, r->dh, r->ch);
    bda->fd_recalibrate &= 0x7f;
    if (!status &&
        (!fdc_send(FDC_FORMAT) || !fdc_send(r->dh << 2 | drive) || !fdc_send(2) || !fdc_send(spt) ||
         !fdc_send(rom8(&media_table[media].format_gap)) || !fdc_send(0xf6)))
        status = INT13_CONTROLLER;
    if (!status && !wait_irq(true))
        status = INT13_TIMEOUT;
    if (!status)
        status = fdc_result(7) == 7 ? result_status() : INT13_CONTROLLER;
    floppy_return(r, status);
}

static u8 floppies(void)
{
    return (ebda->floppy_type[0] != 0) + (ebda->floppy_type[1] != 0);
}

static void parameters(struct regs *r, u8 drive)
{
    unsigned media = best_media(drive);

    r->ax = 0;
    r->bx = rom8(&media_table[media].type);
    r->ch = rom8(&media_table[media].cylinders) - 1;
    r->cl = rom8(&media_table[media].spt);
    r->dh = 1;
    r->dl = floppies();
    r->es = BIOS_SEG;
    r->di = 0xefc7;
    set_cf(r, false);
}

/* 17h by disk and drive type, 18h by cylinders and sectors: what format is to make. */
static void set_type(struct regs *r, u8 drive)
{
    unsigned media = ARRAY_SIZE(media_table);

    if (r->ah == 0x17) {
        if (r->al < ARRAY_SIZE(dasd_media))
            media = rom8(&dasd_media[r->al]);
    } else {
        for (media = 0; media < ARRAY_SIZE(media_table); media++)
            if (drive_can(drive, media) && rom8(&media_table[media].spt) == r->cl &&
                rom8(&media_table[media].cylinders) - 1 == r->ch)
                break;
    }
    if (media >= ARRAY_SIZE(media_table) || !drive_can(drive, media)) {
        floppy_return(r, r->ah == 0x17 ? INT13_BAD_COMMAND : INT13_MEDIA_TYPE);
        return;
    }
    motor_on(drive);
    if (was_changed(drive))
        clear_change(drive);
    set_media(drive, media);
    if (r->ah == 0x18) {
        r->es = BIOS_SEG;
        r->di = 0xefc7;
    }
    floppy_return(r, INT13_OK);
}

void floppy_service(struct regs *r, u8 drive)
{
    if (r->ah == 0x01) {
        r->ah = bda->fd_status;
        r->al = bda->fd_status;
        set_cf(r, bda->fd_status != 0);
        return;
    }
    if (drive > 1 || !ebda->floppy_type[drive]) {
        switch (r->ah) {
        case 0x00: floppy_return(r, INT13_OK); break;
        case 0x08:
            r->ax = r->bx = r->cx = r->es = r->di = 0;
            r->dx = floppies();
            set_cf(r, drive > 1);
            break;
        case 0x15:
            r->ah = 0;
            set_cf(r, false);
            break;
        default: floppy_return(r, drive > 1 ? INT13_BAD_COMMAND : INT13_TIMEOUT); break;
        }
        return;
    }
    switch (r->ah) {
    case 0x00:
        fdc_reset();
        floppy_return(r, INT13_OK);
        break;
    case 0x02:
    case 0x03:
    case 0x04: access(r, drive); break;
    case 0x05: format(r, drive); break;
    case 0x08: parameters(r, drive); break;
    case 0x15:
        r->ah = ebda->floppy_type[drive] == 1 ? 1 : 2;
        set_cf(r, false);
        break;
    case 0x16:
        motor_on(drive);
        if (was_changed(drive)) {
            clear_change(drive);
            floppy_return(r, inb(FDC_DIR) & DIR_CHANGE ? INT13_TIMEOUT : INT13_CHANGED);
        } else {
            floppy_return(r, INT13_OK);
        }
        break;
    case 0x17:
    case 0x18: set_type(r, drive); break;
    default: floppy_return(r, INT13_BAD_COMMAND); break;
    }
}

void floppy_init(void)
{
    u8 types = cmos_read(0x10);

    if (inb(FDC_MSR) == 0xff) /* no controller */
        types = 0;
    ebda->floppy_type[0] = types >> 4;
    ebda->floppy_type[1] = types & 15;
    bda->fd_info = (types >> 4 ? 0x07 : 0) | ((types & 15) ? 0x70 : 0);
    if (!types)
        return;
    irq_unmask(6);
    bda->fd_motor_count = MOTOR_TICKS;
    fdc_reset();
}
