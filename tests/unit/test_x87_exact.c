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

/* Computed with 700 bits and rounded by the second column: 0 nearest, 1 down, 2 up, 3 toward zero. Sine, cosine and
 * tangent of x less a multiple of half of 3.243f6a8885a308d3. The last column says in what direction it went, seen from zero. */
static const struct {
    enum function f;
    unsigned rounding;
    struct f80 x, y, result;
    enum { EXACT, UP, DOWN } rounded;
} values[] = {
    {SIN,
     0,
     {0xc90fdaa22168c235, 0x4000},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0xbfbf},
     UP},
    {SIN,
     0,
     {0xc90fdaa22168c235, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0x3fff},
     UP},
    {SIN,
     1,
     {0xc90fdaa22168c235, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0xffffffffffffffff, 0x3ffe},
     DOWN},
    {SIN,
     0,
     {0x8000000000000000, 0x403d},
     {0x0000000000000000, 0x0000},
     {0xb506a9dd559cf157, 0xbffe},
     DOWN},
    {SIN,
     2,
     {0xf953a6f252e6b438, 0x4027},
     {0x0000000000000000, 0x0000},
     {0xb02912bc66619fc8, 0x3ffe},
     UP},
    {SIN,
     3,
     {0xb2899387269e0d37, 0x3ffe},
     {0x0000000000000000, 0x0000},
     {0xa46992de49b1db2b, 0x3ffe},
     DOWN},
    {SIN,
     0,
     {0x862e3fe8a6a3a450, 0x3ffd},
     {0x0000000000000000, 0x0000},
     {0x84a664a44f2e3a23, 0x3ffd},
     UP},
    {SIN,
     1,
     {0x8000000000000000, 0x3fd7},
     {0x0000000000000000, 0x0000},
     {0xffffffffffffffff, 0x3fd6},
     DOWN},
    {SIN,
     2,
     {0x8000000000000000, 0x3fd7},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0x3fd7},
     UP},
    {SIN,
     1,
     {0xe91f8412128b2f33, 0xbfb9},
     {0x0000000000000000, 0x0000},
     {0xe91f8412128b2f33, 0xbfb9},
     UP},
    {SIN,
     0,
     {0x8000000000000000, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0xd76aa47848677021, 0x3ffe},
     UP},
    {SIN,
     3,
     {0x8c0c7408892f902b, 0xc004},
     {0x0000000000000000, 0x0000},
     {0xe0d712d66e4d124c, 0x3ffd},
     DOWN},
    {SIN,
     0,
     {0xfffffffffffffff3, 0x403c},
     {0x0000000000000000, 0x0000},
     {0xa060efea3f91b8f1, 0x3ffe},
     UP},
    {COS,
     0,
     {0xc90fdaa22168c235, 0x4000},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0xbfff},
     UP},
    {COS,
     0,
     {0xc90fdaa22168c235, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0xbfbe},
     UP},
    {COS,
     1,
     {0xc90fdaa22168c235, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0xbfbe},
     UP},
    {COS,
     0,
     {0x8000000000000000, 0x403d},
     {0x0000000000000000, 0x0000},
     {0xb5033c867715345a, 0xbffe},
     UP},
    {COS,
     2,
     {0xca98cc2e5d9dc9f8, 0x4027},
     {0x0000000000000000, 0x0000},
     {0x83af84059f48eb53, 0x3ffd},
     UP},
    {COS,
     3,
     {0xf4712eca0ed90475, 0x3ffe},
     {0x0000000000000000, 0x0000},
     {0x93e61547829d77b7, 0x3ffe},
     DOWN},
    {COS,
     0,
     {0x9b7b3ae681e74ef5, 0x3ffd},
     {0x0000000000000000, 0x0000},
     {0xf449580b1f30061d, 0x3ffe},
     DOWN},
    {COS,
     1,
     {0x8000000000000000, 0x3fd7},
     {0x0000000000000000, 0x0000},
     {0xffffffffffffffff, 0x3ffe},
     DOWN},
    {COS,
     2,
     {0x8000000000000000, 0x3fd7},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0x3fff},
     UP},
    {COS,
     1,
     {0x8b0051ad099950d8, 0xbfb9},
     {0x0000000000000000, 0x0000},
     {0xffffffffffffffff, 0x3ffe},
     DOWN},
    {COS,
     0,
     {0x8000000000000000, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0x8a51407da8345c92, 0x3ffe},
     UP},
    {COS,
     3,
     {0xb586aa4d6f03675a, 0xc004},
     {0x0000000000000000, 0x0000},
     {0xaed772cbbc70d46f, 0x3ffc},
     DOWN},
    {COS,
     0,
     {0xfffffffffffffff3, 0x403c},
     {0x0000000000000000, 0x0000},
     {0xc78942c4b945ddea, 0x3ffe},
     DOWN},
    {PTAN,
     0,
     {0xc90fdaa22168c235, 0x4000},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0x3fbf},
     DOWN},
    {PTAN,
     0,
     {0xc90fdaa22168c235, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0xc040},
     UP},
    {PTAN,
     1,
     {0xc90fdaa22168c235, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0xc040},
     UP},
    {PTAN,
     0,
     {0x8000000000000000, 0x403d},
     {0x0000000000000000, 0x0000},
     {0x80026c6541a088b0, 0x3fff},
     DOWN},
    {PTAN,
     2,
     {0x9ece0b9211e20b8f, 0x4027},
     {0x0000000000000000, 0x0000},
     {0xc318543a443daa5a, 0x4000},
     UP},
    {PTAN,
     3,
     {0xc688b7671738f7d9, 0x3ffe},
     {0x0000000000000000, 0x0000},
     {0xfafe56c2fdb66d63, 0x3ffe},
     DOWN},
    {PTAN,
     0,
     {0x8790eedb6cad4a26, 0x3ffd},
     {0x0000000000000000, 0x0000},
     {0x8ad35ccaaf689077, 0x3ffd},
     DOWN},
    {PTAN,
     1,
     {0x8000000000000000, 0x3fd7},
     {0x0000000000000000, 0x0000},
     {0x8000000000000000, 0x3fd7},
     DOWN},
    {PTAN,
     2,
     {0x8000000000000000, 0x3fd7},
     {0x0000000000000000, 0x0000},
     {0x8000000000000001, 0x3fd7},
     UP},
    {PTAN,
     1,
     {0xc860c967d3ac94af, 0xbfb9},
     {0x0000000000000000, 0x0000},
     {0xc860c967d3ac94b0, 0xbfb9},
     UP},
    {PTAN,
     0,
     {0x8000000000000000, 0x3fff},
     {0x0000000000000000, 0x0000},
     {0xc75922e5f71d2dc5, 0x3fff},
     DOWN},
    {PTAN,
     3,
     {0xf946082e1fb17c23, 0xc004},
     {0x0000000000000000, 0x0000},
     {0x905ca0e7298da737, 0x3ffe},
     DOWN},
    {PTAN,
     0,
     {0xfffffffffffffff3, 0x403c},
     {0x0000000000000000, 0x0000},
     {0xcdc30a20b5a8cd27, 0x3ffe},
     UP},
    {F2XM1,
     0,
     {0xd0b8599c39263059, 0x3ffe},
     {0x0000000000000000, 0x0000},
     {0xc27a609e22ccffea, 0x3ffe},
     UP},
    {F2XM1,
     1,
     {0xca9fa478a09f76b5, 0xbffe},
     {0x0000000000000000, 0x0000},
     {0xd831fa04f389e130, 0xbffd},
     UP},
    {F2XM1,
     2,
     {0x87eb1878f29d0da9, 0x3ffc},
     {0x0000000000000000, 0x0000},
     {0xc55cd651cb9badf5, 0x3ffb},
     UP},
    {F2XM1,
     3,
     {0xcaf3057a93bd04cf, 0x3fbf},
     {0x0000000000000000, 0x0000},
     {0x8cac7a027d08a979, 0x3fbf},
     DOWN},
    {F2XM1,
     0,
     {0x8658f14e658cda14, 0xbfa5},
     {0x0000000000000000, 0x0000},
     {0xba3ebe0d6973f016, 0xbfa4},
     UP},
    {F2XM1,
     0,
     {0xffffffffffffffff, 0x3ffe},
     {0x0000000000000000, 0x0000},
     {0xffffffffffffffff, 0x3ffe},
     UP},
    {F2XM1,
     0,
     {0xffffffffffffffff, 0xbffe},
     {0x0000000000000000, 0x0000},
     {0xffffffffffffffff, 0xbffd},
     DOWN},
    {F2XM1,
     0,
     {0x8000000000000000, 0x3ffe},
     {0x0000000000000000, 0x0000},
     {0xd413cccfe7799211, 0x3ffd},
     DOWN},
    {YL2X,
     0,
     {0x9c4c68c8f9ebdacc, 0x3fff},
     {0x8000000000000000, 0x3fff},
     {0x9389b12739312ef0, 0x3ffd},
     UP},
    {YL2X,
     0,
     {0x8000000000000001, 0x3fff},
     {0x8000000000000000, 0x3fff},
     {0xb8aa3b295c17f0bb, 0x3fc0},
     DOWN},
    {YL2X,
     1,
     {0xffffffffffffffff, 0x3ffe},
     {0x8000000000000000, 0x3fff},
     {0xb8aa3b295c17f0bd, 0xbfbf},
     UP},
    {YL2X,
     2,
     {0xc740cb9f0becd7b0, 0x5387},
     {0x910bdf56dbc496cb, 0x4002},
     {0xb114c7d407409586, 0x400e},
     UP},
    {YL2X,
     3,
     {0xb5a659214a23d596, 0x1cd7},
     {0xc53531f624ede6a4, 0xc002},
     {0xd8a594650af85c90, 0x400f},
     DOWN},
    {YL2X,
     0,
     {0xb504f333f9de6484, 0x3fff},
     {0x8000000000000000, 0x3fff},
     {0xffffffffffffffff, 0x3ffd},
     UP},
    {YL2X,
     0,
     {0xb504f333f9de6485, 0x3fff},
     {0x8000000000000000, 0x3fff},
     {0x8000000000000001, 0x3ffe},
     DOWN},
    {YL2X,
     0,
     {0x8000000000000000, 0x4002},
     {0xc913b32c1e27a1c0, 0x3fff},
     {0x96cec661169db950, 0x4001},
     EXACT},
    {YL2XP1,
     0,
     {0xc7b682ac4ef8aa38, 0x3ffc},
     {0x8000000000000000, 0x3fff},
     {0x839bfc0fd86f90f0, 0x3ffd},
     UP},
    {YL2XP1,
     1,
     {0x9504f333f9de6484, 0xbffd},
     {0x8000000000000000, 0x3fff},
     {0xfe14a0342f1bed8b, 0xbffd},
     UP},
    {YL2XP1,
     2,
     {0xd74bdd4ad0eda82f, 0x3fb9},
     {0x8d30edf12e44158b, 0x3fff},
     {0xab4ef303cac7ce35, 0x3fba},
     UP},
    {YL2XP1,
     3,
     {0xc91d39b494e3bf91, 0xbfb9},
     {0x980c2862a38fd547, 0xc002},
     {0xac5408650f2e260a, 0x3fbd},
     DOWN},
    {YL2XP1,
     0,
     {0x8c789ae95f557203, 0x3ffd},
     {0xdb2672118c38fb29, 0x3fff},
     {0x994dedfeb9e0c208, 0x3ffe},
     DOWN},
    {YL2XP1,
     0,
     {0x8000000000000000, 0xbffe},
     {0xc83d38611012f037, 0x3fff},
     {0xc83d38611012f037, 0xbfff},
     EXACT},
    {PATAN,
     0,
     {0x8000000000000000, 0x3fff},
     {0x8000000000000000, 0x3fff},
     {0xc90fdaa22168c235, 0x3ffe},
     UP},
    {PATAN,
     0,
     {0x8000000000000000, 0xbfff},
     {0x8000000000000000, 0x3fff},
     {0x96cbe3f9990e91a8, 0x4000},
     UP},
    {PATAN,
     1,
     {0x8000000000000000, 0x4027},
     {0xc000000000000000, 0x3fff},
     {0xbfffffffffffffff, 0x3fd7},
     DOWN},
    {PATAN,
     2,
     {0x8000000000000000, 0x4027},
     {0xc000000000000000, 0x3fff},
     {0xc000000000000000, 0x3fd7},
     UP},
    {PATAN,
     0,
     {0x8000000000000000, 0x4045},
     {0xcf3bb4d80f4205b4, 0xbfff},
     {0xcf3bb4d80f4205b4, 0xbfb9},
     UP},
    {PATAN,
     0,
     {0xbf8a829234b9b5df, 0xc045},
     {0xc40f68b1ae2eb154, 0x3fff},
     {0xc90fdaa22168c235, 0x4000},
     UP},
    {PATAN,
     3,
     {0xe37c3b8c6d76b07e, 0x3fa5},
     {0xbb98d788506bf2ef, 0x3fff},
     {0xc90fdaa22168c234, 0x3fff},
     DOWN},
    {PATAN,
     0,
     {0xf63353c395e761d1, 0x3fff},
     {0xae4854ac7403e430, 0xbfff},
     {0x9db23a0f08df0016, 0xbffe},
     DOWN},
    {PATAN,
     1,
     {0x9fcc713b4cbd87ad, 0xbfff},
     {0x970298cdcb5c7427, 0xc000},
     {0x83ad479c9dcec6c5, 0xc000},
     UP},
    {PATAN,
     0,
     {0x8000000000000000, 0x3fff},
     {0x8000000000000000, 0x3ffa},
     {0xffeaaddd4bb12542, 0x3ff9},
     DOWN},
    {PATAN,
     0,
     {0x8000000000000000, 0x3fff},
     {0x8000000000000000, 0x3ffb},
     {0xffaaddb967ef4e37, 0x3ffa},
     UP},
    {PATAN,
     2,
     {0xe3d17510b2f14c94, 0x3fff},
     {0x8a7a399f3e7d1bfb, 0x3ffc},
     {0x9b4f2250f02f6cd1, 0x3ffb},
     UP},
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
    tcase_add_test(tcase, bcd);
    tcase_add_loop_test(tcase, condition_1, 0, (int)engine_count());
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
