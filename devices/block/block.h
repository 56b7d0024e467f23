/* Block back ends: the sectors behind a disk, a floppy or a CD.
 *
 * Sectors have 512 bytes whatever the medium (a CD's 2048 are four). Calls are synchronous. A write to a
 * read-only image fails with -EROFS, an access beyond the end with -EINVAL, and neither does anything.
 *
 * An image is locked while it is open: for one writer, or for any number of readers. One that cannot be
 * written (its permissions, a read-only file system) is opened read-only, and block->read_only says so.
 *
 * Without BLOCK_RAW, an image with the signature of another format than raw is refused, and a guest may not write
 * such a signature to where it would be found: the next start would take the image for what it is not. */
#ifndef PAGEWALK_BLOCK_H
#define PAGEWALK_BLOCK_H

#include "mmu/host/base.h"

#define BLOCK_SECTOR 512u

struct block;
struct file;
struct block_extent;
struct cd;

/* What becomes of a request that fails on the host (QEMU's werror= and rerror=). */
enum block_on_error {
    BLOCK_REPORT, /* the guest is told */
    BLOCK_IGNORE, /* it is told that all went well */
    BLOCK_STOP,   /* the machine pauses, and tries again when it goes on */
    BLOCK_ENOSPC, /* the same for a device that is full; others are reported */
};

/* What becomes of zeros that are written (QEMU's detect-zeroes=). */
enum block_zeroes {
    BLOCK_ZEROES_WRITTEN, /* what becomes of other data */
    BLOCK_ZEROES_MARKED,  /* they are holes where the format knows any: block_zero() */
};

struct block_ops {
    /* count sectors from `sector` on, all within the image. 0 or -errno. */
    int (*read)(struct block *block, u64 sector, void *data, u32 count);
    int (*write)(struct block *block, u64 sector, const void *data, u32 count);
    int (*flush)(struct block *block); /* to stable storage; may be NULL */
    void (*close)(struct block *block);
    /* Those that follow may be NULL. The sectors need not be kept any more; they read as zeros or as before. */
    int (*discard)(struct block *block, u64 sector, u64 count);
    int (*zero)(struct block *block, u64 sector, u64 count); /* they read as zeros */
    int (*resize)(struct block *block, u64 sectors);         /* what is new reads as zeros */
    int (*empty)(struct block *block); /* all is absent afterwards: the base's */
    int (*set_writable)(struct block *block, bool on);
    /* Fills in what `extent` has of the sectors from `sector` on; extent->count is at most what it was. */
    int (*map)(struct block *block, u64 sector, struct block_extent *extent);
};

/* Neighbouring sectors of one kind. */
struct block_extent {
    u64 count;
    enum block_kind {
        BLOCK_DATA,
        BLOCK_ZERO,
        BLOCK_ABSENT, /* the base's, or zeros where there is none */
    } kind;
    bool placed; /* they are in the file as they are, at `offset` */
    bool packed; /* they are in the file, compressed */
    u64 offset;
    const struct block *owner; /* the image that has them; NULL: none has */
    unsigned depth;            /* which one of the chain that is */
};

/* What a device does about a request that has failed. */
enum block_fate {
    BLOCK_FAILED,  /* it tells the guest */
    BLOCK_PASSED,  /* it goes on as if nothing had happened */
    BLOCK_WAITING, /* it keeps the request, and tries again when it is told to */
};

/* -error of a read or a write: what becomes of it. BLOCK_WAITING: the machine is to stop. */
typedef void block_error_fn(void *opaque, const struct block *block, bool write, int error,
                            enum block_fate fate);

struct block {
    const struct block_ops *ops;
    u64 sectors;
    bool read_only;
    u64 reads, writes; /* sectors, for -stats */
    enum block_on_error on_write_error, on_read_error;
    block_error_fn *failed; /* NULL: nobody is told, and nothing waits */
    void *failed_opaque;
    const char *path;   /* for messages; NULL: unknown */
    const char *packed; /* the program that seems to have compressed the image; NULL: none */
    const char
        *unpacked; /* the program that had compressed what is in a scratch file now; NULL: none */
    const char *format; /* its name; NULL: none of the table's */
    bool write_through; /* for a device: each command that writes is on stable storage at its end */
    bool trims;         /* for a device: what the guest needs no more is discarded */
    enum block_zeroes zeroes;
    bool saves;              /* C-a s writes what it has over its base to that */
    struct block_past *past; /* what it was can be seen (past.h); NULL: it cannot */
    struct file *file;       /* NULL: none of its own */
    struct block *base;      /* the image below, which has what is absent here; NULL: none */
    const struct cd *cd;     /* a disc's tracks; NULL: one of data, or no disc */
};

