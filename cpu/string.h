/* What the string instructions share: their operands, how far one call goes, and register updates.
 */
#ifndef PAGEWALK_STRING_H
#define PAGEWALK_STRING_H

#include "cpu/cpu.h"
#include "cpu/seg.h"

/* A string instruction, unpacked from its helper's immediate and EFLAGS.DF. */
struct string {
    unsigned size; /* bytes an element */
    u32 mask;      /* address size: EA_16 or EA_32, for ESI, EDI and ECX */
    u32 step;      /* size, or its negation while DF is set */
    unsigned rep;  /* 0 none, 1 REP and REPE, 2 REPNE */
    enum sreg seg; /* of the ESI operand */
};

struct string string_unpack(const struct cpu *cpu, u32 c);

/* How many elements this call may do at most, by guest state alone: 0 when ECX is 0 with REP, 1
 * without REP, else as many as ECX wants and the ESI operand (when si) and the EDI operand (when
 * di) have before the next page edge or address wrap, but 1 when the next element lies across one
 * or under single step. */
u32 string_count(const struct cpu *cpu, const struct string *s, bool si, bool di);

/* Whether n elements at reg (R_ESI or R_EDI) pass seg_check() for certain. When not, seg_check()
 * has to be asked element by element. */
bool string_covered(const struct cpu *cpu, const struct string *s, enum cpu_slot reg, u32 n,
                    bool write);

/* The host address of reg's current element when n elements from there on are plain memory that may be
 * accessed, or NULL when they have to be done one by one. Raises the #PF of the first element. */
u8 *string_host(struct cpu *cpu, const struct string *s, enum cpu_slot reg, u32 n, bool write);

/* Steps past n elements: ESI, EDI, and ECX with REP. */
void string_advance(struct cpu *cpu, const struct string *s, u32 n, bool si, bool di);

/* The offset in, and linear address of, the current element of ESI's or EDI's operand. */
static inline u32 string_ea(const struct cpu *cpu, const struct string *s, enum cpu_slot reg)
{
    return cpu->r[reg] & s->mask;
}

static inline enum sreg string_seg(const struct string *s, enum cpu_slot reg)
{
    return reg == R_ESI ? s->seg : SREG_ES;
}

static inline u32 string_la(const struct cpu *cpu, const struct string *s, enum cpu_slot reg)
{
    return la_add(cpu->r[R_BASE + string_seg(s, reg)], string_ea(cpu, s, reg));
}

/* Whether a repeated instruction has iterations left, which is noted: an interrupt that comes now finds it
 * unfinished. wanted: its condition holds. */
static inline bool string_left(struct cpu *cpu, const struct string *s, bool wanted)
{
    cpu->rep_left.set = wanted && s->rep && (cpu->r[R_ECX] & s->mask);
    if (cpu->rep_left.set) {
        cpu->rep_left.ecx = cpu->r[R_ECX];
        cpu->rep_left.esi = cpu->r[R_ESI];
        cpu->rep_left.edi = cpu->r[R_EDI];
    }
    return cpu->rep_left.set;
}

/* Whether a call may do another element: no device wants the board to run, no breakpoint was hit. */
static inline bool string_may_go_on(const struct cpu *cpu, bool kicked_before)
{
    return cpu->kicked == kicked_before && !cpu->debug_trap;
}

/* One checked element at reg, of any kind of memory. */
static inline u32 string_load(struct cpu *cpu, const struct string *s, enum cpu_slot reg)
{
    u32 ea = string_ea(cpu, s, reg);

    switch (s->size) {
    case 1: return seg_load8(cpu, string_seg(s, reg), ea);
    case 2: return seg_load16(cpu, string_seg(s, reg), ea);
    default: return seg_load32(cpu, string_seg(s, reg), ea);
    }
}

static inline void string_store(struct cpu *cpu, const struct string *s, u32 value)
{
    u32 ea = string_ea(cpu, s, R_EDI);

    switch (s->size) {
    case 1: seg_store8(cpu, SREG_ES, ea, value); break;
    case 2: seg_store16(cpu, SREG_ES, ea, value); break;
    default: seg_store32(cpu, SREG_ES, ea, value); break;
    }
}

#endif
