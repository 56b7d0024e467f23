/* Which stencil a micro-op becomes: the forms of each, found by name once, and chosen by its operands. */
#include <stdlib.h>
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

static int compare(const void *a, const void *b)
{
    const struct stencil *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* Which of the sorted ones has the name, or NULL. */
static const struct stencil *find(const struct stencil *const *sorted, const char *name)
{
    const struct stencil key = {.name = name}, *p = &key;
    const struct stencil *const *found =
        bsearch(&p, sorted, stencil_count, sizeof(*sorted), compare);

    return found ? *found : NULL;
}

void tmpl_forms_init(struct tmpl_forms *forms)
{
    const struct stencil **sorted = calloc(stencil_count, sizeof(*sorted));
    char name[64];

    if (!sorted)
        BUG("out of memory");
    for (u32 i = 0; i < stencil_count; i++)
        sorted[i] = &stencils[i];
    qsort(sorted, stencil_count, sizeof(*sorted), compare);
    for (unsigned op = 0; op < FUSED_END; op++) {
        for (unsigned form = 0; form < FORMS; form++) {
            snprintf(name, sizeof(name), "%s%s", op_names[op], suffixes[form]);
            forms->uop[op][form] = find(sorted, name);
        }
        BUG_ON(!forms->uop[op][FORM_PLAIN] && !forms->uop[op][FORM_SLOW]);
    }
#define X(part)                                                                                    \
    forms->part = find(sorted, #part);                                                             \
    BUG_ON(!forms->part);
    TMPL_PARTS(X)
#undef X
    free(sorted);
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
