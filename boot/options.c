/* Parses the command line by the list in options.def. A later option overrides an earlier one; a drive has one image. */
#include "boot/options.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "boot/optparse.h"
#include "boot/optvalue.h"
#include "translate/translate.h"

#define DEFAULT_RAM_MIB 128u

enum options_result opt_fail(struct parse *p, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(p->line, sizeof(p->line), fmt, args);
    va_end(args);
    return OPTIONS_ERROR;
}

char *options_keep(struct options *o, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = o->pool + o->pool_used;

    if (size > sizeof(o->pool) - o->pool_used)
        return NULL;
    o->pool_used += size;
    return memcpy(copy, text, size);
}

char *options_keepf(struct options *o, const char *fmt, ...)
{
    char text[PATH_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return options_keep(o, text);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

void options_note(struct options *o, const char *name, const char *value, const char *why)
{
    for (unsigned i = 0; i < o->notes; i++)
        if (same_text(o->note[i].name, name) && same_text(o->note[i].value, value))
            return;
    if (o->notes == OPTIONS_NOTES) /* enough was said */
        return;
    o->note[o->notes].name = name;
    o->note[o->notes].value = value;
    o->note[o->notes++].why = why;
}

enum option_kind { KIND_OPT, KIND_SAME, KIND_REFUSED };

struct option {
    const char *name, *arg;
    enum option_kind kind;
    enum options_result (*set)(struct parse *p, const char *value); /* KIND_OPT */
    const char *accepted;                                           /* KIND_SAME */
    const char *why;
};

static const struct option options[] = {
#define GROUP(title)
#define OPT(name, arg, setter, help)   {name, arg, KIND_OPT, set_##setter, NULL, NULL},
#define SAME(name, arg, accepted, why) {name, arg, KIND_SAME, NULL, accepted, why},
#define REFUSED(name, arg, why)        {name, arg, KIND_REFUSED, NULL, NULL, why},
#include "boot/options.def"
#undef GROUP
#undef OPT
#undef SAME
#undef REFUSED
};

static const struct option *option_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

/* The option that was probably meant: at most a third of its letters wrong. */
static const char *option_nearest(const char *name)
{
    const char *best = NULL;
    unsigned best_distance = UINT_MAX;

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        unsigned distance = value_distance(name, options[i].name);

        if (options[i].kind == KIND_REFUSED || distance >= best_distance ||
            distance * 3 > strlen(options[i].name) + 1)
            continue;
        best = options[i].name;
        best_distance = distance;
    }
    return best;
}

static enum options_result unknown(struct parse *p, const char *arg)
{
    const char *best = option_nearest(p->name);

    if (best)
        return opt_fail(p, "unknown option '%s'; did you mean '-%s'?", arg, best);
    return opt_fail(p, "unknown option '%s'; -help lists the options", arg);
}

/* "[json:FILE]": an option that may be without its value, */
static bool value_optional(const char *arg)
{
    return arg[0] == '[' && strcspn(arg, "]") == strlen(arg) - 1;
}

/* which then begins with json:. */
static bool value_begins(const char *arg, const char *text)
{
    return strncmp(text, arg + 1, strcspn(arg + 1, ":") + 1) == 0;
}

static enum options_result apply(struct parse *p, const struct option *option, const char *value)
{
    switch (option->kind) {
    case KIND_OPT: return option->set(p, value);
    case KIND_SAME:
        if (value && !value_listed(value, option->accepted))
            return opt_fail(p, "-%s %s: %s", p->name, value, option->why);
        options_note(p->o, option->name, value, NULL);
        return OPTIONS_RUN;
    case KIND_REFUSED: return opt_fail(p, "-%s: %s", p->name, option->why);
    }
    BUG("option kind %d", (int)option->kind);
}

/* Adds p's line to the others, each on a line of its own whatever is in it. */
static void add_line(struct parse *p, char *err, size_t err_len)
{
    size_t used = strlen(err);

    for (char *c = p->line; *c; c++)
        if (*c == '\n')
            *c = '?';
    snprintf(err + used, err_len - used, "%s%s", used ? "\n" : "", p->line);
}

enum options_result options_parse(struct options *o, int argc, char **argv, char *err,
                                  size_t err_len)
{
    struct parse p = {.o = o};

    *o = (struct options){
        .ram_size = (u64)DEFAULT_RAM_MIB * MIB,
        .model = cpu_model_find(CPU_MODEL_DEFAULT),
        .clock = CLOCK_HOST,
        .boot = "cad",
        .debugcon_iobase = DEBUGCON_PORT,
        .native_after = NATIVE_AFTER,
        .escape = 1, /* C-a */
        .argc = argc,
        .argv = argv,
    };
    err[0] = '\0';
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i], *value = NULL;
        const struct option *option;
        enum options_result r;

        if (arg[0] != '-') { /* a disk image, as in `pagewalk disk.img` */
            p.name = "hda";
            if (set_hda(&p, arg) != OPTIONS_RUN)
                add_line(&p, err, err_len);
            continue;
        }
        p.name = arg + 1 + (arg[1] == '-');
        option = option_find(p.name);
        if (!option) {
            unknown(&p, arg);
            add_line(&p, err, err_len);
            if (i + 1 < argc && argv[i + 1][0] != '-')
                i++; /* its value, probably */
            continue;
        }
        if (option->arg && value_optional(option->arg)) {
            if (i + 1 < argc && value_begins(option->arg, argv[i + 1]))
                value = argv[++i];
        } else if (option->arg) {
            if (i + 1 == argc) {
                opt_fail(&p, "option '%s' needs a value: %s", arg, option->arg);
                add_line(&p, err, err_len);
                break;
            }
            value = argv[++i];
        }
        r = apply(&p, option, value);
        if (r == OPTIONS_ERROR)
            add_line(&p, err, err_len);
        else if (r != OPTIONS_RUN)
            return r;
    }
    /* What belongs together is looked at when each by itself is right. */
    if (!err[0] && options_check(&p) != OPTIONS_RUN)
        add_line(&p, err, err_len);
    return err[0] ? OPTIONS_ERROR : OPTIONS_RUN;
}
