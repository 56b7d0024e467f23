/* What base.h declares and cannot be inline: the end of a run that broke one of its own rules. */
#include "mmu/host/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void bug_at(const char *file, int line, const char *fmt, ...)
{
    va_list args;

    fprintf(stderr, "pagewalk: bug at %s:%d: ", file, line);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
