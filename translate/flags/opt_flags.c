/* Backward flag pass: which producers store their flags, and which bits of them anybody may read.
 *
 * Flags have two kinds of readers. Real ones - conditions, ADC, helpers, the end of the block - need
 * the flags stored. A fault in between only needs them if it happens: as long as the producer's result
 * and operands are still in their registers there, restore.c recomputes them, and the producer stores
 * nothing. For an engine that stores flags late, at exits whose target wants them, conditions and exits
 * count as faults do. */
#include "translate/flags/restore.h"

/* Whether the block may be left for good behind the micro-op's instruction: it may have modified the block, or hit
 * a watch. */
static bool may_end_block(const struct uop *uop, bool watched)
{
    return uop_info[uop->op].traits & UT_WRITES_MEM || (watched && uop_is_access(uop->op)) ||
           ((uop_info[uop->op].traits & UT_CALL) && uop_may_fault(uop));
}

/* Whether a block may be left for good between micro-ops i - 1 and i: at an instruction's start (U_stop). */
static bool may_stop(const struct uop *uop, unsigned i, bool watched)
{
    unsigned j;

    if (i == 0 || uop[i].insn == uop[i - 1].insn)
        return false;
    for (j = i - 1; uop[j].insn == uop[i - 1].insn; j--) {
        if (may_end_block(&uop[j], watched))
            return true;
        if (j == 0)
            break;
    }
    return false;
}

/* Whether exit i can store the unstored flags of producer p, at no more cost than p itself where that is for sure. */
static bool storable(const struct uop *uop, unsigned p, unsigned i)
{
    struct sources s;

    return late_sources(uop, p, i, true, &s) &&
           !(uop_stores_late(uop[i].op) && s.has_res && s.res.slot != R_ZERO && s.res.n);
}

/* Whether everyone who could see flags `seen` of producer p can recompute them from registers: faults, and with
 * `late` the exits. */
static bool recoverable(const struct uop *uop, unsigned count, unsigned p, u8 seen, bool late,
                        bool watched)
{
    const struct uop *producer = &uop[p];
    u32 mask, bits, written = UINT32_MAX; /* slots, since it was last known that it can be done */
    u32 used = UINT32_MAX;                /* slots by which it can; as long as they stay, it can */
    unsigned i;

    for (i = p + 1; i < count && seen; i++) {
        const struct uop *u = &uop[i];
        struct past past = {.uop = uop, .now = i, .late = late, .used = &used};

        if (late && uop_info[u->op].traits & (UT_END | UT_SIDE) && !storable(uop, p, i))
            return false;
        if ((written & used || uop_family(u->op) == UFAM_CALL) && u->insn != producer->insn &&
            (uop_may_fault(u) || may_stop(uop, i, watched))) {
            used = 0;
            if (!restore_flags(&past, p, &mask, &bits))
                return false;
            if (uop_is_carried(producer->op)) /* by micro-ops that store flags, too */
                used = UINT32_MAX;
            written = 0;
        }
        written |= uop_slots_written(u);
        if (!(uop_info[u->op].traits & UT_MAYBE_FLAGS))
            seen &= (u8)~uop_flags_written(u);
    }
    return true;
}

/* Z, S and P can be had from the result of these. */
static bool has_result(const struct uop *u)
{
    switch (uop_family(u->op)) {
    case UFAM_BINARY:
    case UFAM_CARRY:
    case UFAM_STEP:
    case UFAM_UNARY:
    case UFAM_SHIFT:
    case UFAM_DOUBLE: return true;
    default: return false;
    }
}

int opt_flags_source(const struct uop *uop, unsigned i, u8 need)
{
    struct sources s;
    int p;

    for (p = (int)i - 1; p >= 0; p--) {
        const struct uop *u = &uop[p];
        const struct uop_info *info = &uop_info[u->op];

        if (uop_is_flag_call(u))
            return -1;
        if (!(uop_flags_written(u) & need))
            continue;
        if (need & ~info->flags_written || info->traits & UT_MAYBE_FLAGS)
            return -1;
        if (!(need & ~(UF_Z | UF_S | UF_P)) && has_result(u) && late_result(uop, (unsigned)p, i))
            return p;
        if (info->family == UFAM_ROTATE && need != UF_C)
            return -1;
        return late_sources(uop, (unsigned)p, i, false, &s) ? p : -1;
    }
    return -1;
}

/* Whether the flags that micro-op i reads are still the host's: an engine which makes conditions from registers
 * has them so until something else than a move comes. */
static bool in_host_flags(const struct uop *uop, unsigned i, u8 need)
{
    const struct uop *u;

    while (i > 0 && uop_preserves_flags(uop[i - 1].op))
        i--;
    if (i == 0)
        return false;
    u = &uop[i - 1];
    switch (uop_family(u->op)) {
    case UFAM_CARRY:
    case UFAM_SHIFT:
    case UFAM_DOUBLE:
    case UFAM_IMUL:
    case UFAM_MUL: return !(need & ~(uop_host_flags(u) & u->live));
    default: return false; /* opt_flags_source() knows of the others */
    }
}

bool opt_flags_unstored(const struct uop *uop, unsigned i, u8 need)
{
    return in_host_flags(uop, i, need) || opt_flags_source(uop, i, need) >= 0;
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
         uop_is_carried(u->op)) &&
        opt_flags_unstored(uop, i, need))
        *stored = 0;
    return need;
}

bool opt_flags(struct uop *uop, unsigned count, bool late, bool watched)
{
    u8 live = 0, seen = 0; /* needed stored by a reader; visible to a fault or behind the exit */
    unsigned i = count;

    while (i-- > 0) {
        struct uop *u = &uop[i];
        bool may = uop_info[u->op].traits & UT_MAYBE_FLAGS;
        u8 written = uop_flags_written(u);
        u8 needed = written & live, stored;

        if (seen != UF_ALL && i + 1 < count && may_stop(uop, i + 1, watched))
            seen = UF_ALL;
        if (uop_info[u->op].traits & UT_PAIR) {
            u->live = written & (live | seen);
            if (needed || (u->live && !recoverable(uop, count, i, u->live, late, watched))) {
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

void opt_flags_none(struct uop *uop, unsigned count)
{
    for (struct uop *u = uop; u < uop + count; u++)
        if (uop_info[u->op].traits & UT_PAIR) {
            u->live = uop_flags_written(u);
            u->op += u->live != 0; /* else it works for an instruction that has other flags */
        }
}
