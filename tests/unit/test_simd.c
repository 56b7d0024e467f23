/* MMX, SSE and SSE2 against the host CPU: every row of simd.def, register and memory forms, with random
 * and special operands on every engine; registers, MXCSR, EFLAGS, memory and faults must agree. */
#include <setjmp.h>
#include <signal.h>

#include "cpu/simd.h"
#include "cpu/x87.h"
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

static u32 below(u32 n)
{
    return (u32)(test_random(&seed) >> 32) % n;
}

static sigjmp_buf caught;
static u32 caught_mxcsr;

static void on_signal(int number, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;

    (void)info;
    caught_mxcsr = uc->uc_mcontext.fpregs->mxcsr;
    siglongjmp(caught, number);
}

static int vector_of(int number)
{
    return number == SIGFPE ? EXCP_XM : number == SIGILL ? EXCP_UD : EXCP_GP;
}

static void host_leave(void)
{
    static const u32 reset = MXCSR_RESET;

    __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(reset));
}

/* Runs the instruction natively. After a fault only vector and MXCSR are new. */
static void host_run(const u8 *insn, unsigned len, struct state *s)
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

static void guest_put(const struct state *s)
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
}

static void guest_get(struct state *s)
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

static void guest_do(const u8 *insn, unsigned len, struct state *s)
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

static u32 random32(void)
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

static u64 random64(void)
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
static void random_state(struct state *s, bool masked)
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

static void dump(const char *name, const struct state *s)
{
    printf("%s: vector %d eax %08x flags %x mxcsr %x sw %x tag %x\n", name, s->vector, s->eax,
           s->flags, s->fx.mxcsr, s->fx.sw, s->fx.tag);
    for (unsigned i = 0; i < 8; i++)
        printf("  xmm%u %016llx%016llx  st%u %04x %016llx\n", i,
               (unsigned long long)s->fx.xmm[i].q[1], (unsigned long long)s->fx.xmm[i].q[0], i,
               s->fx.st[i].se, (unsigned long long)s->fx.st[i].frac);
    for (unsigned i = 0; i < MEM_BYTES; i += 16)
        printf("  mem %016llx%016llx\n", (unsigned long long)get64(s->mem + i + 8),
               (unsigned long long)get64(s->mem + i));
    fflush(stdout);
}

/* The field that differs, or NULL. */
static const char *difference(const struct state *host, const struct state *g)
{
    if (host->vector != g->vector)
        return "vector";
    if (host->fx.mxcsr != g->fx.mxcsr)
        return "MXCSR";
    if (memcmp(host->fx.xmm, g->fx.xmm, 8 * sizeof(union vec)))
        return "XMM registers";
    if (host->fx.cw != g->fx.cw || host->fx.sw != g->fx.sw || host->fx.tag != g->fx.tag)
        return "x87 control, status or tags";
    for (unsigned i = 0; i < 8; i++)
        if (host->fx.st[i].frac != g->fx.st[i].frac || host->fx.st[i].se != g->fx.st[i].se)
            return "x87 registers";
    if (host->eax != g->eax)
        return "EAX";
    if ((host->flags ^ g->flags) & FL_ARITH)
        return "EFLAGS";
    if (memcmp(host->mem, g->mem, MEM_BYTES))
        return "memory";
    return NULL;
}

/* One encoding of the row, with random registers. A general register is always EAX. */
static unsigned encode(u8 *code, enum simd_prefix prefix, u8 opcode, unsigned ext, bool mem)
{
    static const u8 prefixes[] = {0, 0x66, 0xf3, 0xf2};
    u8 probe = (u8)((mem ? 0 : 0xc0) | ext << 3);
    const struct simd_row *row = &simd_rows[simd_find(prefix, opcode, probe)];
    bool store = row->traits & SIMD_ST;
    bool reg_gpr = (store ? row->src : row->dst) == SIMD_GPR;
    bool rm_gpr = (store ? row->dst : row->src) == SIMD_GPR;
    bool group = (opcode >= 0x71 && opcode <= 0x73) || opcode == 0xae;
    unsigned reg = group ? ext : reg_gpr ? 0 : below(8), n = 0;

    if (prefix != SIMD_NP)
        code[n++] = prefixes[prefix];
    code[n++] = 0x0f;
    code[n++] = opcode;
    if (opcode == 0x77)
        return n;
    code[n++] = (u8)(mem ? reg << 3 | 7 : 0xc0 | reg << 3 | (rm_gpr ? 0 : below(8)));
    if ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 || opcode == 0xc4 || opcode == 0xc5 ||
        opcode == 0xc6)
        code[n++] = (u8)(below(2) ? below(32) : below(256));
    return n;
}

