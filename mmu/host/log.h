/* Categorised log: a mask of categories and one output stream, owned by the program's main. */
#ifndef PAGEWALK_LOG_H
#define PAGEWALK_LOG_H

#include <stdio.h>

#include "mmu/host/base.h"

struct symbols;

enum log_bit {
#define LOG(name, help) LOG_BIT_##name,
#include "mmu/host/log.def"
#undef LOG
    LOG_BITS
};

enum {
#define LOG(name, help) LOG_##name = 1u << LOG_BIT_##name,
#include "mmu/host/log.def"
#undef LOG
};

#define LOG_RANGES 16
struct log_range {
    u32 first, last; /* linear addresses */
};

struct log {
    u32 mask; /* categories that are on */
    struct log_range range[LOG_RANGES];
    unsigned ranges;               /* 0: code anywhere is logged */
    FILE *out;                     /* stderr, or the file of -D */
    bool failed;                   /* out has, and that was said */
    const struct symbols *symbols; /* names of the guest's addresses; NULL: none are known */
};

/* Parses a comma-separated list ("int,fault", "all") into *mask. Returns 0, or -EINVAL with the
 * first unknown item copied to bad (at most len bytes with the terminator). */
int log_parse(const char *items, u32 *mask, char *bad, size_t len);

/* Parses "FIRST..LAST,FIRST+BYTES,LAST-BYTES" into the log's ranges. 0, or -EINVAL: nothing is changed. */
int log_parse_ranges(const char *text, struct log *log);

/* Whether code at the linear address is to be logged. */
bool log_in_range(const struct log *log, u32 la);

/* Prints every category with its help, one a line. */
void log_help(FILE *out);

/* Both say on stderr, once, that a file cannot be written. */
void log_write(struct log *log, const char *fmt, ...) printf_like(2, 3);
void log_close(struct log *log); /* closes the file, if there is one */

/* After something was written to `out`, which had an error before or not: the first one is said on stderr. */
void stream_failed(FILE *out, bool before, const char *what);

static inline bool log_on(const struct log *log, u32 category)
{
    return unlikely(log->mask & category);
}

/* Whether one of the categories is on for code at the linear address. */
static inline bool log_on_at(const struct log *log, u32 category, u32 la)
{
    return log_on(log, category) && log_in_range(log, la);
}

/* log_printf(log, LOG_int, "fmt", ...): evaluates its arguments only when the category is on. */
#define log_printf(log, category, ...)                                                             \
    do {                                                                                           \
        if (log_on(log, category))                                                                 \
            log_write(log, __VA_ARGS__);                                                           \
    } while (0)

#endif
