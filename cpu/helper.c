/* The table of helpers, generated from helper.def. */
#include "cpu/helper.h"

const struct helper helpers[HELP_COUNT] = {
#define HELPER(name, flags_read, flags_written, traits)                                            \
    [HELP_##name] = {#name, help_##name, flags_read, flags_written, traits},
#include "cpu/helper.def"
#undef HELPER
};
