/* Calls a function that is nothing but code: a checksum, of bytes that the caller has.
 *
 * cc call.c $(pkg-config --cflags --libs pagewalk) */
#include <pagewalk.h>
#include <stdio.h>
#include <string.h>

#define CODE   0x08000000u
#define DATA   0x10000000u
#define STACK  0x20000000u
#define RETURN 0xfffffff0u /* nothing is there: the run ends when the function returns */

/* unsigned sum(const unsigned char *data, unsigned len) { unsigned s = 0; while (len--) s = s * 31 + *data++; return s; } */
static const unsigned char sum[] = {
    0x8b, 0x54, 0x24, 0x04, /* mov edx, [esp + 4] */
    0x8b, 0x4c, 0x24, 0x08, /* mov ecx, [esp + 8] */
    0x56,                   /* push esi */
    0x31, 0xc0,             /* xor eax, eax */
    0xe3, 0x0c,             /* jecxz done */
    0x6b, 0xc0, 0x1f,       /* again: imul eax, eax, 31 */
    0x0f, 0xb6, 0x32,       /* movzx esi, byte [edx] */
    0x01, 0xf0,             /* add eax, esi */
    0x42,                   /* inc edx */
    0x49,                   /* dec ecx */
    0x75, 0xf4,             /* jnz again */
    0x5e,                   /* done: pop esi */
    0xc3,                   /* ret */
};

static int fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s\n", what, pagewalk_strerror(error));
    return 1;
}

int main(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : "Hello, world";
    uint32_t frame[3] = {RETURN, DATA, (uint32_t)strlen(text)};
    struct pagewalk *pw;
    uint64_t result;
    int error;

    error = pagewalk_open(PAGEWALK_MODE_32, NULL, &pw);
    if (error)
        return fail("open", error);
    if ((error = pagewalk_map(pw, CODE, 4096, PAGEWALK_READ | PAGEWALK_EXEC)) ||
        (error = pagewalk_map(pw, DATA, 1 << 20, PAGEWALK_READ)) ||
        (error = pagewalk_map(pw, STACK, 4096, PAGEWALK_READ | PAGEWALK_WRITE)))
        return fail("map", error);
    if ((error = pagewalk_write(pw, CODE, sum, sizeof(sum))) ||
        (error = pagewalk_write(pw, DATA, text, frame[2])) ||
        (error = pagewalk_write(pw, STACK + 4096 - sizeof(frame), frame, sizeof(frame))))
        return fail("write", error);
    pagewalk_reg_write(pw, PAGEWALK_REG_ESP, STACK + 4096 - sizeof(frame));
    error = pagewalk_run(pw, CODE, RETURN, 0, 0);
    if (error)
        return fail("run", error);
    pagewalk_reg_read(pw, PAGEWALK_REG_EAX, &result);
    printf("sum of \"%s\": %08x, in %llu instructions\n", text, (unsigned)result,
           (unsigned long long)pagewalk_instructions(pw));
    pagewalk_close(pw);
    return 0;
}
