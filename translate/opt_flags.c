/* Backward flag pass: which producers store their flags, and which bits of them anybody may read.
 *
 * Flags have two kinds of readers. Real ones - conditions, ADC, helpers, the end of the block - need
 * the flags stored. A fault in between only needs them if it happens: as long as the producer's result
 * and operands are still in their registers there, restore.c recomputes them, and the producer stores
 * nothing. */
#include "translate/block.h"

static bool may_store(const struct uop *uop)
{
    return uop_info[uop->op].traits & UT_STORE || ((uop_info[uop->op].traits & UT_CALL) && uop_may_fault(uop));
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

/* Whether every fault that could see flags `seen` of producer p can recompute them from registers. */
static bool recoverable(const struct uop *uop, unsigned count, unsigned p, u8 seen)
{
    const struct uop *producer = &uop[p];
    u32 needed = 0, lost = 0;
    unsigned i;

    switch (restore_source_of(producer)) {
    case RESTORE_NEVER: return false;
    case RESTORE_RES: needed = 1u << (producer->d >> 2); break;
    case RESTORE_RES_B: needed = 1u << (producer->d >> 2) | 1u << (producer->b >> 2); break;
    case RESTORE_A_B: needed = 1u << (producer->a >> 2) | 1u << (producer->b >> 2); break;
    }
    for (i = p + 1; i < count && seen; i++) {
        if ((lost & needed) && uop[i].insn != producer->insn &&
            (uop_may_fault(&uop[i]) || may_stop(uop, i)))
            return false;
        lost |= uop_slots_written(&uop[i]);
        if (!(uop_info[uop[i].op].traits & UT_MAY))
            seen &= (u8)~uop_flags_written(&uop[i]);
    }
    return true;
}

void opt_flags(struct uop *uop, unsigned count)
{
    u8 live = UF_ALL, seen = UF_ALL; /* needed by a reader; visible to a fault */
    unsigned i = count;

    while (i-- > 0) {
        struct uop *u = &uop[i];
        bool may = uop_info[u->op].traits & UT_MAY;
        u8 written = uop_flags_written(u);
        u8 needed = written & live;

        if (i + 1 < count && may_stop(uop, i + 1))
            seen = UF_ALL;
        if (uop_info[u->op].traits & UT_PAIR) {
            u->live = written & (live | seen);
            if (needed || (u->live && !recoverable(uop, count, i, u->live))) {
                /* The store merges with what was stored before where it does not define all flags. */
                u->op++;
                live |= seen;
            }
        }
        if (!may) {
            live &= (u8)~written;
            seen &= (u8)~written;
        }
        live |= uop_flags_read(u);
        seen |= live;
        if (uop_may_fault(u))
            seen = UF_ALL;
    }
}
