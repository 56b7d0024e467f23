/* -record and -replay: the files. */
#ifndef PAGEWALK_RECORDING_H
#define PAGEWALK_RECORDING_H

#include "boot/session.h"

/* After all that can be found wrong, before the machine is made: opens what the options name. 0, or -1 with one line
 * in s->err. */
int recording_open(struct session *s);
/* When the machine is gone; what could not be written is said on stderr. */
void recording_close(struct session *s);

#endif
