/* Memory as a debugger sees it: no rights, no A and D bits, no watchpoints, nothing in the TLB. */
#ifndef PAGEWALK_CPU_PEEK_H
#define PAGEWALK_CPU_PEEK_H

#include "cpu/cpu.h"

/* By linear address as the CPU's tables are now, or by physical one. A device's memory is accessed as such. How much could
 * be read, up to the first byte that is nowhere. */
size_t cpu_peek(struct cpu *cpu, u64 addr, bool physical, u8 *data, size_t len);
/* All or nothing. */
bool cpu_poke(struct cpu *cpu, u64 addr, bool physical, const u8 *data, size_t len);

#endif
