/* A flat for tests/boot/flat: a test program in the form of kvm-unit-tests. It is started by multiboot with -kernel, takes
 * its environment from the module that -initrd gives, switches on 4 MiB pages and the local APIC, looks at fw_cfg, pc-testdev
 * and the interrupt controllers, prints a line for each check on COM1, and leaves by isa-debug-exit with 0 or 1.
 *
 * Arguments: "hang" loops with interrupts on, "fail" has a check that fails. */
#include "guest.h"

#define EXIT    0xf4
#define LAPIC   0xfee00000u
#define IOAPIC  0xfec00000u
#define MEMORY  0xff000000u /* pc-testdev's */
#define VECTORS 0x60
#define CODE    0x08

/* The header's flags are 0, as a flat's are. Segments, a stack, and pages: 1024 of 4 MiB, uncached and all alike. */
__asm__(".section .text.first, \"ax\"\n"
        ".align 4\n"
        ".long 0x1badb002, 0, -0x1badb002\n"
        ".globl _start\n"
        "_start: lgdt gdt_pointer\n"
        "movw $0x10, %ax\n"
        "movw %ax, %ds\n"
        "movw %ax, %es\n"
        "movw %ax, %ss\n"
        "movl $stack_top, %esp\n"
        "movl %cr4, %eax\n"
        "orl $0x10, %eax\n"
        "movl %eax, %cr4\n"
        "movl $directory, %eax\n"
        "movl %eax, %cr3\n"
        "movl %cr0, %eax\n"
        "orl $0x80000001, %eax\n"
        "movl %eax, %cr0\n"
        "pushl %ebx\n"
        "ljmp $8, $1f\n"
        "1: call flat\n"
        ".data\n"
        ".align 4096\n"
        "directory: .set i, 0\n"
        ".rept 1024\n"
        ".long 0x1e7 | i << 22\n"
        ".set i, i + 1\n"
        ".endr\n"
        "gdt: .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff\n"
        "gdt_pointer: .word 23\n"
        ".long gdt\n"
        ".bss\n"
        ".skip 8192\n"
        "stack_top:\n"
        ".text\n");

void flat(const u32 *info);

static unsigned checks, failures;

static void check(int good, const char *what)
{
    checks++;
    failures += !good;
    print(good ? "PASS: " : "FAIL: ");
    print(what);
    print("\n");
}

/* The number behind NAME= in the environment, or -1. */
static long variable(const char *env, const char *end, const char *name)
{
    while (env < end) {
        const char *n = name;
        long value = 0;

        for (; *n && env < end && *env == *n; n++)
            env++;
        if (!*n && env < end && *env == '=') {
            for (env++; env < end && *env >= '0' && *env <= '9'; env++)
                value = value * 10 + *env - '0';
            return value;
        }
        while (env < end && *env++ != '\n')
            ;
    }
    return -1;
}

static u32 fw_cfg(u16 key, unsigned size)
{
    u32 value = 0;

    outw(0x510, key);
    for (unsigned i = 0; i < size; i++)
        value |= (u32)inb(0x511) << i * 8;
    return value;
}

static u32 lapic(u32 offset)
{
    return *(volatile u32 *)(LAPIC + offset);
}

static void set_lapic(u32 offset, u32 value)
{
    *(volatile u32 *)(LAPIC + offset) = value;
}

static void set_ioapic(u32 index, u32 value)
{
    *(volatile u32 *)IOAPIC = index;
    *(volatile u32 *)(IOAPIC + 16) = value;
}

/* What the vectors 0x40 on have counted. */
static volatile unsigned seen[8];
static volatile int level_pin = -1;

#define HANDLER(n)                                                                                 \
    __attribute__((interrupt)) static void handler##n(void *frame)                                 \
    {                                                                                              \
        (void)frame;                                                                               \
        seen[n]++;                                                                                 \
        if (level_pin >= 0)                                                                        \
            outb((u16)(0x2000 + level_pin), 0);                                                    \
        set_lapic(0xb0, 0);                                                                        \
    }
HANDLER(0)
HANDLER(1)
HANDLER(2)
HANDLER(3)
HANDLER(4)

static u32 idt[VECTORS][2];

static void set_gate(unsigned vector, void (*handler)(void *))
{
    u32 to = (u32)handler;

    idt[vector][0] = (u32)CODE << 16 | (to & 0xffff);
    idt[vector][1] = (to & 0xffff0000) | 0x8e00;
}

