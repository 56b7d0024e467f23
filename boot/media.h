/* The images behind the drives. */
#ifndef PAGEWALK_MEDIA_H
#define PAGEWALK_MEDIA_H

#include "boot/session.h"

/* By the number of a drive in pc_media.h: what was said of it, and the image that is in it (NULL: none). */
const struct drive_option *media_drive(const struct options *o, unsigned unit);
struct block **media_place(struct session *s, unsigned unit);
struct block *media_in(const struct session *s, unsigned unit);

/* How block_open() is to open a drive's image. */
unsigned media_flags(const struct options *o, const struct drive_option *drive);
/* Opens what the options name. 0, or -1 with one line in s->err. */
int media_open(struct session *s);
/* An image for a drive. NULL with one line in s->err. */
struct block *media_open_image(struct session *s, unsigned unit, const struct pc_medium *medium);
/* It is in no drive any more: flushed, and closed unless it is in the list of media. */
void media_release(struct session *s, struct block *block);
/* Flushes and closes them; what goes wrong, and -stats, is said on stderr. */
void media_close(struct session *s);

#endif
