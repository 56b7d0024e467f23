/* The board's interrupt system: lines to the 8259s and the I/O APIC, and from both to the processor. */
#ifndef PAGEWALK_PC_APIC_H
#define PAGEWALK_PC_APIC_H

#include "mmu/host/base.h"

struct pc;

/* Before the 8259s'. */
void pc_apic_init(struct pc *pc);
/* After the CPU's. */
void pc_apic_reset(struct pc *pc);

/* An interrupt line of the board, 0 to 15. Fits struct irq's `set`. */
void pc_set_irq(void *pc, unsigned line, bool level);
/* Likewise, 0 to 23: the upper ones are the I/O APIC's alone. */
void pc_set_gsi(void *pc, unsigned line, bool level);
/* The 8259s' output. */
void pc_pic_intr(void *pc, bool level);

/* The board's NMI. Fits struct irq's `set`. */
void pc_set_nmi(void *pc, unsigned line, bool level);

/* The CPU's hooks: an acknowledge cycle, what it found in words, and a write of IA32_APIC_BASE. */
u8 pc_irq_ack(void *pc);
const char *pc_irq_name(void *pc);
void pc_apic_base(void *pc);

/* The CPU's performance counters: bounds what it may run by the next overflow that interrupts, and after it has run
 * delivers that. */
u64 pc_perf_budget(const struct pc *pc, u64 budget);
void pc_perf_check(struct pc *pc);

/* Both APICs in saved states, those that there are. */
struct state;
void pc_apic_state(struct pc *pc, struct state *state);

/* Whether an interrupt of some device would be an NMI. */
bool pc_nmi_can_come(const struct pc *pc);

#endif
