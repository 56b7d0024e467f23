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
        if (traits & UT_MAYBE_FLAGS || uop_is_carried(uop[q].op) ||
            !late_sources(uop, q, now, false, &s))
            return -1;
        return (int)q;
    }
    return -1;
}

bool late_sources(const struct uop *uop, unsigned p, unsigned now, bool store, struct sources *s)
{
    struct past t = {.uop = uop, .now = now, .by_register = true};
    const struct uop *u = &uop[p];

    if (!uop_is_producer(u->op))
        return false;
    s->has_a = find(&t, u->a, p, &s->a);
    s->has_b = find(&t, u->b, p, &s->b);
    s->b.n += u->imm;
    s->has_res = uop_slots_written(u) && find(&t, u->d, p + 1, &s->res);
    switch (uop_family(u->op)) {
    case UFAM_BINARY:
        return uop_kind(u->op) == UK_add || uop_kind(u->op) == UK_sub
                   ? (s->has_res || s->has_a) && s->has_b
                   : s->has_res;
    case UFAM_COMPARE: return s->has_a && s->has_b;
    case UFAM_IMUL: return store && s->has_a && s->has_b;
    case UFAM_STEP:
    case UFAM_UNARY: return s->has_res;
    case UFAM_CARRY:
        s->carry = carry_of(uop, p, now);
        return store && s->has_res && s->has_b && s->carry >= 0;
    case UFAM_SHIFT: return store && s->has_a;
    case UFAM_SCAN: return s->has_a;
    case UFAM_MUL:
        return store && uop_kind(u->op) == UK_mul &&
               term_before(&t, REG32(R_EAX), p + 1, &s->res) &&
               term_before(&t, REG32(R_EDX), p + 1, &s->b);
    case UFAM_ROTATE: return !store && s->has_res;
    case UFAM_BIT_TEST: return !store && s->has_a && s->has_b;
    default: return false;
    }
}
