/* The categorised log: names to mask, the list for people, and the one place that writes. */
#include "mmu/host/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
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

/* One range of len characters. */
static bool parse_range(const char *text, size_t len, struct log_range *range)
{
    char copy[64], *end;
    unsigned long long a, b;
    char kind;

    if (len >= sizeof(copy) || text[0] < '0' || text[0] > '9')
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    a = strtoull(copy, &end, 0);
    kind = *end;
    if (kind == '.' && end[1] == '.')
        end++;
    else if (kind != '+' && kind != '-')
        return false;
    if (end[1] < '0' || end[1] > '9')
        return false;
    b = strtoull(end + 1, &end, 0);
    if (*end || a > UINT32_MAX || b > UINT32_MAX || (kind != '.' && b == 0))
        return false;
    if (kind == '+')
        b = a + b - 1;
    if (kind == '-') {
        u64 last = a;

        a = last + 1 - b;
        b = last;
    }
    *range = (struct log_range){(u32)a, (u32)b};
    return a <= b && b <= UINT32_MAX;
}

int log_parse_ranges(const char *text, struct log *log)
{
    struct log_range range[LOG_RANGES];
    unsigned count = 0;

    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ",");

        if (count == LOG_RANGES || !parse_range(p, len, &range[count++]))
            return -EINVAL;
        p += len;
        if (!*p)
            break;
    }
    memcpy(log->range, range, sizeof(range[0]) * count);
    log->ranges = count;
    return 0;
}

bool log_in_range(const struct log *log, u32 la)
{
    for (unsigned i = 0; i < log->ranges; i++)
        if (la >= log->range[i].first && la <= log->range[i].last)
            return true;
    return log->ranges == 0;
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
    if (fclose(log->out) != 0 && !log->failed) /* what its end still had to write */
        fprintf(stderr, "pagewalk: the log cannot be written: %s\n", strerror(errno));
    log->out = NULL;
}

void stream_failed(FILE *out, bool before, const char *what)
{
    if (!before && ferror(out) && out != stderr)
        fprintf(stderr, "pagewalk: %s cannot be written: %s\n", what, strerror(errno));
}
