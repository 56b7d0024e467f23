/* -cpu's argument: a model's name or one of QEMU's, and single features switched on and off. */
#include "cpu/cpuid.h"

#include <errno.h>
#include <stdarg.h>
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

static const char *const feature_names[] = {
#define F(name, bit, needs, cr4, pse36) #name,
#include "cpu/features.def"
#undef F
    NULL};
static const struct feature features[] = {
#define F(name, bit, needs, cr4, pse36) {bit, needs, cr4, pse36},
#include "cpu/features.def"
#undef F
};

/* QEMU's models, with what has their features, or most of those that 32-bit guests see. */
static const struct cpu_alias aliases[] = {
    {"base", "486"},       {"athlon", "coreduo"}, {"qemu32", "coreduo"}, {"kvm32", "coreduo"},
    {"qemu64", "coreduo"}, {"kvm64", "coreduo"},  {"n270", "coreduo"},   {"core2duo", "coreduo"},
    {"phenom", "coreduo"}, {"Conroe", "coreduo"}, {"Penryn", "coreduo"}, {"Nehalem", "coreduo"},
    {"host", "coreduo"},   {"max", "coreduo"},    {NULL, NULL},
};

/* Other names of features. */
static const struct cpu_alias feature_aliases[] = {{"pni", "sse3"}, {"xd", "nx"}};

/* QEMU's features that no model here has: switching one off does nothing, and on neither. A name that ends with
 * '*' stands for all that begin so. */
static const char *const absent_features[] = {
    "3dnow*", "aes",    "arat",        "avx*",   "bmi*",       "clflush", "cx16",    "erms",
    "f16c",   "fma*",   "fsgsbase",    "ht",     "hypervisor", "ia64",    "invpcid", "invtsc",
    "lahf*",  "lm",     "misalignsse", "mmxext", "movbe",      "pcid",    "pclmul*", "pdcm",
    "popcnt", "rdrand", "rdseed",      "rdtscp", "smap",       "smep",    "smx",     "spec*",
    "ss",     "sse4*",  "ssbd",        "ssse3",  "svm",        "syscall", "tm*",     "tsc-*",
    "tsx*",   "umip",   "vmx*",        "x2apic", "xsave*",     "xtpr",
};

/* Properties that are about how QEMU runs or about other accelerators. */
static const char *const idle_properties[] = {"check", "enforce",  "host-phys-bits", "hv*",
                                              "kvm*",  "l3-cache", "migratable",     "pmu"};

const struct cpu_alias *cpu_aliases(void)
{
    return aliases;
}

const char *const *cpu_model_features(void)
{
    return feature_names;
}

/* A piece of the argument. */
struct word {
    const char *text;
    size_t len;
};

static bool is(struct word word, const char *name)
{
    return strlen(name) == word.len && memcmp(name, word.text, word.len) == 0;
}

static bool listed(struct word word, const char *const *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t len = strlen(list[i]);
        bool begins = list[i][len - 1] == '*' && word.len >= len - 1 &&
                      memcmp(list[i], word.text, len - 1) == 0;

        if (begins || is(word, list[i]))
            return true;
    }
    return false;
}

/* Text that is cut off at the end of its buffer. */
struct text {
    char *buf;
    size_t len, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->buf + t->used, t->len - t->used, format, ap);
    va_end(ap);
    if (n > 0)
        t->used = t->used + (size_t)n < t->len ? t->used + (size_t)n : t->len - 1;
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

static const struct feature *feature_find(struct word name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(feature_aliases); i++)
        if (is(name, feature_aliases[i].name))
            return feature_find(
                (struct word){feature_aliases[i].model, strlen(feature_aliases[i].model)});
    for (unsigned i = 0; feature_names[i]; i++)
        if (is(name, feature_names[i]))
            return &features[i];
    return NULL;
}

/* QEMU's versions of a model: NAME-v1 and so on. */
static struct word without_version(struct word name)
{
    const char *end = name.text + name.len;

    if (name.len > 3 && end[-3] == '-' && end[-2] == 'v' && end[-1] >= '1' && end[-1] <= '9')
        name.len -= 3;
    return name;
}

static const struct cpu_model *model_find(struct word name, struct text *t)
{
    name = without_version(name);
    for (const struct cpu_model *m = cpu_models(); m->name; m++)
        if (is(name, m->name))
            return m;
    for (const struct cpu_alias *a = aliases; a->name; a++)
        if (is(name, a->name)) {
            add(t, "%s: %s stands in for it", a->name, a->model);
            return cpu_model_find(a->model);
        }
    add(t, "%.*s: no such CPU here; there are: ", (int)name.len, name.text);
    for (const struct cpu_model *m = cpu_models(); m->name; m++)
        add(t, "%s%s", m == cpu_models() ? "" : ", ", m->name);
    return NULL;
}

static int bad_feature(struct word word, struct text *t)
{
    t->used = 0;
    add(t, "%.*s: +FEATURE or -FEATURE is one of:", (int)word.len, word.text);
    for (unsigned i = 0; feature_names[i]; i++)
        add(t, " %s", feature_names[i]);
    return -EINVAL;
}

/* +NAME, -NAME, NAME=on or NAME=off: leaves the name. False: none of these. */
static bool take_switch(struct word *word, bool *on)
{
    const char *equals = memchr(word->text, '=', word->len);
    size_t name = equals ? (size_t)(equals - word->text) : 0;

    if (word->len > 1 && (*word->text == '+' || *word->text == '-') && !equals) {
        *on = *word->text == '+';
        *word = (struct word){word->text + 1, word->len - 1};
        return true;
    }
    if (!equals || name == 0)
        return false;
    *on = is((struct word){equals, word->len - name}, "=on");
    if (!*on && !is((struct word){equals, word->len - name}, "=off"))
        return false;
    word->len = name;
    return true;
}

static int apply(struct cpu_model *model, struct word word, struct text *t)
{
    const struct feature *f;
    struct word name = word;
    bool on;

    if (listed(word, idle_properties, ARRAY_SIZE(idle_properties)))
        return 0;
    if (!take_switch(&name, &on))
        return bad_feature(word, t);
    f = feature_find(name);
    if (f) {
        (on ? feature_on : feature_off)(model, f);
        return 0;
    }
    if (listed(name, idle_properties, ARRAY_SIZE(idle_properties)))
        return 0;
    if (!listed(name, absent_features, ARRAY_SIZE(absent_features)))
        return bad_feature(word, t);
    if (on)
        add(t, "%sno CPU here has %.*s", t->used ? "; " : "", (int)name.len, name.text);
    return 0;
}

int cpu_model_parse(const char *spec, struct cpu_model *out, char *text, size_t text_len)
{
    struct word word = {spec, strcspn(spec, ",")};
    struct text t = {.buf = text, .len = text_len};
    const struct cpu_model *base;
    int err = 0;

    text[0] = '\0';
    base = model_find(word, &t);
    if (!base)
        return -EINVAL;
    *out = *base;
    for (const char *at = spec + word.len; !err && *at; at = word.text + word.len) {
        word = (struct word){at + 1, strcspn(at + 1, ",")};
        err = apply(out, word, &t);
    }
    return err;
}
