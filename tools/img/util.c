/* Small things of pagewalk-img's commands: messages, sizes, progress, zeros. */
#include "tools/img/img.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int img_fail(const char *fmt, ...)
{
    va_list args;

    fflush(stdout);
    fputs("pagewalk-img: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return IMG_FAILED;
}

struct block *img_open_snapshot(const char *path, const char *format, const char *snapshot,
                                unsigned flags)
{
    struct block_how how = {.format = format, .snapshot = snapshot, .flags = flags};
    char err[1024];
    struct block *block = block_open_how(path, how, err, sizeof(err));

    if (!block) {
        img_fail("%s", err);
    } else if (!(flags & BLOCK_READ_ONLY) && block->read_only) {
        img_fail("'%s' cannot be written", path);
        block_close(block);
        block = NULL;
    }
    return block;
}

struct block *img_open(const char *path, const char *format, unsigned flags)
{
    return img_open_snapshot(path, format, NULL, flags);
}

bool img_size(const char *text, u64 *bytes)
{
    static const char units[] = "bkmgtpe";
    char *end;
    double n = strtod(text, &end);
    const char *unit;
    u64 whole;

    if (end == text || !(n >= 0) || *text == '-' || *text == '+')
        return false;
    whole = strtoull(text, NULL, 10);
    if (*end) {
        unit = strchr(units, *end | 0x20);
        if (!unit || end[1])
            return false;
        for (; unit > units; unit--) {
            n *= 1024;
            whole *= 1024;
        }
    }
    if (n >= 0x1p62)
        return false;
    *bytes = strchr(text, '.') ? (u64)n : whole;
    return true;
}

const char *img_human(u64 bytes, char *text, size_t len)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double n = (double)bytes;
    unsigned unit = 0;

    for (; n >= 1000 && unit < ARRAY_SIZE(units) - 1; unit++)
        n /= 1024;
    snprintf(text, len, "%0.3g %s", n, units[unit]);
    return text;
}

void img_progress(const struct img_common *common, u64 done, u64 all)
{
    if (!common->progress || common->quiet)
        return;
    printf("    (%3.2f/100%%)%s", all ? 100.0 * (double)done / (double)all : 100.0,
           done == all ? "\n" : "\r");
    fflush(stdout);
}

void json_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        u8 c = (u8)*text;

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}
