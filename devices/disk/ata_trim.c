/* An ATA disk's TRIM: ranges of sectors that the host needs no more, which become holes in the image where the user wants
 * that (-drive discard=unmap).
 *
 * They read as zeros afterwards, or as before: the disk promises neither. Source: T13 2015D (ATA8-ACS), 7.10, DATA SET
 * MANAGEMENT. */
#include "devices/disk/ata.h"

#define FEATURE_TRIM 0x01
#define BLOCKS_MAX   (IDE_BUFFER / BLOCK_SECTOR)

void ata_trim(struct ide_drive *drive)
{
    u32 blocks = drive->now.count | (u32)drive->previous.count << 8;

    if (drive->now.feature != FEATURE_TRIM || !blocks || blocks > BLOCKS_MAX ||
        drive->block->read_only) {
        ide_fail(drive, IDE_ABRT);
        return;
    }
    ide_move(drive, IDE_DMA_OUT, 0, blocks * BLOCK_SECTOR);
    if (drive->channel->dma_ready)
        drive->channel->dma_ready(drive->channel->dma_opaque);
}

/* Each entry is an address and, in its upper 16 bits, how many sectors; none of them: the entry means nothing. */
static bool next_range(const struct ide_drive *drive, u32 at, u64 *sector, u32 *count)
{
    u64 entry = get64(drive->buffer + at);

    *sector = entry & 0xffffffffffff;
    *count = (u32)(entry >> 48);
    return *sector <= drive->ata.sectors && *count <= drive->ata.sectors - *sector;
}

void ata_trim_moved(struct ide_drive *drive)
{
    u64 sector;
    u32 count;

    for (u32 at = 0; at < drive->end; at += 8)
        if (!next_range(drive, at, &sector, &count)) {
            ide_fail(drive, IDE_ABRT | IDE_IDNF); /* and none is done */
            return;
        }
    for (u32 at = 0; at < drive->end && drive->block->trims; at += 8) {
        int r = next_range(drive, at, &sector, &count) && count
                    ? block_discard(drive->block, sector, count)
                    : 0;

        if (r < 0 && !ide_passes(drive, true, r)) {
            ide_fail(drive, IDE_ABRT);
            return;
        }
        if (drive->waiting) /* for all of it again */
            return;
    }
    ide_complete(drive);
}
