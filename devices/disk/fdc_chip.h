/* Inside the floppy disk controller: what its files share with each other and nobody else. */
#ifndef PAGEWALK_FDC_CHIP_H
#define PAGEWALK_FDC_CHIP_H

#include "devices/disk/fdc.h"

/* Digital output register. */
#define DOR_SELECT    0x03
#define DOR_NOT_RESET 0x04
#define DOR_GATE      0x08 /* interrupt and DMA request reach the bus */
#define DOR_MOTOR     0x10 /* of drive 0, and so on */

/* Status register 0. */
#define ST0_ABNORMAL  0x40
#define ST0_INVALID   0x80
#define ST0_POLLING   0xc0
#define ST0_SEEK_END  0x20
#define ST0_EQUIPMENT 0x10
#define ST0_HEAD      0x04

/* Status register 1. */
#define ST1_END        0x80 /* end of cylinder */
#define ST1_DATA       0x20 /* CRC error */
#define ST1_OVERRUN    0x10
#define ST1_NO_DATA    0x04 /* sector not found */
#define ST1_NO_WRITE   0x02
#define ST1_NO_ADDRESS 0x01 /* no ID on the track */

/* Status register 2. */
#define ST2_MARK     0x40 /* a deleted sector, or one that is not when those are wanted */
#define ST2_DATA     0x20 /* CRC error in the data field */
#define ST2_CYLINDER 0x10
#define ST2_HIT      0x08 /* SCAN: equal */
#define ST2_NO_HIT   0x04

/* Status register 3. */
#define ST3_PROTECTED 0x40
#define ST3_ALWAYS    0x28
#define ST3_TRACK0    0x10

/* CONFIGURE, second parameter. */
#define CONFIG_SEEK      0x40 /* implied seeks */
#define CONFIG_NO_FIFO   0x20
#define CONFIG_NO_POLL   0x10
#define CONFIG_THRESHOLD 0x0f

/* SPECIFY, second parameter. */
#define SPECIFY_NO_DMA 0x01

/* Low five bits of the codes of commands that deal with sectors. */
enum fdc_code {
    CODE_READ_TRACK = 0x02,
    CODE_WRITE = 0x05,
    CODE_READ = 0x06,
    CODE_WRITE_DELETED = 0x09,
    CODE_READ_ID = 0x0a,
    CODE_READ_DELETED = 0x0c,
    CODE_FORMAT = 0x0d,
    CODE_SCAN_EQUAL = 0x11,
    CODE_VERIFY = 0x16,
    CODE_SCAN_LOW = 0x19,
    CODE_SCAN_HIGH = 0x1d,
};

/* First byte of a command. */
#define COMMAND_MT   0x80 /* multi-track */
#define COMMAND_MFM  0x40
#define COMMAND_SKIP 0x20
#define COMMAND_CODE 0x1f

/* Virtual time. A real drive takes 3 ms a step and 200 ms a turn; these are as short as drivers
 * bear, who must not see an interrupt before they wait for it. */
#define FDC_START_NS  200000u
#define FDC_SECTOR_NS 100000u
#define FDC_CHUNK_NS  10000u
#define FDC_STEP_NS   100000u
#define FDC_SETTLE_NS 500000u
#define FDC_RESET_NS  300000u
#define FDC_TURN_NS   200000000u

void fdc_interrupt(struct fdc *fdc, bool on);
/* The result phase; interrupt: its beginning raises one. */
void fdc_answer(struct fdc *fdc, const u8 *bytes, unsigned len, bool interrupt);
void fdc_command_done(struct fdc *fdc); /* no result phase */

/* fdc_cmd.c: length of the command with this code; and runs one that is complete. */
unsigned fdc_command_length(u8 code);
void fdc_command_run(struct fdc *fdc);
void fdc_seek_due(void *opaque); /* a struct fdc_drive */

static inline unsigned fdc_code(const struct fdc *fdc)
{
    return fdc->command[0] & COMMAND_CODE;
}

/* The drive of the command in execution. */
static inline struct floppy *fdc_floppy(struct fdc *fdc)
{
    return &fdc->drive[fdc->transfer.unit].floppy;
}

static inline bool fdc_uses_dma(const struct fdc *fdc)
{
    return !(fdc->specify[1] & SPECIFY_NO_DMA);
}

/* fdc_data.c. What the command does: from the disk to the host; from the host, to be written or
 * compared; writes the disk. */
bool fdc_transfer_reads(const struct fdc *fdc);
bool fdc_transfer_brings(const struct fdc *fdc);
bool fdc_transfer_writes(const struct fdc *fdc);
void fdc_transfer_start(struct fdc *fdc);
void fdc_transfer_due(void *opaque); /* a struct fdc */
/* Without DMA: one byte through the FIFO, while transfer.request is set. */
u8 fdc_transfer_get(struct fdc *fdc);
void fdc_transfer_put(struct fdc *fdc, u8 value);
/* Ends the command; abnormally, with these status bits. */
void fdc_finish(struct fdc *fdc, u8 st0);
void fdc_fail(struct fdc *fdc, u8 st1, u8 st2);
/* This sector is through: goes on to the next one, or ends the command. */
void fdc_sector_done(struct fdc *fdc);
/* The sector's bytes: without DMA, the FIFO opens for the next of them; with it all at once, false
 * when the command has ended for want of an answer. */
void fdc_open_chunk(struct fdc *fdc);
bool fdc_over_bus(struct fdc *fdc, enum dma_direction direction);

/* fdc_sector.c: the next sector is under the head; the host's bytes for it are there; any ID will
 * do. */
void fdc_sector_next(struct fdc *fdc);
void fdc_sector_store(struct fdc *fdc);
void fdc_sector_id(struct fdc *fdc);

#endif
