/* What a sleep of the board waits for: descriptors, as many as there are, and a time. */
#ifndef PAGEWALK_POLLSET_H
#define PAGEWALK_POLLSET_H

#include <poll.h>

#include "mmu/host/base.h"

struct pollset {
    struct pollfd *fd;
    unsigned count, room;
    u64 ns; /* at most so long */
};

void pollset_clear(struct pollset *set);
/* fd -1 is taken, and never ready. Returns its index; without memory -1, and then the sleep is short. */
int pollset_add(struct pollset *set, int fd, short events);
void pollset_free(struct pollset *set);

/* poll() at once. Returns how many are ready. */
int pollset_look(struct pollset *set);

#endif
