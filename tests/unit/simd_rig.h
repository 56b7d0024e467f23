/* One SIMD instruction natively and in the guest: the state both start from, and what each makes of it. */
#ifndef PAGEWALK_TESTS_SIMD_RIG_H
#define PAGEWALK_TESTS_SIMD_RIG_H

#include <setjmp.h>
#include <signal.h>

#include "cpu/simd/simd.h"
#include "cpu/x87/x87.h"
#include "tests/unit/oracle_guest.h"

/* FXSAVE's image. (SDM vol. 2, table 3-43) */
struct image {
    u16 cw, sw;
    u8 tag, zero;
    u16 fop;
    u64 fip, fdp;
    u32 mxcsr, mxcsr_mask;
    struct {
        u64 frac;
        u16 se, unused[3];
    } st[8];
    union vec xmm[16];
    u8 rest[96];
};
_Static_assert(sizeof(struct image) == 512, "FXSAVE image");

#define MEM       (ORACLE_DATA + 0x100)
#define MEM_BYTES 64

/* All that an instruction can read and write. */
struct state {
    _Alignas(16) struct image fx;
    u32 eax, edi, flags;
    u8 mem[MEM_BYTES]; /* at MEM */
    int vector;        /* -1: none */
};

static struct oracle_guest *guest;
static u64 seed;

static inline u32 below(u32 n)
{
    return (u32)(test_random(&seed) >> 32) % n;
}

static sigjmp_buf caught;
static u32 caught_mxcsr;

static inline void on_signal(int number, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;

    (void)info;
    caught_mxcsr = uc->uc_mcontext.fpregs->mxcsr;
    siglongjmp(caught, number);
}

static inline int vector_of(int number)
{
    return number == SIGFPE ? EXCP_XM : number == SIGILL ? EXCP_UD : EXCP_GP;
}

/* What FXRSTOR changes, for asm statements; host_leave() must follow. */
#define HOST_FX                                                                                    \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",       \
        "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)",     \
        "st(5)", "st(6)", "st(7)"

static inline void host_leave(void)
{
    static const u32 reset = MXCSR_RESET;

    __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(reset));
}

/* Runs the instruction natively. After a fault only vector and MXCSR are new. */
static inline void host_run(const u8 *insn, unsigned len, struct state *s)
{
    static const u8 enter[] = {
        0x0f, 0xae, 0x0e, /* fxrstor (%rsi) */
        0xff, 0x31, 0x9d, /* push (%rcx); popf */
        0x41, 0x8b, 0x00, /* mov (%r8), %eax */
    };
    static const u8 leave[] = {
        0x41, 0x89, 0x00,             /* mov %eax, (%r8) */
        0x9c, 0x8f, 0x01,             /* pushf; pop (%rcx) */
        0x0f, 0xae, 0x02, 0xfc, 0xc3, /* fxsave (%rdx); cld; ret */
    };
    typedef void host_code(void *rdi, const void *rsi, void *rdx, u64 *rcx, u32 *r8);
    static _Alignas(16) struct image out;
    u8 *at = (u8 *)(uintptr_t)ORACLE_BASE;
    void *mem = (void *)(uintptr_t)MEM;
    u64 flags = s->flags;
    int number;

    memcpy(at, enter, sizeof(enter));
    memcpy(at + sizeof(enter), insn, len);
    memcpy(at + sizeof(enter) + len, leave, sizeof(leave));
    memcpy(mem, s->mem, MEM_BYTES);
    number = sigsetjmp(caught, 0);
    if (number == 0) {
        ((host_code *)(void *)at)((void *)(uintptr_t)s->edi, &s->fx, &out, &flags, &s->eax);
        s->fx = out;
        s->flags = (u32)flags;
        s->vector = -1;
    } else {
        s->fx.mxcsr = caught_mxcsr;
        s->vector = vector_of(number);
    }
    host_leave();
    memcpy(s->mem, mem, MEM_BYTES);
}

static inline void guest_put(const struct state *s)
{
    struct cpu *cpu = guest->cpu;
    unsigned top = s->fx.sw >> 11 & 7;

    cpu->x87.cw = s->fx.cw;
    cpu->x87.sw = s->fx.sw;
    cpu->x87.tag = 0;
    for (unsigned i = 0; i < 8; i++) {
        cpu->x87.tag |= (u16)((s->fx.tag >> i & 1 ? 0 : 3) << 2 * i);
        cpu->x87.r[(top + i) & 7].frac = s->fx.st[i].frac;
        cpu->x87.r[(top + i) & 7].se = s->fx.st[i].se;
        cpu->xmm[i] = s->fx.xmm[i];
    }
    cpu->mxcsr = s->fx.mxcsr;
    cpu_update_mode(cpu);
}

static inline void guest_get(struct state *s)
{
    const struct cpu *cpu = guest->cpu;
    unsigned top = cpu->x87.sw >> 11 & 7;

    s->fx.cw = cpu->x87.cw;
    s->fx.sw = cpu->x87.sw;
    s->fx.tag = 0;
    for (unsigned i = 0; i < 8; i++) {
        s->fx.tag |= (u8)((cpu->x87.tag >> 2 * i & 3) != 3) << i;
        s->fx.st[i].frac = cpu->x87.r[(top + i) & 7].frac;
        s->fx.st[i].se = cpu->x87.r[(top + i) & 7].se;
        s->fx.xmm[i] = cpu->xmm[i];
    }
    s->fx.mxcsr = cpu->mxcsr;
}