/* AMD's way with CVTPI2PS from memory: it leaves the x87 alone; the manual says otherwise. */
static bool x87_differs(enum simd_prefix prefix, u8 opcode, bool mem)
{
    return prefix == SIMD_NP && opcode == 0x2a && mem;
}

static void compare(const struct simd_row *row, enum simd_prefix prefix, u8 opcode, unsigned ext,
                    bool mem, bool masked)
{
    struct state before, host, g;
    u8 code[8];
    unsigned len = encode(code, prefix, opcode, ext, mem);
    const char *what;

    random_state(&before, masked);
    if (!strcmp(row->name, "ldmxcsr"))
        put32(before.mem + (before.edi - MEM), below(8) ? below(0x10000) : random32());
    host = g = before;
    host_run(code, len, &host);
    guest_do(code, len, &g);
    if (x87_differs(prefix, opcode, mem)) {
        g.fx.tag = host.fx.tag;
        g.fx.sw = host.fx.sw;
        memcpy(g.fx.st, host.fx.st, sizeof(g.fx.st));
    }
    what = difference(&host, &g);
    if (!what)
        return;
    dump("before", &before);
    dump("host", &host);
    dump("guest", &g);
    ck_abort_msg("%s, code %02x %02x %02x %02x %02x: %s", row->name, code[0], code[1], code[2],
                 code[3], code[4], what);
}

static void open_guest(int engine)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER};

    sigaction(SIGFPE, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    seed = 0x9e3779b97f4a7c15ull + (u64)engine;
    ck_assert(oracle_map());
    guest = guest_open(translator_engines()[engine]);
    guest->cpu->model = cpu_model_find("pentium4");
    guest->cpu->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
}

/* All rows, by every prefix, opcode and ModRM group. unmasked: only those that MXCSR governs. */
static void all_rows(unsigned rounds, bool masked)
{
    unsigned tested = 0;

    for (unsigned i = 0; i < 4 * 256 * 8 * 2; i++) {
        enum simd_prefix prefix = (enum simd_prefix)(i >> 12);
        u8 opcode = (u8)(i >> 4);
        unsigned ext = i >> 1 & 7, row;
        bool mem = i & 1;

        row = simd_find(prefix, opcode, (u8)((mem ? 0 : 0xc0) | ext << 3));
        if (!row || (!masked && !(simd_rows[row].traits & SIMD_FP)))
            continue;
        if (ext && row == simd_find(prefix, opcode, (u8)((mem ? 0 : 0xc0) | (ext - 1) << 3)))
            continue; /* not a group */
        for (unsigned n = 0; n < rounds; n++)
            compare(&simd_rows[row], prefix, opcode, ext, mem, masked);
        tested++;
    }
    ck_assert_uint_gt(tested, masked ? 400 : 100);
}

START_TEST(masked)
{
    open_guest(_i);
    all_rows(150 * test_scale(), true);
    guest_close(guest);
}
END_TEST

START_TEST(unmasked)
{
    open_guest(_i);
    all_rows(300 * test_scale(), false);
    guest_close(guest);
}
END_TEST

/* Faults by mode, in the order of their priority. (SDM vol. 3A, 2.5; vol. 2, each instruction) */
enum {
    EM = 1,
    TS = 2,
    NO_OSFXSR = 4,
    PENDING = 8,
    P3 = 16,
    P2 = 32,
    NO_XMMEXCPT = 64,
    BADMEM = 128
};

