/* C-a s: what -snapshot keeps goes to the images. */
#ifndef PAGEWALK_SAVE_H
#define PAGEWALK_SAVE_H

#include "boot/session.h"

/* Between two instructions. Says on standard error what was done, or why not; drives that failed keep all they have. */
void save_drives(struct session *s);

#endif
