/* Segmented memory access and segment loading, exact and out of line: for helpers and for blocks
 * whose segments are not flat. All of these raise guest faults (and then do not return). Accesses are
 * at the current CPL unless said otherwise. */
#ifndef PAGEWALK_SEG_H
#define PAGEWALK_SEG_H

#include "cpu/cpu.h"

/* Checks len bytes at offset ea of the segment for reading or writing: presence, rights, limit,
 * alignment (#AC, when MODE_AC and len is 2, 4, 8...). Raises #SS(0) for SS, else #GP(0).
 * Returns the linear address. `-d fault` names the rule that failed. */
u32 seg_check(struct cpu *cpu, enum sreg sreg, u32 ea, u32 len, bool write);

/* Checked loads and stores through a segment. */
u32 seg_load8(struct cpu *cpu, enum sreg sreg, u32 ea);
u32 seg_load16(struct cpu *cpu, enum sreg sreg, u32 ea);
u32 seg_load32(struct cpu *cpu, enum sreg sreg, u32 ea);
u64 seg_load64(struct cpu *cpu, enum sreg sreg, u32 ea);
void seg_store8(struct cpu *cpu, enum sreg sreg, u32 ea, u32 value);
void seg_store16(struct cpu *cpu, enum sreg sreg, u32 ea, u32 value);
void seg_store32(struct cpu *cpu, enum sreg sreg, u32 ea, u32 value);
void seg_store64(struct cpu *cpu, enum sreg sreg, u32 ea, u64 value);

/* Linear loads and stores of 1, 2, 4 or 8 bytes at a given privilege (descriptor tables, TSS: user = false). #PF
 * only. The size is best a constant: then the TLB's fast path is a plain access. */
u64 lin_load_slow(struct cpu *cpu, u32 la, unsigned size, bool user);
void lin_store_slow(struct cpu *cpu, u32 la, u64 value, unsigned size, bool user);

static always_inline u64 lin_load(struct cpu *cpu, u32 la, unsigned size, bool user)
{
    u64 value;

    if (mmu_load_fast(&cpu->mmu, la, size, user ? MMU_READ_USER : MMU_READ_SUPER, &value))
        return value;
    return lin_load_slow(cpu, la, size, user);
}

static always_inline void lin_store(struct cpu *cpu, u32 la, u64 value, unsigned size, bool user)
{
    if (!mmu_store_fast(&cpu->mmu, la, value, size, user ? MMU_WRITE_USER : MMU_WRITE_SUPER))
        lin_store_slow(cpu, la, value, size, user);
}

/* Raises #PF now when any byte could not be accessed. */
void lin_probe(struct cpu *cpu, u32 la, u32 len, bool write, bool user);

/* A descriptor as read from the GDT or LDT. */
struct desc {
    u32 lo, hi; /* as in memory */
    u32 la;     /* linear address of the descriptor */
};

u32 desc_base(const struct desc *desc);
u32 desc_limit(const struct desc *desc); /* in bytes, granularity applied */
#define DESC_ATTR_MASK 0x00f0ff00u

/* Reads the descriptor of a selector (RPL ignored). False when the selector is null or beyond its
 * table: the caller raises with sel & 0xfffc. */
bool desc_read(struct cpu *cpu, u16 sel, struct desc *desc);

/* MOV/POP/Lxx to ES, SS, DS, FS, GS with all checks of the mode (real, vm86, protected); SS loads are
 * checked as such. Sets the accessed bit. Updates cpu->mode. (SDM vol. 2, MOV) */
void seg_load(struct cpu *cpu, enum sreg sreg, u16 sel);

/* Sets a segment register's hidden parts directly; updates cpu->mode. */
void seg_set(struct cpu *cpu, enum sreg sreg, u16 sel, u32 base, u32 limit, u32 attr);
/* Real mode or vm86 load: base = sel << 4; in vm86 limit 0xffff and rights 3 as well. */
void seg_set_real(struct cpu *cpu, enum sreg sreg, u16 sel);

/* Changes CPL: cpu->cpl, mode. */
void cpu_set_cpl(struct cpu *cpu, unsigned cpl);

#endif
