/* What the files on the command line are for: one file may not be written in one role and be used in another. */
#ifndef PAGEWALK_ROLES_H
#define PAGEWALK_ROLES_H

#include "boot/session.h"

/* After the loader has read its files, before anything is opened for writing. Files are told apart by device and
 * inode, or, those that are not there yet, by their folder's and their name. 0, or -1 with one line in s->err. */
int roles_check(struct session *s);

#endif
