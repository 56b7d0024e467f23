/* The x87 in integers beside the host's: every operation, on random operands of all kinds, in every precision and rounding,
 * with overflow and underflow masked or not. */
#include "cpu/x87/x87_exact.h"
#include "cpu/x87/x87_priv.h"
#include "tests/unit/oracle_guest.h"

#include <check.h>

#define CONDITIONS (X87_C0 | X87_C1 | X87_C2 | X87_C3)

enum {
    ARITH = 0,
    UCOM = 8,
    SQRT,
    RNDINT,
    SIN,
    COS,
    F2XM1,
    TST,
    XAM,
    YL2X,
    YL2XP1,
    PATAN,
    PREM,
    PREM1,
    SCALE,
    PTAN,
    SINCOS,
    XTRACT,
    OPERATIONS
};

/* Near each other's exponent, near the ends of the range, whole numbers, and every other encoding. */
static struct f80 random_f80(u64 *seed, const struct f80 *near)
{
    u64 r = test_random(seed);
    struct f80 x = {test_random(seed), (u16)(r & 0x8000)};
    u16 exp = (u16)(r >> 16) & 0x7fff;

    switch (r >> 32 & 7) {
    case 0: exp = (u16)(r >> 40 & 1 ? 0x7fff : 0); break;
    case 1: exp = (u16)(r >> 40 & 1 ? 0x7ffe - (exp & 63) : exp & 63); break;
    case 2: exp = (u16)(F80_BIAS - 40 + exp % 120); break;
    case 3: exp = (u16)(F80_BIAS - 1 + (exp & 3)); break;
    case 4:
    case 5:
        if (near)
            exp = (u16)(f80_exp(near) - 66 + exp % 133) & 0x7fff;
        break;
    }
    x.se |= exp;
    if (exp && (r >> 48 & 31))
        x.frac |= F80_TOP;
    switch (r >> 56 & 7) {
    case 0: x.frac &= ~(u64)0 << (r >> 50 & 63); break;
    case 1: x.frac = F80_TOP; break;
    case 2: x.frac |= ~F80_TOP >> (r >> 50 & 63); break;
    case 3:
        if (exp == 0)
            x.frac >>= r >> 50 & 63;
        break;
    case 4:
        if (exp == 0 || exp == 0x7fff)
            x.frac = exp ? F80_TOP : 0;
        break;
    case 5:
        if (near)
            x.frac = near->frac + (r >> 50 & 3) - 1;
        break;
    }
    return x;
}

static u16 random_cw(u64 *seed)
{
    static const u16 precision[4] = {0x000, 0x200, 0x300, 0x300};
    u64 r = test_random(seed);

    return (u16)(0x27 | precision[r & 3] | (r >> 8 & 3) << 10 |
                 (r >> 16 & 3 ? X87_OE | X87_UE : (r >> 24 & 3) << 3));
}

struct outcome {
    struct f80 x, pushed;
    u16 sw;
};

static const u8 unaries[] = {
    [SQRT] = X87_SQRT,   [RNDINT] = X87_RNDINT, [SIN] = X87_SIN, [COS] = X87_COS,
    [F2XM1] = X87_F2XM1, [TST] = X87_TST,       [XAM] = X87_XAM};
static const u8 binaries[] = {[YL2X] = X87_YL2X, [YL2XP1] = X87_YL2XP1, [PATAN] = X87_PATAN,
                              [PREM] = X87_PREM, [PREM1] = X87_PREM1,   [SCALE] = X87_SCALE};
static const u8 twos[] = {[PTAN] = X87_PTAN, [SINCOS] = X87_SINCOS, [XTRACT] = X87_XTRACT};

