/* The sandbox: a filter of system calls that leaves a running machine what it needs, and nothing else. */
#ifndef PAGEWALK_SANDBOX_H
#define PAGEWALK_SANDBOX_H

#include "mmu/host/base.h"

/* The version of libseccomp that this build has, or NULL: it has no sandbox. */
const char *sandbox_version(void);

#define SANDBOX_FOLDERS 4

/* What networks need. */
struct sandbox_network {
    bool sockets;   /* to open and connect sockets, and to read the host's list of resolvers */
    bool datagrams; /* to send from open sockets to any address */
    const char *folder[SANDBOX_FOLDERS]; /* to read files there */
    unsigned folders;
};

/* Puts the filter on this process, for good: it opens, connects, executes and traces nothing any more, but what
 * `network` names. A
 * system call that is refused ends it with SIGSYS and one line. 0, or -errno with one line in err. */
int sandbox_enter(const struct sandbox_network *network, char *err, size_t err_len);

#endif
