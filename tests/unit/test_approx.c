/* RCPPS and RSQRTPS by rule: the error that the manual allows, special operands, and every engine. */
#include "cpu/simd/simd.h"
#include "cpu/simd/simd_priv.h"
#include "tests/unit/oracle_guest.h"

#include <math.h>

enum { RSQRT = 0x52, RCP = 0x53 };

static float one(u8 opcode, u32 x)
{
    union vec src = {.d = {x}}, dst = {.d = {0}};
    float result;

    simd_approx(&simd_rows[simd_find(SIMD_PF3, opcode, 0xc0)], &dst, &src);
    memcpy(&result, dst.d, 4);
    return result;
}

static u32 bits(float x)
{
    u32 b;

    memcpy(&b, &x, 4);
    return b;
}

static float number(u32 b)
{
    float x;

    memcpy(&x, &b, 4);
    return x;
}

/* Each part of two binades from its first to its last operand. (SDM vol. 2, RCPPS: 1.5 * 2^-12) */
START_TEST(error)
{
    double worst = 0;

    for (u32 part = 0; part < 2 * 4096; part++) {
        for (u32 end = 0; end < 2; end++) {
            u32 x = 0x3f800000 + (part << 11) + end * 0x7ff;
            double rcp = fabs((double)one(RCP, x) * number(x) - 1);
            double rsqrt = fabs((double)one(RSQRT, x) * sqrt(number(x)) - 1);

            worst = fmax(worst, fmax(rcp, rsqrt));
        }
    }
    ck_assert_double_le(worst, 1.5 / 4096);
}
END_TEST

START_TEST(special)
{
    static const struct {
        u8 opcode;
        u32 x, result;
    } rows[] = {
        {RCP, 0x00000000, 0x7f800000},
        {RCP, 0x80000000, 0xff800000},
        {RCP, 0x007fffff, 0x7f800000},
        {RCP, 0x80000001, 0xff800000},
        {RCP, 0x7f800000, 0x00000000},
        {RCP, 0xff800000, 0x80000000},
        {RCP, 0x7f800001, 0x7fc00001},
        {RCP, 0xffc12345, 0xffc12345},
        {RCP, 0x7e7fffff, 0x00800000},
        {RCP, 0x7e800000, 0x00000000},
        {RCP, 0xff7fffff, 0x80000000},
        {RSQRT, 0x00000000, 0x7f800000},
        {RSQRT, 0x80000000, 0xff800000},
        {RSQRT, 0x807fffff, 0xff800000},
        {RSQRT, 0x7f800000, 0x00000000},
        {RSQRT, 0xff800000, 0xffc00000},
        {RSQRT, 0xbf800000, 0xffc00000},
        {RSQRT, 0xff800001, 0xffc00001},
        /* 8192 / 8193 of 12 bits: 8191 / 8192; its root of 12 bits: 1 */
        {RCP, 0x3f800000, 0x3f7ff800},
        {RCP, 0x40000000, 0x3efff800},
        {RSQRT, 0x40800000, 0x3f000000},
        {RSQRT, 0x40000000, 0x3f350000},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        expect(bits(one(rows[i].opcode, rows[i].x)) == rows[i].result, "row %u: %08x", i,
               bits(one(rows[i].opcode, rows[i].x)));
}
END_TEST

/* rcpps %xmm1, %xmm0; rsqrtss %xmm1, %xmm2 */
START_TEST(engines)
{
    static const u8 code[] = {0x0f, 0x53, 0xc1, 0xf3, 0x0f, 0x52, 0xd1};
    struct oracle_guest *guest = guest_open(translator_engines()[_i]);
    struct oracle_state s = {.r = {[4] = GUEST_ESP}, .flags = 0x202};

    guest->cpu->host_math = false;
    guest->cpu->model = cpu_model_find("coreduo");
    guest->cpu->cr4 = CR4_OSFXSR;
    guest->cpu->xmm[1] = (union vec){.d = {0x40800000, 0x3f800000, 0xc0000000, 0}};
    guest->cpu->xmm[2] = (union vec){.d = {1, 2, 3, 4}};
    ck_assert_int_eq(guest_run(guest, code, sizeof(code), &s), -1);
    expect_eq(guest->cpu->xmm[0].d[0], 0x3e7ff800);
    expect_eq(guest->cpu->xmm[0].d[1], 0x3f7ff800);
    expect_eq(guest->cpu->xmm[0].d[2], 0xbefff800);
    expect_eq(guest->cpu->xmm[0].d[3], 0x7f800000);
    expect_eq(guest->cpu->xmm[2].d[0], 0x3f000000);
    expect_eq(guest->cpu->xmm[2].d[1], 2);
    guest_close(guest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("approximations");
    TCase *tcase = tcase_create("approximations");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tcase, error);
    tcase_add_test(tcase, special);
    tcase_add_loop_test(tcase, engines, 0, (int)engine_count());
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
