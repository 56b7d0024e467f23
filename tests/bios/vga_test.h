/* What programs that test int 10h on the machine they boot on have in common: registers, memory, reports.
 *
 * Lines to port e9: "ok NAME", or "FAIL NAME: line N: got X, expected Y"; at the end "passed N, failed
 * N", and a write to port 501 (isa-debug-exit). */
#ifndef PAGEWALK_TESTS_VGA_TEST_H
#define PAGEWALK_TESTS_VGA_TEST_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

struct regs {
    union {
        u32 eax;
        u16 ax;
        struct {
            u8 al, ah;
        };
    };
    union {
        u32 ebx;
        u16 bx;
        struct {
            u8 bl, bh;
        };
    };
    union {
        u32 ecx;
        u16 cx;
        struct {
            u8 cl, ch;
        };
    };
    union {
        u32 edx;
        u16 dx;
        struct {
            u8 dl, dh;
        };
    };
    u32 esi, edi, ebp;
    u16 es;
};
void int10(struct regs *r);
void pm_call(struct regs *r, u32 target);
void test_main(void);

static inline void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline u8 in8(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline u8 peek(u16 segment, u16 offset)
{
    u8 value;
    __asm__ volatile("movw %1, %%fs; movb %%fs:(%2), %0"
                     : "=q"(value)
                     : "r"(segment), "r"((u32)offset)
                     : "memory");
    return value;
}
static inline u16 peek16(u16 segment, u16 offset)
{
    return (u16)(peek(segment, offset) | peek(segment, (u16)(offset + 1)) << 8);
}
static inline void poke(u16 segment, u16 offset, u8 value)
{
    __asm__ volatile("movw %1, %%fs; movb %0, %%fs:(%2)"
                     :
                     : "q"(value), "r"(segment), "r"((u32)offset)
                     : "memory");
}
static inline u8 crtc(u8 index)
{
    u16 port = in8(0x3cc) & 1 ? 0x3d4 : 0x3b4;
    out8(port, index);
    return in8(port + 1);
}

static const char *test_name;
static u16 passed, failed;
static int failures_here;
static u8 buffer[2048] __attribute__((aligned(16)));

static inline void print(const char *s)
{
    while (*s)
        out8(0xe9, (u8)*s++);
}
static inline void print_number(u32 n, u32 base)
{
    char digits[12], *p = digits + 11;
    *p = 0;
    do
        *--p = "0123456789abcdef"[n % base];
    while (n /= base);
    print(p);
}
static inline void expect_line(u32 got, u32 expected, int line)
{
    if (got == expected || failures_here++ > 3)
        return;
    print("FAIL ");
    print(test_name);
    print(": line ");
    print_number((u32)line, 10);
    print(": got ");
    print_number(got, 16);
    print(", expected ");
    print_number(expected, 16);
    print("\n");
}
#define expect(got, expected) expect_line(got, expected, __LINE__)

static inline struct regs call(u16 ax, u16 bx, u16 cx, u16 dx)
{
    struct regs r = {.eax = 0xabcd0000u | ax, .ebx = bx, .ecx = cx, .edx = dx};
    r.esi = 0x11112222;
    r.edi = r.ebp = (u32)buffer;
    int10(&r);
    expect(r.esi, 0x11112222);
    return r;
}
static inline void set_mode(u16 mode)
{
    call(mode, 0, 0, 0);
}

struct test {
    const char *name;
    void (*run)(void);
};

/* Runs the tests, reports, and ends the machine. */
static inline void run_tests(const struct test *tests, u16 count)
{
    for (u16 i = 0; i < count; i++) {
        test_name = tests[i].name;
        failures_here = 0;
        tests[i].run();
        if (failures_here) {
            failed++;
        } else {
            passed++;
            print("ok ");
            print(test_name);
            print("\n");
        }
    }
    print("passed ");
    print_number(passed, 10);
    print(", failed ");
    print_number(failed, 10);
    print("\n");
    out8(0x501, failed ? 0x20 : 0x10);
    for (;;)
        __asm__ volatile("hlt");
}

#endif