static const struct {
    const char *name;
    u8 code[8], len;
    u32 mode;
    int vector;
} faults[] = {
    {"paddb mm", {0x0f, 0xfc, 0xc1}, 3, 0, -1},
    {"paddb mm", {0x0f, 0xfc, 0xc1}, 3, NO_OSFXSR, -1},
    {"paddb mm", {0x0f, 0xfc, 0xc1}, 3, EM | TS, EXCP_UD},
    {"paddb mm", {0x0f, 0xfc, 0xc1}, 3, TS | PENDING, EXCP_NM},
    {"paddb mm", {0x0f, 0xfc, 0xc1}, 3, PENDING, EXCP_MF},
    {"paddb mm, m", {0x0f, 0xfc, 0x07}, 3, PENDING | BADMEM, EXCP_MF},
    {"paddb mm, m", {0x0f, 0xfc, 0x07}, 3, BADMEM, EXCP_GP},
    {"pavgb mm", {0x0f, 0xe0, 0xc1}, 3, NO_OSFXSR, -1},
    {"pavgb mm", {0x0f, 0xe0, 0xc1}, 3, P2, EXCP_UD},
    {"paddq mm", {0x0f, 0xd4, 0xc1}, 3, P3, EXCP_UD},
    {"emms", {0x0f, 0x77}, 2, EM, EXCP_UD},
    {"emms", {0x0f, 0x77}, 2, TS, EXCP_NM},
    {"emms", {0x0f, 0x77}, 2, PENDING, EXCP_MF},
    {"emms", {0x0f, 0x77}, 2, NO_OSFXSR, -1},
    {"paddb xmm", {0x66, 0x0f, 0xfc, 0xc1}, 4, 0, -1},
    {"paddb xmm", {0x66, 0x0f, 0xfc, 0xc1}, 4, PENDING, -1},
    {"paddb xmm", {0x66, 0x0f, 0xfc, 0xc1}, 4, NO_OSFXSR, EXCP_UD},
    {"paddb xmm", {0x66, 0x0f, 0xfc, 0xc1}, 4, P3, EXCP_UD},
    {"addps", {0x0f, 0x58, 0xc1}, 3, NO_OSFXSR | TS, EXCP_UD},
    {"addps", {0x0f, 0x58, 0xc1}, 3, EM, EXCP_UD},
    {"addps", {0x0f, 0x58, 0xc1}, 3, TS, EXCP_NM},
    {"addps", {0x0f, 0x58, 0xc1}, 3, P3, -1},
    {"addps", {0x0f, 0x58, 0xc1}, 3, P2, EXCP_UD},
    {"addps m", {0x0f, 0x58, 0x07}, 3, BADMEM, EXCP_GP},
    {"cvtpi2ps", {0x0f, 0x2a, 0xc1}, 3, PENDING, EXCP_MF},
    {"cvtpi2ps", {0x0f, 0x2a, 0xc1}, 3, NO_OSFXSR | PENDING, EXCP_UD},
    {"cvtpi2pd mm", {0x66, 0x0f, 0x2a, 0xc1}, 4, PENDING, EXCP_MF},
    {"cvtpi2pd m", {0x66, 0x0f, 0x2a, 0x07}, 4, PENDING, -1},
    {"movq2dq", {0xf3, 0x0f, 0xd6, 0xc1}, 4, PENDING, EXCP_MF},
    {"movdq2q", {0xf2, 0x0f, 0xd6, 0xc1}, 4, NO_OSFXSR, EXCP_UD},
    {"maskmovq", {0x0f, 0xf7, 0xc1}, 3, BADMEM, EXCP_GP},
    {"maskmovq", {0x0f, 0xf7, 0xc1}, 3, PENDING, EXCP_MF},
    {"ldmxcsr", {0x0f, 0xae, 0x17}, 3, NO_OSFXSR, EXCP_UD},
    {"ldmxcsr", {0x0f, 0xae, 0x17}, 3, TS, EXCP_NM},
    {"stmxcsr", {0x0f, 0xae, 0x1f}, 3, EM, EXCP_UD},
    {"stmxcsr", {0x0f, 0xae, 0x1f}, 3, BADMEM, EXCP_GP},
    {"sfence", {0x0f, 0xae, 0xf8}, 3, EM | TS | NO_OSFXSR | PENDING | P3, -1},
    {"lfence", {0x0f, 0xae, 0xe8}, 3, EM | TS | NO_OSFXSR, -1},
    {"lfence", {0x0f, 0xae, 0xe8}, 3, P3, EXCP_UD},
    {"clflush", {0x0f, 0xae, 0x3f}, 3, EM | TS | NO_OSFXSR | PENDING, -1},
    {"clflush", {0x0f, 0xae, 0x3f}, 3, BADMEM, EXCP_GP},
    {"movnti", {0x0f, 0xc3, 0x07}, 3, EM | TS | NO_OSFXSR, -1},
    {"prefetcht0", {0x0f, 0x18, 0x0f}, 3, EM | TS | BADMEM, -1},
    {"pause", {0xf3, 0x90}, 2, EM | TS | NO_OSFXSR, -1},
    {"divps by 0", {0x0f, 0x5e, 0xc1}, 3, NO_XMMEXCPT, EXCP_UD},
    {"divps by 0", {0x0f, 0x5e, 0xc1}, 3, 0, EXCP_XM},
};

