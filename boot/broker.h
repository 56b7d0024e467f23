/* A process beside a sandboxed one that opens its screenshots, files of its monitor, and nothing else. */
#ifndef PAGEWALK_BROKER_H
#define PAGEWALK_BROKER_H

#include "devices/ui/screenshot.h"

struct broker {
    struct screenshot_files files; /* opens through the process */
    int fd;                        /* a socket to it */
};

/* Starts the process, which ends with the last descriptor of this one's socket. path: the name that screenshots
 * are made of; monitor: there is one, and it may make new files. Before there are images or threads. 0, or -errno with one line in err. */
int broker_start(struct broker *broker, const char *path, bool monitor, char *err, size_t err_len);
/* A file that the monitor's user has named: a descriptor to write to, or -errno. */
int broker_create(const struct broker *broker, const char *name);

#endif
