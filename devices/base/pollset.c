/* What a sleep of the board waits for. */
#include "devices/base/pollset.h"

#include <stdlib.h>
#include <string.h>

#define NO_MEMORY_NS 1000000u /* look again soon */

void pollset_clear(struct pollset *set)
{
    set->count = 0;
    set->ns = UINT64_MAX;
}

int pollset_add(struct pollset *set, int fd, short events)
{
    if (set->count == set->room) {
        unsigned room = set->room ? set->room * 2 : 16;
        struct pollfd *larger = realloc(set->fd, room * sizeof(*larger));

        if (!larger) {
            set->ns = NO_MEMORY_NS;
            return -1;
        }
        set->fd = larger;
        set->room = room;
    }
    set->fd[set->count] = (struct pollfd){.fd = fd, .events = events};
    return (int)set->count++;
}

void pollset_free(struct pollset *set)
{
    free(set->fd);
    memset(set, 0, sizeof(*set));
}

int pollset_look(struct pollset *set)
{
    return set->count ? poll(set->fd, set->count, 0) : 0;
}
