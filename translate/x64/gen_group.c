/* Accesses that share one TLB check: neighbours off one register, such as the variables of a stack frame.
 *
 * The first of a group (its leader) checks that all of them lie in one valid page, and leaves the host
 * address of the lowest in r10, or in memory when another group has r10. The others just use it: they cannot fault. When the check fails, the code of
 * gen_ungrouped.c does what the block still has to do with the group, one access after the other, so faults are
 * as exact as ever. r10 is T1's register: no group goes on beyond a use of T1, from which flags may have to be
 * made later, nor beyond a call of C in straight code. */
#include "translate/x64/mem.h"

#define H_GROUP R10_
#define SPAN    512u /* bytes from the lowest to the highest of a group: most lie in one page */
#define LEAST   3u   /* accesses that make a group pay */
#define AHEAD   96u  /* micro-ops that are looked at for them */

#define ROOT_ABSOLUTE 0xffffu /* of an address without a register */

void gen_roots_init(struct roots *r)
{
    unsigned i;

    for (i = 0; i < R_SLOTS; i++)
        r->of[i] = (struct root){.id = (u16)i};
    r->next = R_SLOTS;
}

static bool is_full(u8 offset)
{
    return (offset & 3) == 0 && offset != ZERO_REG;
}

/* What the value of a micro-op is when it is another register's and a constant. */
static bool derived(const struct roots *r, const struct uop *u, struct root *value)
{
    u32 add;

    switch (u->op) {
    case U_mov32:
        if (!is_full(u->b))
            return false;
        *value = r->of[u->b >> 2];
        value->offset += u->imm;
        return true;
    case U_lea32:
    case U_add32:
    case U_add32_f: add = u->imm; break;
    case U_sub32:
    case U_sub32_f: add = 0u - u->imm; break;
    case U_inc32:
    case U_inc32_f: add = 1; break;
    case U_dec32:
    case U_dec32_f: add = 0u - 1; break;
    default: return false;
    }
    if (!is_full(u->a) || (uop_family(u->op) != UFAM_STEP && u->b != ZERO_REG))
        return false;
    *value = r->of[u->a >> 2];
    value->offset += add;
    return true;
}

static void step_roots(struct roots *r, const struct uop *u)
{
    u32 written = uop_slots_written(u);
    struct root value;
    unsigned i;

    if (derived(r, u, &value)) {
        r->of[u->d >> 2] = value;
        return;
    }
    for (i = 0; written; i++, written >>= 1)
        if (written & 1)
            r->of[i] = (struct root){.id = r->next++};
}

/* Whether u is a load or store whose address is one register, or none, and a constant: where. */
static bool address_of(const struct roots *r, const struct uop *u, struct root *at)
{
    if (!uop_is_access(u->op) || u->b != ZERO_REG)
        return false;
    if (u->a == ZERO_REG)
        *at = (struct root){.id = ROOT_ABSOLUTE};
    else
        *at = r->of[u->a >> 2];
    at->offset += u->imm;
    return true;
}

static bool uses_t1(const struct uop *u)
{
    return u->d >> 2 == R_T1 || u->a >> 2 == R_T1 || u->b >> 2 == R_T1;
}

/* Whether the addresses of groups are lost by u. */
static bool ends_group(const struct uop *u)
{
    if (uses_t1(u))
        return true;
    switch (uop_family(u->op)) {
    case UFAM_CHECK:
    case UFAM_CHECK_CS:
    case UFAM_FLAGS:
    case UFAM_CALL:
    case UFAM_EXIT:
    case UFAM_EXIT_OPEN:
    case UFAM_STOP: return true;
    case UFAM_SHIFT:
    case UFAM_SHIFT_CL:
    case UFAM_ROTATE:
    case UFAM_ROTATE_CL:
    case UFAM_BIT_TEST:
    case UFAM_BIT_CHANGE: return uop_info[u->op].traits & UT_STORES_FLAGS;
    default: return false;
    }
}

void gen_group_step(struct gen *g, const struct uop *u)
{
    if (ends_group(u))
        for (unsigned k = 0; k < ENGINE_GROUPS; k++)
            g->group[k].live = false;
    g->t1_used |= uses_t1(u);
    step_roots(&g->roots, u);
}

/* Adds an access of `size` bytes at offset to the group when it does not get too wide. */
static bool widen(struct group *group, u32 offset, unsigned size)
{
    i32 low = (i32)(offset - group->low);
    u32 span = group->span;

    if (low >= -(i32)SPAN && low < 0) {
        span += (u32)-low;
    } else if (low >= 0 && low < (i32)SPAN) {
        low = 0;
        if (offset - group->low + size > span)
            span = offset - group->low + size;
    } else {
        return false;
    }
    if (span > SPAN)
        return false;
    if (group->root == ROOT_ABSOLUTE &&
        (group->low + (u32)low) >> PAGE_SHIFT != (group->low + (u32)low + span - 1) >> PAGE_SHIFT)
        return false;
    group->low += (u32)low;
    group->span = span;
    return true;
}

static bool is_frame(u8 reg)
{
    return reg == REG32(R_ESP) || reg == REG32(R_EBP);
}

/* The group that micro-op `at` would lead; false when it is too small. A store that a side exit may keep
 * from happening must not make loads look for write rights that they do not need, but in a stack frame. */
