/* Events: what has happened to the machine, to every client that listens. */
#include "devices/board/pc_board.h"
#include "devices/monitor/port.h"
#include "devices/monitor/qmp.h"

const char *monitor_qmp_version(void)
{
#ifdef PAGEWALK_JANSSON
    return PAGEWALK_JANSSON;
#else
    return NULL;
#endif
}

void monitor_event(struct pc *pc, enum monitor_event event, const char *text, bool guest)
{
    for (unsigned i = 0; i < PC_MONITORS; i++)
        if (pc->monitor[i] && pc->monitor[i]->qmp)
            qmp_event(pc->monitor[i]->qmp, event, text, guest);
}
