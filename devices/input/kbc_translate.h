/* The keyboard controller's translation from scan code set 2 to set 1. */
#ifndef PAGEWALK_KBC_TRANSLATE_H
#define PAGEWALK_KBC_TRANSLATE_H

#include "mmu/host/base.h"

#define KBC_BREAK 0xf0 /* the prefix of a break code in set 2 */

/* What a byte from the keyboard becomes when no KBC_BREAK came before it. A break code in set 1 is
 * the make code with bit 7 set. */
u8 kbc_translate(u8 value);

#endif
