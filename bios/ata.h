/* ATA and ATAPI drives by programmed I/O. Results are int 13h's status codes. */
#ifndef BIOS_ATA_H
#define BIOS_ATA_H

#include "bda.h"

enum int13_status {
    INT13_OK = 0x00,
    INT13_BAD_COMMAND = 0x01,
    INT13_BAD_MARK = 0x02,
    INT13_WRITE_PROTECT = 0x03,
    INT13_NOT_FOUND = 0x04,
    INT13_RESET_FAILED = 0x05,
    INT13_CHANGED = 0x06,
    INT13_DMA_OVERRUN = 0x08,
    INT13_DMA_BOUNDARY = 0x09,
    INT13_MEDIA_TYPE = 0x0c,
    INT13_CRC = 0x10,
    INT13_CONTROLLER = 0x20,
    INT13_SEEK = 0x40,
    INT13_TIMEOUT = 0x80,
    INT13_NOT_READY = 0xaa,
    INT13_LOCKED = 0xb1,
    INT13_NOT_REMOVABLE = 0xb2,
};

#define CD_SECTOR 2048

/* One transfer: sectors of the drive's own size, to or from far memory. */
struct transfer {
    u32 lba, lba_high;
    u16 count; /* sectors wanted; afterwards those done */
    u16 seg, off;
    bool write;
    /* CD only: 512-byte pieces left out before the first and after the last one of interest */
    u8 skip, drop;
};

/* Finds what is at drive[unit]'s place; buffer takes 512 bytes. */
void ata_detect(u8 unit, u16 *buffer);
u8 ata_transfer(u8 index, struct transfer *t);
u8 ata_verify(u8 index, u32 lba, u32 lba_high, u16 count);
u8 ata_reset(u8 index);
u8 atapi_read(u8 index, struct transfer *t);
u8 atapi_ready(u8 index); /* waits for a disc that is being loaded */
u8 atapi_eject(u8 index, bool load);
u8 atapi_capacity(u8 index, u32 *sectors);

/* Shared by ata.c and atapi.c. */
u8 ata_wait_idle(u8 index);
u8 ata_wait_data(u8 index);
void ata_select(u8 index, u8 device);
void ata_finish(u8 index);
void far_in_words(u16 port, u16 seg, u16 off, u16 words);
void far_out_words(u16 port, u16 seg, u16 off, u16 words);

enum {
    ATA_DATA,
    ATA_ERROR,
    ATA_COUNT,
    ATA_LBA0,
    ATA_LBA1,
    ATA_LBA2,
    ATA_DEVICE,
    ATA_STATUS, /* write: command */
};
#define ATA_BSY  0x80
#define ATA_DRDY 0x40
#define ATA_DF   0x20
#define ATA_DRQ  0x08
#define ATA_ERR  0x01

#endif
