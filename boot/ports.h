/* The ports of a run: opens where their bytes go, and closes that. */
#ifndef PAGEWALK_PORTS_H
#define PAGEWALK_PORTS_H

#include "boot/session.h"

/* Whether the files that will be written can be; writes nothing. Both 0, or -1 with the line in s->err. */
int ports_check(struct session *s);
/* key gets what the escape keys ask for. */
int ports_open(struct session *s, void (*key)(void *opaque, enum chr_key key));
void ports_close(struct session *s);

#endif