static void interrupts(void)
{
    static struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) pointer = {sizeof(idt) - 1, 0};

    pointer.base = (u32)idt;
    set_gate(0x40, handler0);
    set_gate(0x41, handler1);
    set_gate(0x42, handler2);
    set_gate(0x43, handler3);
    set_gate(0x44, handler4);
    __asm__ volatile("lidt %0" ::"m"(pointer));
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
    set_lapic(0xf0, 0x1ff);
    set_lapic(0x80, 0);
}

/* Whether the vector comes within 2^24 looks with interrupts on. */
static int comes(unsigned n)
{
    unsigned before = seen[n];

    for (unsigned i = 0; i < 1u << 24 && seen[n] == before; i++)
        __asm__ volatile("sti; nop; cli");
    return seen[n] == before + 1;
}

static void test_testdev(void)
{
    volatile u32 *memory = (volatile u32 *)MEMORY;

    outb(0xe1, 0x5a);
    check(inb(0xe1) == 0x5a, "pc-testdev keeps a byte");
    memory[1] = 0x01020304;
    check(((volatile u8 *)memory)[6] == 0x02, "pc-testdev has memory");
}

static void test_apic(void)
{
    u32 low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0x1b));
    check((low & 0xfffff900) == (LAPIC | 0x900), "the APIC's base, enabled, on the first CPU");
    check((lapic(0x30) & 0xff) >= 0x10 && lapic(0x20) >> 24 == 0, "its version and number");
    set_lapic(0x310, 0);
    set_lapic(0x300, 0x44000 | 0x40); /* itself */
    check(comes(0), "an interrupt to itself");
    /* INIT and two starts for all others, who are not there. */
    set_lapic(0x300, 0xc4500);
    set_lapic(0x300, 0xc4608);
    set_lapic(0x300, 0xc4608);
    check(!(lapic(0x300) & 0x1000), "start-up of others is sent");
    set_lapic(0x3e0, 0xb);
    set_lapic(0x320, 0x41);
    set_lapic(0x380, 10000);
    check(comes(1), "the APIC's timer, once");
    check(lapic(0x390) == 0, "and then no more");
}

static void test_ioapic(void)
{
    set_ioapic(0x10 + 2 * 0x0e + 1, 0);
    set_ioapic(0x10 + 2 * 0x0e, 0x42); /* an edge */
    outb(0x200e, 1);
    check(comes(2), "an edge at the I/O APIC");
    outb(0x200e, 0);
    set_ioapic(0x10 + 2 * 0x0e, 0x8043); /* a level, which the handler takes back */
    level_pin = 0x0e;
    outb(0x200e, 1);
    check(comes(3), "a level at the I/O APIC");
    level_pin = -1;
    set_ioapic(0x10 + 2 * 0x0e, 0x10000);
    set_ioapic(0x10 + 2 * 0x0f, 0x44);
    set_lapic(0x80, 0x50);
    outb(0x200f, 1);
    for (unsigned i = 0; i < 10000; i++)
        __asm__ volatile("sti; nop; cli");
    check(seen[4] == 0, "a task priority holds it back");
    set_lapic(0x80, 0);
    check(comes(4), "and lets it go");
    outb(0x200f, 0);
}

static int has_word(const char *line, const char *word)
{
    for (; *line; line++) {
        unsigned i = 0;

        while (word[i] && line[i] == word[i])
            i++;
        if (!word[i])
            return 1;
    }
    return 0;
}

void flat(const u32 *info)
{
    const u32 *module = (const u32 *)info[6];
    const char *line = (const char *)info[4];
    const char *env = info[5] ? (const char *)module[0] : 0,
               *end = info[5] ? (const char *)module[1] : 0;
    long cpus = variable(env, end, "NR_CPUS"), megabytes = variable(env, end, "MEMSIZE");

    check(info[0] & 4 && *line, "a command line");
    check(info[0] & 1 && info[2] >= 1024, "memory");
    check(fw_cfg(0, 4) == 0x554d4551, "fw_cfg");
    if (cpus >= 0)
        check((long)(fw_cfg(5, 2)) == cpus, "the environment's CPUs are those of fw_cfg");
    if (megabytes >= 0)
        check((long)(fw_cfg(3, 4) >> 20) == megabytes,
              "the environment's memory is that of fw_cfg");
    interrupts();
    test_testdev();
    test_apic();
    test_ioapic();
    if (has_word(line, "fail"))
        check(0, "asked to fail");
    print(failures ? "SUMMARY: with failures\n" : "SUMMARY: all passed\n");
    while (has_word(line, "hang"))
        __asm__ volatile("sti");
    outb(EXIT, failures ? 1 : 0);
    for (;;)
        ;
}
