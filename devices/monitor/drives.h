/* Drives by the names that QEMU gives them: ide0-hd0, ide1-cd0, floppy0. */
#ifndef PAGEWALK_MONITOR_DRIVES_H
#define PAGEWALK_MONITOR_DRIVES_H

#include "devices/board/pc.h"

#define MONITOR_DRIVES (PC_DRIVES + PC_FLOPPIES)

struct monitor_drive {
    char name[24];
    struct block *block; /* what is in it; NULL: nothing */
    bool removable, cdrom;
    unsigned number; /* of the IDE drives, or of the floppy drives */
    bool floppy;
};

/* What there is to say of an image in a drive. */
struct monitor_image {
    const char *format, *zeroes; /* detect-zeroes= */
    bool write_back, direct, no_flush;
    unsigned depth; /* images below it */
};

struct monitor_image monitor_image(const struct block *block);
/* i < MONITOR_DRIVES. False: the machine has no such drive. */
bool monitor_drive(struct pc *pc, unsigned i, struct monitor_drive *drive);
/* The name of the drive that the image is in. */
const char *monitor_drive_name(struct pc *pc, const struct block *block, char name[24]);
/* By name; false: there is none. */
bool monitor_drive_named(struct pc *pc, const char *name, struct monitor_drive *drive);

#endif