#define BLOCK_READ_ONLY (1u << 0)  /* never written: a CD, or by the user's wish */
#define BLOCK_SNAPSHOT  (1u << 1)  /* writes go to a scratch file and are discarded at close */
#define BLOCK_RAW       (1u << 2)  /* the image's bytes are the sectors, whatever they look like */
#define BLOCK_NO_LOCK   (1u << 3)  /* whoever else has the image open */
#define BLOCK_NO_SYNC   (1u << 4)  /* flushes do not wait for the host's disk */
#define BLOCK_NO_BASE   (1u << 5)  /* without the images below: what they have reads as zeros */
#define BLOCK_BASE_RW   (1u << 6)  /* the image below is opened for writing, to commit to it */
#define BLOCK_UPGRADE   (1u << 8)  /* with BLOCK_READ_ONLY: block_set_writable() may be asked for */
#define BLOCK_UNPACK    (1u << 9)  /* disk.img.gz, disk.img.zst: what is in it, in a scratch file */
#define BLOCK_DIRECT    (1u << 10) /* past the host's cache (O_DIRECT) */
#define BLOCK_DISC      (1u << 11) /* for a CD-ROM drive: a .cue file is what it tells of */
#define BLOCK_AS_IT_IS  (1u << 7)  /* an image that needs repair is not refused, nor repaired */

/* NULL with a one-line reason in err (no newline). block_open_as(): of that format, by qemu-img's name; NULL: what its
 * signature says. */
struct block *block_open_as(const char *path, const char *format, unsigned flags, char *err,
                            size_t err_len);
struct block *block_open(const char *path, unsigned flags, char *err, size_t err_len);
/* A back end over another that keeps writes to itself (in an unlinked scratch file); takes `base` over. */
struct block *block_snapshot(struct block *base, char *err, size_t err_len);
/* The same, but `base` stays the caller's: several may lie over one. */
struct block *block_overlay(struct block *base, char *err, size_t err_len);
void block_close(struct block *block); /* NULL is nothing */

/* Checked: range, and read_only. 0 or -errno. */
int block_read(struct block *block, u64 sector, void *data, u32 count);
int block_write(struct block *block, u64 sector, const void *data, u32 count);
int block_flush(struct block *block);
/* Zeros become holes where the format knows any. */
int block_zero(struct block *block, u64 sector, u64 count);
int block_discard(struct block *block, u64 sector, u64 count);
/* -ENOTSUP: the format, or what it lies on, keeps its size. */
int block_resize(struct block *block, u64 sectors);
/* An image that is read, and shared maybe, is written for a while: one that BLOCK_UPGRADE was given for. -EBUSY: others
 * read it; -EROFS: it cannot be written. Off: it is flushed, and others may read it again. */
int block_set_writable(struct block *block, bool on);
bool block_is_zeros(const void *data, size_t len); /* len is a multiple of 64 */
/* What the image itself has from `sector` on; extent->count, at most `count`, is how much of it is alike. */
int block_map(struct block *block, u64 sector, u64 count, struct block_extent *extent);
/* The same, through all images below: BLOCK_ABSENT is what none of them has, down to and without `below`. */
int block_map_chain(struct block *block, const struct block *below, u64 sector, u64 count,
                    struct block_extent *extent);

/* Whether -error says that the host has no room. */
bool block_error_is_full(int error);
/* For a device: what to do about -error of a read, or of a write or flush. */
enum block_fate block_failed(struct block *block, bool write, int error);
/* For the board: it is told of the host's errors, and stops the machine. NULL: it cannot, and they are reported. */
void block_on_error(struct block *block, block_error_fn *failed, void *opaque);

#endif
