/* An ATA disk on an IDE channel. */
#ifndef PAGEWALK_ATA_H
#define PAGEWALK_ATA_H

#include "devices/disk/ide.h"

/* The most cylinders, and the heads and sectors a track, of a disk's own translation. */
#define ATA_CYLINDERS 16383
#define ATA_HEADS     16
#define ATA_TRACK     63

#define ATA_MULTIPLE_MAX 16
#define ATA_LBA28_MAX    0x0fffffffu

#define ATA_MODE_MULTIWORD 0x20 /* SET FEATURES 0x03: plus the mode's number */
#define ATA_MODE_ULTRA     0x40

/* Makes device `number` of the channel a disk; the block stays the caller's. ide_name() may follow. */
void ata_attach(struct ide_channel *channel, unsigned number, struct block *block);

/* Cylinders of the disk when its tracks have so many heads and sectors. */
u16 ata_cylinders(u64 sectors, unsigned heads, unsigned track);
/* What IDENTIFY DEVICE and IDENTIFY PACKET DEVICE answer now: 512 bytes. */
void ata_identify(const struct ide_drive *drive, u8 *data);
/* The last byte of a sector of such data makes the sum of all bytes zero. */
void ata_put_sum(u8 *data);
void ata_identify_packet(const struct ide_drive *drive, u8 *data);
/* SET FEATURES 0x03: false when there is no such mode up to Ultra DMA `ultra`. PIO modes change nothing. */
bool ata_set_mode(u8 *mode, u8 value, u8 ultra);

/* Reads, writes and verification (ata_transfer.c): whether it is one of those commands, and then it
 * has begun. */
bool ata_transfer(struct ide_drive *drive, u8 command);
void ata_transfer_moved(struct ide_drive *drive);
void ata_transfer_retry(struct ide_drive *drive); /* see ide_passes() */
/* Whether a phase that was loaded can be one of the command. */
bool ata_transfer_fits(const struct ide_drive *drive);

/* ata_smart.c: the command in the registers. */
void ata_smart(struct ide_drive *drive);
/* ata_trim.c: DATA SET MANAGEMENT begins, and goes on when its ranges are in the buffer, or is tried again. */
void ata_trim(struct ide_drive *drive);
void ata_trim_moved(struct ide_drive *drive);

/* Addresses: the registers' as a sector number, false when there is no such sector; and back. */
bool ata_get_address(const struct ide_drive *drive, bool ext, u64 *lba);
void ata_put_address(struct ide_drive *drive, bool ext, u64 lba);

#endif
