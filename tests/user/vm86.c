/* V8086 mode, printed: what each instruction that the kernel does for 16-bit code leads to, and how vm86() ends. What is right
 * is in vm86.expected, by the source of Linux 6.1 (arch/x86/kernel/vm86_32.c): kernels for x86-64 lack the call, and so do Debian's. */
#define _GNU_SOURCE
#include <asm/vm86.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE_SEG  0x1000
#define STACK_SEG 0x2000
#define DATA_SEG  0x3000
#define BIOS_SEG  0xf000
#define HANDLER   0x800 /* in CODE_SEG: of most interrupts, */
#define END       0x700 /* and of exceptions whose handlers return to what raised them */
#define MEMORY    0x110000

#define IF   0x200u
#define TF   0x100u
#define DF   0x400u
#define IOPL 0x3000u
#define NT   0x4000u
#define AC   0x40000u
#define VIF  0x80000u
#define VIP  0x100000u
#define ID   0x200000u

static struct vm86plus_struct v;

/* 16-bit code from assembly. */
#define CODE16(name, text)                                                                         \
    __asm__(".section .rodata\n.code16\n" #name ":\n" text "\n" #name                              \
            "_end:\n.code32\n.previous\n");                                                        \
    extern const uint8_t name[], name##_end[]

CODE16(c_hlt, "hlt");
CODE16(c_regs, "xchg %ax, %bx; movw %ds, %cx; movl $0x12345678, %edi; movb $7, (0x10); hlt");
CODE16(c_pushf, "pushf; hlt");
CODE16(c_pushfd, "pushfl; hlt");
CODE16(c_popf, "pushw $0xffff; popf; pushf; hlt");
CODE16(c_popf_0, "pushw $0; popf; pushf; hlt");
CODE16(c_popfd, "pushl $0x3f7fd7; popfl; pushfl; hlt");
CODE16(c_cli, "cli; pushf; hlt");
CODE16(c_sti, "sti; pushf; nop; hlt");
CODE16(c_prefixed, ".byte 0x2e, 0xf3; sti; .byte 0x3e; cli; .byte 0x67, 0x66; pushf; hlt");
CODE16(c_iret, "pushw $0x4ed7; pushw $0xfff; pushw $1f - c_iret + 16; iret; hlt; 1: hlt");
CODE16(c_iretd, "pushl $0x243ed7; pushl $0xfff; pushl $1f - c_iretd + 16; iretl; hlt; 1: hlt");
CODE16(c_int, "int $0x60; hlt");
CODE16(c_int_bios, "int $0x61; hlt");
CODE16(c_int_none, "int $0x10; hlt");
CODE16(c_int3, "int3; hlt");
CODE16(c_cd03, ".byte 0xcd, 3; hlt");
CODE16(c_into, "into; hlt");
CODE16(c_int21, "movb $0x4c, %ah; int $0x21; hlt");
CODE16(c_int21_9, "movb $9, %ah; int $0x21; hlt");
CODE16(c_int80, "int $0x80; hlt");
CODE16(c_div, "xorw %cx, %cx; divw %cx; hlt");
CODE16(c_bound, "movw $5, %ax; movw $0, (0x20); movw $4, (0x22); boundw %ax, (0x20); hlt");
CODE16(c_in, "inb $0x60, %al; hlt");
CODE16(c_out, "outw %ax, %dx; hlt");
CODE16(c_ud, "ud2; hlt");
CODE16(c_lgdt, "lgdt (0); hlt");
CODE16(c_mov_cr, "movl %cr0, %eax; hlt");
CODE16(c_arpl, ".byte 0x63, 0xc8; hlt");
CODE16(c_limit, "movw $0xffff, %bx; movw (%bx), %ax; hlt");
CODE16(c_far, "movl $0x10000, %ebx; addr32 movb (%ebx), %al; hlt");
CODE16(c_stack_wrap, "movw $0, %sp; pushf; popf; movw $2, %sp; pushf; hlt");
CODE16(c_stack_edge, "movw $1, %sp; pushf; hlt");
CODE16(c_segs,
       "movw $0xb800, %ax; movw %ax, %es; movw %ax, %fs; movw %ax, %gs; les (0x30), %si; hlt");