START_TEST(modes)
{
    struct cpu *cpu;
    unsigned i = (unsigned)_i % ARRAY_SIZE(faults);
    u32 mode = faults[i].mode;
    struct state s = {.eax = 5, .edi = MEM, .flags = 0x202, .fx.cw = 0x37f, .fx.mxcsr = 0x1d80};

    open_guest(_i / (int)ARRAY_SIZE(faults));
    cpu = guest->cpu;
    if (mode & (P3 | P2))
        cpu->model = cpu_model_find(mode & P3 ? "pentium3" : "pentium2");
    cpu->cr0 |= (mode & EM ? CR0_EM : 0) | (mode & TS ? CR0_TS : 0);
    cpu->cr4 &= ~(mode & NO_OSFXSR ? CR4_OSFXSR : 0) & ~(mode & NO_XMMEXCPT ? CR4_OSXMMEXCPT : 0);
    if (mode & PENDING) {
        s.fx.cw = 0x37e;
        s.fx.sw = 0x8081;
    }
    if (mode & BADMEM) /* the data is beyond the limit of DS */
        seg_set(cpu, SREG_DS, 16, 0, MEM - 1, SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB);
    for (unsigned r = 0; r < 4; r++)
        s.fx.xmm[0].d[r] = 0x3f800000;
    put32(s.mem, 0x1f80);
    guest_do(faults[i].code, faults[i].len, &s);
    ck_assert_msg(s.vector == faults[i].vector, "%s, mode %x: %d", faults[i].name, mode, s.vector);
    if (s.vector == EXCP_XM)
        ck_assert_uint_eq(s.fx.mxcsr, 0x1d84);
    guest_close(guest);
}
END_TEST

/* DAZ and the bits above 15 are reserved on a Pentium III, the latter everywhere. */
START_TEST(mxcsr_reserved)
{
    static const u8 load[] = {0x0f, 0xae, 0x17}, restore[] = {0x0f, 0xae, 0x0f};
    static const struct {
        const char *model;
        u32 value;
        int vector;
    } rows[] = {
        {"pentium3", 0xffbf, -1},       {"pentium3", 0x1fc0, EXCP_GP},     {"pentium4", 0xffff, -1},
        {"pentium4", 0x11f80, EXCP_GP}, {"pentium4", 0x80001f80, EXCP_GP},
    };

    open_guest(_i);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct state s = {.edi = MEM, .flags = 0x202, .fx = {.cw = 0x37f, .mxcsr = 0x1f80}};
        u8 image[512] = {0};

        guest->cpu->model = cpu_model_find(rows[i].model);
        put32(s.mem, rows[i].value);
        guest_do(load, 3, &s);
        ck_assert_int_eq(s.vector, rows[i].vector);
        ck_assert_uint_eq(s.fx.mxcsr, s.vector < 0 ? rows[i].value : 0x1f80);
        s.edi = ORACLE_DATA + 0x400;
        s.fx.mxcsr = 0x1f80;
        s.fx.xmm[3].d[2] = 77;
        put32(image + 24, rows[i].value);
        phys_poke(&guest->phys, s.edi, image, sizeof(image));
        guest_do(restore, 3, &s);
        ck_assert_int_eq(s.vector, rows[i].vector);
        ck_assert_uint_eq(s.fx.mxcsr, s.vector < 0 ? rows[i].value : 0x1f80);
        ck_assert_uint_eq(s.fx.xmm[3].d[2], s.vector < 0 ? 0 : 77);
        ck_assert_uint_eq(s.fx.cw, s.vector < 0 ? 0x40 : 0x37f);
    }
    guest_close(guest);
}
END_TEST

/* FXSAVE by the guest and by the host of the same state. The pointers are not looked at. */
START_TEST(fxsave_image)
{
    static const u8 save[] = {0x0f, 0xae, 0x07};
    static _Alignas(16) u8 host[512];
    u8 got[512];

    open_guest(_i);
    for (unsigned n = 0; n < 100; n++) {
        struct state s;

        random_state(&s, true);
        __asm__ volatile("fxrstor %1\n\tfxsave %0" : "=m"(host) : "m"(s.fx) : "memory");
        host_leave();
        s.edi = ORACLE_DATA + 0x400;
        memset(got, 0xee, sizeof(got));
        phys_poke(&guest->phys, s.edi, got, sizeof(got));
        guest_do(save, 3, &s);
        ck_assert_int_eq(s.vector, -1);
        phys_read(&guest->phys, s.edi, got, sizeof(got));
        ck_assert_mem_eq(got, host, 5);
        ck_assert_mem_eq(got + 24, host + 24, 4);
        ck_assert_uint_eq(get32(got + 28), 0xffff);
        ck_assert_mem_eq(got + 32, host + 32, 128 + 8 * 16);
        for (unsigned i = 288; i < 512; i++)
            ck_assert_uint_eq(got[i], 0xee);
    }
    guest_close(guest);
}
END_TEST

