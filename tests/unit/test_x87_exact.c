/* x87 functions by rule: correctly rounded values, the host within its error, remainders, and FBLD. */
#include "cpu/x87/x87_exact.h"
#include "cpu/x87/x87_priv.h"
#include "tests/unit/oracle_guest.h"

enum function { SIN, COS, PTAN, F2XM1, YL2X, YL2XP1, PATAN, FUNCTIONS };

static u16 run(enum function f, bool host, u16 cw, struct f80 *x, const struct f80 *y)
{
    struct f80 pushed;

    switch (f) {
    case SIN: return (host ? x87_host_unary : x87_exact_unary)(X87_SIN, cw, x);
    case COS: return (host ? x87_host_unary : x87_exact_unary)(X87_COS, cw, x);
    case F2XM1: return (host ? x87_host_unary : x87_exact_unary)(X87_F2XM1, cw, x);
    case PTAN: return (host ? x87_host_two : x87_exact_two)(X87_PTAN, cw, x, &pushed);
    case YL2X: return (host ? x87_host_binary : x87_exact_binary)(X87_YL2X, cw, x, y);
    case YL2XP1: return (host ? x87_host_binary : x87_exact_binary)(X87_YL2XP1, cw, x, y);
    case PATAN: return (host ? x87_host_binary : x87_exact_binary)(X87_PATAN, cw, x, y);
    case FUNCTIONS: break;
    }
    return 0;
}

static const struct {
    enum function f;
    unsigned rounding;
    struct f80 x, y, result;
    enum { EXACT, UP, DOWN } rounded;
} values[] = {
#define V(f, rounding, x, xe, y, ye, result, re, direction)                                        \
    {f, rounding, {x, xe}, {y, ye}, {result, re}, direction},
#include "tests/unit/x87_exact_values.def"
};

START_TEST(rounded)
{
    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        struct f80 x = values[i].x, want = values[i].result;
        u16 sw =
            run(values[i].f, false, (u16)(0x037f | values[i].rounding << 10), &x, &values[i].y);

        expect(x.frac == want.frac && x.se == want.se, "row %u: %04x %016llx", i, x.se,
               (unsigned long long)x.frac);
        expect(!(sw & X87_C1) == (values[i].rounded != UP), "row %u: status %04x", i, sw);
        expect(!(sw & X87_PE) == (values[i].rounded == EXACT), "row %u: status %04x", i, sw);
    }
}
END_TEST

static struct f80 random_f80(u64 *seed, bool wild)
{
    struct f80 x = {test_random(seed) | F80_TOP, (u16)(test_random(seed) >> 40)};

    if (!wild)
        x.se = (u16)((x.se & 0x8000) | (F80_BIAS - 20 + (x.se & 0x7fff) % 40));
    switch (test_random(seed) >> 60) {
    case 0: x.frac = F80_TOP; break;
    case 1: x.frac &= ~(u64)0 << (test_random(seed) >> 58); break;
    case 2:
        if (wild)
            x = (struct f80){x.frac >> (test_random(seed) >> 58), x.se & 0x8000};
        break;
    }
    return x;
}

/* Distance in units of the last place; denormal numbers and the step between binades included. */
static u64 distance(const struct f80 *a, const struct f80 *b)
{
    u64 d = a->frac - b->frac;

    if (a->se == b->se)
        return a->frac > b->frac ? d : -d;
    if ((a->se | b->se) == 0x8000 || (a->se ^ b->se) >> 15)
        return ~(u64)0;
    return (a->se ^ b->se) == 1 || a->frac == F80_TOP || b->frac == F80_TOP ? 1 : ~(u64)0;
}

/* The host is right but for the last place, and has the same exceptions, but that some set PE always. */
START_TEST(near_host)
{
    u64 seed = 0x1234567 + (u64)_i;

    for (unsigned i = 0; i < 20000 * test_scale(); i++) {
        struct f80 from = random_f80(&seed, i & 1), y = random_f80(&seed, i & 2), x, h;
        u16 cw = 0x037f, sw, host;

        if ((_i == F2XM1 && (from.se & 0x7fff) >= F80_BIAS) ||
            (_i == YL2XP1 && (from.se & 0x7fff) >= F80_BIAS - 2))
            from.se = (u16)((from.se & 0x8000) | 0x3000);
        x = h = from;
        sw = run((enum function)_i, false, cw, &x, &y);
        host = run((enum function)_i, true, cw, &h, &y);
        expect(distance(&x, &h) <= 1, "%04x %016llx, %04x %016llx: %04x %016llx, host %04x %016llx",
               from.se, (unsigned long long)from.frac, y.se, (unsigned long long)y.frac, x.se,
               (unsigned long long)x.frac, h.se, (unsigned long long)h.frac);
        expect(!((sw ^ host) & (X87_IE | X87_DE | X87_ZE | X87_OE | X87_C2)),
               "%04x %016llx: status %04x, host %04x", from.se, (unsigned long long)from.frac, sw,
               host);
    }
}
END_TEST

