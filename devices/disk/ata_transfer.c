/* An ATA disk's transfers: READ, WRITE and VERIFY in all their forms.
 *
 * A command's sectors go through the drive's buffer in blocks: one sector (READ SECTORS), as many as SET
 * MULTIPLE says, or as many as the buffer holds (DMA). A range that goes beyond the end of the disk is
 * refused as a whole, with the first address that is not there. Source: T13 1410D, sections 6.2
 * (addresses), 8 (commands), 9.5 to 9.7 (protocols). */
#include <errno.h>

#include "devices/disk/ata.h"

#define BUFFER_SECTORS (IDE_BUFFER / BLOCK_SECTOR)

enum direction { READ, WRITE, VERIFY };
enum grain { SINGLE, MULTIPLE, DMA };

static const struct transfer {
    u8 command;
    enum direction direction;
    enum grain grain;
    bool ext;
} transfers[] = {
    {0x20, READ, SINGLE, false},   {0x21, READ, SINGLE, false},    /* SECTORS (without retries) */
    {0x24, READ, SINGLE, true},    {0x25, READ, DMA, true},        /* SECTORS EXT, DMA EXT */
    {0x29, READ, MULTIPLE, true},                                  /* MULTIPLE EXT */
    {0x30, WRITE, SINGLE, false},  {0x31, WRITE, SINGLE, false},   /* SECTORS (without retries) */
    {0x34, WRITE, SINGLE, true},   {0x35, WRITE, DMA, true},       /* SECTORS EXT, DMA EXT */
    {0x39, WRITE, MULTIPLE, true}, {0x3c, WRITE, SINGLE, false},   /* MULTIPLE EXT, VERIFY */
    {0x40, VERIFY, SINGLE, false}, {0x41, VERIFY, SINGLE, false},  /* SECTORS (without retries) */
    {0x42, VERIFY, SINGLE, true},                                  /* SECTORS EXT */
    {0xc4, READ, MULTIPLE, false}, {0xc5, WRITE, MULTIPLE, false}, /* MULTIPLE */
    {0xc8, READ, DMA, false},      {0xc9, READ, DMA, false},       /* DMA (without retries) */
    {0xca, WRITE, DMA, false},     {0xcb, WRITE, DMA, false},      /* DMA (without retries) */
};

static const struct transfer *find(u8 command)
{
    for (unsigned i = 0; i < ARRAY_SIZE(transfers); i++)
        if (transfers[i].command == command)
            return &transfers[i];
    return NULL;
}

bool ata_get_address(const struct ide_drive *drive, bool ext, u64 *lba)
{
    const struct ata *ata = &drive->ata;
    const struct ide_taskfile *now = &drive->now, *previous = &drive->previous;
    u32 cylinder = now->mid | (u32)now->high << 8, head = drive->device & 0x0f;

    if (ext)
        *lba = now->low | (u64)now->mid << 8 | (u64)now->high << 16 | (u64)previous->low << 24 |
               (u64)previous->mid << 32 | (u64)previous->high << 40;
    else if (drive->device & IDE_DEVICE_LBA)
        *lba = now->low | cylinder << 8 | head << 24;
    else if (now->low == 0 || now->low > ata->geometry.track || head >= ata->geometry.heads ||
             cylinder >= ata->geometry.cylinders)
        return false;
    else
        *lba = ((u64)cylinder * ata->geometry.heads + head) * ata->geometry.track + now->low - 1;
    return *lba < ata->sectors;
}

void ata_put_address(struct ide_drive *drive, bool ext, u64 lba)
{
    const struct ata *ata = &drive->ata;
    struct ide_taskfile *now = &drive->now, *previous = &drive->previous;

    if (!ext && !(drive->device & IDE_DEVICE_LBA)) {
        u64 track = lba / ata->geometry.track, cylinder = track / ata->geometry.heads;

        now->low = (u8)(lba % ata->geometry.track + 1);
        now->mid = (u8)cylinder;
        now->high = (u8)(cylinder >> 8);
        drive->device = (u8)((drive->device & 0xf0) | track % ata->geometry.heads);
        return;
    }
    now->low = (u8)lba;
    now->mid = (u8)(lba >> 8);
    now->high = (u8)(lba >> 16);
    if (ext) {
        previous->low = (u8)(lba >> 24);
        previous->mid = (u8)(lba >> 32);
        previous->high = (u8)(lba >> 40);
    } else {
        drive->device = (u8)((drive->device & 0xf0) | (lba >> 24 & 0x0f));
    }
}

/* Sectors left, in the count register. */
static void put_count(struct ide_drive *drive, u32 left)
{
    drive->now.count = (u8)left;
    if (drive->ata.ext)
        drive->previous.count = (u8)(left >> 8);
}

/* Ends the command at its sector `lba` with an error bit. */
static void fail_at(struct ide_drive *drive, u64 lba, u8 error)
{
    struct ata *ata = &drive->ata;

    ata_put_address(drive, ata->ext, lba);
    put_count(drive, ata->left - (u32)(lba - ata->lba));
    ide_fail(drive, error);
}

/* A block could not be read at once: sector by sector up to the one that is to blame. */
static void fail_read(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;
    u32 good = 0;

    while (good < ata->block - 1 &&
           block_read(drive->block, ata->lba + good, drive->buffer, 1) == 0)
        good++;
    fail_at(drive, ata->lba + good, IDE_UNC);
}

