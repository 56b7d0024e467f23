/* -daemonize and -pidfile. */
#ifndef PAGEWALK_BACKGROUND_H
#define PAGEWALK_BACKGROUND_H

#include "boot/session.h"

/* Goes on in a process of its own; this one ends when that says that it is ready, or with its status. Returns the
 * descriptor for background_ready(), or -1 with the line in s->err. */
int background_start(struct session *s);
/* The machine is made: the terminal is no longer ours. */
void background_ready(int fd);

/* 0, or -1 with the line in s->err. */
int pidfile_write(struct session *s);

#endif