/* Whatever a part of the work takes, the end is the remainder. */
START_TEST(remainder_ends)
{
    u64 seed = 99;

    for (unsigned i = 0; i < 20000; i++) {
        enum x87_binary op = i & 1 ? X87_PREM : X87_PREM1;
        struct f80 x = random_f80(&seed, true), y = random_f80(&seed, true), h = x;
        unsigned steps = 0;
        u16 sw, host;

        do
            sw = x87_exact_binary(op, 0x037f, &x, &y);
        while ((sw & X87_C2) && ++steps < 2000);
        do
            host = x87_host_binary(op, 0x037f, &h, &y);
        while (host & X87_C2);
        expect(x.frac == h.frac && x.se == h.se, "row %u: %04x %016llx, host %04x %016llx", i, x.se,
               (unsigned long long)x.frac, h.se, (unsigned long long)h.frac);
        expect(!((sw ^ host) & (X87_IE | X87_C0 | X87_C1 | X87_C3)) || (x.se & 0x7fff) == 0x7fff,
               "row %u: status %04x, host %04x", i, sw, host);
    }
}
END_TEST

/* (2^70 + 2^30) modulo 3 * 2^32: exponents are 69 apart, and 37 bits of the quotient are taken. */
START_TEST(remainder_part)
{
    struct f80 x = {F80_TOP | 1ull << 23, F80_BIAS + 70},
               three = {0xc000000000000000, F80_BIAS + 1};
    u16 sw = x87_exact_binary(X87_PREM, 0x037f, &x, &three);

    expect(sw & X87_C2, "status %04x", sw);
    expect(x.frac == (F80_TOP | 1ull << 61) && x.se == F80_BIAS + 32, "%04x %016llx", x.se,
           (unsigned long long)x.frac);
}
END_TEST

/* A denormal that is not rounded has no underflow, masked or not. */
START_TEST(stays)
{
    static const struct f80 infinity = {F80_TOP, 0xffff}, zero = {0, 0};
    static const struct {
        enum x87_binary op;
        const struct f80 *y;
        u16 sw;
    } cases[] = {
        {X87_PREM, &infinity, X87_DE},
        {X87_PREM1, &infinity, X87_DE},
        {X87_SCALE, &zero, X87_DE},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases) * 2; i++) {
        struct f80 x = {0x183c966ed71af449, 0x8000};
        u16 sw = x87_exact_binary(cases[i / 2].op, i & 1 ? 0x037f : 0x036f, &x, cases[i / 2].y);

        expect(x.frac == 0x183c966ed71af449 && x.se == 0x8000, "row %u: %04x %016llx", i, x.se,
               (unsigned long long)x.frac);
        expect_eq(sw, cases[i / 2].sw);
    }
}
END_TEST

START_TEST(bcd)
{
    static const struct {
        u8 mem[10];
        u64 magnitude;
        bool negative;
    } cases[] = {
        {{0}, 0, false},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, 0, true},
        {{0x21, 0x43, 0x65, 0x87, 0x09}, 987654321, false},
        {{0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0xff}, 999999999999999999, true},
        {{0xff, 0xaf}, 15 * 11 + 15 * 100 + 10 * 1000, false},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 1666666666666666665, false},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct f80 x;
        unsigned shift = cases[i].magnitude ? (unsigned)__builtin_clzll(cases[i].magnitude) : 0;
        u16 exp = cases[i].magnitude ? (u16)(F80_BIAS + 63 - shift) : 0;

        x87_exact_bcd(cases[i].mem, &x);
        expect(x.frac == cases[i].magnitude << shift, "row %u: %llx", i,
               (unsigned long long)x.frac);
        expect_eq(x.se, exp | cases[i].negative << 15);
    }
}
END_TEST

/* fninit; fldz; fldz; fchs; fxam sets C1; then FUCOMI or FCMOVB; fnstsw %ax; fninit. */
START_TEST(condition_1)
{
    u8 code[] = {0xdb, 0xe3, 0xd9, 0xee, 0xd9, 0xee, 0xd9, 0xe0,
                 0xd9, 0xe5, 0xdb, 0xe9, 0xdf, 0xe0, 0xdb, 0xe3};
    struct oracle_guest *guest = guest_open(translator_engines()[_i]);

    guest->cpu->host_math = false;
    for (unsigned i = 0; i < 2; i++) {
        struct oracle_state s = {.r = {[4] = GUEST_ESP}, .flags = 0x202};

        code[10] = i ? 0xda : 0xdb;
        code[11] = i ? 0xc1 : 0xe9;
        ck_assert_int_eq(guest_run(guest, code, sizeof(code), &s), -1);
        ck_assert_uint_eq(s.r[0] & X87_C1, 0);
    }
    guest_close(guest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("x87 by rule");
    TCase *tcase = tcase_create("functions");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tcase, rounded);
    tcase_add_loop_test(tcase, near_host, 0, FUNCTIONS);
    tcase_add_test(tcase, remainder_ends);
    tcase_add_test(tcase, remainder_part);
    tcase_add_test(tcase, stays);
    tcase_add_test(tcase, bcd);
    tcase_add_loop_test(tcase, condition_1, 0, (int)engine_count());
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
