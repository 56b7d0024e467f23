/* Finds out what a program that asks for a password compares it with: by hooks of its instructions, its system calls and
 * its reads.
 *
 * cc trace.c $(pkg-config --cflags --libs pagewalk) */
#include <pagewalk.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CODE  0x08048000u
#define DATA  0x08049000u /* the password, each byte XORed with 5Ah */
#define INPUT 0x0804a000u
#define STACK 0xbffff000u

/* The "program": read(0, INPUT, 8); compare; write(1, "yes" or "no"); exit. */
static const unsigned char program[] = {
    0xb8, 0x03, 0x00, 0x00, 0x00, /* mov eax, 3: read */
    0x31, 0xdb,                   /* xor ebx, ebx */
    0xb9, 0x00, 0xa0, 0x04, 0x08, /* mov ecx, INPUT */
    0xba, 0x08, 0x00, 0x00, 0x00, /* mov edx, 8 */
    0xcd, 0x80,                   /* int 80h */
    0xbe, 0x00, 0x90, 0x04, 0x08, /* mov esi, DATA */
    0xbf, 0x00, 0xa0, 0x04, 0x08, /* mov edi, INPUT */
    0xb9, 0x08, 0x00, 0x00, 0x00, /* mov ecx, 8 */
    0xac,                         /* next: lodsb */
    0x34, 0x5a,                   /* xor al, 5Ah */
    0x3a, 0x07,                   /* COMPARE: cmp al, [edi] */
    0x75, 0x07,                   /* jne no */
    0x47,                         /* inc edi */
    0xe2, 0xf6,                   /* loop next */
    0x31, 0xdb,                   /* xor ebx, ebx */
    0xeb, 0x05,                   /* jmp exit */
    0xbb, 0x01, 0x00, 0x00, 0x00, /* no: mov ebx, 1 */
    0xb8, 0x01, 0x00, 0x00, 0x00, /* exit: mov eax, 1: exit */
    0xcd, 0x80,                   /* int 80h */
};
#define COMPARE (CODE + 0x25)

static const char secret[] = {'p' ^ 0x5a, 'a' ^ 0x5a, 'g' ^ 0x5a, 'e' ^ 0x5a,
                              'w' ^ 0x5a, 'a' ^ 0x5a, 'l' ^ 0x5a, 'k' ^ 0x5a};

struct run {
    char guess[9]; /* what is known of the password */
    unsigned known;
    unsigned reads; /* of the secret */
    int status;
};

static uint32_t get(struct pagewalk *pw, enum pagewalk_reg reg)
{
    uint64_t value;

    pagewalk_reg_read(pw, reg, &value);
    return (uint32_t)value;
}

static bool system_call(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    struct run *run = user;

    (void)event;
    switch (get(pw, PAGEWALK_REG_EAX)) {
    case 1:
        run->status = (int)get(pw, PAGEWALK_REG_EBX);
        pagewalk_stop(pw);
        break;
    case 3:
        pagewalk_write(pw, get(pw, PAGEWALK_REG_ECX), run->guess, 8);
        pagewalk_reg_write(pw, PAGEWALK_REG_EAX, 8);
        break;
    }
    return true;
}

/* In front of the comparison AL is what should be there: it is noted, and the comparison made to succeed. */
static bool compare(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    struct run *run = user;
    char text[64];

    if (run->known < 8) {
        char wanted = (char)get(pw, PAGEWALK_REG_AL);

        run->guess[run->known++] = wanted;
        pagewalk_write(pw, get(pw, PAGEWALK_REG_EDI), &wanted, 1);
        pagewalk_disassemble(pw, event->address, text, sizeof(text), NULL);
        printf("%08x  %s: wants '%c'\n", event->address, text, wanted);
    }
    return false;
}

static bool secret_read(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    struct run *run = user;

    (void)pw;
    (void)event;
    run->reads++;
    return false;
}

int main(void)
{
    struct run run = {.guess = "????????"};
    struct pagewalk *pw;
    int error = pagewalk_open(PAGEWALK_MODE_32, NULL, &pw);

    if (error) {
        fprintf(stderr, "%s\n", pagewalk_strerror(error));
        return 1;
    }
    pagewalk_map(pw, CODE, 4096, PAGEWALK_READ | PAGEWALK_EXEC);
    pagewalk_map(pw, DATA, 4096, PAGEWALK_READ);
    pagewalk_map(pw, INPUT, 4096, PAGEWALK_READ | PAGEWALK_WRITE);
    pagewalk_map(pw, STACK, 4096, PAGEWALK_READ | PAGEWALK_WRITE);
    pagewalk_write(pw, CODE, program, sizeof(program));
    pagewalk_write(pw, DATA, secret, sizeof(secret));
    pagewalk_hook_add(pw, PAGEWALK_HOOK_SYSCALL, 1, 0, system_call, &run, NULL);
    pagewalk_hook_add(pw, PAGEWALK_HOOK_INSN, COMPARE, COMPARE, compare, &run, NULL);
    pagewalk_hook_add(pw, PAGEWALK_HOOK_READ, DATA, DATA + 7, secret_read, &run, NULL);
    for (unsigned i = 0; i < 2 && !error; i++) { /* the second time with what the first has found */
        error = pagewalk_run(pw, CODE, PAGEWALK_NOWHERE, 1000000, 0);
        printf("run %u: status %d, %u reads of the secret, password \"%s\"\n", i + 1, run.status,
               run.reads, run.guess);
    }
    if (error)
        fprintf(stderr, "%s at %08x\n", pagewalk_strerror(error), get(pw, PAGEWALK_REG_EIP));
    pagewalk_close(pw);
    return error != 0;
}
