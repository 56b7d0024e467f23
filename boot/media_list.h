/* The media that can be put into drives while the machine runs, and who puts them there. */
#ifndef PAGEWALK_MEDIA_LIST_H
#define PAGEWALK_MEDIA_LIST_H

#include "boot/options.h"

struct session;

#define MEDIA_UNITS (PC_FLOPPIES + PC_DRIVES)
#define MEDIA_MAX   (MEDIA_UNITS + MEDIA_OPTIONS)

/* Those that were given at the start, each drive's own first. They stay open, whether they are in the drive or not. */
struct media_list {
    struct medium {
        unsigned unit;
        const char *path;
        struct block *block;
    } medium[MEDIA_MAX];
    unsigned count;
    struct block *opened; /* by the board, and not in the drive yet */
};

/* Opens what -medium names, when the drives' own images are open. 0, or -1 with one line in s->err. */
int media_list_open(struct session *s);
bool media_list_has(const struct session *s, const struct block *block);
/* What the board asks for, unless the run cannot change media. */
struct pc_media_host media_list_host(struct session *s);
/* A key's wish: the next of the list in drive A, or in the first CD-ROM drive; one alone goes out and in again. Returns
 * what became of it, in a few words. */
const char *media_list_next(struct session *s, bool disc);

#endif
