/* Where the operands and the result of a producer are, for native code that stores flags late or makes them again. */
#include "translate/flags/restore.h"

/* A high byte is one only in the registers that have such, and as it is; the other temporaries are in memory. */
static bool find(const struct past *t, u8 offset, unsigned then, struct term *v)
{
    if (!term_before(t, offset, then, v))
        return false;
    if (offset & 3)
        return !v->n && v->slot <= R_EBX;
    return v->slot <= R_T1 || v->slot == R_ZERO;
}

bool late_result(const struct uop *uop, unsigned p, unsigned now)
{
    struct past t = {.uop = uop, .now = now, .by_register = true};
    struct term v;

    return find(&t, uop[p].d, p + 1, &v);
}

/* The producer of the carry that micro-op p reads, when that can be made again before `now`; or -1. */
static int carry_of(const struct uop *uop, unsigned p, unsigned now)
{
    struct sources s;
    unsigned q = p;

    while (q-- > 0) {
        u16 traits = uop_info[uop[q].op].traits;

        if (uop_is_flag_call(&uop[q]))
            return -1;
        if (!(uop_flags_written(&uop[q]) & UF_C))
            continue;
        if (traits & UT_MAY || uop_is_carried(uop[q].op) || !late_sources(uop, q, now, false, &s))
            return -1;
        return (int)q;
    }
    return -1;
}

bool late_sources(const struct uop *uop, unsigned p, unsigned now, bool store, struct sources *s)
{
    struct past t = {.uop = uop, .now = now, .by_register = true};
    const struct uop *u = &uop[p];
    unsigned op = u->op - (uop_info[u->op].traits & UT_STORES ? 1u : 0u);

    if (!(uop_info[op].traits & UT_PAIR))
        return false;
    s->has_a = find(&t, u->a, p, &s->a);
    s->has_b = find(&t, u->b, p, &s->b);
    s->b.n += u->imm;
    s->has_res = uop_slots_written(u) && find(&t, u->d, p + 1, &s->res);
    switch ((enum uop_op)op) {
    case U_add8 ... U_add32_f:
    case U_sub8 ... U_sub32_f: return (s->has_res || s->has_a) && s->has_b;
    case U_cmp8 ... U_test32_f: return s->has_a && s->has_b;
    case U_imul16 ... U_imul32_f: return store && s->has_a && s->has_b;
    case U_or8 ... U_or32_f:
    case U_and8 ... U_and32_f:
    case U_xor8 ... U_xor32_f:
    case U_inc8 ... U_neg32_f: return s->has_res;
    case U_adc8 ... U_sbb32_f:
        s->carry = carry_of(uop, p, now);
        return store && s->has_res && s->has_b && s->carry >= 0;
    case U_shl8 ... U_sar32_f: return store && s->has_a;
    case U_bsf32 ... U_bsr32_f: return s->has_a;
    case U_mul32:
    case U_mul32_f:
        return store && term_before(&t, REG32(R_EAX), p + 1, &s->res) &&
               term_before(&t, REG32(R_EDX), p + 1, &s->b);
    case U_rol8 ... U_ror32_f: return !store && s->has_res;
    case U_bt16 ... U_bt32_f: return !store && s->has_a && s->has_b;
    default: return false;
    }
}
