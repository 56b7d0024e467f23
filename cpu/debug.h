/* Debug registers: breakpoints on code, data and ports, and the traps that wait for an instruction's end.
 * (SDM vol. 3B, 17.2 and 17.3)
 *
 * Data breakpoints are watches of the MMU: the pages they lie in never become valid in the TLB. Code breakpoints are
 * compiled into the blocks of MODE_DEBUG. So nothing is paid while none is armed. */
#ifndef PAGEWALK_DEBUG_H
#define PAGEWALK_DEBUG_H

#include "cpu/cpu.h"

#define DR6_BREAKS 0x0000000fu /* B0-B3 */
#define DR6_BD     0x00002000u /* access to a debug register while DR7.GD was set */
#define DR6_BS     0x00004000u /* single step */
#define DR6_BT     0x00008000u /* switch to a task whose TSS has the T bit */

#define DR7_GD 0x00002000u /* accesses to debug registers are faults */

#define DEBUGCTL_LBR 1u /* branches are recorded */
#define DEBUGCTL_BTF 2u /* with EFLAGS.TF: a trap behind each branch, not each instruction */

#define DR6_RESET 0xffff0ff0u
#define DR7_RESET 0x00000400u

/* To be called after a change of DR0-DR3, DR7 or CR4.DE. Updates cpu->mode. */
void debug_update(struct cpu *cpu);

/* Whether a code breakpoint is armed at this linear address, the guest's or a debugger's. */
bool debug_breaks_at(const struct cpu *cpu, u32 la);

/* An access of size bytes to a port: its breakpoints trap behind the instruction. */
void debug_port(struct cpu *cpu, u16 port, unsigned size);

/* WRMSR of DEBUGCTL. */
void debug_set_ctl(struct cpu *cpu, u32 value);
/* A branch was taken, or (exception) an interrupt or exception delivered: recorded where LBR asks for it. */
void debug_record_branch(struct cpu *cpu, u32 from, u32 to, bool exception);
static inline void debug_branch(struct cpu *cpu, u32 from, u32 to, bool exception)
{
    if (unlikely(cpu->debugctl & DEBUGCTL_LBR))
        debug_record_branch(cpu, from, to, exception);
}

/* A task is entered: DR7's local bits go. trap: its TSS has the T bit. */
void debug_task_switch(struct cpu *cpu, bool trap);

/* What a #DB about to be delivered tells in DR6: B0-B3 are those of this one, the other bits stay set. (SDM vol. 3B,
 * 17.2.3) */
void debug_report(struct cpu *cpu, u32 bits);

/* The MMU's watch_hit hook. */
void debug_watch_hit(void *opaque, u32 bits);

#endif
