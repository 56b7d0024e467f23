/* Commands of QEMU's human monitor, one line each, as gdb's `monitor` brings them. */
#ifndef PAGEWALK_MONITOR_H
#define PAGEWALK_MONITOR_H

#include <stdio.h>

struct pc;

/* Does what the line says, between slices of the guest only; what there is to say goes to out. */
void monitor_command(struct pc *pc, const char *line, FILE *out);

#endif
