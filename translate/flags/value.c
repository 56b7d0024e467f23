/* What a register held earlier in a block, from what the registers hold now.
 *
 * The value may still be in the register; or in another one that it was copied to or from; or in the register
 * after additions and the like, which can be undone. Whether it can be had depends on the micro-ops alone. */
#include "translate/flags/restore.h"

enum { DEPTH = 4 }; /* registers that a value may have come through */

static bool value(const struct past *t, unsigned slot, unsigned then, unsigned depth,
                  struct term *v);

static bool is_number(const struct term *v)
{
    return v->slot == R_ZERO;
}

/* v += w, or v -= w. */
static bool add(struct term *v, const struct term *w)
{
    if (is_number(v))
        v->slot = w->slot;
    else if (!is_number(w))
        return false;
    v->n += w->n;
    return true;
}

static bool subtract(struct term *v, const struct term *w)
{
    v->n -= w->n;
    return is_number(w);
}

/* R[u->b] + imm before micro-op i. */
static bool value_b(const struct past *t, unsigned i, unsigned depth, struct term *v)
{
    const struct uop *u = &t->uop[i];

    if (!value(t, u->b >> 2, i, depth, v))
        return false;
    v->n += u->imm;
    return true;
}

static u32 rotated(u32 v, unsigned left)
{
    return v << (left & 31) | v >> (-left & 31);
}

/* What LEA number i added to the one of its registers that is this slot. */
static bool lea_added(const struct past *t, unsigned i, unsigned slot, unsigned depth,
                      struct term *v)
{
    const struct uop *u = &t->uop[i];
    unsigned a = u->a >> 2, b = u->b >> 2;

    if (a == slot && b != slot) {
        if (!value(t, b, i, depth, v) || !(is_number(v) || u->scale == 0))
            return false;
        v->n = (v->n << u->scale) + u->imm;
        return true;
    }
    if (b != slot || a == slot || u->scale || !value(t, a, i, depth, v))
        return false;
    v->n += u->imm;
    return true;
}

/* The value of a slot before micro-op i, which is the next to write it, from that after. */
static bool undo(const struct past *t, unsigned slot, unsigned i, unsigned depth, struct term *v)
{
    const struct uop *u = &t->uop[i];
    struct term w;

    if (u->d != REG32(slot) || !value(t, slot, i + 1, depth, v))
        return false;
    if (u->op == U_lea32)
        return depth && lea_added(t, i, slot, depth - 1, &w) && subtract(v, &w);
    if (u->a != u->d)
        return false;
    switch (u->op) {
    case U_add32:
    case U_add32_f:
    case U_sub32:
    case U_sub32_f:
    case U_xor32:
    case U_xor32_f:
        if (u->b == u->d || !depth || !value_b(t, i, depth - 1, &w))
            return false;
        if (uop_kind(u->op) == UK_add)
            return subtract(v, &w);
        if (uop_kind(u->op) == UK_sub)
            return add(v, &w);
        v->n ^= w.n;
        return is_number(v) && is_number(&w);
    case U_inc32:
    case U_inc32_f: v->n -= 1; return true;
    case U_dec32:
    case U_dec32_f: v->n += 1; return true;
    case U_neg32:
    case U_neg32_f: v->n = -v->n; return is_number(v);
    case U_not32: v->n = ~v->n; return is_number(v);
    case U_bswap: v->n = __builtin_bswap32(v->n); return is_number(v);
    case U_rol32:
    case U_rol32_f: v->n = rotated(v->n, 32 - u->imm); return is_number(v);
    case U_ror32:
    case U_ror32_f: v->n = rotated(v->n, u->imm); return is_number(v);
    default: return false;
    }
}

/* The value that a slot had from its last write before micro-op `then` to the next one, `end`, from what it was
 * copied to or from. */
static bool copied(const struct past *t, unsigned slot, unsigned then, unsigned end, unsigned depth,
                   struct term *v)
{
    while (end-- > 0) {
        const struct uop *u = &t->uop[end];

        if (end < then && uop_slots_written(u) >> slot & 1)
            return u->op == U_mov32 && value_b(t, end, depth, v);
        if (u->op == U_mov32 && u->b == REG32(slot) && value(t, u->d >> 2, end + 1, depth, v)) {
            v->n -= u->imm;
            return true;
        }
    }
    return false;
}

/* The temporary that a call writes: what is made of the call in line may have used its register before it faults. */
static bool is_lost(const struct past *t, unsigned slot)
{
    const struct uop *u = &t->uop[t->now];

    return slot >= R_T0 && slot < R_T5 && uop_family(u->op) == UFAM_CALL && u->d == REG32(slot);
}

static bool value(const struct past *t, unsigned slot, unsigned then, unsigned depth,
                  struct term *v)
{
    unsigned i;

    *v = (struct term){.slot = R_ZERO};
    if (slot == R_ZERO)
        return true;
    if (slot == R_T5) /* engines make addresses there */
        return false;
    for (i = then; i < t->now && !(uop_slots_written(&t->uop[i]) >> slot & 1); i++)
        ;
    if (i == t->now && is_lost(t, slot))
        return depth && copied(t, slot, then, i, depth - 1, v);
    if (i == t->now) {
        if (t->used)
            *t->used |= 1u << slot;
        if (t->by_register)
            v->slot = (u8)slot;
        else if (t->cpu)
            v->n = t->cpu->r[slot];
        return true;
    }
    return undo(t, slot, i, depth, v) || (depth && copied(t, slot, then, i, depth - 1, v));
}

bool term_before(const struct past *t, u8 offset, unsigned then, struct term *v)
{
    return value(t, offset >> 2, then, DEPTH, v);
}

bool value_before(const struct past *t, u8 offset, unsigned size, unsigned then, u32 *v)
{
    struct term term;

    if (!term_before(t, offset, then, &term))
        return false;
    *v = term.n >> (offset & 3) * 8;
    if (size < 4)
        *v &= (1u << size * 8) - 1;
    return true;
}