CODE16(c_nowhere, "movw $0xffff, %ax; movw %ax, %ds; movb (0xfff0), %al; hlt");
CODE16(c_loop, "1: jmp 1b");
CODE16(c_step, "nop; nop; hlt");
CODE16(c_step_cli, "cli; nop; hlt");
CODE16(c_far_call, "lcall $0x1000, $0x900; hlt");
CODE16(c_string, "movw $4, %cx; movw $0x40, %di; movb $0x5a, %al; cld; rep stosb; hlt");
CODE16(c_handler, "pushf; popw %dx; iret");
CODE16(c_callee, "movw %sp, %bp; movw 2(%bp), %dx; lret");

/* A row's needs. */
enum { OLD = 1, REVECTOR = 2, PIC = 4, DEBUG = 8, DEBUG_TF = 16, IN_BIOS = 32, TWICE = 64 };

static const struct row {
    const char *name;
    const uint8_t *code, *end;
    unsigned flags, cpu, how;
} rows[] = {
#define ROW(code, ...) {#code, c_##code, c_##code##_end, __VA_ARGS__},
    ROW(hlt, 0, CPU_586, 0) ROW(hlt, ~0u & ~TF, CPU_586, 0) ROW(hlt, ~0u & ~TF, CPU_486,
                                                                0) ROW(hlt, ~0u & ~TF, CPU_386, 0)
        ROW(hlt, ~0u & ~TF, CPU_286, 0) ROW(hlt, ~0u & ~TF, CPU_086, OLD) ROW(
            regs, 0, CPU_586, 0) ROW(regs, 0, CPU_386, OLD) ROW(pushf, 0, CPU_586, 0)
            ROW(pushf, VIF | IF | 0xd5, CPU_586, 0) ROW(pushf, NT | IOPL | ID | AC, CPU_586, 0) ROW(
                pushf, NT | IOPL | ID | AC, CPU_286, 0) ROW(pushfd, NT | ID | AC | VIF, CPU_586, 0)
                ROW(pushfd, NT | ID | AC | VIF, CPU_486, 0) ROW(popf, 0, CPU_586, 0) ROW(
                    popf_0,
                    VIF | 0xcd5, CPU_386, 0) ROW(popf_0, VIF | 0xcd5, CPU_386, PIC)
                    ROW(popfd, 0, CPU_586, 0) ROW(popfd, 0, CPU_486, OLD) ROW(
                        cli, VIF, CPU_586, 0) ROW(cli, VIF | VIP, CPU_586,
                                                  0) ROW(sti, 0, CPU_586, 0)
                        ROW(sti, 0, CPU_586, PIC) ROW(sti, VIP, CPU_586, 0) ROW(
                            sti, VIP, CPU_586,
                            TWICE) ROW(sti, VIP, CPU_386,
                                       OLD) ROW(prefixed, 0, CPU_586, 0)
                            ROW(iret, 0, CPU_586, 0) ROW(iret, VIP, CPU_586, 0) ROW(
                                iretd, 0, CPU_586,
                                0) ROW(int, VIF, CPU_586,
                                       0) ROW(int, VIF | AC, CPU_586,
                                              OLD) ROW(int, 0, CPU_586,
                                                       REVECTOR) ROW(int, 0, CPU_586, DEBUG)
                                ROW(int, 0, CPU_586, IN_BIOS) ROW(int_bios, 0, CPU_586, 0) ROW(
                                    int_none, 0, CPU_586, 0) ROW(int3, 0, CPU_586, 0)
                                    ROW(int3, 0, CPU_586, OLD) ROW(cd03, 0, CPU_586, 0)
                                        ROW(into, 0x800, CPU_586, 0) ROW(into, 0, CPU_586, 0) ROW(
                                            into, 0x800, CPU_586,
                                            OLD) ROW(int21, 0, CPU_586,
                                                     REVECTOR) ROW(int21_9, 0, CPU_586, REVECTOR)
                                            ROW(int80, 0, CPU_586, 0) ROW(div, 0, CPU_586, 0) ROW(
                                                div, 0,
                                                CPU_586, OLD) ROW(bound, 0, CPU_586,
                                                                  0) ROW(bound, 0, CPU_586, OLD)
                                                ROW(in, 0, CPU_586, 0) ROW(out, 0, CPU_586, 0) ROW(
                                                    ud, 0, CPU_586,
                                                    0) ROW(lgdt, 0, CPU_586,
                                                           0) ROW(mov_cr, 0, CPU_586,
                                                                  0) ROW(arpl, 0, CPU_586, 0)
                                                    ROW(limit, 0, CPU_586,
                                                        0) ROW(far, 0, CPU_586,
                                                               0) ROW(stack_wrap, 0, CPU_586, 0)
                                                        ROW(stack_edge, 0, CPU_586,
                                                            0) ROW(segs, 0, CPU_586,
                                                                   0) ROW(nowhere, 0, CPU_586, 0)
                                                            ROW(loop, 0, CPU_586, 0) ROW(
                                                                step, TF, CPU_586,
                                                                0) ROW(step, TF, CPU_586, OLD)
                                                                ROW(step, TF, CPU_586, TWICE) ROW(
                                                                    step_cli, TF, CPU_586, 0)
                                                                    ROW(step_cli, TF, CPU_586,
                                                                        OLD) ROW(popf_0, 0, CPU_586,
                                                                                 DEBUG | DEBUG_TF)
                                                                        ROW(far_call, 0, CPU_586, 0)
                                                                            ROW(string, DF, CPU_586,
                                                                                0)};

