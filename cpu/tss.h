/* Where a TSS has its fields: what task switches and the log share. (SDM vol. 3A, figures 7-2 and 7-10) */
#ifndef PAGEWALK_TSS_H
#define PAGEWALK_TSS_H

#include "cpu/cpu.h"

struct tss_layout {
    u32 min_limit;
    u32 cr3, eip, flags, regs, sregs, ldt, trap; /* offsets; 0: no such field */
    u32 size;                                    /* bytes of a register */
    u32 sreg_step;
    unsigned sreg_count; /* in the order of enum sreg */
};

extern const struct tss_layout tss16, tss32;

static inline const struct tss_layout *tss_layout_of(u32 attr)
{
    return attr >> SEG_TYPE_SHIFT & 8 ? &tss32 : &tss16;
}

#endif
