/* From a position inside a block back to exact guest state: EIP, EFLAGS and the instruction count.
 *
 * Registers are always exact at a fault, since the lowering writes them only after everything that can
 * fault in an instruction. Flags are not always stored by their producer (opt_flags.c): those that
 * could only be seen by a fault are recomputed here from the registers that still hold the producer's result
 * and operands. */
#include "translate/block.h"
#include "translate/engine.h"

#include "cpu/flags.h"

/* The lazy operation of a producer; LAZY_NONE for those that have no recoverable form. */
static enum lazy_op lazy_of(unsigned op)
{
    switch (op) {
    case U_add8: return LAZY_ADD8;
    case U_add16: return LAZY_ADD16;
    case U_add32: return LAZY_ADD32;
    case U_sub8:
    case U_cmp8:
    case U_neg8: return LAZY_SUB8;
    case U_sub16:
    case U_cmp16:
    case U_neg16: return LAZY_SUB16;
    case U_sub32:
    case U_cmp32:
    case U_neg32: return LAZY_SUB32;
    case U_and8:
    case U_or8:
    case U_xor8:
    case U_test8: return LAZY_LOGIC8;
    case U_and16:
    case U_or16:
    case U_xor16:
    case U_test16: return LAZY_LOGIC16;
    case U_and32:
    case U_or32:
    case U_xor32:
    case U_test32: return LAZY_LOGIC32;
    case U_inc8: return LAZY_INC8;
    case U_inc16: return LAZY_INC16;
    case U_inc32: return LAZY_INC32;
    case U_dec8: return LAZY_DEC8;
    case U_dec16: return LAZY_DEC16;
    case U_dec32: return LAZY_DEC32;
    default: return LAZY_NONE;
    }
}

enum restore_source restore_source_of(const struct uop *uop)
{
    switch (uop->op) {
    case U_add8:
    case U_add16:
    case U_add32:
    case U_sub8:
    case U_sub16:
    case U_sub32:
        /* With a source equal to the destination (add eax, eax) the operand is gone. */
        return uop->b >> 2 == uop->d >> 2 ? RESTORE_NEVER : RESTORE_RES_B;
    case U_cmp8:
    case U_cmp16:
    case U_cmp32:
    case U_test8:
    case U_test16:
    case U_test32:
    case U_bt16:
    case U_bt32: return RESTORE_A_B;
    case U_and8:
    case U_and16:
    case U_and32:
    case U_or8:
    case U_or16:
    case U_or32:
    case U_xor8:
    case U_xor16:
    case U_xor32:
    case U_neg8:
    case U_neg16:
    case U_neg32:
    case U_inc8:
    case U_inc16:
    case U_inc32:
    case U_dec8:
    case U_dec16:
    case U_dec32:
    case U_rol8:
    case U_rol16:
    case U_rol32:
    case U_ror8:
    case U_ror16:
    case U_ror32: return RESTORE_RES;
    default: return RESTORE_NEVER;
    }
}

static u32 read_reg(const struct cpu *cpu, u8 offset, unsigned size)
{
    u32 value = 0;

    __builtin_memcpy(&value, cpu->file + offset, size);
    return value;
}

/* The partial writers that have no lazy operation: rotates by a constant, and BT. */
static void partial_flags(const struct cpu *cpu, const struct uop *uop, u32 *mask, u32 *bits)
{
    unsigned size = uop_info[uop->op].size, top = size * 8 - 1;
    u32 v;

    if (uop->op == U_bt16 || uop->op == U_bt32) {
        v = read_reg(cpu, uop->a, size) >> ((read_reg(cpu, uop->b, size) + uop->imm) & top);
        *mask = FL_CF;
        *bits = v & 1 ? FL_CF : 0;
        return;
    }
    v = read_reg(cpu, uop->d, size);
    *mask = FL_CF | FL_OF;
    if (uop->op <= U_rol32)
        *bits = (v & 1 ? FL_CF : 0) | ((v >> top ^ v) & 1 ? FL_OF : 0);
    else
        *bits = (v >> top & 1 ? FL_CF : 0) | ((v >> top ^ v >> (top - 1)) & 1 ? FL_OF : 0);
}

bool restore_flags_of(const struct cpu *cpu, const struct uop *uop, u32 *mask, u32 *bits)
{
    unsigned size = uop_info[uop->op].size;
    u32 size_mask = size == 4 ? 0xffffffffu : (1u << size * 8) - 1;
    struct lazy_flags lazy = {.op = lazy_of(uop->op)};
    u32 b = (read_reg(cpu, uop->b, size) + uop->imm) & size_mask;

    if (lazy.op == LAZY_NONE && restore_source_of(uop) != RESTORE_NEVER) {
        partial_flags(cpu, uop, mask, bits);
        return true;
    }
    switch (restore_source_of(uop)) {
    case RESTORE_NEVER: return false;
    case RESTORE_RES: lazy.res = read_reg(cpu, uop->d, size); break;
    case RESTORE_RES_B:
        lazy.res = read_reg(cpu, uop->d, size);
        lazy.a = lazy.op <= LAZY_ADD32 ? lazy.res - b : lazy.res + b;
        break;
    case RESTORE_A_B:
        lazy.a = read_reg(cpu, uop->a, size);
        lazy.res = lazy.op >= LAZY_LOGIC8 ? lazy.a & b : lazy.a - b;
        break;
    }
    lazy.res &= size_mask;
    lazy.a &= size_mask;
    *mask = FL_ARITH;
    if (lazy.op >= LAZY_INC8 && lazy.op <= LAZY_DEC32)
        *mask &= ~FL_CF;
    *bits = flags_compute(0, &lazy) & *mask;
    return true;
}

void restore_state(struct translator *tr, struct block *block, unsigned at)
{
    struct cpu *cpu = tr->cpu;
    unsigned insn = block->uop[at].insn;
    unsigned first = block->insn_uop[insn];
    unsigned i, start = 0;

    /* Flags as the last storing micro-op left them, then what later ones would have written. */
    for (i = 0; i < first; i++)
        if (!(uop_info[block->uop[i].op].traits & UT_PAIR) && uop_flags_written(&block->uop[i]))
            start = i + 1;
    for (i = start; i < first; i++) {
        u32 mask, bits;

        if ((uop_info[block->uop[i].op].traits & UT_PAIR) && block->uop[i].live &&
            restore_flags_of(cpu, &block->uop[i], &mask, &bits))
            flags_put(cpu, mask, bits);
    }
    cpu->eip = block->eip + block->insn_offset[insn];
    cpu->budget += block->insns - insn;
    tr->block = NULL;
}
