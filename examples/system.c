/* A tiny system: page tables, an IDT, a timer's interrupts and a page fault, in which the handler maps the page.
 *
 * cc system.c $(pkg-config --cflags --libs pagewalk) */
#include <pagewalk.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY 0x1000u
#define TABLE     0x2000u
#define GDT       0x3000u
#define IDT       0x4000u
#define CODE      0x5000u
#define TIMER     (CODE + 0x40)
#define FAULT     (CODE + 0x80)
#define STACK_TOP 0x8000u
#define LAZY      0x00300000u /* not present until it is written to */
#define FRAME     0x9000u     /* where it is then */

static const unsigned char start[] = {
    0xfb, /* sti */
    0xc7, 0x05, 0x00, 0x00, 0x30,
    0x00, 0xef, 0xbe, 0xad, 0xde, /* mov dword [LAZY], deadbeefh: #PF */
    0xf4,                         /* wait: hlt */
    0x83, 0xfb, 0x05,             /* cmp ebx, 5 */
    0x72, 0xfa,                   /* jb wait */
    0xfa, 0xf4,                   /* cli; hlt: the end */
};

static const unsigned char timer[] = {
    0x43,                         /* inc ebx */
    0xb0, 0x20, 0xe6, 0x20, 0xcf, /* mov al, 20h; out 20h, al; iret */
};

static const unsigned char fault[] = {
    0x60,                                     /* pusha */
    0x0f, 0x20, 0xd0,                         /* mov eax, cr2 */
    0xc1, 0xe8, 0x0c,                         /* shr eax, 12 */
    0x25, 0xff, 0x03, 0x00, 0x00,             /* and eax, 3ffh */
    0xc7, 0x04, 0x85, 0x00, 0x20, 0x00, 0x00, /* mov dword [TABLE + eax * 4], */
    0x03, 0x90, 0x00, 0x00,                   /*     FRAME + present, writable */
    0x61,                                     /* popa */
    0x83, 0xc4, 0x04,                         /* add esp, 4: the error code */
    0xcf,                                     /* iret */
};

static void put32(struct pagewalk *pw, uint32_t address, uint32_t value)
{
    pagewalk_write_physical(pw, address, &value, 4);
}

static void set_gate(struct pagewalk *pw, unsigned vector, uint32_t handler)
{
    put32(pw, IDT + vector * 8, 8u << 16 | (handler & 0xffff));
    put32(pw, IDT + vector * 8 + 4, (handler & 0xffff0000u) | 0x8e00);
}

static bool end_of_interrupt(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    (void)pw;
    if (event->value == 0x20)
        ++*(unsigned *)user;
    return false;
}

/* Sees what is delivered, and leaves it to the IDT. */
static bool see(struct pagewalk *pw, struct pagewalk_event *event, void *user)
{
    uint64_t cr2;

    (void)user;
    pagewalk_reg_read(pw, PAGEWALK_REG_CR2, &cr2);
    if (event->vector == 14)
        printf("page fault at %08x, error code %x\n", (unsigned)cr2, event->error_code);
    return false;
}

int main(void)
{
    struct pagewalk *pw;
    unsigned ends = 0;
    uint64_t ebx;
    uint32_t word = 0;
    int error = pagewalk_open(PAGEWALK_MODE_32, NULL, &pw);

    if (!error)
        error = pagewalk_map(pw, 0, 64 << 10, PAGEWALK_ALL);
    if (error) {
        fprintf(stderr, "%s\n", pagewalk_strerror(error));
        return 1;
    }
    put32(pw, DIRECTORY, TABLE | 3);
    for (uint32_t page = 0; page < 16; page++)
        put32(pw, TABLE + page * 4, page << 12 | 3);
    put32(pw, GDT + 8, 0x0000ffff); /* flat code and data */
    put32(pw, GDT + 12, 0x00cf9a00);
    put32(pw, GDT + 16, 0x0000ffff);
    put32(pw, GDT + 20, 0x00cf9200);
    set_gate(pw, 14, FAULT);
    set_gate(pw, 0x20, TIMER);
    pagewalk_write_physical(pw, CODE, start, sizeof(start));
    pagewalk_write_physical(pw, TIMER, timer, sizeof(timer));
    pagewalk_write_physical(pw, FAULT, fault, sizeof(fault));
    pagewalk_reg_write(pw, PAGEWALK_REG_GDT, GDT);
    pagewalk_reg_write(pw, PAGEWALK_REG_GDT_LIMIT, 23);
    pagewalk_reg_write(pw, PAGEWALK_REG_IDT, IDT);
    pagewalk_reg_write(pw, PAGEWALK_REG_IDT_LIMIT, 0x7ff);
    pagewalk_reg_write(pw, PAGEWALK_REG_CR3, DIRECTORY);
    pagewalk_reg_write(pw, PAGEWALK_REG_CR0, 0x80010033); /* PG, WP, NE, ET, MP, PE */
    pagewalk_reg_write(pw, PAGEWALK_REG_ESP, STACK_TOP);
    pagewalk_hook_add(pw, PAGEWALK_HOOK_OUT, 0x20, 0x20, end_of_interrupt, &ends, NULL);
    pagewalk_hook_add(pw, PAGEWALK_HOOK_INTERRUPT, 0, 31, see, NULL, NULL);

    error = pagewalk_run(pw, CODE, PAGEWALK_NOWHERE, 0, 0);
    while (!error &&
           pagewalk_end(pw) == PAGEWALK_END_HALT) { /* a tick each time it has nothing to do */
        uint64_t flags;

        pagewalk_reg_read(pw, PAGEWALK_REG_EFLAGS, &flags);
        if (!(flags & 0x200)) /* with interrupts off that was the end */
            break;
        pagewalk_interrupt(pw, 0x20);
        error = pagewalk_run(pw, PAGEWALK_HERE, PAGEWALK_NOWHERE, 0, 0);
    }
    pagewalk_reg_read(pw, PAGEWALK_REG_EBX, &ebx);
    pagewalk_read(pw, LAZY, &word, 4);
    printf("%s: %u ticks, %u ends of interrupt, %08x at LAZY\n", pagewalk_strerror(error),
           (unsigned)ebx, ends, word);
    pagewalk_close(pw);
    return error || ebx != 5 || word != 0xdeadbeef;
}
