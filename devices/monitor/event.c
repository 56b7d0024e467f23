/* Events: what has happened to the machine, to every client that listens. */
#include "devices/board/pc_board.h"
#include "devices/monitor/drives.h"
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

static void tell(struct pc *pc, const struct monitor_told *told)
{
    if (history_is_behind(pc) && told->event != MONITOR_STOP && told->event != MONITOR_RESUME)
        return; /* it was told when it happened */
    for (unsigned i = 0; i < PC_MONITORS; i++)
        if (pc->monitor[i] && pc->monitor[i]->qmp)
            qmp_event(pc->monitor[i]->qmp, told);
}

void monitor_event(struct pc *pc, enum monitor_event event, const char *text, bool guest)
{
    tell(pc, &(struct monitor_told){.event = event, .text = text, .guest = guest});
}

void monitor_block_error(struct pc *pc, const struct block *block, bool write, int error,
                         enum block_fate fate)
{
    struct monitor_told told = {
        .event = MONITOR_BLOCK_ERROR, .write = write, .error = error, .fate = fate};
    char name[24];

    told.text = monitor_drive_name(pc, block, name);
    tell(pc, &told);
}

void monitor_tray_moved(struct pc *pc, const char *drive, bool open)
{
    tell(pc, &(struct monitor_told){.event = MONITOR_TRAY_MOVED, .text = drive, .open = open});
}
