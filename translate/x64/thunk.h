/* What the files of shared native code have in common. */
#ifndef PAGEWALK_X64_THUNK_H
#define PAGEWALK_X64_THUNK_H

#include "translate/x64/mem.h"

/* Around C: the registers to struct cpu and back; r10 comes back whole. */
void thunk_save_whole(struct x64 *x, struct code *c);
void thunk_load_whole(struct x64 *x, struct code *c);

/* Drops the return addresses on the host's stack when they hold no longer (thunk.c). */
void thunk_check_context(struct code *c, bool returns);

/* thunk_flags.c */
void thunk_make_carry(struct x64 *x, struct code *c);
void thunk_make_flags(struct x64 *x, struct code *c);
void thunk_make_x87(struct x64 *x, struct code *c);

#endif
