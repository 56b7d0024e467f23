/* Which stencil a micro-op becomes: the forms of each, found by name once, and chosen by its operands. */
#include <string.h>

#include "translate/tmpl/tmpl.h"

static const char *const op_names[U_COUNT] = {
#define U(name, ...) [U_##name] = #name,
#include "translate/uop.def"
#undef U
};

static const char *const conditions[CONDITIONS] = {
#define X(name, cond) [FUSED_##name - FUSED_FIRST] = "_" #name,
    FUSE_LIST(X)
#undef X
};

/* ORDER as enum tmpl_form. */
static const char *const suffixes[FORMS] = {"",     "_r",   "_i",   "_a",    "_ab",
                                            "_ab1", "_ab2", "_ab3", "_slow", "_miss"};

/* Names of micro-ops by hash; 0: free, else one more than the micro-op. */
#define SLOTS 1024u
_Static_assert(U_COUNT < SLOTS / 2, "few collisions");

static unsigned hash(const char *name, size_t length)
{
    u32 h = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < length; i++)
        h = (h ^ (u8)name[i]) * 16777619u;
    return (h ^ h >> 16) % SLOTS;
}

static int find_op(const u16 *slots, const char *name, size_t length)
{
    unsigned at = hash(name, length);

    for (; slots[at]; at = (at + 1) % SLOTS) {
        const char *op = op_names[slots[at] - 1];

        if (!strncmp(op, name, length) && !op[length])
            return slots[at] - 1;
    }
    return -1;
}

/* The same for a name that ends in a condition. */
static const struct stencil **place_of_condition(struct tmpl_forms *forms, const char *name)
{
    for (unsigned i = 1; i < CONDITIONS; i++) {
        const char *tail = strchr(name, '_');

        if (!tail || strcmp(tail, conditions[i]))
            continue;
        switch (name[0]) {
        case 'f': return &forms->jcc[i];
        case 's': return name[1] == 'i' ? &forms->side[i] : &forms->setcc[i];
        default: return &forms->cmov32[i];
        }
    }
    return NULL;
}

/* Where the stencil of that name belongs, or NULL. */
static const struct stencil **place_of(struct tmpl_forms *forms, const u16 *slots, const char *name)
{
    size_t length = strlen(name);

    for (unsigned form = 0; form < FORMS; form++) {
        size_t tail = strlen(suffixes[form]);
        int op = -1;

        if (length > tail && !strcmp(name + length - tail, suffixes[form]))
            op = find_op(slots, name, length - tail);
        if (op >= 0)
            return &forms->uop[op][form];
    }
#define X(part)                                                                                    \
    if (!strcmp(name, #part))                                                                      \
        return &forms->part;
    TMPL_PARTS(X)
#undef X
    return place_of_condition(forms, name);
}

void tmpl_forms_init(struct tmpl_forms *forms)
{
    u16 slots[SLOTS] = {0};

    for (unsigned op = 0; op < U_COUNT; op++) {
        unsigned at = hash(op_names[op], strlen(op_names[op]));

        while (slots[at])
            at = (at + 1) % SLOTS;
        slots[at] = (u16)(op + 1);
    }
    for (u32 i = 0; i < stencil_count; i++) {
        const struct stencil **place = place_of(forms, slots, stencils[i].name);

        if (!place)
            BUG("stencil %s is no micro-op's", stencils[i].name);
        *place = &stencils[i];
    }
    for (unsigned op = 0; op < U_COUNT; op++)
        BUG_ON(!forms->uop[op][FORM_PLAIN] && !forms->uop[op][FORM_SLOW]);
#define X(part) BUG_ON(!forms->part);
    TMPL_PARTS(X)
#undef X
}

/* The form of one that looks at a condition, where its producer is known; else NULL. */
static const struct stencil *conditional(const struct tmpl_forms *forms, const struct block *block,
                                         unsigned at)
{
    unsigned i = uop_fused(block->uop, at);

    if (!i)
        return NULL;
    i -= FUSED_FIRST;
    switch (block->uop[at].op) {
    case U_jcc: return forms->jcc[i];
    case U_side: return forms->side[i];
    case U_setcc: return forms->setcc[i];
    case U_cmov32: return forms->cmov32[i];
    default: return NULL;
    }
}

const struct stencil *tmpl_form(const struct tmpl_forms *forms, const struct block *block,
                                unsigned at, bool slow)
{
    const struct uop *u = &block->uop[at];
    const struct stencil *const *form = forms->uop[u->op];

    if (uop_info[u->op].traits & UT_CC || u->op == U_jcc || u->op == U_side) {
        const struct stencil *s = conditional(forms, block, at);

        return s ? s : form[FORM_PLAIN];
    }
    if (form[FORM_SLOW] && slow && uop_is_access(u->op))
        return form[FORM_SLOW];
    if (form[FORM_SLOW])
        return form[u->b == ZERO_REG ? FORM_A : FORM_AB + u->scale];
    if (form[FORM_R] && u->b == ZERO_REG)
        return form[FORM_I];
    if (form[FORM_R] && u->imm == 0)
        return form[FORM_R];
    return form[FORM_PLAIN];
}