static enum ide_phase phase_of(const struct transfer *transfer)
{
    bool dma = transfer->grain == DMA;

    if (transfer->direction == WRITE)
        return dma ? IDE_DMA_OUT : IDE_PIO_OUT;
    return dma ? IDE_DMA_IN : IDE_PIO_IN;
}

bool ata_transfer_fits(const struct ide_drive *drive)
{
    const struct ata *ata = &drive->ata;
    const struct transfer *transfer = find(ata->command);

    return transfer && transfer->direction != VERIFY && drive->phase == phase_of(transfer) &&
           ata->block && ata->block <= ata->left && ata->per_block &&
           ata->per_block <= BUFFER_SECTORS && drive->end == ata->block * BLOCK_SECTOR &&
           ata->lba <= ata->sectors && ata->left <= ata->sectors - ata->lba;
}

/* The next block: into the buffer, or room for it. */
static void next_block(struct ide_drive *drive, const struct transfer *transfer)
{
    struct ata *ata = &drive->ata;
    int r = 0;

    ata->block = ata->left < ata->per_block ? ata->left : ata->per_block;
    if (transfer->direction == READ)
        r = block_read(drive->block, ata->lba, drive->buffer, ata->block);
    if (r < 0 && !ide_passes(drive, false, r))
        fail_read(drive);
    else if (!drive->waiting)
        ide_move(drive, phase_of(transfer), 0, ata->block * BLOCK_SECTOR);
}

static void verify(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;

    while (ata->left) {
        int r;

        ata->block = ata->left < BUFFER_SECTORS ? ata->left : BUFFER_SECTORS;
        r = block_read(drive->block, ata->lba, drive->buffer, ata->block);
        if (r < 0 && !ide_passes(drive, false, r)) {
            fail_read(drive);
            return;
        }
        if (drive->waiting)
            return;
        ata->lba += ata->block;
        ata->left -= ata->block;
    }
    ata_put_address(drive, ata->ext, ata->lba - 1);
    put_count(drive, 0);
    ide_complete(drive);
}

void ata_transfer_moved(struct ide_drive *drive)
{
    struct ata *ata = &drive->ata;
    const struct transfer *transfer = find(ata->command);
    bool write = transfer->direction == WRITE, dma = transfer->grain == DMA;
    int r = write ? block_write(drive->block, ata->lba, drive->buffer, ata->block) : 0;

    if (r == 0 && write && !ata->write_cache && ata->left == ata->block)
        r = block_flush(drive->block);
    if (r < 0 && !ide_passes(drive, true, r)) {
        fail_at(drive, ata->lba, IDE_ABRT);
        return;
    }
    if (drive->waiting)
        return;
    ata->lba += ata->block;
    ata->left -= ata->block;
    if (ata->left) {
        next_block(drive, transfer);
        if (!dma && drive->phase != IDE_IDLE)
            ide_interrupt(drive);
        return;
    }
    ata_put_address(drive, ata->ext, ata->lba - 1);
    put_count(drive, 0);
    if (write || dma)
        ide_complete(drive);
    else /* the host has read the last word: there is nothing left to tell it */
        ide_go_idle(drive, drive->ready);
}

void ata_transfer_retry(struct ide_drive *drive)
{
    const struct transfer *transfer = find(drive->ata.command);

    switch (transfer->direction) {
    case WRITE: ata_transfer_moved(drive); break;
    case VERIFY: verify(drive); break;
    case READ:
        next_block(drive, transfer);
        if (drive->phase == IDE_PIO_IN)
            ide_interrupt(drive);
        break;
    }
}

static u32 sector_count(const struct ide_drive *drive, bool ext)
{
    u32 count = drive->now.count | (ext ? (u32)drive->previous.count << 8 : 0);

    return count ? count : ext ? 65536 : 256;
}

static void begin(struct ide_drive *drive, const struct transfer *transfer)
{
    struct ata *ata = &drive->ata;
    bool found;

    ata->command = transfer->command;
    ata->ext = transfer->ext;
    ata->left = sector_count(drive, transfer->ext);
    if (transfer->grain == MULTIPLE && !ata->multiple) {
        ide_fail(drive, IDE_ABRT);
        return;
    }
    ata->per_block = transfer->grain == DMA        ? BUFFER_SECTORS
                     : transfer->grain == MULTIPLE ? ata->multiple
                                                   : 1;
    found = ata_get_address(drive, transfer->ext, &ata->lba);
    if (!found) {
        ide_fail(drive, IDE_IDNF);
        return;
    }
    if (ata->left > ata->sectors - ata->lba) {
        fail_at(drive, ata->sectors, IDE_IDNF);
        return;
    }
    if (transfer->direction == VERIFY) {
        verify(drive);
        return;
    }
    if (transfer->direction == WRITE && drive->block->read_only) {
        ide_fail(drive, IDE_ABRT);
        return;
    }
    next_block(drive, transfer);
    if (drive->phase == IDE_PIO_IN)
        ide_interrupt(drive);
    else if (transfer->grain == DMA && drive->phase != IDE_IDLE && drive->channel->dma_ready)
        drive->channel->dma_ready(drive->channel->dma_opaque);
}

bool ata_transfer(struct ide_drive *drive, u8 command)
{
    const struct transfer *transfer = find(command);

    if (transfer)
        begin(drive, transfer);
    return transfer != NULL;
}
