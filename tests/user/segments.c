/* Segments, printed: what modify_ldt() and set_thread_area() take and refuse, what accesses through such segments do at their
 * limits, which selectors can be loaded, and what becomes of registers whose descriptor changes. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define LDT(entry) ((entry) << 3 | 7)
#define GDT(entry) ((entry) << 3 | 3)

static sigjmp_buf back;
static uint8_t *memory; /* three pages, the middle one is what segments begin at */

static void on_fault(int sig, siginfo_t *info, void *context)
{
    greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;

    printf(" signal %d code %d trap %d error %x", sig, info->si_code, (int)reg[REG_TRAPNO],
           (unsigned)reg[REG_ERR]);
    siglongjmp(back, 1);
}

enum { DATA, DOWN, CODE, CONFORMING };

static struct user_desc make(unsigned entry, unsigned limit, unsigned contents, unsigned flags)
{
    return (struct user_desc){.entry_number = entry,
                              .base_addr = (unsigned)(uintptr_t)memory + 4096,
                              .limit = limit,
                              .seg_32bit = flags & 1,
                              .contents = contents,
                              .read_exec_only = flags >> 1 & 1,
                              .limit_in_pages = flags >> 2 & 1,
                              .seg_not_present = flags >> 3 & 1,
                              .useable = flags >> 4 & 1};
}

static int set(unsigned entry, unsigned limit, unsigned contents, unsigned flags)
{
    struct user_desc d = make(entry, limit, contents, flags);

    return syscall(SYS_modify_ldt, 1, &d, sizeof(d)) < 0 ? -errno : 0;
}

/* Whether it could be. */
static int load_fs(unsigned sel)
{
    unsigned got;

    __asm__ volatile("mov %0, %%fs" : : "r"(0));
    if (!sigsetjmp(back, 1)) {
        __asm__ volatile("mov %1, %%fs; mov %%fs, %0" : "=r"(got) : "r"(sel));
        printf(" fs %x", got & 0xffff);
        return 1;
    }
    return 0;
}

#define READ(size, suffix, reg, offset)                                                            \
    if (!sigsetjmp(back, 1)) {                                                                     \
        unsigned value = 0;                                                                        \
        __asm__ volatile("mov" suffix " %%fs:(%1), %" reg "0" : "+q"(value) : "r"(offset));        \
        printf(" read%d %x", size, value);                                                         \
    }
#define WRITE(suffix, reg, offset)                                                                 \
    if (!sigsetjmp(back, 1)) {                                                                     \
        __asm__ volatile("mov" suffix " %" reg "0, %%fs:(%1)"                                      \
                         :                                                                         \
                         : "q"(0x5a), "r"(offset)                                                  \
                         : "memory");                                                              \
        printf(" wrote");                                                                          \
    }

static void at_limits(void)
{
    static const unsigned limits[] = {0, 3, 0xfff, 0xffff, 0xfffff};
    static const unsigned offsets[] = {0,      1,      3,       4,          0xffd,     0xfff,
                                       0x1000, 0xffff, 0x10000, 0xffffffff, 0xfffff000};

    for (unsigned contents = DATA; contents <= CONFORMING; contents++)
        for (unsigned flags = 0; flags < 8; flags++)
            for (unsigned l = 0; l < 5; l++) {
                printf("contents %u flags %u limit %x: %d", contents, flags, limits[l],
                       set(5, limits[l], contents, flags));
                if (!load_fs(LDT(5))) {
                    printf("\n");
                    continue;
                }
                printf("\n");
                for (unsigned o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
                    unsigned offset = offsets[o];

                    printf("  %x:", offset);
                    READ(1, "b", "b", offset);
                    WRITE("b", "b", offset);
                    if (offset != 0xffffffff) { /* a wrap is checked or not (SDM vol. 3A, 5.3) */
                        READ(4, "l", "", offset);
                        WRITE("l", "", offset);
                    }
                    printf("\n");
                }
            }
}

static void look(unsigned sel)
{
    unsigned rights = 0, limit = 0;
    uint8_t has_rights, has_limit, readable, writable;

    __asm__ volatile("lar %2, %0; setz %1" : "+r"(rights), "=q"(has_rights) : "r"(sel));
    __asm__ volatile("lsl %2, %0; setz %1" : "+r"(limit), "=q"(has_limit) : "r"(sel));
    __asm__ volatile("verr %w1; setz %0" : "=q"(readable) : "r"(sel));
    __asm__ volatile("verw %w1; setz %0" : "=q"(writable) : "r"(sel));
    printf(" lar %d %x lsl %d %x verr %d verw %d", has_rights, rights & 0xf0fe00, has_limit, limit,
           readable, writable);
}

