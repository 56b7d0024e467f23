/* -strace: each system call on one line, by the kinds of its arguments. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/user/user.h"

#define TEXT_MOST 64

/* A string of the guest's, cut; what is no string is an address. */
static void put_string(FILE *out, u32 address)
{
    const char *s = g2h(address);
    unsigned i;

    if (!address || !(space_rights(address) & FLAT_READ)) {
        fprintf(out, "%#" PRIx32, address);
        return;
    }
    fputc('"', out);
    for (i = 0; i < TEXT_MOST; i++) {
        if (((address + i) & PAGE_MASK) == 0 && !(space_rights(address + i) & FLAT_READ))
            break;
        if (!s[i])
            break;
        if (s[i] == '\n')
            fputs("\\n", out);
        else if (s[i] == '"' || s[i] == '\\')
            fprintf(out, "\\%c", s[i]);
        else if ((u8)s[i] < ' ' || (u8)s[i] >= 0x7f)
            fprintf(out, "\\%03o", (u8)s[i]);
        else
            fputc(s[i], out);
    }
    fputs(i == TEXT_MOST ? "\"..." : "\"", out);
}

static void put_argument(FILE *out, char kind, u32 value)
{
    switch (kind) {
    case 'P':
    case 'L':
    case 's': put_string(out, value); break;
    case 'p':
    case 'W':
        if (value)
            fprintf(out, "%#" PRIx32, value);
        else
            fputs("NULL", out);
        break;
    case 'd':
    case 'f':
    case 'S': fprintf(out, "%" PRId32, (i32)value); break;
    case 'o': fprintf(out, "%#" PRIo32, value); break;
    case 'x': fprintf(out, "%#" PRIx32, value); break;
    default: fprintf(out, "%" PRIu32, value); break;
    }
}

void strace_call(struct thread *t, u32 number, const char *name, const char *kinds, const u32 *arg)
{
    FILE *out = process.trace;

    flockfile(out);
    fprintf(out, "%" PRIu32 " %s(", t->tid, name);
    if (!strcmp(name, "syscall"))
        fprintf(out, "%" PRIu32 ", ", number);
    for (unsigned i = 0; i < 6 && kinds[i]; i++) {
        if (i)
            fputs(", ", out);
        put_argument(out, kinds[i], arg[i]);
    }
    fputc(')', out);
    if (!strncmp(name, "exit", 4) || !strncmp(name, "exec", 4))
        fputc('\n', out);
    fflush(out);
    funlockfile(out);
}

void strace_result(i64 result)
{
    if (result == -ERESTARTSYS || result == -EUNBEGUN)
        fputs(" = ? (to be restarted)\n", process.trace);
    else if (result < 0 && result > -4096)
        fprintf(process.trace, " = -1 errno=%d (%s)\n", (int)-result, strerror((int)-result));
    else if ((u32)result >= 0x10000)
        fprintf(process.trace, " = %#" PRIx32 "\n", (u32)result);
    else
        fprintf(process.trace, " = %" PRId32 "\n", (i32)result);
    fflush(process.trace);
}
