/* The floppy disk controller: an 82077AA in PC-AT mode with its drives. */
#ifndef PAGEWALK_FDC_H
#define PAGEWALK_FDC_H

#include "devices/chipset/dma.h"
#include "devices/disk/floppy.h"
#include "devices/base/ioport.h"
#include "devices/base/irq.h"

#define FDC_DRIVES     4 /* that the controller can select; a PC has two of them */
#define FDC_PARAMETERS 9 /* longest command, with its code */
#define FDC_RESULTS    10

enum fdc_phase { FDC_COMMAND, FDC_EXECUTION, FDC_RESULT };

/* What the execution timer is for. */
enum fdc_step {
    FDC_STEP_SECTOR, /* the next sector is under the head */
    FDC_STEP_CHUNK,  /* without DMA: the FIFO wants the host again */
    FDC_STEP_STORE,  /* the host's bytes for this sector are all there */
};

/* One of the drives' lines to the controller, and what the controller knows of it. */
struct fdc_drive {
    struct fdc *fdc;
    struct floppy floppy;
    u8 pcn;       /* present cylinder number: where the controller believes the heads are */
    bool seeking; /* until SENSE INTERRUPT STATUS: the drive's busy bit */
    i16 steps;    /* to go, when the timer fires */
    u8 to;        /* then pcn */
    struct timer timer;
    bool interrupt; /* SENSE INTERRUPT STATUS has this to tell: */
    u8 st0;
};

/* A command in its execution phase that deals with sectors. */
struct fdc_transfer {
    u8 step;       /* enum fdc_step */
    u8 unit, head; /* drive, and the head that is selected */
    u8 c, h, r, n; /* ID that is looked for */
    u8 st1, st2;   /* so far */
    u8 count;      /* sectors so far: FORMAT, READ TRACK, VERIFY */
    u8 over;       /* cylinders that the heads have gone on, and will go back at the end */
    bool seeked;   /* by an implied seek */
    bool stop;     /* after this sector: its mark is not the one that was asked for */
    bool done;     /* the terminal count came */
    bool request;  /* without DMA: the FIFO wants the host */
    u16 at, len;   /* bytes of the sector that went over the bus, of how many */
    u16 chunk;     /* request ends at this byte */
    u8 buf[BLOCK_SECTOR];
};

struct fdc {
    struct clock *clock;
    struct irq irq;
    struct dma *dma;
    unsigned channel;
    struct fdc_drive drive[FDC_DRIVES];
    u8 dor, tdr, rate;
    u8 specify[2];
    u8 config, pretrk; /* CONFIGURE */
    u8 perpendicular;
    bool lock;
    bool pending;             /* the interrupt pin, before the gate in the DOR */
    struct timer reset_timer; /* polling after a reset is through */
    struct timer timer;       /* the command in execution goes on */
    u8 phase;                 /* enum fdc_phase */
    u8 command[FDC_PARAMETERS], command_len;
    u8 result[FDC_RESULTS], result_len, result_at;
    bool result_irq; /* the result phase raised the interrupt; reading the first byte ends it */
    u8 last_eot;     /* or SC of FORMAT: for DUMPREG */
    struct fdc_transfer transfer;
};

/* Ports base + 2 to 5 and 7. A block that is NULL: drive 0 is there and empty, drive 1 is not
 * there. */
void fdc_init(struct fdc *fdc, struct ioport_bus *bus, u16 base, struct clock *clock,
              struct irq irq, struct dma *dma, unsigned channel, struct block *const block[2]);
void fdc_reset(struct fdc *fdc);
void fdc_state(struct fdc *fdc, struct state *state);

/* Another disk in drive n (NULL: none). A command that uses the one that was in it fails. -EINVAL: it is none for this
 * drive, and all is as before. */
int fdc_insert(struct fdc *fdc, unsigned n, struct block *block);

/* Kind of drive n, for CMOS RAM. */
enum floppy_type fdc_drive_type(const struct fdc *fdc, unsigned n);

#endif
