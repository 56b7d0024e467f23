/* Arithmetic flags, computed only when somebody looks.
 *
 * A flag-producing micro-op leaves its operation, result and operands in cpu->lazy; flags_get() turns
 * that into EFLAGS bits. ADD keeps (res, a): b is res - a. SUB keeps (res, a). ADC and SBB keep all
 * three. Logic keeps res only. INC and DEC keep res, and the CF before them in b. Shifts by a nonzero
 * count n keep res and the operand as it was before the last one-bit step in a.
 *
 * All of them hold their values zero-extended, but for LOGIC and the last nine rows: those are what native
 * code stores, at little cost: whole registers, of which the operation's size counts.
 *
 * Translated code keeps CF through INC and DEC otherwise: the operation before stays, and LAZY_STEP() of the
 * INC or DEC stands above it in op; all flags but CF are those of step, a whole register too. A rotate likewise:
 * LAZY_ROTATED() stands at the top, and CF is that of `rotated`, a whole register. So is OF, while LAZY_ROTATED_OF
 * is set, which an INC or DEC behind the rotate writes over: it is in the step's byte. */
#ifndef PAGEWALK_FLAGS_H
#define PAGEWALK_FLAGS_H

#include "cpu/cpu.h"

/* ORDER: for each operation the sizes 8, 16, 32 in this order; lazy_op() depends on it. */
enum lazy_op {
    LAZY_NONE, /* the flags are in eflags */
    LAZY_ADD8,
    LAZY_ADD16,
    LAZY_ADD32,
    LAZY_ADC8,
    LAZY_ADC16,
    LAZY_ADC32,
    LAZY_SUB8,
    LAZY_SUB16,
    LAZY_SUB32, /* CMP and NEG too: NEG is SUB with a = 0 */
    LAZY_SBB8,
    LAZY_SBB16,
    LAZY_SBB32,
    LAZY_LOGIC8,
    LAZY_LOGIC16,
    LAZY_LOGIC32, /* AND OR XOR TEST: AF undefined, we clear it */
    LAZY_INC8,
    LAZY_INC16,
    LAZY_INC32,
    LAZY_DEC8,
    LAZY_DEC16,
    LAZY_DEC32,
    LAZY_SHL8,
    LAZY_SHL16,
    LAZY_SHL32, /* a: operand << (n - 1) */
    LAZY_SHR8,
    LAZY_SHR16,
    LAZY_SHR32, /* a: operand >> (n - 1) */
    LAZY_SAR8,
    LAZY_SAR16,
    LAZY_SAR32, /* a: operand >> (n - 1), arithmetic */
    LAZY_MUL8,
    LAZY_MUL16,
    LAZY_MUL32, /* res: lower half; b: not 0 when the upper half is significant */
    LAZY_CMP8,  /* a - b */
    LAZY_CMP16,
    LAZY_CMP32,
    LAZY_SUM8, /* a + b */
    LAZY_SUM16,
    LAZY_SUM32,
    LAZY_TEST8, /* a & b */
    LAZY_TEST16,
    LAZY_TEST32,
    LAZY_ADDED8, /* ADD by res and b */
    LAZY_ADDED16,
    LAZY_ADDED32,
    LAZY_SUBBED8, /* SUB by res and b */
    LAZY_SUBBED16,
    LAZY_SUBBED32,
    LAZY_SHLN8, /* a << LAZY_COUNT, which is 1 to 31 */
    LAZY_SHLN16,
    LAZY_SHLN32,
    LAZY_SHRN8, /* a >> LAZY_COUNT */
    LAZY_SHRN16,
    LAZY_SHRN32,
    LAZY_SARN8,
    LAZY_SARN16,
    LAZY_SARN32,
    LAZY_IMUL8, /* a * b, signed */
    LAZY_IMUL16,
    LAZY_IMUL32,
    LAZY_OPS
};

/* Parts of lazy.op above the operation. */
#define LAZY_STEP_SHIFT  8
#define LAZY_STEP(op)    ((u32)(op) << LAZY_STEP_SHIFT)
#define LAZY_COUNT_SHIFT 16
#define LAZY_COUNT(n)    ((u32)(n) << LAZY_COUNT_SHIFT)

/* ORDER: as lazy_op. */
enum lazy_rotate {
    LAZY_ROL8 = 1,
    LAZY_ROL16,
    LAZY_ROL32,
    LAZY_ROR8,
    LAZY_ROR16,
    LAZY_ROR32,
};
#define LAZY_ROTATED_SHIFT 24
#define LAZY_ROTATED(kind) ((u32)(kind) << LAZY_ROTATED_SHIFT)
#define LAZY_ROTATED_OF    (0x80u << LAZY_STEP_SHIFT)

/* CF and OF of a rotate by its result, of which `bits` count: CF is the bit that went round, OF as for a count of one.
 * (SDM vol. 2, RCL/RCR/ROL/ROR) */
static inline u32 flags_rotate(u32 res, unsigned bits, bool right)
{
    u32 top = res >> (bits - 1) & 1, carry = right ? top : res & 1;
    u32 other = right ? res >> (bits - 2) & 1 : carry;

    return (carry ? FL_CF : 0) | (top != other ? FL_OF : 0);
}

/* The six arithmetic flags of a lazy state (eflags' own when op is LAZY_NONE). */
u32 flags_compute(u32 eflags, const struct lazy_flags *lazy);

/* All of EFLAGS, exact, bit 1 set. Leaves the lazy state as it is. */
static inline u32 flags_get(const struct cpu *cpu)
{
    return (cpu->eflags & ~FL_ARITH) | flags_compute(cpu->eflags, &cpu->lazy);
}

/* Moves lazy flags into eflags. */
static inline void flags_settle(struct cpu *cpu)
{
    if (cpu->lazy.op != LAZY_NONE) {
        cpu->eflags = flags_get(cpu);
        cpu->lazy.op = LAZY_NONE;
    }
}

/* Replaces the arithmetic flags in mask by those in bits, the others stay. */
static inline void flags_put(struct cpu *cpu, u32 mask, u32 bits)
{
    flags_settle(cpu);
    cpu->eflags = (cpu->eflags & ~mask) | (bits & mask);
}

/* Sets all of EFLAGS (bit 1 forced, reserved bits dropped); the caller checks rights and calls
 * cpu_update_mode() when TF, DF, VM or AC may have changed. */
static inline void flags_set(struct cpu *cpu, u32 eflags)
{
    cpu->lazy.op = LAZY_NONE;
    cpu->eflags = (eflags & 0x003f7fd7u) | FL_ONE;
}

/* Condition code cc (0-15 as in Jcc's opcode) on the flags. */
bool flags_cond_of(u32 eflags, unsigned cc);

static inline bool flags_cond(const struct cpu *cpu, unsigned cc)
{
    return flags_cond_of(flags_compute(cpu->eflags, &cpu->lazy), cc);
}

/* CF alone: ADC, SBB, RCL and INC ask for it often. */
u32 flags_cf(const struct cpu *cpu);

#endif
