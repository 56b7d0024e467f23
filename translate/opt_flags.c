/* Backward flag pass: which producers store their flags, and which bits of them anybody may read.
 *
 * Flags have two kinds of readers. Real ones - conditions, ADC, helpers, the end of the block - need
 * the flags stored. A fault in between only needs them if it happens: as long as the producer's result
 * and operands are still in their registers there, restore.c recomputes them, and the producer stores
 * nothing. For an engine that stores flags late, at exits whose target wants them, conditions and exits
 * count as faults do. */
#include "translate/restore.h"

static bool may_store(const struct uop *uop)
{
    return uop_info[uop->op].traits & UT_STORE ||
           ((uop_info[uop->op].traits & UT_CALL) && uop_may_fault(uop));
}

/* Whether a block may be left for good between micro-ops i - 1 and i: at an instruction's start, after
 * one that may have modified the block (U_stop). */
static bool may_stop(const struct uop *uop, unsigned i)
{
    unsigned j;

    if (i == 0 || uop[i].insn == uop[i - 1].insn)
        return false;
    for (j = i - 1; uop[j].insn == uop[i - 1].insn; j--) {
        if (may_store(&uop[j]))
            return true;
        if (j == 0)
            break;
    }
    return false;
}

/* Slots that the flags of a producer can be recomputed from; 0: none. */
static u32 slots_needed(const struct uop *producer)
{
    switch (restore_source_of(producer)) {
    case RESTORE_NEVER: return 0;
    case RESTORE_RES: return 1u << (producer->d >> 2);
    case RESTORE_RES_B: return 1u << (producer->d >> 2) | 1u << (producer->b >> 2);
    case RESTORE_A_B: return 1u << (producer->a >> 2) | 1u << (producer->b >> 2);
    }
    return 0;
}

/* An unstored producer of some flags only cannot be stored at an exit, unless by its lazy operation. */
static bool storable_late(unsigned op)
{
    return uop_info[op].flags_written == UF_ALL || (op >= U_inc8 && op <= U_dec32);
}

/* Whether everyone who could see flags `seen` of producer p can recompute them from registers: faults, as
 * restore.c does, and with `late` the exits, from the registers themselves. */
static bool recoverable(const struct uop *uop, unsigned count, unsigned p, u8 seen, bool late)
{
    const struct uop *producer = &uop[p];
    u32 needed = slots_needed(producer), lost = 0, mask, bits;
    unsigned i;

    for (i = p + 1; i < count && seen; i++) {
        bool gone = !needed || lost & needed;

        if (gone && late && uop_info[uop[i].op].traits & (UT_END | UT_SIDE))
            return false;
        if (late && uop_info[uop[i].op].traits & (UT_END | UT_SIDE) && !storable_late(producer->op))
            return false;
        if (gone && uop[i].insn != producer->insn && (uop_may_fault(&uop[i]) || may_stop(uop, i)) &&
            !restore_flags(&(struct past){.uop = uop, .now = i, .late = late}, p, &mask, &bits))
            return false;
        lost |= uop_slots_written(&uop[i]);
        if (!(uop_info[uop[i].op].traits & UT_MAY))
            seen &= (u8)~uop_flags_written(&uop[i]);
    }
    return true;
}

/* The storing twin's plain form. */
static unsigned plain_of(unsigned op)
{
    return uop_info[op].traits & UT_STORES ? op - 1 : op;
}

/* Z, S and P can be had from the result of these. */
static bool has_result(unsigned op)
{
    return (op >= U_add8 && op < U_cmp8) || (op >= U_inc8 && op < U_not8) ||
           (op >= U_shl8 && op < U_rol8);
}

int opt_flags_source(const struct uop *uop, unsigned i, u8 need)
{
    u32 lost = 0;
    int p;

    for (p = (int)i - 1; p >= 0; p--) {
        struct uop plain = uop[p];
        u8 written = uop_flags_written(&plain);

        if (uop_info[plain.op].traits & UT_CALL && (written || uop_flags_read(&plain)))
            return -1;
        if (written & need) {
            u32 needed;

            plain.op = (u16)plain_of(plain.op);
            if (need & ~uop_info[plain.op].flags_written || uop_info[plain.op].traits & UT_MAY)
                return -1;
            if (!(need & ~(UF_Z | UF_S | UF_P)) && has_result(plain.op) &&
                !(lost >> (plain.d >> 2) & 1))
                return p;
            needed = slots_needed(&plain);
            if (plain.op >= U_rol8 && plain.op <= U_ror32_f && need != UF_C)
                return -1;
            return needed && !(lost & needed) ? p : -1;
        }
        lost |= uop_slots_written(&plain);
    }
    return -1;
}

/* Flags that micro-op i reads: into *stored those that must have been stored for it. */
static u8 reads(const struct uop *uop, unsigned i, bool late, u8 *stored)
{
    const struct uop *u = &uop[i];
    u8 need = uop_flags_read(u);

    if (late && uop_info[u->op].traits & (UT_END | UT_SIDE))
        need = u->op == U_jcc || u->op == U_side ? uop_cc_flags(u->aux) : 0;
    *stored = need;
    if (late &&
        (u->op == U_jcc || u->op == U_side || uop_info[u->op].traits & UT_CC ||
         (u->op >= U_adc8 && u->op < U_and8)) &&
        opt_flags_source(uop, i, need) >= 0)
        *stored = 0;
    return need;
}

bool opt_flags(struct uop *uop, unsigned count, bool late)
{
    u8 live = 0, seen = 0; /* needed stored by a reader; visible to a fault or behind the exit */
    unsigned i = count;

    while (i-- > 0) {
        struct uop *u = &uop[i];
        bool may = uop_info[u->op].traits & UT_MAY;
        u8 written = uop_flags_written(u);
        u8 needed = written & live, stored;

        if (i + 1 < count && may_stop(uop, i + 1))
            seen = UF_ALL;
        if (uop_info[u->op].traits & UT_PAIR) {
            u->live = written & (live | seen);
            if (needed || (u->live && !recoverable(uop, count, i, u->live, late))) {
                /* The store merges with what was stored before where it does not define all flags. */
                u->op++;
                live |= seen;
            }
        }
        if (!may) {
            live &= (u8)~written;
            seen &= (u8)~written;
        }
        seen |= reads(uop, i, late, &stored);
        live |= stored;
        if (uop_may_fault(u) || uop_info[u->op].traits & (UT_END | UT_SIDE))
            seen = UF_ALL;
    }
    return seen == 0;
}
