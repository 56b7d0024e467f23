/* An IDE channel: two drives behind one set of registers, one interrupt line and one data port.
 *
 * The channel does what every device on an ATA bus does alike: registers, selection, the interrupt
 * line, resets, and moving a block of data through the data port. What a command means is the
 * drive's (ata.c, atapi.c), which speaks to the channel through the functions at the end. Who
 * moves the data of DMA commands is the host adapter's affair (ide_dma.c). */
#ifndef PAGEWALK_IDE_H
#define PAGEWALK_IDE_H

#include "devices/block/block.h"
#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"

#define IDE_BUFFER (64 * KIB) /* the most that a drive hands over at once */

/* Status. */
#define IDE_BSY  0x80
#define IDE_DRDY 0x40
#define IDE_DF   0x20
#define IDE_DSC  0x10 /* ATAPI: SERV */
#define IDE_DRQ  0x08
#define IDE_ERR  0x01 /* ATAPI: CHK */

/* Error; ATAPI has the sense key in bits 4-7. */
#define IDE_UNC  0x40
#define IDE_IDNF 0x10
#define IDE_ABRT 0x04

/* Device. */
#define IDE_DEVICE_LBA 0x40
#define IDE_DEVICE_1   0x10

enum ide_phase {
    IDE_IDLE,
    IDE_PIO_IN,  /* DRQ: the host reads buffer[at..end) from the data port */
    IDE_PIO_OUT, /* DRQ: it writes them */
    IDE_DMA_IN,  /* the same by the host adapter */
    IDE_DMA_OUT,
};

struct ide_drive;
struct ide_channel;

struct ide_ops {
    /* A command was written; the phase is IDE_IDLE, no interrupt is pending. */
    void (*command)(struct ide_drive *drive, u8 command);
    /* buffer[0..end) was moved; the phase is still the one it was moved in. */
    void (*moved)(struct ide_drive *drive);
    /* After a reset (power-on, or else SRST) or a diagnosis: registers hold the signature, idle. */
    void (*reset)(struct ide_drive *drive, bool power_on);
    /* What waits since ide_passes() is tried again. */
    void (*retry)(struct ide_drive *drive);
    void (*state)(struct ide_drive *drive, struct state *state);
    bool packet; /* takes packets, and has the signature that says so */
};

/* The five registers of which LBA48 commands see two values. */
struct ide_taskfile {
    u8 feature, count, low, mid, high;
};

struct ide_geometry {
    u16 cylinders;
    u8 heads, track; /* sectors a track */
};

/* What a drive says of itself. Empty strings, and zeros: its own. */
struct ide_identity {
    char serial[21], model[41], firmware[9];
    u64 wwn;
    u16 rotation_rate; /* 1: it has no platters; turns a minute */
    struct ide_geometry geometry;
};

struct ata {
    u64 sectors;
    struct ide_geometry own, geometry; /* translation when it is switched on, and in force */
    u8 multiple;                       /* sectors a DRQ block in READ MULTIPLE; 0: disabled */
    u8 mode;                    /* DMA transfer mode as SET FEATURES has it: 0x22 is multiword 2 */
    bool write_cache;           /* off: a write is on the host's disk when the command ends */
    bool look_ahead;            /* as set: changes nothing */
    bool smart;                 /* the feature set is on */
    u8 self_test;               /* SMART's last one by its number; 0: none */
    bool keep;                  /* SRST leaves settings alone (SET FEATURES 0x66) */
    u8 power;                   /* what CHECK POWER MODE answers */
    u8 command;                 /* under way: */
    bool ext;                   /* LBA48 */
    bool lba_form;              /* addresses go back as LBA, not CHS */
    u64 lba;                    /* of the block in the buffer */
    u32 left, block, per_block; /* sectors: with this block; in it; in one at most */
};

struct atapi {
    u8 packet[12];
    bool data;         /* the buffer holds an answer, not the packet */
    bool dma;          /* which goes by DMA */
    u16 limit;         /* by PIO: bytes a DRQ block at most */
    u32 filled, sent;  /* bytes of the answer in the buffer; of those moved */
    u32 lba, left;     /* CD sectors of the answer that are not in the buffer yet */
    u8 parts;          /* READ CD: what of each sector */
    u8 key, asc, ascq; /* sense data */
    u8 attention;      /* a unit attention is due with this ASC; 0: none */
    u8 event;          /* media event that GET EVENT STATUS NOTIFICATION has to tell */
    bool locked, open; /* the tray */
    u8 mode;           /* DMA transfer mode, as in struct ata */
};

struct ide_drive {
    const struct ide_ops *ops; /* NULL: no such drive */
    struct ide_channel *channel;
    unsigned number;     /* 0: device 0 */
    struct block *block; /* ATAPI: NULL when there is no disc */
    struct ide_taskfile now, previous;
    struct ide_identity identity;
    u8 device, status, error;
    u8 ready;       /* status bits when nothing is the matter */
    bool interrupt; /* pending */
    bool waiting;   /* for ide_retry(): the host has failed, and BSY is set */
    enum ide_phase phase;
    u32 at, end;        /* in buffer: the next byte to move, and where the block ends */
    struct ata ata;     /* of a disk */
    struct atapi atapi; /* of a CD-ROM drive */
    _Alignas(8) u8 buffer[IDE_BUFFER + 8];
};

struct ide_channel {
    struct ide_drive drive[2];
    u8 control; /* device control: nIEN, SRST, HOB */
    bool level; /* of the interrupt line */
    struct irq irq;
    const char *name;
    /* A drive has entered a DMA phase; NULL: no adapter, DMA commands wait for a reset. */
    void (*dma_ready)(void *opaque);
    void *dma_opaque;
    /* A CD-ROM drive's tray has opened or closed; NULL: nobody wants to know. */
    void (*tray_moved)(void *opaque, const struct ide_drive *drive);
    void *tray_opaque;
};

/* Eight registers at `base` and the control register at `control`. Drives come after, by ata_attach()
 * and atapi_attach(); name ("ide0") must outlive the channel. */
void ide_init(struct ide_channel *channel, struct ioport_bus *bus, u16 base, u16 control,
              struct irq irq, const char *name);
/* Another identity than its own for a drive that is attached; before the channel's reset. */
void ide_name(struct ide_drive *drive, const struct ide_identity *identity);
/* The host's error may be mended: drives that wait try again. */
void ide_retry(struct ide_channel *channel);
void ide_reset(struct ide_channel *channel); /* the RESET- signal */
void ide_state(struct ide_channel *channel, struct state *state);

struct ide_drive *ide_selected(struct ide_channel *channel);

/* For drives. Each ends the command or goes on with it, and says so in status and registers. */
void ide_complete(struct ide_drive *drive);       /* with an interrupt */
void ide_fail(struct ide_drive *drive, u8 error); /* ERR, with an interrupt */
void ide_go_idle(struct ide_drive *drive, u8 status);
/* A request to the block has failed with -error. False: the drive tells the guest. True: it goes on as if it had not,
 * or, with drive->waiting, returns and leaves everything as it is for ops->retry. */
bool ide_passes(struct ide_drive *drive, bool write, int error);
void ide_interrupt(struct ide_drive *drive);
/* buffer[from..to) is next. */
void ide_move(struct ide_drive *drive, enum ide_phase phase, u32 from, u32 to);
/* Registers as a reset or diagnosis leaves them. */
void ide_signature(struct ide_drive *drive, u8 mid, u8 high);

/* For the host adapter: `len` bytes at buffer + at were moved. */
void ide_moved(struct ide_drive *drive, u32 len);

#endif