static inline void guest_do(const u8 *insn, unsigned len, struct state *s)
{
    struct oracle_state regs = {.r = {[R_EAX] = s->eax, [R_EDI] = s->edi, [R_ESP] = GUEST_ESP},
                                .flags = s->flags};

    phys_poke(&guest->phys, MEM, s->mem, MEM_BYTES);
    guest_put(s);
    s->vector = guest_run(guest, insn, len, &regs);
    guest_get(s);
    phys_read(&guest->phys, MEM, s->mem, MEM_BYTES);
    s->eax = regs.r[R_EAX];
    if (s->vector < 0)
        s->flags = (u32)regs.flags;
}

static inline u32 random32(void)
{
    static const u32 special[] = {
        0,          0x3f800000, 0x40000000, 0x7f800000, 0x7fc00000, 0x7f800001, 0x7fa00000,
        0x7fc12345, 1,          0x007fffff, 0x00800000, 0x00800001, 0x7f7fffff, 0x3f000000,
        0x4b000000, 0x4f000000, 0x4effffff, 0x3f7fffff, 0x20000000, 0x1f800000, 0x0000ffff,
        0x7fff8000, 0x40490fdb, 0x34000000, 0x00400000, 0x3fc00000, 0x01000000, 0x7f000000};
    u32 sign = (u32)(test_random(&seed) >> 32) & 0x80000000u;

    switch (below(4)) {
    case 0:
    case 1: return special[below(ARRAY_SIZE(special))] | sign;
    case 2: return sign | (0x3f800000u + (below(64) << 23) - (32u << 23)) | below(1 << 23);
    default: return (u32)(test_random(&seed) >> 32);
    }
}

static inline u64 random64(void)
{
    static const u64 special[] = {
        0,
        0x3ff0000000000000,
        0x4000000000000000,
        0x7ff0000000000000,
        0x7ff8000000000000,
        0x7ff0000000000001,
        0x7ff8000000012345,
        1,
        0x000fffffffffffff,
        0x0010000000000000,
        0x0010000000000001,
        0x7fefffffffffffff,
        0x41dfffffffc00000, /* 2^31 - 1 */
        0x41e0000000000000, /* 2^31 */
        0x41dfffffffe00000, /* 2^31 - 1/2 */
        0x3fe0000000000000,
        0x3810000000000000, /* the least normal single */
        0x380fffffffffffff,
        0x36a0000000000000, /* the least denormal single */
        0x47efffffe0000000, /* the greatest single */
        0x47effffff0000000, /* rounds beyond it */
        0x3ff0000010000000,
        0x1ff0000000000000,
        0x3800000000000000,
    };
    u64 bits = test_random(&seed);

    switch (below(4)) {
    case 0: return special[below(ARRAY_SIZE(special))] | (bits & 1ull << 63);
    case 1: return (bits & 0x800fffffffffffffull) | (u64)(0x3ff + below(80) - 40) << 52;
    case 2: return bits;
    default: return (u64)random32() << 32 | random32();
    }
}

/* masked: no numeric exception is unmasked. */
static inline void random_state(struct state *s, bool masked)
{
    memset(s, 0, sizeof(*s));
    s->fx.cw = 0x037f;
    s->fx.sw = (u16)(below(8) << 11 | (test_random(&seed) & 0x4700));
    s->fx.tag = (u8)below(256);
    s->fx.mxcsr = MXCSR_MASKS | below(4) << 13 | (below(3) ? 0 : MXCSR_DAZ) |
                  (below(3) ? 0 : MXCSR_FZ) | (below(2) ? 0 : below(64));
    if (!masked) /* a flag may be set already */
        s->fx.mxcsr &= ~(below(64) << MXCSR_MASK_SHIFT);
    for (unsigned i = 0; i < 8; i++) {
        s->fx.st[i].frac = random64();
        s->fx.st[i].se = (u16)below(65536);
        s->fx.xmm[i].q[0] = random64();
        s->fx.xmm[i].q[1] = random64();
    }
    for (unsigned i = 0; i < MEM_BYTES; i += 8)
        put64(s->mem + i, random64());
    for (unsigned i = 0; i < 16 && below(4) == 0; i += 8) { /* a small count of shifts */
        put64(s->mem + 16 + i, below(70));
        for (unsigned r = 0; r < 8; r++)
            s->fx.xmm[r].q[0] = s->fx.st[r].frac = below(70);
    }
    s->eax = below(2) ? random32() : below(16);
    s->flags = 0x202 | ((u32)test_random(&seed) & FL_ARITH);
    s->edi = MEM + 16 + (below(8) ? 0 : below(16));
}

static inline void open_guest(int engine)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER};

    sigaction(SIGFPE, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    seed = 0x9e3779b97f4a7c15ull + (u64)engine;
    ck_assert(oracle_map());
    guest = guest_open(translator_engines()[engine]);
    guest->cpu->model = cpu_model_find("coreduo");
    guest->cpu->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
}

static inline int simd_run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
