/* How a run ends from outside: the signals that ask for it, and for the registers. */
#ifndef PAGEWALK_ENDS_H
#define PAGEWALK_ENDS_H

#include "boot/session.h"

/* From here on SIGTERM, SIGINT and SIGHUP, unless they were ignored, end the run in order, and SIGUSR2 asks
 * for the registers. Before anything is opened that must be closed well. 0, or -errno with one line in err. */
int ends_watch(struct session *s);
/* For the board: a descriptor that is readable after such a signal, and the attend hook that obeys. */
int ends_fd(void);
void ends_attend(struct pc *pc, void *session);
/* Signals that end the run do it at once from here on. */
void ends_at_once(void);
/* The signal that ended the run; 0: none did. */
int ends_signal(void);
/* Says which signal ended the run, if one did. */
void ends_report(void);

#endif
