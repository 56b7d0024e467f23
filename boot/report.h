/* -report and -junit: what became of a run, for programs to read. doc/report.md has the schema. */
#ifndef PAGEWALK_REPORT_H
#define PAGEWALK_REPORT_H

#include <stdio.h>

#include "boot/samples.h"

#define REPORT_SCHEMA 1

struct session;

struct report {
    FILE *json, *junit, *stats; /* NULL: not asked for */
    struct phases phases;
    struct samples samples; /* -stats json: only */
};

/* Opens the files, before the sandbox is on. 0, or -1 with one line in the session's err. */
int report_open(struct session *s);
/* At each of the board's polls: where the time goes. */
void report_look(struct session *s);
/* The machine has ended with the program's exit status, and is still there. */
void report_write(struct session *s, int status);
/* Closes the files; says on stderr when one could not be written. */
void report_close(struct session *s);

/* What ended the run, in a word of doc/report.md. */
const char *report_end(const struct session *s);

/* -exit-status qemu: the status that QEMU would have given where it has one for this end. */
int report_exit_status(const struct session *s, int status);

#endif
