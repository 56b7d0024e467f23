/* Setters of the options that log, measure, and change how Pagewalk works. */
#include <limits.h>
#include <string.h>

#include "boot/optparse.h"
#include "boot/optvalue.h"
#include "translate/translate.h"

#define FLAG(name)                                                                                 \
    SETTER(name)                                                                                   \
    {                                                                                              \
        p->o->name = true;                                                                         \
        return OPTIONS_RUN;                                                                        \
    }

FLAG(no_chain)
FLAG(slow_mem)

SETTER(stats)
{
    if (!value) {
        p->o->stats = true;
        return OPTIONS_RUN;
    }
    value = strchr(value, ':') + 1;
    if (!*value)
        return opt_fail(p, "-stats json: give a file, json:FILE");
    p->o->stats_file = value;
    return OPTIONS_RUN;
}

/* QEMU's items that are called otherwise here. NULL: there is no such log; the note says why. */
static const struct {
    const char *name, *item, *why;
} qemu_items[] = {
    {"guest_errors", "unassigned", NULL},
    {"unimp", "unassigned", NULL},
    {"cpu_reset", "reset", NULL},
    {"pcall", "task,fault", NULL},
    {"op", "uop", NULL},
    {"op_opt", "uop", NULL},
    {"op_ind", "uop", NULL},
    {"out_asm", NULL, "host code is not logged; uop is what it is made from"},
    {"page", NULL, "there are no host page tables to log"},
    {"fpu", NULL, "registers of the FPU are in the dumps of SIGUSR2"},
    {"strace", NULL, "a machine makes no system calls"},
    {"plugin", NULL, "there are no plugins"},
    {"tid", NULL, "there is one log"},
    {"vpu", NULL, "there are no vector registers but SSE's"},
};

/* One item of -d. */
static enum options_result log_item(struct parse *p, const char *item, u32 *mask)
{
    char bad[64];
    u32 bits = 0;

    if (strcmp(item, "nochain") == 0) {
        p->o->no_chain = true;
        return OPTIONS_RUN;
    }
    for (size_t i = 0; i < ARRAY_SIZE(qemu_items); i++) {
        if (strcmp(qemu_items[i].name, item) != 0)
            continue;
        if (!qemu_items[i].item)
            options_note(p->o, "d", qemu_items[i].name, qemu_items[i].why);
        item = qemu_items[i].item;
        break;
    }
    if (!item)
        return OPTIONS_RUN;
    if (log_parse(item, &bits, bad, sizeof(bad)) < 0)
        return opt_fail(p, "-d %s: no such log item; '-d help' lists them", bad);
    *mask |= bits;
    return OPTIONS_RUN;
}

SETTER(log)
{
    u32 mask = 0;

    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_LOG_HELP;
    for (const char *item = value; item;) {
        size_t len = strcspn(item, ",");
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)len, item);
        if (log_item(p, name, &mask) != OPTIONS_RUN)
            return OPTIONS_ERROR;
        item = item[len] ? item + len + 1 : NULL;
    }
    p->o->log_mask = mask;
    return OPTIONS_RUN;
}

SETTER(log_filter)
{
    struct log log;

    if (log_parse_ranges(value, &log) < 0)
        return opt_fail(
            p, "-dfilter %s: give at most %d ranges: FIRST..LAST, FIRST+BYTES or LAST-BYTES", value,
            LOG_RANGES);
    p->o->log_filter = value;
    return OPTIONS_RUN;
}

/* QEMU's name for -block-len 1. */
SETTER(singlestep)
{
    p->o->block_len = 1;
    p->o->random_len = false;
    return OPTIONS_RUN;
}

/* NULL: this build has no such engine. */
static const char *find_engine(const char *text, size_t len)
{
    for (const char *const *name = translator_engines(); *name; name++)
        if (strlen(*name) == len && strncmp(text, *name, len) == 0)
            return *name;
    return NULL;
}

SETTER(engine)
{
    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_ENGINE_HELP;
    p->o->engine = find_engine(value, strlen(value));
    if (p->o->engine)
        return OPTIONS_RUN;
    return opt_fail(p, "-engine %s: no such engine in this build; '-engine help' lists them",
                    value);
}

static enum options_result number(struct parse *p, const char *text, u64 min, u64 max, u64 *value)
{
    if (value_number(text, min, max, value))
        return OPTIONS_RUN;
    return opt_fail(p, "-%s %s: not a number from %llu to %llu", p->name, text,
                    (unsigned long long)min, (unsigned long long)max);
}