static bool collect(const struct gen *g, struct root at, struct group *group)
{
    const struct uop *first = &g->b->uop[g->at], *u = first;
    const struct uop *end = g->b->uop + g->b->uops;
    struct roots r = g->roots;
    bool sided = false;

    if (end > u + AHEAD)
        end = u + AHEAD;
    *group = (struct group){.live = true,
                            .root = at.id,
                            .low = at.offset,
                            .span = uop_info[u->op].size,
                            .write = uop_is_write(u->op)};
    if (group->root == ROOT_ABSOLUTE && !widen(group, at.offset, group->span))
        return false;
    while (step_roots(&r, u), ++u < end) {
        struct root a;

        if (ends_group(u))
            break;
        if (uop_info[u->op].traits & UT_SIDE)
            sided = true;
        if (!address_of(&r, u, &a) || a.id != at.id)
            continue;
        if (uop_is_write(u->op) && !group->write && sided && !is_frame(first->a))
            continue;
        if (widen(group, a.offset, uop_info[u->op].size)) {
            group->left++;
            group->write |= uop_is_write(u->op);
        }
    }
    return group->left + 1 >= LEAST;
}

static bool holds(const struct group *group, struct root at, const struct uop *u)
{
    u32 offset = at.offset - group->low;

    return group->live && at.id == group->root && offset < group->span &&
           offset + uop_info[u->op].size <= group->span && (group->write || !uop_is_write(u->op));
}

/* The group that the access u at `at` is a member of; NULL: none. */
static struct group *holder(struct gen *g, struct root at, const struct uop *u)
{
    for (unsigned k = 0; k < ENGINE_GROUPS; k++)
        if (holds(&g->group[k], at, u))
            return &g->group[k];
    return NULL;
}

bool gen_group_holds(struct gen *g, const struct uop *u)
{
    struct root at;

    return address_of(&g->roots, u, &at) && holder(g, at, u);
}

static size_t base_field(const struct gen *g, const struct group *group)
{
    return offsetof(struct cpu, engine.group_base) + (size_t)(group - g->group - 1) * sizeof(u64);
}

/* The place for a new group of so many further accesses. Where r10 is better used by it, r10's group moves to memory.
 * NULL: others need all places more. */
static struct group *make_place(struct gen *g, unsigned left)
{
    struct group *first = &g->group[0], *in_memory = &g->group[1];

    if (!first->live || !first->left)
        return first;
    for (unsigned k = 2; k < ENGINE_GROUPS && in_memory->live && in_memory->left; k++)
        if (!g->group[k].live || g->group[k].left < in_memory->left)
            in_memory = &g->group[k];
    if (in_memory->live && in_memory->left >= left)
        return NULL;
    if (left < first->left)
        return in_memory;
    *in_memory = *first;
    code_store_cpu(&g->c, 8, H_GROUP, base_field(g, in_memory));
    return first;
}

/* The host address of the group's lowest byte to where it belongs, and in the register that is returned; away for
 * a group that is not in one valid page. at: the current access. */
static unsigned gen_leader(struct gen *g, const struct uop *u, const struct group *group,
                           struct root at)
{
    struct straight *here = &g->straight[g->at];
    struct code *c = &g->c;
    unsigned base = group == g->group ? H_GROUP : H_S1;
    u32 low = u->imm - (at.offset - group->low);

    if (u->a == ZERO_REG) { /* whose span was looked at before */
        here->miss[0] = gen_tlb_constant(g, low, group->write);
    } else {
        code_lea(c, 4, H_EA, host_reg(u->a, 4), NO_REG, 0, (i32)low);
        here->miss[0] = gen_tlb(g, H_EA, group->span > 8 ? group->span : 8, group->write);
    }
    here->miss[1] = g->crossing;
    g->crossing = NULL;
    code_lea(c, 8, base, H_S1, H_EA, 0, 0);
    if (base == H_S1)
        code_store_cpu(c, 8, base, base_field(g, group));
    return base;
}

static unsigned gen_member(struct gen *g, struct group *group)
{
    if (group->left)
        group->left--;
    if (group == g->group)
        return H_GROUP;
    code_load_cpu(&g->c, 8, H_S1, base_field(g, group));
    return H_S1;
}

bool gen_group_access(struct gen *g, const struct uop *u, struct host_operand *m)
{
    struct straight *here = &g->straight[g->at];
    struct group *group, fresh;
    struct root at;

    if (g->tr->options.slow_mem || g->b->mode & (MODE_AC | MODE_DEBUG) ||
        !address_of(&g->roots, u, &at))
        return false;
    group = holder(g, at, u);
    if (group) {
        here->use = USES_GROUP;
        m->base = (u8)gen_member(g, group);
    } else {
        if (g->t1_used || uses_t1(u) || g->groups == MAX_GROUPS || !collect(g, at, &fresh))
            return false;
        group = make_place(g, fresh.left);
        if (!group)
            return false;
        *group = fresh;
        group->id = (u8)g->groups++;
        here->use = LEADS;
        m->base = (u8)gen_leader(g, u, group, at);
    }
    here->group = group->id;
    m->disp = (i32)(at.offset - group->low);
    return true;
}
