/* What a processor does with user code, printed: flags of arithmetic, strings, segments by modify_ldt(), 16-bit code, x87
 * and SSE, code that changes itself. Run natively it says what is right. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLAGS 0x8d5 /* those of arithmetic */

static const uint32_t values[] = {0,          1,          2,         0x7f,   0x80,
                                  0xff,       0x7fff,     0x8000,    0xffff, 0x12345678,
                                  0x7fffffff, 0x80000000, 0xffffffff};
#define COUNT (sizeof(values) / sizeof(values[0]))

#define BINARY(name, suffix, reg)                                                                  \
    for (unsigned i = 0; i < COUNT; i++)                                                           \
        for (unsigned j = 0; j < COUNT; j++)                                                       \
            for (unsigned carry = 0; carry < 2; carry++) {                                         \
                uint32_t a = values[i], b = values[j], fl = carry;                                 \
                __asm__ volatile("push %2; popf; " #name suffix " %" reg "1, %" reg                \
                                 "0; pushf; pop %2"                                                \
                                 : "+q"(a), "+q"(b), "+r"(fl));                                    \
                sum = sum * 31 + a * 3 + b + (fl & mask);                                          \
            }
#define ALL(name, m)                                                                               \
    do {                                                                                           \
        uint32_t sum = 0, mask = (m);                                                              \
        BINARY(name, "l", "")                                                                      \
        BINARY(name, "w", "w")                                                                     \
        BINARY(name, "b", "b")                                                                     \
        printf("%-8s %08x\n", #name, sum);                                                         \
    } while (0)

#define UNARY(name, m)                                                                             \
    do {                                                                                           \
        uint32_t sum = 0;                                                                          \
        for (unsigned i = 0; i < COUNT; i++)                                                       \
            for (unsigned c = 0; c < 40; c++) {                                                    \
                uint32_t a = values[i], fl = c & 1;                                                \
                __asm__ volatile("push %1; popf; " name "; pushf; pop %1"                          \
                                 : "+a"(a), "+r"(fl)                                               \
                                 : "c"(c)                                                          \
                                 : "edx");                                                         \
                sum = sum * 31 + a + (c & 31 ? fl & (m) : 0);                                      \
            }                                                                                      \
        printf("%-24s %08x\n", name, sum);                                                         \
    } while (0)

static void arithmetic(void)
{
    ALL(add, FLAGS);
    ALL(adc, FLAGS);
    ALL(sub, FLAGS);
    ALL(sbb, FLAGS);
    ALL(cmp, FLAGS);
    ALL(and, FLAGS & ~0x10);
    ALL(or, FLAGS & ~0x10);
    ALL(xor, FLAGS & ~0x10);
    ALL(xadd, FLAGS);
    UNARY("incl %0", FLAGS);
    UNARY("decb %b0", FLAGS);
    UNARY("negl %0", FLAGS);
    UNARY("shll %%cl, %0", 0xc5);
    UNARY("sarl %%cl, %0", 0xc5);
    UNARY("shrw %%cl, %w0", 0xc4);
    UNARY("roll %%cl, %0", 1);
    UNARY("rcll %%cl, %0", 1);
    UNARY("rcrb %%cl, %b0", 1);
    UNARY("btsl %%ecx, %0", 1);
    UNARY("imull %%ecx, %0", 0x801);
    UNARY("bswap %0", 0);
    UNARY("daa", 0xd5);
    UNARY("aas", 0x11);
}

static void locked(void)
{
    uint32_t word = 0x80000000, old = 0x80000000, fl;
    uint64_t pair = 0x123456789abcdef0;
    uint8_t byte = 0xfe;

    __asm__ volatile("lock addl %2, %0; pushf; pop %1" : "+m"(word), "=r"(fl) : "r"(0x80000001));
    printf("lock add %08x %x\n", word, fl & FLAGS);
    __asm__ volatile("stc; lock adcb $1, %0; pushf; pop %1" : "+m"(byte), "=r"(fl));
    printf("lock adc %02x %x\n", byte, fl & FLAGS);
    __asm__ volatile("lock cmpxchgl %3, %0; pushf; pop %2"
                     : "+m"(word), "+a"(old), "=r"(fl)
                     : "r"(7));
    printf("lock cmpxchg %08x %08x %x\n", word, old, fl & FLAGS);
    __asm__ volatile("lock btcl %2, %0; pushf; pop %1" : "+m"(word), "=r"(fl) : "r"(5));
    printf("lock btc %08x %x\n", word, fl & 1);
    __asm__ volatile("lock xaddl %1, %0" : "+m"(word), "+r"(old));
    printf("lock xadd %08x %08x\n", word, old);
    __asm__ volatile("lock cmpxchg8b %0; pushf; pop %1"
                     : "+m"(pair), "=r"(fl)
                     : "a"(0x9abcdef0), "d"(0x12345678), "b"(1), "c"(2));
    printf("lock cmpxchg8b %llx %x\n", (unsigned long long)pair, fl & 0x40);
    __asm__ volatile("lock negb %0; pushf; pop %1" : "+m"(byte), "=r"(fl));
    printf("lock neg %02x %x\n", byte, fl & FLAGS);
    __asm__ volatile("xchgb %b1, %0" : "+m"(byte), "+q"(old));
    printf("xchg %02x %08x\n", byte, old);
}

static void strings(void)
{
    char a[64] = "the quick brown fox jumps over the lazy dog", b[64] = "";
    uint32_t count = 20, di = (uint32_t)(uintptr_t)b, si = (uint32_t)(uintptr_t)a, fl;

    __asm__ volatile("rep movsb" : "+c"(count), "+D"(di), "+S"(si) : : "memory");
    printf("movs %s %u\n", b, count);
    count = 40;
    di = (uint32_t)(uintptr_t)a;
    __asm__ volatile("repne scasb" : "+c"(count), "+D"(di) : "a"('q') : "memory", "cc");
    printf("scas %u %u\n", count, di - (uint32_t)(uintptr_t)a);
    count = 30;
    si = (uint32_t)(uintptr_t)a;
    di = (uint32_t)(uintptr_t)b;
    __asm__ volatile("repe cmpsb; pushf; pop %3"
                     : "+c"(count), "+D"(di), "+S"(si), "=r"(fl)
                     :
                     : "memory");
    printf("cmps %u %x\n", count, fl & FLAGS);
    count = 8;
    di = (uint32_t)(uintptr_t)(b + 28);
    __asm__ volatile("std; rep stosl; cld" : "+c"(count), "+D"(di) : "a"(0x41424344) : "memory");
    printf("stos %.32s\n", b);
}

static int set_ldt(unsigned entry, void *base, unsigned limit, int code, int wide)
{
    struct user_desc d = {.entry_number = entry,
                          .base_addr = (unsigned)(uintptr_t)base,
                          .limit = limit,
                          .seg_32bit = (unsigned)wide,
                          .contents = code ? MODIFY_LDT_CONTENTS_CODE : MODIFY_LDT_CONTENTS_DATA,
                          .useable = 1};

    return (int)syscall(SYS_modify_ldt, 1, &d, sizeof(d));
}

static void segments(void)
{
    static uint32_t data[4] = {0x11111111, 0x22222222, 0x33333333, 0x44444444};
    uint32_t value, limit = 0, rights = 0;
    uint8_t *code;
    struct user_desc tls = {.entry_number = -1u,
                            .base_addr = (unsigned)(uintptr_t)&data[2],
                            .limit = 0xfffff,
                            .seg_32bit = 1,
                            .limit_in_pages = 1,
                            .useable = 1};

    printf("ldt %d\n", set_ldt(3, data, 15, 0, 1));
    __asm__ volatile("push %%fs; mov %1, %%fs; mov %%fs:4, %0; pop %%fs"
                     : "=&r"(value)
                     : "r"(3 << 3 | 7));
    printf("fs:4 %08x\n", value);
    __asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(3 << 3 | 7));
    __asm__ volatile("lar %1, %0" : "+r"(rights) : "r"(3 << 3 | 7));
    printf("lsl %x lar %x\n", limit, rights & 0xf0ff00);
    printf("tls %ld\n", (long)syscall(SYS_set_thread_area, &tls));
    __asm__ volatile("push %%fs; mov %1, %%fs; mov %%fs:0, %0; pop %%fs"
                     : "=&r"(value)
                     : "r"(tls.entry_number << 3 | 3));
    printf("fs:0 %08x\n", value);

    /* 16-bit code: mov ax, 1234; inc ax; retf with a 32-bit frame. */
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code, "\xb8\x34\x12\x40\x66\xcb", 6);
    printf("ldt %d\n", set_ldt(4, code, 4095, 1, 0));
    {
        struct {
            uint32_t offset;
            uint16_t selector;
        } __attribute__((packed)) far = {0, 4 << 3 | 7};

        __asm__ volatile("lcall *%1" : "=a"(value) : "m"(far), "a"(0xaaaa0000) : "memory");
        printf("code16 %08x\n", value);
    }
    munmap(code, 4096);
}

