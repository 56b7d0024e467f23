/* The process's terminal: raw mode, and the promise that it is restored however the process ends. */
#ifndef PAGEWALK_CHR_TERM_H
#define PAGEWALK_CHR_TERM_H

#include "mmu/host/base.h"

/* Takes the terminal on fd (when it is one) and puts it into raw mode: no echo, no line editing, and
 * with keep_signals C-c and C-z still act. A process in the background changes nothing until it is
 * brought to the foreground. Writes to closed pipes give EPIPE from here on. 0, or -EBUSY when this
 * process's terminal is taken already. */
int term_take(int fd, bool keep_signals);

/* Puts the terminal back and gives it free. Harmless when it is not taken. */
void term_release(void);

/* After term_take(): text, which must stay, is written to fd whenever the terminal is put back. A later call
 * replaces it. */
void term_on_restore(int fd, const char *text);
/* Counts the times that the terminal was taken again after the process was stopped. */
unsigned term_resumes(void);

/* Puts the terminal back and takes the signal's default effect. For handlers. */
void term_die(int sig);

/* Whether reading the terminal on fd would stop this process (it is in the background). */
bool term_background(int fd);

#endif