#define RUN(unit)                                                                                  \
    static struct outcome run_##unit(unsigned op, u16 cw, struct f80 x, const struct f80 *y)       \
    {                                                                                              \
        struct outcome o = {x, {0, 0}, 0};                                                         \
                                                                                                   \
        if (op < UCOM)                                                                             \
            o.sw = x87_##unit##_arith(op, cw, &o.x, y);                                            \
        else if (op == UCOM)                                                                       \
            o.sw = x87_##unit##_ucom(cw, &o.x, y);                                                 \
        else if (op <= XAM)                                                                        \
            o.sw = x87_##unit##_unary((enum x87_unary)unaries[op], cw, &o.x);                      \
        else if (op <= SCALE)                                                                      \
            o.sw = x87_##unit##_binary((enum x87_binary)binaries[op], cw, &o.x, y);                \
        else                                                                                       \
            o.sw = x87_##unit##_two((enum x87_two)twos[op], cw, &o.x, &o.pushed);                  \
        return o;                                                                                  \
    }
RUN(host)
RUN(soft)

/* Whether the unit is asked for it: the others are computed by rule (x87_exact.c). */
static bool is_asked(unsigned op, const struct f80 *x, const struct f80 *y)
{
    bool plain = f80_is_plain(x), one = x->frac == F80_TOP && x->se == F80_BIAS;
    i32 far = (i32)f80_exp(x) - f80_exp(y);

    switch (op) {
    case SIN:
    case COS:
    case PTAN:
    case SINCOS: return !plain || f80_exp(x) - F80_BIAS >= 63;
    case F2XM1: return !plain;
    case YL2X: return !plain || !f80_is_plain(y) || f80_negative(x) || one;
    case YL2XP1: return (!plain || !f80_is_plain(y)) && (!plain || f80_exp(x) < F80_BIAS - 2);
    case PATAN:
        return f80_is_nan(x) || f80_is_nan(y) || f80_is_unsupported(x) || f80_is_unsupported(y);
    case PREM:
    case PREM1:
        return f80_is_infinite(y)
                   ? !f80_is_denormal(x)
                   : !plain || !f80_is_plain(y) || (far < 64 && f80_exp(x) && f80_exp(y));
    case SCALE: return !f80_is_zero(y) || !f80_is_denormal(x);
    default: return true;
    }
}

/* The status bits that an operation gives. */
static u16 answers(unsigned op, const struct f80 *result)
{
    bool compares = op == X87_COM || op == X87_COMP || op == UCOM || op == TST || op == XAM;
    bool counts = (op == PREM || op == PREM1) && f80_exp(result) != 0x7fff;

    if (op == SIN || op == COS || op == PTAN || op == SINCOS)
        return X87_EXCEPTIONS | X87_C1 | X87_C2;
    return X87_EXCEPTIONS | X87_C1 | (compares || counts ? CONDITIONS : 0);
}

START_TEST(operations)
{
    unsigned op = (unsigned)_i;
    u64 seed = 0x87000 + op;

    for (unsigned i = 0; i < 20000 * test_scale(); i++) {
        struct f80 x = random_f80(&seed, NULL), y = random_f80(&seed, &x);
        u16 cw = random_cw(&seed);
        struct outcome host, soft;

        if (!is_asked(op, &x, &y))
            continue;
        host = run_host(op, cw, x, &y);
        soft = run_soft(op, cw, x, &y);
        host.sw &= answers(op, &host.x);
        soft.sw &= answers(op, &host.x);
        expect(host.x.frac == soft.x.frac && host.x.se == soft.x.se && host.sw == soft.sw &&
                   host.pushed.frac == soft.pushed.frac && host.pushed.se == soft.pushed.se,
               "operation %u, control %04x: %04x %016llx, %04x %016llx: %04x %016llx, %04x "
               "%016llx, status %04x; host "
               "%04x %016llx, %04x %016llx, status %04x",
               op, cw, x.se, (unsigned long long)x.frac, y.se, (unsigned long long)y.frac,
               soft.x.se, (unsigned long long)soft.x.frac, soft.pushed.se,
               (unsigned long long)soft.pushed.frac, soft.sw, host.x.se,
               (unsigned long long)host.x.frac, host.pushed.se,
               (unsigned long long)host.pushed.frac, host.sw);
    }
}
END_TEST

