/* Performance counters: the two of the P6, and those of architectural performance monitoring, version 1. */
#ifndef PAGEWALK_PERFCTR_H
#define PAGEWALK_PERFCTR_H

#include "cpu/cpu.h"

#define PERFCTR_BITS 40

/* Whether the model has them as CPUID's leaf 10 tells; else as the P6 has them, where one bit enables both.
 * (SDM vol. 3B, 18.2.1 and 18.6.8) */
bool perfctr_architectural(const struct cpu_model *model);

/* WRMSR of PERFEVTSELn, and of PERFCTRn, whose bits from 31 on are the value's bit 31. */
void perfctr_select(struct cpu *cpu, unsigned n, u32 select);
void perfctr_write(struct cpu *cpu, unsigned n, u32 value);

/* RDMSR and RDPMC: PERFCTR_BITS bits. */
u64 perfctr_read(const struct cpu *cpu, unsigned n);

/* CPL is another now; cpu->mode still has the old one. To be called while cpu->perf_by_level. */
void perfctr_level(struct cpu *cpu);

/* Instructions, and ticks of the TSC, until a counter overflows that interrupts then; UINT64_MAX: never. Another answer
 * after a cpu_kick() only. */
void perfctr_until_overflow(const struct cpu *cpu, u64 *insns, u64 *ticks);
/* Whether one has, since this was asked last. To be asked between runs while cpu->perf_armed: true is one interrupt. */
bool perfctr_overflowed(struct cpu *cpu);

/* After any change of PERFEVTSELn: cpu->perf_by_level and cpu->perf_armed. */
void perfctr_update(struct cpu *cpu);

void perfctr_reset(struct cpu *cpu);

#endif
