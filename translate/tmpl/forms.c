/* The forms of each micro-op, and what else there are stencils of: found by name once. */
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
    const char *tail = strchr(name, '_');
    size_t length = tail ? (size_t)(tail - name) : 0;
    unsigned i = 1;

    while (i < CONDITIONS && (!tail || strcmp(tail, conditions[i])))
        i++;
    if (i == CONDITIONS)
        return NULL;
#define X(what)                                                                                    \
    if (length == strlen(#what) && !strncmp(name, #what, length))                                  \
        return &forms->what[i];
    TMPL_BY_CONDITION(X)
#undef X
    return NULL;
}

/* A form of micro-op op, by what is behind its name: see template_pinned.h. */
static const struct stencil **place_of_form(struct tmpl_forms *forms, int op, const char *tail)
{
    unsigned d, b;

    if (!*tail)
        return &forms->uop[op];
    d = (unsigned)(tail[2] - '0');
    BUG_ON(strncmp(tail, "_d", 2) || d >= PINNED_GPRS);
    if (!tail[3])
        return &forms->d[op][d];
    if (tail[3] == 'i')
        return &forms->di[op][d];
    b = (unsigned)(tail[4] - '0');
    BUG_ON(tail[3] != 'b' || b >= PINNED_GPRS);
    return &forms->db[op][d][b];
}

/* The part of that name and register, or NULL. */
static const struct stencil **place_of_part(struct tmpl_forms *forms, const char *name)
{
    const char *tail = strrchr(name, '_');
    size_t length = tail ? (size_t)(tail - name) : 0;
    unsigned reg = tail && strcmp(tail, "_mem") ? (unsigned)(tail[1] - '0') : PINNED_MEM;

#define X(part)                                                                                    \
    if (!strcmp(name, #part))                                                                      \
        return &forms->part;
    TMPL_PARTS(X)
#undef X
    if (reg > PINNED_MEM)
        return NULL;
#define X(part)                                                                                    \
    if (length == strlen(#part) && !strncmp(name, #part, length))                                  \
        return &forms->part[reg];
    TMPL_BY_REGISTER(X)
    TMPL_BY_HIGH(X)
#undef X
    return NULL;
}

/* Where the stencil of that name belongs, or NULL. */
static const struct stencil **place_of(struct tmpl_forms *forms, const u16 *slots, const char *name)
{
    size_t length = strlen(name);
    const char *tail = strrchr(name, '_');
    int op = find_op(slots, name, length);
    const struct stencil **place;

    if (op < 0 && tail && tail[1] == 'd') {
        length = (size_t)(tail - name);
        op = find_op(slots, name, length);
    }
    if (op >= 0)
        return place_of_form(forms, op, name + length);
    place = place_of_part(forms, name);
    return place ? place : place_of_condition(forms, name);
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
        BUG_ON(!forms->uop[op]);
#define X(part) BUG_ON(!forms->part);
    TMPL_PARTS(X)
#undef X
}
