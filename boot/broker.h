/* A process beside a sandboxed one that opens its screenshots, saved machines, files of its monitor, and nothing else. */
#ifndef PAGEWALK_BROKER_H
#define PAGEWALK_BROKER_H

#include "devices/board/snapshots.h"
#include "devices/ui/screenshot.h"

struct broker {
    struct screenshot_files files; /* both open through the process */
    struct snapshot_files snapshots;
    int fd; /* a socket to it */
};

/* What the process may open. */
struct broker_rights {
    const char *screenshot;   /* the name that screenshots are made of */
    const char *const *saved; /* files of saved machines, wherever they are; NULL ends the list */
    bool monitor;             /* there is one, and it may make new files */
};

/* Starts the process, which ends with the last descriptor of this one's socket; before there are images or threads.
 * 0, or -errno with one line in err. */
int broker_start(struct broker *broker, const struct broker_rights *rights, char *err,
                 size_t err_len);
/* A file that the monitor's user has named: a descriptor to write to, or -errno. */
int broker_create(const struct broker *broker, const char *name);

#endif
