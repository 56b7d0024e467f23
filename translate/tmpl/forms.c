/* Which stencil a micro-op becomes: the forms of each, found by name once, and chosen by its operands. */
#include <string.h>

#include "translate/tmpl/tmpl.h"

static const char *const op_names[FUSED_END] = {
#define U(name, ...) [U_##name] = #name,
#include "translate/uop.def"
#undef U
#define X(name, cond) [FUSED_##name] = "fused_" #name,
    FUSE_LIST(X)
#undef X
};

/* ORDER as enum tmpl_form. */
static const char *const suffixes[FORMS] = {"",     "_r",   "_i",   "_a",   "_ab",
                                            "_ab1", "_ab2", "_ab3", "_slow"};

/* Names of micro-ops by hash; 0: free, else one more than the micro-op. */
#define SLOTS 1024u
_Static_assert(FUSED_END < SLOTS / 2, "few collisions");

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
    return NULL;
}

void tmpl_forms_init(struct tmpl_forms *forms)
{
    u16 slots[SLOTS] = {0};

    for (unsigned op = 0; op < FUSED_END; op++) {
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
    for (unsigned op = 0; op < FUSED_END; op++)
        BUG_ON(!forms->uop[op][FORM_PLAIN] && !forms->uop[op][FORM_SLOW]);
#define X(part) BUG_ON(!forms->part);
    TMPL_PARTS(X)
#undef X
}

const struct stencil *tmpl_form(const struct tmpl_forms *forms, const struct uop *u, bool slow)
{
    const struct stencil *const *form = forms->uop[u->op];

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
