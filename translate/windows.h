/* When native code uses windows (mmu/window.h). */
#ifndef PAGEWALK_TRANSLATE_WINDOWS_H
#define PAGEWALK_TRANSLATE_WINDOWS_H

#include "translate/block.h"

/* Called by the run loop, where no code runs: turns the CPU's windows on or off. */
void windows_consider(struct translator *tr);

/* The block, which may be running, is killed by the next windows_consider(). */
void windows_retire(struct translator *tr, const struct block *block);

#endif
