/* -digest's end=: what stands in the machine where it ends, for a program that compares two. */
#ifndef PAGEWALK_CHECKPOINT_H
#define PAGEWALK_CHECKPOINT_H

#include <stdio.h>

#include "devices/board/pc.h"

/* Lines "insn ADDRESS BYTES TEXT" (the next instruction), a register dump, "state NAME = VALUE" for all that a digest
 * covers but RAM, "page PA HASH" for each page written since the last whole digest, and the words of page `pa`, unless it is 1, as
 * "word PA VALUE". Numbers are hexadecimal. */
void checkpoint_print(struct pc *pc, u64 pa, FILE *out);

#endif
