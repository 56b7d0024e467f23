/* Events: what has happened to the machine, to every client that listens. */
#include "devices/board/pc_board.h"
#include "devices/monitor/port.h"
#include "devices/monitor/qmp.h"

bool monitor_has_qmp(void)
{
#ifdef PAGEWALK_JANSSON
    return true;
#else
    return false;
#endif
}

void monitor_event(struct pc *pc, enum monitor_event event, const char *text, bool guest)
{
    for (unsigned i = 0; i < PC_MONITORS; i++)
        if (pc->monitor[i] && pc->monitor[i]->qmp)
            qmp_event(pc->monitor[i]->qmp, event, text, guest);
}
