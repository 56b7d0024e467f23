/* Ends a run by what it prints and how long it takes: -until, -fail-on, -timeout, a kernel's panic. */
#ifndef PAGEWALK_WATCH_H
#define PAGEWALK_WATCH_H

#include <regex.h>

#include "boot/options.h"

#define STATUS_FAIL_TEXT 8
#define STATUS_TIMEOUT   10
#define WATCH_LINE       1024

struct session;

struct watch {
    struct session *session;
    bool on;
    regex_t regex[WATCH_TEXTS];
    bool compiled[WATCH_TEXTS];
    char line[WATCH_LINE + 1]; /* the port's last one, as far as it has come */
    size_t len;
    i64 until_ms; /* host's clock; 0: no limit */
};

/* After the ports are open, before the machine is made. 0, or -1 with the line in the session's err. */
int watch_start(struct watch *watch, struct session *session);
void watch_stop(struct watch *watch);
/* From the board's poll: whether time is over. */
void watch_look(struct watch *watch);

#endif