static void changing_code(void)
{
    uint8_t *code =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int (*fn)(void) = (int (*)(void))(uintptr_t)code;
    int sum = 0, fd[2];

    memcpy(code, "\xb8\0\0\0\0\xc3", 6);
    for (int i = 0; i < 1000; i++) {
        memcpy(code + 1, &i, 4);
        sum += fn();
    }
    printf("changed by stores %d\n", sum);
    /* movb $9, 1(code) in front of what it changes: mov $1, %eax */
    code[0] = 0xc6;
    code[1] = 0x05;
    *(uint32_t *)(code + 2) = (uint32_t)(uintptr_t)(code + 8);
    code[6] = 9;
    memcpy(code + 7, "\xb8\1\0\0\0\xc3", 6);
    printf("changed by itself %d\n", fn());
    if (pipe(fd) < 0 || write(fd[1], "\xb8\x2a\0\0\0\xc3", 6) != 6 || read(fd[0], code, 6) != 6)
        printf("pipe\n");
    printf("changed by the kernel %d\n", fn());
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf("read-only %d\n", fn());
    mprotect(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    code[1] = 43;
    printf("and writable again %d\n", fn());
    munmap(code, 4096);
    code = mmap(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memcpy(code, "\xb8\x2c\0\0\0\xc3", 6);
    printf("mapped anew %d\n", fn());
}

static void floating(void)
{
    double x = 2;
    float v[4] = {1, 2, 3, 4};
    uint16_t cw, sw;

    __asm__ volatile("fsqrt" : "+t"(x));
    __asm__ volatile("fnstcw %0" : "=m"(cw));
    __asm__ volatile("fnstsw %0" : "=m"(sw));
    printf("fsqrt %.17g cw %x sw %x\n", x, cw, sw & 0x3800);
    __asm__ volatile(
        "movups %0, %%xmm0; mulps %%xmm0, %%xmm0; addps %%xmm0, %%xmm0; movups %%xmm0, %0"
        : "+m"(v)
        :
        : "xmm0");
    printf("sse %g %g %g %g\n", v[0], v[1], v[2], v[3]);
}

int main(void)
{
    arithmetic();
    locked();
    /* Memory that others may share: LOCK is more than a prefix from now on. */
    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    locked();
    strings();
    segments();
    changing_code();
    floating();
    return 0;
}
