/* QEMU's machine protocol: commands and events in JSON, of one client. */
#ifndef PAGEWALK_MONITOR_QMP_H
#define PAGEWALK_MONITOR_QMP_H

#include <stdio.h>

#include "devices/monitor/monitor.h"

struct qmp;

/* What clients are told: monitor_event() and its kin. */
struct monitor_told {
    enum monitor_event event;
    const char *text; /* or the drive's name */
    bool guest, write, open;
    int error;
    enum block_fate fate;
};

#ifdef PAGEWALK_JANSSON

/* What it says goes to out. NULL: no memory, or this build has no library for JSON. */
struct qmp *qmp_new(struct pc *pc, FILE *out, bool pretty);
void qmp_free(struct qmp *qmp);
/* A client has come. */
void qmp_greet(struct qmp *qmp);
/* Takes one byte of what it says, and obeys when that was a command's last. */
void qmp_byte(struct qmp *qmp, u8 byte);
void qmp_event(struct qmp *qmp, const struct monitor_told *told);

#else

static inline struct qmp *qmp_new(struct pc *pc, FILE *out, bool pretty)
{
    (void)pc;
    (void)out;
    (void)pretty;
    return NULL;
}
static inline void qmp_free(struct qmp *qmp)
{
    (void)qmp;
}
static inline void qmp_greet(struct qmp *qmp)
{
    (void)qmp;
}
static inline void qmp_byte(struct qmp *qmp, u8 byte)
{
    (void)qmp;
    (void)byte;
}
static inline void qmp_event(struct qmp *qmp, const struct monitor_told *told)
{
    (void)qmp;
    (void)told;
}

#endif
#endif
