/* The helpers' declarations and traits, generated from helper.def. */
#ifndef PAGEWALK_HELPER_H
#define PAGEWALK_HELPER_H

#include "cpu/cpu.h"

enum helper_trait {
    HT_FAULT = 1, /* may raise a guest fault */
    HT_EIP = 2,   /* sets cpu->eip */
    HT_MODE = 4,  /* may change cpu->mode or mappings: the block must end */
    HT_REGS = 8,  /* writes guest registers beyond its result */
};

enum helper_id {
#define HELPER(name, flags_read, flags_written, traits) HELP_##name,
#include "cpu/helper.def"
#undef HELPER
    HELP_COUNT
};

typedef u32 helper_fn(struct cpu *cpu, u32 a, u32 b, u32 c);

struct helper {
    const char *name;
    helper_fn *fn;
    u32 flags_read, flags_written;
    u32 traits;
};
extern const struct helper helpers[HELP_COUNT];

#define HELPER(name, flags_read, flags_written, traits) helper_fn help_##name;
#include "cpu/helper.def"
#undef HELPER

/* A helper's definition line: HELP(clts) { ... }. Its parameters are cpu, a, b, c; unused ones are fine. */
#define HELP(name)                                                                                 \
    u32 help_##name(struct cpu *cpu __attribute__((unused)), u32 a __attribute__((unused)),        \
                    u32 b __attribute__((unused)), u32 c __attribute__((unused)))

#endif
