/* MMX, SSE and SSE2: faults by mode, MXCSR's reserved bits, FXSAVE and FXRSTOR, general registers. */
#include "tests/unit/simd_rig.h"

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
    {"cvtpi2ps m", {0x0f, 0x2a, 0x07}, 3, PENDING, -1},
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
        __asm__ volatile("fxrstor %1\n\tfxsave %0" : "=m"(host) : "m"(s.fx) : HOST_FX, "memory");
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
    Suite *suite = suite_create("simd_modes");
    TCase *tcase = tcase_create("modes");
    int engines = (int)engine_count();

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, modes, 0, engines * (int)ARRAY_SIZE(faults));
    tcase_add_loop_test(tcase, mxcsr_reserved, 0, engines);
    tcase_add_loop_test(tcase, fxsave_image, 0, engines);
    tcase_add_loop_test(tcase, fxsave_without_osfxsr, 0, engines);
    tcase_add_loop_test(tcase, general_registers, 0, engines);
    suite_add_tcase(suite, tcase);
    return simd_run_suite(suite);
}
