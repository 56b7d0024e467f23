/* The categorised log: names to mask, the list for people, and the one place that writes. */
#include "mmu/host/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static const struct {
    const char *name, *help;
} categories[LOG_BITS] = {
#define LOG(name, help) [LOG_BIT_##name] = {#name, help},
#include "mmu/host/log.def"
#undef LOG
};

_Static_assert(LOG_BITS <= 31, "a category is one bit of a u32, and 1u << LOG_BITS must exist");

/* The bits of the item of len bytes at name, 0 when there is none of that name. */
static u32 find_item(const char *name, size_t len)
{
    if (len == 3 && memcmp(name, "all", 3) == 0)
        return (1u << LOG_BITS) - 1;
    for (unsigned i = 0; i < LOG_BITS; i++) {
        if (strlen(categories[i].name) == len && memcmp(categories[i].name, name, len) == 0)
            return 1u << i;
    }
    return 0;
}

int log_parse(const char *items, u32 *mask, char *bad, size_t len)
{
    u32 result = 0;

    for (const char *p = items;; p++) {
        size_t n = strcspn(p, ",");
        u32 bits = find_item(p, n);

        if (bits == 0) {
            if (len > 0)
                snprintf(bad, len, "%.*s", (int)n, p);
            return -EINVAL;
        }
        result |= bits;
        p += n;
        if (*p == 0)
            break;
    }
    *mask = result;
    return 0;
}

void log_help(FILE *out)
{
    for (unsigned i = 0; i < LOG_BITS; i++)
        fprintf(out, "%-12s %s\n", categories[i].name, categories[i].help);
    fprintf(out, "%-12s %s\n", "all", "all of these");
}

static void check_stream(struct log *log)
{
    if (!log->out)
        return;
    stream_failed(log->out, log->failed, "the log");
    log->failed = ferror(log->out);
}

void log_write(struct log *log, const char *fmt, ...)
{
    FILE *out = log->out ? log->out : stderr;
    va_list args;

    va_start(args, fmt);
    vfprintf(out, fmt, args);
    va_end(args);
    check_stream(log);
}

void log_close(struct log *log)
{
    if (!log->out || log->out == stderr)
        return;
    fflush(log->out);
    check_stream(log);
    fclose(log->out);
    log->out = NULL;
}

void stream_failed(FILE *out, bool before, const char *what)
{
    if (!before && ferror(out) && out != stderr)
        fprintf(stderr, "pagewalk: %s cannot be written: %s\n", what, strerror(errno));
}