#define LOAD(reg)                                                                                  \
    do {                                                                                           \
        printf(" " reg);                                                                           \
        if (!sigsetjmp(back, 1))                                                                   \
            __asm__ volatile("push %%" reg "; mov %0, %%" reg "; pop %%" reg : : "r"(sel));        \
    } while (0)

static void selectors(void)
{
    static const unsigned gdt[] = {0,    3,    0x20, 0x23, 0x28, 0x2b,
                                   0x29, 0x68, 0x6b, 0x70, 0x80, 0xfff8};

    struct user_desc tls = make(13, 0xfffff, DATA, 5);

    syscall(SYS_set_thread_area, &tls); /* the C library has the one before it */
    set(0, 0xfffff, DATA, 5);
    set(1, 0xfffff, DATA, 7);
    set(2, 0xfffff, CODE, 5);
    set(3, 0xfffff, CODE, 7);
    set(4, 0xfffff, DATA, 13);
    set(5, 0xfffff, CODE, 13);
    set(6, 0xfffff, CONFORMING, 13);
    for (unsigned i = 0; i < 8 + sizeof(gdt) / sizeof(gdt[0]); i++) {
        unsigned sel = i < 8 ? LDT(i) : gdt[i - 8];

        printf("selector %x:", sel);
        look(sel);
        load_fs(sel);
        LOAD("ds");
        LOAD("es");
        LOAD("ss");
        printf(" far");
        if (!sigsetjmp(back, 1)) {
            struct {
                uint32_t offset;
                uint16_t selector;
            } __attribute__((packed)) far = {0, sel};

            if (sel == LDT(2) || sel == LDT(3)) /* lret is there */
                memory[4096] = 0xcb;
            if (sel != 0x20 && sel != 0x23)
                __asm__ volatile("lcall *%0" : : "m"(far) : "memory");
        }
        printf("\n");
    }
}

/* With SS of 16 bits only SP counts. */
static void stacks(void)
{
    uint32_t sp, value, esp;

    set(7, 0xfff, DATA, 0);
    memset(memory + 4096, 0, 4096);
    __asm__ volatile("mov %%ss, %%ecx; mov %%esp, %%edx; mov %3, %%ss; mov $0x12340100, %%esp\n"
                     "push $0x55667788; push $0x11223344; pop %1; mov %%esp, %0\n"
                     "mov %%ecx, %%ss; mov %%edx, %%esp"
                     : "=&r"(sp), "=&r"(value)
                     : "0"(0), "r"(LDT(7))
                     : "ecx", "edx", "memory");
    printf("stack16 %x %x", sp, value);
    memcpy(&value, memory + 4096 + 0xfc, 4);
    printf(" %x\n", value);
    /* One that grows down: offsets beyond the limit are in it. */
    set(7, 0xff, DOWN, 1);
    __asm__ volatile("mov %%ss, %%ecx; mov %%esp, %%edx; mov %2, %%ss; mov $0x208, %%esp\n"
                     "push $0x1234; mov %%esp, %0; mov %%ecx, %%ss; mov %%edx, %%esp"
                     : "=&r"(esp), "=&r"(value)
                     : "r"(LDT(7))
                     : "ecx", "edx", "memory");
    memcpy(&value, memory + 4096 + 0x204, 4);
    printf("stack down %x %x\n", esp, value);
}

/* FS and GS get the new descriptor when the kernel comes to switch threads, DS and ES at once. */
static void changes(void)
{
    unsigned value = 0;

    set(5, 0xfff, DATA, 1);
    memcpy(memory + 4096, "abcdefgh", 8);
    printf("changes:");
    load_fs(LDT(5));
    for (unsigned flags = 0; flags < 2; flags++) {
        struct user_desc d = make(5, 2 + flags, DATA, 1);

        d.base_addr += 2 * flags;
        if (!sigsetjmp(back, 1)) {
            __asm__ volatile("mov %1, %%es; int $0x80; mov %%es:0, %0; push %%ds; pop %%es"
                             : "=&r"(value)
                             : "r"(LDT(5)), "a"(SYS_modify_ldt), "b"(1), "c"(&d), "d"(sizeof(d))
                             : "memory");
            printf(" es %x", value);
        }
    }
    printf("\n");
}

