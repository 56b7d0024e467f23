/* The machine that the options describe. */
#ifndef PAGEWALK_MACHINE_H
#define PAGEWALK_MACHINE_H

#include "boot/session.h"

/* Makes s->pc, or s->lockstep. 0, or -1 with one line in s->err. */
int machine_make(struct session *s);

#endif
