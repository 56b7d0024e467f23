/* Raising guest faults and delivering exceptions and interrupts. (SDM vol. 3A, chapter 6) */
#ifndef PAGEWALK_EXCP_H
#define PAGEWALK_EXCP_H

#include "cpu/cpu.h"

/* Raise a fault: fill cpu->fault and unwind to the run loop, which finds the exact state before the
 * faulting instruction and calls cpu_deliver_fault(). */
_Noreturn void cpu_raise(struct cpu *cpu, enum excp vector);                /* no error code */
_Noreturn void cpu_raise_err(struct cpu *cpu, enum excp vector, u32 error); /* with error code */
_Noreturn void cpu_raise_pf(struct cpu *cpu); /* #PF from cpu->mmu.fault */

/* Gives the instruction in hand up, with nothing done, for an interrupt that can be taken now: it is run
 * again behind that. */
_Noreturn void cpu_restart(struct cpu *cpu);

/* Delivers cpu->fault with cpu->eip at the instruction to return to (the faulting one for faults).
 * Combines with the exception being delivered into #DF as the manual's table 6-5 has it. A further
 * fault while delivering raises again (unwinds); the run loop simply calls this again. Returns false
 * on a triple fault (shutdown). */
bool cpu_deliver_fault(struct cpu *cpu);

/* Delivers an external interrupt or NMI; cpu->eip is the next instruction. May raise. */
void cpu_deliver_irq(struct cpu *cpu, u8 vector);

/* INT n, INT3, INTO (software: DPL of the gate is checked) and ICEBP: cpu->eip at the instruction
 * itself; `next` is what is pushed. May raise. */
void cpu_deliver_soft(struct cpu *cpu, u8 vector, u32 next, bool check_dpl);

/* #DB after an instruction with TF set: sets DR6.BS and delivers; cpu->eip is the next instruction. */
void cpu_deliver_trap(struct cpu *cpu, u32 dr6_bits);

/* The vector's name ("#GP") for logs. */
const char *excp_name(int vector);

#endif