/* One item of -digest: N, N@FROM, end=N, page=PA. */
static enum options_result digest_item(struct parse *p, char *item, bool first)
{
    struct pc_checkpoints *points = &p->o->checkpoints;
    struct pc_checkpoint_step *step = &points->step[points->steps];
    char *from = strchr(item, '@');

    if (first)
        return number(p, item, 1, INT64_MAX, &points->every);
    if (strncmp(item, "end=", 4) == 0)
        return number(p, item + 4, 1, INT64_MAX, &points->end);
    if (strncmp(item, "page=", 5) == 0)
        return number(p, item + 5, 0, UINT32_MAX, &p->o->checkpoint_page);
    if (!from)
        return opt_fail(p, "-digest: '%s' is not N@FROM, end=N or page=PA", item);
    if (points->steps == PC_CHECKPOINT_STEPS)
        return opt_fail(p, "-digest: more than %d steps", PC_CHECKPOINT_STEPS);
    *from++ = '\0';
    points->steps++;
    if (number(p, item, 1, INT64_MAX, &step->every) != OPTIONS_RUN ||
        number(p, from, 0, INT64_MAX, &step->from) != OPTIONS_RUN)
        return OPTIONS_ERROR;
    if (points->steps > 1 && step->from <= step[-1].from)
        return opt_fail(p, "-digest: steps must ascend");
    return OPTIONS_RUN;
}

SETTER(digest)
{
    struct pc_checkpoints *points = &p->o->checkpoints;
    size_t len = strcspn(value, ",");
    char item[64];

    *points = (struct pc_checkpoints){0};
    p->o->checkpoint_page = 1;
    for (const char *at = value;; at += len + 1, len = strcspn(at, ",")) {
        snprintf(item, sizeof(item), "%.*s", (int)len, at);
        if (digest_item(p, item, at == value) != OPTIONS_RUN)
            return OPTIONS_ERROR;
        if (!at[len])
            return OPTIONS_RUN;
    }
}

SETTER(lockstep)
{
    const char *item = value;

    p->o->lockstep_insns = 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t len = strcspn(item, ",");

        p->o->lockstep[i] = find_engine(item, len);
        if (!p->o->lockstep[i])
            return opt_fail(
                p, "-lockstep %s: give two engines, ENGINE,ENGINE; '-engine help' lists them",
                value);
        item += len + (item[len] == ',');
    }
    if (strncmp(item, "insns=", 6) == 0)
        return number(p, item + 6, 1, INT64_MAX, &p->o->lockstep_insns);
    if (*item)
        return opt_fail(p, "-lockstep %s: '%s' is not insns=N", value, item);
    return OPTIONS_RUN;
}

SETTER(block_len)
{
    u64 n = 0;
    enum options_result r = OPTIONS_RUN;

    p->o->random_len = strcmp(value, "random") == 0;
    if (!p->o->random_len)
        r = number(p, value, 1, 1000, &n);
    p->o->block_len = (unsigned)n;
    return r;
}

SETTER(tlb_limit)
{
    u64 n = 0;
    enum options_result r = number(p, value, 1, UINT32_MAX, &n);

    p->o->tlb_limit = (u32)n;
    return r;
}

SETTER(window_wait)
{
    u64 n = 0;
    enum options_result r = number(p, value, 1, UINT32_MAX, &n);

    p->o->window_wait = (u32)n;
    return r;
}

SETTER(native_after)
{
    u64 n = 0;
    enum options_result r = number(p, value, 0, NATIVE_AFTER_MAX, &n);

    p->o->native_after = (u32)n;
    return r;
}

SETTER(cache_blocks)
{
    u64 n = 0;
    enum options_result r = number(p, value, 1, INT_MAX, &n);

    p->o->cache_blocks = (unsigned)n;
    return r;
}

SETTER(reverse_memory)
{
    u64 mib;

    if (!value_mebibytes(value, &mib) || mib > 1u << 20)
        return opt_fail(p, "-reverse-memory %s: give a size like 512M or 2G", value);
    p->o->reverse = true;
    p->o->reverse_memory = mib * MIB;
    return OPTIONS_RUN;
}

SETTER(code_buffer)
{
    char digits[16];
    size_t len = strlen(value);
    u64 unit = 1, n = 0;

    if (len > 1 && strchr("KM", value[len - 1]))
        unit = value[--len] == 'K' ? KIB : MIB;
    snprintf(digits, sizeof(digits), "%.*s", (int)len, value);
    if (len >= sizeof(digits) || !value_number(digits, 1, CODE_BUFFER_MAX / unit, &n) ||
        n * unit < CODE_BUFFER_MIN)
        return opt_fail(p, "-code-buffer %s: give a size from 16K to 256M", value);
    p->o->code_buffer = (u32)(n * unit);
    return OPTIONS_RUN;
}