static volatile int got, got_code, got_trap, got_address, got_eax;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;

    got = sig;
    got_code = info->si_code;
    got_trap = sig == SIGALRM ? 0 : reg[REG_TRAPNO];
    got_address = sig == SIGALRM || info->si_code == SI_KERNEL ? 0 : (int)info->si_addr;
    got_eax = reg[REG_EAX];
}

/* INT 80h by the C library keeps EBX for itself and returns -1 for some results. */
static int call(int number, unsigned a, unsigned b)
{
    int result;

    __asm__ volatile("push %%ebx; mov %2, %%ebx; int $0x80; pop %%ebx"
                     : "=a"(result)
                     : "0"(number), "r"(a), "c"(b)
                     : "memory");
    return result;
}

static int enter(const struct row *row)
{
    return row->how & OLD ? call(SYS_vm86old, (unsigned)&v, 0)
                          : call(SYS_vm86, VM86_ENTER, (unsigned)&v);
}

static void set_vector(unsigned n, unsigned seg, unsigned offset)
{
    /* Page 0 belongs to the program here. */
    volatile uint32_t *vector = (volatile uint32_t *)(uintptr_t)(4 * n);

    *vector = seg << 16 | offset;
}

static void copy(unsigned address, const uint8_t *from, const uint8_t *end)
{
    memcpy((void *)(uintptr_t)address, from, end - from);
}

static void print(int result)
{
    const uint16_t *stack = (const uint16_t *)(uintptr_t)(STACK_SEG * 16 + (v.regs.esp & 0xfffe));

    printf("  %d/%x ip %lx cs %x flags %lx ss:sp %x:%lx:", result & 0xff, result >> 8,
           (unsigned long)v.regs.eip, v.regs.cs, (unsigned long)v.regs.eflags, v.regs.ss,
           (unsigned long)v.regs.esp);
    for (unsigned i = 0; i < 6 && (v.regs.esp & 0xfffe) + 2 * i < 0x1000; i++)
        printf(" %x", stack[i]);
    printf("; %lx %lx %lx %lx %lx %lx %lx, %x %x %x %x, mem %x\n", v.regs.eax, v.regs.ebx,
           v.regs.ecx, v.regs.edx, v.regs.esi, v.regs.edi, v.regs.ebp, v.regs.ds, v.regs.es,
           v.regs.fs, v.regs.gs, *(uint32_t *)(DATA_SEG * 16 + 0x40));
    if (got) {
        printf("  signal %d code %d trap %d address %x eax %x\n", got, got_code, got_trap,
               got_address, got_eax);
        got = 0;
    }
}

