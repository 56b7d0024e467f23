/* Media that come and go while the machine runs: floppy disks and CDs.
 *
 * A unit is a drive with a medium that can be taken out: the floppy drives first, then the IDE channels' four devices. All
 * functions are for the board's poll, between slices of the guest. */
#ifndef PAGEWALK_PC_MEDIA_H
#define PAGEWALK_PC_MEDIA_H

#include <stdio.h>

#include "mmu/host/base.h"

struct block;
struct ide_drive;
struct pc;

#define PC_MEDIA_NAME 16

/* An image to be put in. */
struct pc_medium {
    const char *path;
    const char *format; /* NULL: what it looks like */
    bool read_only;     /* write-protected; else as the drive was given */
};

/* Who has the images. */
struct pc_media_host {
    /* Opens one for the unit, which stays the host's. NULL with one line in err. */
    struct block *(*open)(void *opaque, unsigned unit, const struct pc_medium *medium, char *err,
                          size_t err_len);
    /* This is in the drive now (NULL: nothing), and what was in it is the drive's no more. */
    void (*moved)(void *opaque, unsigned unit, struct block *block);
    void *opaque;
};

/* The unit of a name: floppy0, ide1-cd0 (QEMU's), or fda, fdb, hda to hdd, cdrom. False: none has it. */
bool pc_media_unit(const char *name, unsigned *unit);
/* QEMU's name of a unit, and whether the machine has it, with a drive whose medium can be taken out. */
void pc_media_name(unsigned unit, char name[PC_MEDIA_NAME]);
bool pc_media_is_there(const struct pc *pc, unsigned unit);
/* What is in it; NULL: nothing, or there is no such drive. */
struct block *pc_media_in(const struct pc *pc, unsigned unit);

/* For the IDE channels' tray_moved. */
void pc_media_tray_moved(void *opaque, const struct ide_drive *drive);

/* Puts an open image in the drive, or takes out what is there (NULL). 0 or -errno. */
int pc_media_insert(struct pc *pc, unsigned unit, struct block *block, bool force);
/* Takes the medium out; a drive that is empty stays so. 0, or -errno with one line in err: -EBUSY when the guest has locked
 * the tray, and is asked for it; with `force` that does not matter. */
int pc_media_eject(struct pc *pc, unsigned unit, bool force, char *err, size_t err_len);
/* Puts an image in, in place of what is there. When it fails, all is as before. */
int pc_media_change(struct pc *pc, unsigned unit, const struct pc_medium *medium, bool force,
                    char *err, size_t err_len);

#endif
