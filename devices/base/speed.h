/* A machine's speed: how much of the guest's time passes in the host's, in percent; as users write and choose it. */
#ifndef PAGEWALK_SPEED_H
#define PAGEWALK_SPEED_H

#include "mmu/host/base.h"

/* Nothing was asked for. CLOCK_HOST: 100 %. CLOCK_INSN: code runs as fast as it can, and waits last as long as the
 * host's where somebody would notice. */
#define SPEED_NORMAL 0u
/* No wait of the guest's takes any time. */
#define SPEED_MAX  UINT32_MAX
#define SPEED_MOST 10000u /* percent */

#define SPEED_WORDS "1 to 10000 percent, normal or max"
#define SPEED_TEXT  16

/* "50", "50%", "normal", "max"; false: it is none of SPEED_WORDS. */
bool speed_parse(const char *text, u32 *speed);
/* "50 %", "normal", "max" into text[SPEED_TEXT], which is returned. */
char *speed_text(u32 speed, char *text);
/* The next one up or down that keys choose; the last one stays. Normal counts as 100 %. */
u32 speed_step(u32 speed, bool up);

#endif