static void run(const struct row *row)
{
    unsigned seg = row->how & IN_BIOS ? BIOS_SEG : CODE_SEG;
    struct itimerval soon = {.it_value.tv_usec = 100000};

    memset((void *)(STACK_SEG * 16), 0, 65536);
    memset((void *)(DATA_SEG * 16), 0x11, 65536);
    memset(&v, 0, sizeof(v));
    copy(seg * 16, row->code, row->end);
    v.regs = (struct vm86_regs){.eax = 0xa0a1a2a3,
                                .ebx = 0xb0b1b2b3,
                                .ecx = 0xc0c1c2c3,
                                .edx = 0xd0d1d2d3,
                                .esi = 0x51525354,
                                .edi = 0x61626364,
                                .ebp = 0x71727374,
                                .esp = 0x1000,
                                .eflags = row->flags,
                                .cs = seg,
                                .ss = STACK_SEG,
                                .ds = DATA_SEG,
                                .es = DATA_SEG,
                                .fs = DATA_SEG,
                                .gs = DATA_SEG};
    v.cpu_type = row->cpu;
    if (row->how & REVECTOR) {
        v.int_revectored.__map[3] |= 1;         /* 60h */
        v.int21_revectored.__map[2] |= 1 << 12; /* AH 4Ch */
    }
    v.vm86plus.force_return_for_pic = !!(row->how & PIC);
    v.vm86plus.vm86dbg_active = !!(row->how & DEBUG);
    v.vm86plus.vm86dbg_TFpendig = !!(row->how & DEBUG_TF);
    v.vm86plus.vm86dbg_intxxtab[0x60 >> 3] = 1;
    printf("%s flags %x cpu %u how %u\n", row->name, row->flags, row->cpu, row->how);
    if (row->code == c_loop)
        setitimer(ITIMER_REAL, &soon, NULL);
    print(enter(row));
    if (row->how & TWICE) {
        v.regs.eflags &= ~VIP;
        print(enter(row));
    }
}

int main(void)
{
    static const int signals[] = {SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS, SIGALRM};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    void *low = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    if (low)
        return 1;
    munmap((void *)0x10f000, 4096);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        sigaction(signals[i], &action, NULL);
    copy(CODE_SEG * 16 + HANDLER, c_handler, c_handler_end);
    copy(CODE_SEG * 16 + 0x900, c_callee, c_callee_end);
    for (unsigned n = 0; n < 256; n++)
        set_vector(n, CODE_SEG, HANDLER);
    copy(CODE_SEG * 16 + END, c_hlt, c_hlt_end);
    set_vector(0, CODE_SEG, END);
    set_vector(5, CODE_SEG, END);
    set_vector(0x10, BIOS_SEG, 0);
    set_vector(0x61, BIOS_SEG, 0x1234);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        run(&rows[i]);

    printf("install check %d\n", call(SYS_vm86, VM86_PLUS_INSTALL_CHECK, 0));
    printf("irq bits %d\n", call(SYS_vm86, VM86_GET_IRQ_BITS, 0));
    printf("get irq %d\n", call(SYS_vm86, VM86_GET_AND_RESET_IRQ, 5));
    printf("free irq %d\n", call(SYS_vm86, VM86_FREE_IRQ, 5));
    printf("free irq %d\n", call(SYS_vm86, VM86_FREE_IRQ, 99));
    printf("bad structure %d\n", call(SYS_vm86, VM86_ENTER, 0xfffff000));
    printf("bad structure %d\n", call(SYS_vm86old, 0x10f000, 0));
    v.flags = VM86_SCREEN_BITMAP;
    printf("screen bitmap %d\n", call(SYS_vm86, VM86_ENTER, (unsigned)&v));
    return 0;
}
