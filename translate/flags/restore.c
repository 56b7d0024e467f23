/* From a position inside a block back to exact guest state: EIP, EFLAGS and the instruction count.
 *
 * Registers are always exact at a fault, since the lowering writes them only after everything that can
 * fault in an instruction. Flags are not always stored by their producer (opt_flags.c): those that
 * could only be seen by a fault are recomputed here from the registers that still hold the producer's result
 * and operands. */
#include "translate/engine.h"
#include "translate/flags/restore.h"

#include "cpu/flags.h"

/* a op (b + imm) of producer p, as far as can be had. */
struct terms {
    bool has_a, has_b, has_res;
    u32 a, b, res;
};

static void find_terms(const struct past *t, unsigned p, struct terms *v)
{
    const struct uop *u = &t->uop[p];
    const struct uop_info *info = &uop_info[u->op];
    u32 mask = info->size == 4 ? 0xffffffffu : (1u << info->size * 8) - 1;

    v->has_a = value_before(t, u->a, info->size, p, &v->a);
    v->has_b = value_before(t, u->b, info->size, p, &v->b);
    if (info->format != UFMT_DABI)
        v->b = (v->b + u->imm) & mask;
    v->has_res = info->format != UFMT_AB && info->format != UFMT_MUL &&
                 value_before(t, u->d, info->size, p + 1, &v->res);
}

static bool stores_flags(const struct uop *u)
{
    return !(uop_info[u->op].traits & UT_PAIR) && uop_flags_written(u);
}

static bool flags_of(const struct past *t, unsigned p, bool outer, u32 *mask, u32 *bits);

/* CF before micro-op p, when it can be had: from registers, or, for `outer`, from what is stored. The flag pass has
 * not decided yet what micro-ops before p store, but for what p reads. */
static bool carry_before(const struct past *t, unsigned p, bool outer, u32 *carry)
{
    const struct uop *u = &t->uop[p];
    u32 mask, bits;
    bool stored = true;

    while (u-- > t->uop) {
        if (uop_is_flag_call(u))
            break;
        if (!(uop_flags_written(u) & UF_C))
            continue;
        if (flags_of(t, (unsigned)(u - t->uop), false, &mask, &bits) && mask & FL_CF) {
            *carry = bits & FL_CF;
            return true;
        }
        stored = stores_flags(u);
        break;
    }
    *carry = t->carry;
    for (unsigned i = p; i < t->now; i++)
        if (stores_flags(&t->uop[i]))
            return false;
    if (!t->cpu)
        stored = !t->late || !opt_flags_unstored(t->uop, p, UF_C);
    return outer && stored;
}

static bool add_carry(const struct past *t, unsigned p, bool outer, bool adds, struct terms *v)
{
    const struct uop *u = &t->uop[p];
    u32 carry;

    if (!adds && u->a == u->b && !u->imm && v->has_res) { /* the operand does not matter */
        v->a = v->b = 0;
        return true;
    }
    if (v->has_a + v->has_b + v->has_res < 2)
        return false;
    if (v->has_a && v->has_b && v->has_res)
        return true;
    if (!carry_before(t, p, outer, &carry))
        return false;
    if (!v->has_res)
        v->res = adds ? v->a + v->b + carry : v->a - v->b - carry;
    else if (!v->has_a)
        v->a = adds ? v->res - v->b - carry : v->res + v->b + carry;
    else
        v->b = adds ? v->res - v->a - carry : v->a - v->res - carry;
    return true;
}

/* The rest of v, when the flags of producer p follow from what is there. */
static bool complete(const struct past *t, unsigned p, bool outer, struct terms *v)
{
    const struct uop *u = &t->uop[p];
    enum uop_kind kind = uop_kind(u->op);

    switch ((enum lazy_op)uop_info[u->op].lazy) {
    case LAZY_ADD8 ... LAZY_ADD32:
        if (v->has_b && !v->has_a)
            v->a = v->res - v->b;
        else if (v->has_b && !v->has_res)
            v->res = v->a + v->b;
        return v->has_a + v->has_b + v->has_res >= 2;
    case LAZY_SUB8 ... LAZY_SUB32:
        if (kind == UK_neg) { /* 0 - a */
            v->res = v->has_res ? v->res : -v->a;
            v->a = 0;
            return v->has_res || v->has_a;
        }
        if (v->has_b && !v->has_a)
            v->a = v->res + v->b;
        else if (v->has_b && !v->has_res)
            v->res = v->a - v->b;
        return v->has_a + v->has_b + v->has_res >= 2;
    case LAZY_ADC8 ... LAZY_ADC32: return add_carry(t, p, outer, true, v);
    case LAZY_SBB8 ... LAZY_SBB32: return add_carry(t, p, outer, false, v);
    case LAZY_LOGIC8 ... LAZY_LOGIC32:
        if (v->has_res)
            return true;
        if (kind == UK_xor) {
            v->res = v->a ^ v->b;
            if (u->a != u->b || u->imm)
                return v->has_a && v->has_b;
            v->res = 0;
            return true;
        }
        v->res = kind == UK_or ? v->a | v->b : v->a & v->b;
        return v->has_a && v->has_b;
    case LAZY_INC8 ... LAZY_INC32:
        v->res = v->has_res ? v->res : v->a + 1;
        return v->has_res || v->has_a;
    case LAZY_DEC8 ... LAZY_DEC32:
        v->res = v->has_res ? v->res : v->a - 1;
        return v->has_res || v->has_a;
    case LAZY_SHLN8 ... LAZY_SARN32: return v->has_a;
    case LAZY_IMUL8 ... LAZY_IMUL32: return v->has_a && v->has_b;
    default: return false;
    }
}

