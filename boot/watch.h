/* Ends a run by what it prints or shows and how long it takes: -until, -fail-on, -timeout, a kernel's panic. */
#ifndef PAGEWALK_WATCH_H
#define PAGEWALK_WATCH_H

#include "boot/options.h"
#include "boot/regex.h"

#define STATUS_FAIL_TEXT 8
#define WATCH_LINE       1024
#define WATCH_TAIL       8192 /* bytes of a port's last lines that are kept */

struct session;

struct watch_port {
    struct watch *watch;
    char line[WATCH_LINE + 1]; /* the last one, as far as it has come */
    size_t len;
    char tail[WATCH_TAIL]; /* a ring of all that came */
    u64 count;
};

struct watch {
    struct session *session;
    bool on;
    struct regex *regex[WATCH_TEXTS]; /* NULL: the text as it is */
    bool saved;                       /* the text of -savevm-at was there */
    struct watch_port port[PC_SERIALS];
    const char *ended_by; /* the word of a report for what has ended the run; NULL: nothing here */
    char matched[WATCH_LINE + 1]; /* the line that did */
    struct text_screen screen;
    i64 screen_ms;                 /* when the screen is looked at next */
    i64 until_ms;                  /* host's clock; 0: no limit */
    struct watch_port *panic_port; /* where a panic's line has begun; NULL: nowhere */
    i64 panic_ms;                  /* when its end is not waited for any more */
};

/* After the ports are open, before the machine is made. 0, or -1 with the line in the session's err. */
int watch_start(struct watch *watch, struct session *session);
void watch_stop(struct watch *watch);
/* From the board's poll: whether time is over. */
void watch_look(struct watch *watch);

/* Copies the last that came from a port; returns how many bytes, at most WATCH_TAIL. */
size_t watch_tail(const struct watch_port *port, char *out);

#endif
