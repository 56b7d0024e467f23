/* -cpu's argument: a model's name, and single features switched on and off. */
#include "cpu/cpuid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FEAT(name) (1u << FEAT_##name)

/* What a name stands for, and what must be there too: bits of cpu_model.features. Paging features
 * are bits of CR4. */
struct feature {
    u32 bit, needs;
    u32 cr4;
    bool pse36;
};

/* ORDER: feature_names and features; a feature stands behind those that it needs. */
static const char *const feature_names[] = {"tsc",  "msr", "cx8",  "cmov", "sep",     "mmx", "fxsr", "sse",
                                            "sse2", "sse3", "monitor", "nx", "vme", "de", "pse", "pae", "pse36", "pge", NULL};
static const struct feature features[] = {
    {FEAT(TSC), 0, CR4_TSD, false},
    {FEAT(MSR), 0, 0, false},
    {FEAT(CX8), 0, 0, false},
    {FEAT(CMOV), 0, 0, false},
    {FEAT(SEP), FEAT(MSR), 0, false},
    {FEAT(MMX), 0, 0, false},
    {FEAT(FXSR), 0, CR4_OSFXSR, false},
    {FEAT(SSE), FEAT(MMX) | FEAT(FXSR), CR4_OSXMMEXCPT, false},
    {FEAT(SSE2), FEAT(SSE), 0, false},
    {FEAT(SSE3), FEAT(SSE2), 0, false},
    {FEAT(MONITOR), 0, 0, false},
    {FEAT(NX), FEAT(MSR), 0, false},
    {0, 0, CR4_VME | CR4_PVI, false},
    {0, 0, CR4_DE, false},
    {0, 0, CR4_PSE, false},
    {0, 0, CR4_PAE, false},
    {0, 0, 0, true},
    {0, 0, CR4_PGE, false},
};
_Static_assert(ARRAY_SIZE(features) + 1 == ARRAY_SIZE(feature_names), "one row for each name");

const char *const *cpu_model_features(void)
{
    return feature_names;
}

static void feature_on(struct cpu_model *model, const struct feature *f)
{
    for (unsigned i = 0; i < ARRAY_SIZE(features); i++)
        if (features[i].bit & f->needs & ~model->features)
            feature_on(model, &features[i]);
    model->features |= f->bit;
    model->cr4_mask |= f->cr4;
    model->pse36 |= f->pse36;
}

static void feature_off(struct cpu_model *model, const struct feature *f)
{
    for (unsigned i = 0; i < ARRAY_SIZE(features); i++)
        if ((features[i].needs & f->bit) && (model->features & features[i].bit))
            feature_off(model, &features[i]);
    model->features &= ~f->bit;
    model->cr4_mask &= ~f->cr4;
    model->pse36 &= !f->pse36;
}

static const struct feature *feature_find(const char *name, size_t len)
{
    for (unsigned i = 0; feature_names[i]; i++)
        if (strlen(feature_names[i]) == len && memcmp(feature_names[i], name, len) == 0)
            return &features[i];
    return NULL;
}

static int bad_model(const char *spec, size_t len, char *err, size_t err_len)
{
    int used = snprintf(err, err_len, "%.*s: no such CPU here; there are: ", (int)len, spec);

    for (const struct cpu_model *m = cpu_models(); m->name; m++)
        if (used >= 0 && (size_t)used < err_len)
            used += snprintf(err + used, err_len - (size_t)used, "%s%s",
                             m == cpu_models() ? "" : ", ", m->name);
    return -EINVAL;
}

static int bad_feature(const char *text, size_t len, char *err, size_t err_len)
{
    int used = snprintf(err, err_len, "%.*s: +FEATURE or -FEATURE is one of:", (int)len, text);

    for (unsigned i = 0; feature_names[i]; i++)
        if (used >= 0 && (size_t)used < err_len)
            used += snprintf(err + used, err_len - (size_t)used, " %s", feature_names[i]);
    return -EINVAL;
}

int cpu_model_parse(const char *spec, struct cpu_model *out, char *err, size_t err_len)
{
    size_t len = strcspn(spec, ",");
    const char *at = spec + len;
    const struct cpu_model *base = NULL;

    for (const struct cpu_model *m = cpu_models(); m->name; m++)
        if (strlen(m->name) == len && memcmp(m->name, spec, len) == 0)
            base = m;
    if (!base)
        return bad_model(spec, len, err, err_len);
    *out = *base;
    while (*at) {
        const struct feature *f;

        at++;
        len = strcspn(at, ",");
        f = len > 1 && (*at == '+' || *at == '-') ? feature_find(at + 1, len - 1) : NULL;
        if (!f)
            return bad_feature(at, len, err, err_len);
        if (*at == '+')
            feature_on(out, f);
        else
            feature_off(out, f);
        at += len;
    }
    return 0;
}
