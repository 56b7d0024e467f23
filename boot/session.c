/* How a run talks to the user who started it. */
#include "boot/session.h"

int session_user_error(const char *text)
{
    char line[1024];

    snprintf(line, sizeof(line), "%s", text);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "pagewalk: %s\n", line);
    return STATUS_USER_ERROR;
}

void session_quit(struct session *s)
{
    for (enum port port = 0; port < PORTS; port++)
        if (s->port[port])
            s->port[port]->hurry = true;
    if (s->lockstep)
        lockstep_quit(s->lockstep);
    else if (s->pc)
        pc_quit(s->pc, 0);
}
