/* Commands that look at the processor. */
#include <inttypes.h>

#include "devices/monitor/command.h"

MONITOR_COMMAND(info_registers)
{
    (void)a;
    cpu_dump(m->pc->cpu, m->out);
}

MONITOR_COMMAND(print)
{
    u64 value = a->arg[0].number;

    switch (a->format.format) {
    case 'o': fprintf(m->out, "0%" PRIo64 "\n", value); break;
    case 'u': fprintf(m->out, "%" PRIu64 "\n", value); break;
    case 'd':
    case 'i': fprintf(m->out, "%" PRId64 "\n", (i64)value); break;
    case 'c': fprintf(m->out, "'%c'\n", value >= 32 && value < 127 ? (int)value : '.'); break;
    default: fprintf(m->out, "%#" PRIx64 "\n", value); break;
    }
}
