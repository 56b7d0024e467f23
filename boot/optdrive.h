/* The options that give the machine its drives: -hda and its kin, -drive and -blockdev, and -device for them. */
#ifndef PAGEWALK_OPTDRIVE_H
#define PAGEWALK_OPTDRIVE_H

#include "boot/keylist.h"

/* Keys of QEMU's qcow2 driver that change nothing here. */
#define QCOW2_KEYS                                                                                 \
    {"cache-size", NULL, NULL, NULL}, {"l2-cache-*", NULL, NULL, NULL},                            \
        {"refcount-cache-size", NULL, NULL, NULL}, {"cache-clean-interval", NULL, NULL, NULL},     \
        {"lazy-refcounts", "on|off", NULL, NULL}, {"overlap-check*", NULL, NULL, NULL},            \
    {                                                                                              \
        "pass-discard-*", "on|off", NULL, NULL                                                     \
    }

/* Each OPTIONS_RUN, or OPTIONS_ERROR with the line. */

/* A drive at its place: o->drive[i] or o->floppy[i], which must be free. */
enum options_result optdrive_add(struct parse *p, struct drive_option *place,
                                 const struct drive_option *drive);
/* One for -device to find. */
enum options_result optdrive_add_named(struct parse *p, const struct drive_option *drive);

/* "-device ide-hd,..." and its kin; items is what follows the name. */
enum options_result optattach_parse(struct parse *p, const char *driver, const char *items);
/* Puts the drives that were named to the places that -device has given them. */
enum options_result optattach_resolve(struct parse *p);

/* Whether there are drives for all of -medium. */
enum options_result optdrive_check_media(struct parse *p);

/* A number from 0 to max for the key at hand. */
enum options_result optdrive_place(struct keylist *list, const char *value, u64 max, int *to);
/* A text for the guest, printable ASCII that fits into size bytes with its end. */
enum options_result optdrive_text(struct keylist *list, const char *value, char *to, size_t size);
/* Values of discard= and detect-zeroes=. */
bool optdrive_unmaps(const char *value);
enum detect_zeroes optdrive_zeroes(const char *value);
/* The name of an image's format, which this version can open. */
enum options_result optdrive_format(struct keylist *list, const char *value, const char **to);

#endif