/* Without CR4.OSFXSR the SSE part of the image is neither written nor read. */
START_TEST(fxsave_without_osfxsr)
{
    static const u8 save[] = {0x0f, 0xae, 0x07}, restore[] = {0x0f, 0xae, 0x0f};
    struct state s;
    u8 got[512];

    open_guest(_i);
    guest->cpu->cr4 = 0;
    random_state(&s, true);
    s.edi = ORACLE_DATA + 0x400;
    memset(got, 0xee, sizeof(got));
    phys_poke(&guest->phys, s.edi, got, sizeof(got));
    guest_do(save, 3, &s);
    phys_read(&guest->phys, s.edi, got, sizeof(got));
    for (unsigned i = 24; i < 512; i++)
        if (i < 32 || i >= 160)
            ck_assert_uint_eq(got[i], 0xee);
    s.fx.xmm[0].q[0] = 5;
    guest_do(restore, 3, &s);
    ck_assert_int_eq(s.vector, -1);
    ck_assert_uint_eq(s.fx.xmm[0].q[0], 5);
    guest_close(guest);
}
END_TEST

/* General registers other than EAX, which the comparison with the host leaves out. */
START_TEST(general_registers)
{
    static const struct {
        u8 code[5], len, in, out;
    } rows[] = {
        {{0x66, 0x0f, 0x6e, 0xd1, 0}, 4, R_ECX, 0xff},    /* movd %ecx, %xmm2 */
        {{0x66, 0x0f, 0x7e, 0xd5, 0}, 4, 0xff, R_EBP},    /* movd %xmm2, %ebp */
        {{0x0f, 0x6e, 0xd6, 0, 0}, 3, R_ESI, 0xff},       /* movd %esi, %mm2 */
        {{0x0f, 0x7e, 0xd3, 0, 0}, 3, 0xff, R_EBX},       /* movd %mm2, %ebx */
        {{0x66, 0x0f, 0xc5, 0xd2, 0x00}, 5, 0xff, R_EDX}, /* pextrw $0, %xmm2, %edx */
        {{0xf3, 0x0f, 0x2a, 0xd7, 0}, 4, R_EDI, 0xff},    /* cvtsi2ss %edi, %xmm2 */
        {{0xf3, 0x0f, 0x2d, 0xf2, 0}, 4, 0xff, R_ESI},    /* cvtss2si %xmm2, %esi */
        {{0x0f, 0x50, 0xea, 0, 0}, 3, 0xff, R_EBP},       /* movmskps %xmm2, %ebp */
    };

    open_guest(_i);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct oracle_state regs = {.flags = 0x202};
        u32 want;

        for (unsigned r = 0; r < 8; r++)
            regs.r[r] = r == R_ESP ? GUEST_ESP : 0x1000 + r;
        guest->cpu->xmm[2] = (union vec){.d = {0x44fa2000, 0x80000000, 0, 0x80000000}}; /* 2001.0 */
        guest->cpu->x87.r[2].frac = 0x44fa2000;
        ck_assert_int_eq(guest_run(guest, rows[i].code, rows[i].len, &regs), -1);
        for (unsigned r = 0; r < 8; r++) {
            want = r == R_ESP ? GUEST_ESP : 0x1000 + r;
            if (r == rows[i].out)
                want = i == 4 ? 0x2000 : i == 6 ? 2001 : i == 7 ? 10 : 0x44fa2000;
            ck_assert_msg(regs.r[r] == want, "row %u, register %u: %x", i, r, regs.r[r]);
        }
        if (rows[i].in == R_ECX || rows[i].in == R_EDI)
            ck_assert_uint_eq(guest->cpu->xmm[2].d[0],
                              rows[i].in == R_ECX ? 0x1000u + R_ECX : 0x45803800u);
        if (rows[i].in == R_ESI)
            ck_assert_uint_eq(guest->cpu->x87.r[2].frac, 0x1000u + R_ESI);
    }
    guest_close(guest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("simd");
    TCase *tcase = tcase_create("simd");
    SRunner *runner;
    int engines = (int)engine_count(), failed;

    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, masked, 0, engines);
    tcase_add_loop_test(tcase, unmasked, 0, engines);
    tcase_add_loop_test(tcase, modes, 0, engines * (int)ARRAY_SIZE(faults));
    tcase_add_loop_test(tcase, mxcsr_reserved, 0, engines);
    tcase_add_loop_test(tcase, fxsave_image, 0, engines);
    tcase_add_loop_test(tcase, fxsave_without_osfxsr, 0, engines);
    tcase_add_loop_test(tcase, general_registers, 0, engines);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
