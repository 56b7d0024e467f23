/* The images behind the drives. */
#ifndef PAGEWALK_MEDIA_H
#define PAGEWALK_MEDIA_H

#include "boot/session.h"

/* How block_open() is to open a drive's image. */
unsigned media_flags(const struct options *o, const struct drive_option *drive);
/* Opens what the options name. 0, or -1 with one line in s->err. */
int media_open(struct session *s);
/* An image for a drive of pc_media.h, or of that number behind the floppy drives. NULL with one line in s->err. */
struct block *media_open_image(struct session *s, unsigned unit, const char *path,
                               const char *format);
/* It is in no drive any more: flushed, and closed unless it is in the list of media. */
void media_release(struct session *s, struct block *block);
/* Flushes and closes them; what goes wrong, and -stats, is said on stderr. */
void media_close(struct session *s);

#endif
