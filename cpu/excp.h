/* Raising guest faults and delivering exceptions and interrupts. (SDM vol. 3A, chapter 6) */
#ifndef PAGEWALK_EXCP_H
#define PAGEWALK_EXCP_H

#include "cpu/cpu.h"

/* Raise a fault: name it under `-d fault`, fill cpu->fault and unwind to the run loop, which finds the exact state before the
 * faulting instruction and calls cpu_deliver_fault(). */
_Noreturn void cpu_raise(struct cpu *cpu, enum excp vector);                /* no error code */
_Noreturn void cpu_raise_err(struct cpu *cpu, enum excp vector, u32 error); /* with error code */
_Noreturn void cpu_raise_pf(struct cpu *cpu); /* #PF from cpu->mmu.fault */

/* Names the rule under `-d fault`, then raises vector with this error code. */
_Noreturn void cpu_fault(struct cpu *cpu, enum excp vector, u32 error, const char *rule, ...)
    printf_like(4, 5);

/* Gives the current instruction up, with nothing done, for an interrupt that can be taken now: it is run
 * again behind that. */
_Noreturn void cpu_restart(struct cpu *cpu);

/* Delivers cpu->fault with cpu->eip at the instruction to return to (the faulting one for faults).
 * Combines with the exception being delivered into #DF as the manual's table 6-5 has it. A further
 * fault while delivering raises again (unwinds); the run loop simply calls this again. Returns false
 * on a triple fault (shutdown). */
bool cpu_deliver_fault(struct cpu *cpu);

/* What brings an interrupt or exception about. */
enum excp_source {
    EXCP_BY_INT,  /* INT n */
    EXCP_BY_INT3, /* CCh */
    EXCP_BY_INTO,
    EXCP_BY_ICEBP, /* F1h */
    EXCP_BY_CPU,   /* an exception */
    EXCP_BY_IRQ,   /* the interrupt controller */
    EXCP_BY_NMI,
};

/* INT n, INT3 and INTO: the gate's DPL is checked, and a fault in their delivery is an ordinary one. */
static inline bool excp_soft(enum excp_source source)
{
    return source <= EXCP_BY_INTO;
}

/* Deliver an external interrupt or NMI; cpu->eip is the next instruction. May raise. */
void cpu_deliver_irq(struct cpu *cpu, u8 vector);
void cpu_deliver_nmi(struct cpu *cpu);

/* INT n, INT3, INTO and ICEBP: cpu->eip at the instruction itself; `next` is what is pushed. May raise. */
void cpu_deliver_soft(struct cpu *cpu, u8 vector, u32 next, enum excp_source source);

/* #DB behind an instruction: sets these bits of DR6 and delivers; cpu->eip is the next instruction. */
void cpu_deliver_trap(struct cpu *cpu, u32 dr6_bits);

/* Whether cpu->eip is at a repeated string instruction of which some iterations are done. */
bool cpu_mid_rep(const struct cpu *cpu);

/* The exception's name ("#GP") for logs. */
const char *excp_name(int vector);

#endif
