/* The monitors of a board: who looks on, and gives commands. */
#ifndef PAGEWALK_PC_MONITOR_H
#define PAGEWALK_PC_MONITOR_H

#include "devices/base/pollset.h"

struct pc;

/* 0 or -ENOMEM. */
int pc_monitor_init(struct pc *pc);
void pc_monitor_free(struct pc *pc);
/* Fetches commands, and obeys. Between slices of the guest only. */
void pc_monitor_poll(struct pc *pc);
/* What a sleep must end for. */
void pc_monitor_wait(const struct pc *pc, struct pollset *set);
/* Whether there is somebody who can let a machine go on. */
bool pc_monitor_there(const struct pc *pc);

#endif