/* A random operand in memory: a real of this size, or any bytes. */
static u64 random_mem(u64 *seed)
{
    u64 r = test_random(seed), kind = test_random(seed);

    switch (kind & 7) {
    case 0: return r & ~(0x7ffull << 52); /* tiny */
    case 1: return r | 0x7ffull << 52;    /* infinite, or no number */
    case 2: return r & ~0x7f800000ull;
    case 3: return r | 0x7f800000ull;
    case 4: return r & 0x8000000080000000ull;
    case 5: return (r & 0x8000000080000000ull) | (kind & 8 ? 0x7f800000 : 0x7ffull << 52);
    default: return r;
    }
}

START_TEST(memory_operands)
{
    u64 seed = 0x8700 + (u64)_i;

    for (unsigned i = 0; i < 10000 * test_scale(); i++) {
        struct f80 x = random_f80(&seed, NULL), h = x, s = x;
        u16 cw = random_cw(&seed), host, soft;
        u64 mem = random_mem(&seed);
        unsigned op = i & 7;

        host = x87_host_arith_mem((unsigned)_i, op, cw, &h, &mem) & answers(op, &h);
        soft = x87_soft_arith_mem((unsigned)_i, op, cw, &s, &mem) & answers(op, &h);
        expect(h.frac == s.frac && h.se == s.se && host == soft,
               "kind %d, op %u, control %04x: %04x %016llx, %016llx: %04x %016llx, status %04x; "
               "host %04x %016llx, status "
               "%04x",
               _i, op, cw, x.se, (unsigned long long)x.frac, (unsigned long long)mem, s.se,
               (unsigned long long)s.frac, soft, h.se, (unsigned long long)h.frac, host);
    }
}
END_TEST

START_TEST(loads_and_stores)
{
    enum x87_mem kind = (enum x87_mem)_i;
    u64 seed = 0x870 + (u64)_i;

    for (unsigned i = 0; i < 20000 * test_scale(); i++) {
        struct f80 near = {0, F80_BIAS}, x = random_f80(&seed, &near), h = {0, 0}, s = {0, 0};
        u16 cw = random_cw(&seed), host, soft;
        u64 mem = random_mem(&seed);

        if (kind != X87_MEM_BCD) {
            host = x87_host_load(kind, cw, &mem, &h) & (X87_EXCEPTIONS | X87_C1);
            soft = x87_soft_load(kind, cw, &mem, &s);
            expect(h.frac == s.frac && h.se == s.se && host == soft,
                   "load %d of %016llx: %04x %016llx, status %04x; host %04x %016llx, status %04x",
                   kind, (unsigned long long)mem, s.se, (unsigned long long)s.frac, soft, h.se,
                   (unsigned long long)h.frac, host);
        }
        h = s = (struct f80){0x1122334455667788, 0x99aa};
        host = x87_host_store(kind, cw, &x, &h) & (X87_EXCEPTIONS | X87_C1);
        soft = x87_soft_store(kind, cw, &x, &s);
        expect(h.frac == s.frac && h.se == s.se && host == soft,
               "store %d of %04x %016llx, control %04x: %04x %016llx, status %04x; host %04x "
               "%016llx, status %04x",
               kind, x.se, (unsigned long long)x.frac, cw, s.se, (unsigned long long)s.frac, soft,
               h.se, (unsigned long long)h.frac, host);
    }
}
END_TEST

START_TEST(constants)
{
    for (unsigned rounding = 0; rounding < 4; rounding++) {
        for (unsigned which = X87_1; which <= X87_ZERO; which++) {
            struct f80 h, s;
            u16 cw = (u16)(0x37f | rounding << 10);

            expect_eq(x87_host_const((enum x87_const)which, cw, &h) & (X87_EXCEPTIONS | X87_C1),
                      x87_soft_const((enum x87_const)which, cw, &s));
            expect(h.frac == s.frac && h.se == s.se, "constant %u, rounding %u: %04x %016llx",
                   which, rounding, s.se, (unsigned long long)s.frac);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("x87 in integers");
    TCase *tcase = tcase_create("beside the host");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, operations, 0, OPERATIONS);
    tcase_add_loop_test(tcase, memory_operands, 0, 4);
    tcase_add_loop_test(tcase, loads_and_stores, 0, X87_MEM_BCD + 1);
    tcase_add_test(tcase, constants);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