static void ldt_calls(void)
{
    struct user_desc d = make(8192, 0xfff, DATA, 1);
    uint32_t table[20] = {0};
    char big[200];
    long n;

#define SAY(name, call) n = (call), printf(name " %ld %d\n", n < 0 ? -1 : n, n < 0 ? errno : 0)
    SAY("entry 8192", syscall(SYS_modify_ldt, 1, &d, sizeof(d)));
    d.entry_number = 2;
    SAY("short", syscall(SYS_modify_ldt, 1, &d, sizeof(d) - 1));
    SAY("function 3", syscall(SYS_modify_ldt, 3, &d, sizeof(d)));
    SAY("bad pointer", syscall(SYS_modify_ldt, 1, 16, sizeof(d)));
    SAY("function 2", syscall(SYS_modify_ldt, 2, big, sizeof(big)));
    d.contents = CONFORMING;
    SAY("present and conforming", syscall(SYS_modify_ldt, 1, &d, sizeof(d)));
    SAY("by function 17", syscall(SYS_modify_ldt, 0x11, &d, sizeof(d)));
    d.seg_not_present = 1;
    SAY("not present and conforming", syscall(SYS_modify_ldt, 1, &d, sizeof(d)));
    SAY("by function 17", syscall(SYS_modify_ldt, 0x11, &d, sizeof(d)));
    d.contents = DATA;
    d.useable = 1;
    d.base_addr = 0x12345678;
    SAY("useable", syscall(SYS_modify_ldt, 1, &d, sizeof(d)));
    SAY("read", syscall(SYS_modify_ldt, 0, table, sizeof(table)));
    printf("%08x %08x\n", table[4], table[5]);
    SAY("useable", syscall(SYS_modify_ldt, 0x11, &d, sizeof(d)));
    SAY("read little", syscall(SYS_modify_ldt, 0, table, 24));
    printf("%08x %08x\n", table[4], table[5]);
    SAY("read to nowhere", syscall(SYS_modify_ldt, 0, 16, 24));
}

static void tls_calls(void)
{
    struct user_desc d = make(-1u, 0xfffff, DATA, 5), got = {0};
    unsigned mine;
    long n;

    SAY("tls", syscall(SYS_set_thread_area, &d));
    mine = d.entry_number;
    printf("entry %u\n", mine);
    for (unsigned flags = 0; flags < 32; flags++)
        for (unsigned contents = DATA; contents <= CONFORMING; contents++) {
            d = make(mine, 0xfffff, contents, flags);
            printf("contents %u flags %u:", contents, flags);
            SAY("", syscall(SYS_set_thread_area, &d));
            got.entry_number = mine;
            if (syscall(SYS_get_thread_area, &got) == 0)
                printf(" %x %x %u%u%u%u%u%u\n", got.base_addr - (unsigned)(uintptr_t)memory,
                       got.limit, got.seg_32bit, got.contents, got.read_exec_only,
                       got.limit_in_pages, got.seg_not_present, got.useable);
        }
    for (unsigned entry = 0; entry < 17; entry++)
        if (entry < 12 || entry > 14) {
            d = make(entry, 0xfffff, DATA, 5);
            printf("entry %u:", entry);
            SAY("", syscall(SYS_set_thread_area, &d));
            SAY(" get", syscall(SYS_get_thread_area, &d));
        }
    SAY("bad pointer", syscall(SYS_set_thread_area, 16));
    d = make(mine, 0xfffff, DATA, 5);
    syscall(SYS_set_thread_area, &d);
    load_fs(GDT(mine));
    READ(1, "b", "b", 0);
    memset(&d, 0, sizeof(d));
    d.entry_number = mine;
    d.read_exec_only = d.seg_not_present = 1;
    SAY(" clear", syscall(SYS_set_thread_area, &d));
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    memory = mmap((void *)0x10000000, 3 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memset(memory, 0x3c, 3 * 4096);
    ldt_calls();
    tls_calls();
    at_limits();
    selectors();
    stacks();
    changes();
    return 0;
}