/* The producers that have no lazy operation: rotates by a constant, and BT. */
static bool partial_flags(const struct uop *u, const struct terms *v, u32 *mask, u32 *bits)
{
    const struct uop_info *info = &uop_info[u->op];
    unsigned top = info->size * 8 - 1;

    if (info->family == UFAM_BIT_TEST) {
        *mask = FL_CF;
        *bits = v->a >> (v->b & top) & 1 ? FL_CF : 0;
        return v->has_a && v->has_b;
    }
    if (info->family != UFAM_ROTATE)
        return false;
    *mask = FL_CF | FL_OF;
    *bits = flags_rotate(v->res, info->size * 8, info->kind == UK_ror);
    return v->has_res;
}

/* Those of MUL to SHRD. */
static bool double_flags(const struct past *t, unsigned p, const struct terms *v, u32 *bits)
{
    struct lazy_flags lazy = {.op = LAZY_MUL32};
    const struct uop_info *info = &uop_info[t->uop[p].op];
    unsigned n = t->uop[p].imm;
    bool left = info->kind == UK_shld;
    u32 upper;

    if (info->family == UFAM_MUL) {
        if (!value_before(t, REG32(R_EAX), 4, p + 1, &lazy.res) ||
            !value_before(t, REG32(R_EDX), 4, p + 1, &upper))
            return false;
        lazy.b = info->kind == UK_mul ? upper : upper ^ (u32)((i32)lazy.res >> 31);
    } else if (info->family == UFAM_SCAN) {
        lazy = (struct lazy_flags){.op = LAZY_LOGIC32, .res = v->a};
        if (!v->has_a)
            return false;
    } else { /* as a single shift whose last step did the same */
        u64 wide = left ? (u64)v->a << 32 | v->b : (u64)v->b << 32 | v->a;

        lazy.op = info->lazy;
        lazy.a = (u32)(left ? wide << (n - 1) >> 32 : wide >> (n - 1));
        lazy.res = (u32)(left ? wide << n >> 32 : wide >> n);
        if (!v->has_a || !v->has_b)
            return false;
    }
    *bits = t->cpu ? flags_compute(0, &lazy) : 0;
    return true;
}

static bool flags_of(const struct past *t, unsigned p, bool outer, u32 *mask, u32 *bits)
{
    const struct uop *u = &t->uop[p];
    const struct uop_info *info = &uop_info[u->op];
    u32 size_mask = info->size == 4 ? 0xffffffffu : (1u << info->size * 8) - 1;
    struct lazy_flags lazy = {.op = info->lazy};
    struct terms v;

    if (!uop_is_producer(u->op))
        return false;
    find_terms(t, p, &v);
    if (info->family == UFAM_MUL || info->family == UFAM_SCAN || info->family == UFAM_DOUBLE) {
        *mask = FL_ARITH;
        return double_flags(t, p, &v, bits);
    }
    if (lazy.op == LAZY_NONE)
        return partial_flags(u, &v, mask, bits);
    if (!complete(t, p, outer, &v))
        return false;
    if (info->family == UFAM_SHIFT)
        lazy.op |= LAZY_COUNT(u->imm);
    lazy.res = v.res & size_mask;
    lazy.a = v.a & size_mask;
    lazy.b = v.b & size_mask;
    *mask = info->family == UFAM_STEP ? FL_ARITH & ~FL_CF : FL_ARITH;
    *bits = t->cpu ? flags_compute(0, &lazy) & *mask : 0;
    return true;
}

bool restore_flags(const struct past *t, unsigned p, u32 *mask, u32 *bits)
{
    return flags_of(t, p, true, mask, bits);
}

void restore_leave(struct translator *tr, struct block *block, unsigned at)
{
    tr->cpu->budget += block->insns - block->uop[at].insn;
    tr->block = NULL;
}

void restore_state(struct translator *tr, struct block *block, unsigned at)
{
    struct cpu *cpu = tr->cpu;
    unsigned insn = block->uop[at].insn;
    unsigned first = block->insn_uop[insn];
    struct past past = {
        .uop = block->uop, .now = at, .cpu = cpu, .carry = flags_cf(cpu) ? FL_CF : 0};
    unsigned i, start = 0;

    /* Flags as the last storing micro-op left them, then what later ones would have written. */
    for (i = 0; i < first; i++)
        if (stores_flags(&block->uop[i]))
            start = i + 1;
    for (i = start; i < first; i++) {
        u32 mask, bits;

        if ((uop_info[block->uop[i].op].traits & UT_PAIR) && block->uop[i].live &&
            restore_flags(&past, i, &mask, &bits))
            flags_put(cpu, mask, bits);
    }
    cpu->eip = eip_add(block->eip, (u32)block->insn_offset[insn]);
    restore_leave(tr, block, at);
}
