/* A monitor at a character back end: for people, line by line, or for programs (QMP). */
#ifndef PAGEWALK_MONITOR_PORT_H
#define PAGEWALK_MONITOR_PORT_H

#include "devices/board/pc.h"
#include "devices/monitor/editor.h"

struct qmp;

struct monitor_port {
    struct pc *pc;
    struct chr *chr;
    struct qmp *qmp; /* NULL: for people */
    struct editor editor;
    FILE *stream; /* writes to this: */
    char *out;
    size_t out_len, out_size;
};

/* NULL: no memory, or this build has no QMP. */
struct monitor_port *monitor_port_new(struct pc *pc, const struct pc_monitor_config *config);
void monitor_port_free(struct monitor_port *port);
/* Fetches what the user says, and obeys. Between slices of the guest only. */
void monitor_port_poll(struct monitor_port *port);

#endif
