/* Numbers of 128 bits by halves, as hosts without such have them, against the compiler's. */
#include <check.h>
#include <stdlib.h>

#include "cpu/x87/u128.h"

/* Often with long runs of equal bits, where carries go far. */
static u64 half(void)
{
    u64 random = (u64)mrand48() << 32 ^ (u64)mrand48();

    switch (mrand48() & 3) {
    case 0: return random;
    case 1: return (u64)((i64)random >> 63) << (random & 63);
    case 2: return (u64)((i64)random >> 63) >> (random & 63);
    default: return random & 1 ? ~(u64)0 : 0;
    }
}

static bool same(struct halves a, u128 b)
{
    return a.low == u128_low(b) && a.high == u128_high(b);
}

START_TEST(halves)
{
    for (unsigned i = 0; i < 20000; i++) {
        struct halves a = {half(), half()}, b = {half(), half()}, rest;
        u128 x = U128(a.high, a.low), y = U128(b.high, b.low), left;
        unsigned by = (unsigned)mrand48() & 127;

        ck_assert(same(halves_add(a, b), u128_add(x, y)));
        ck_assert(same(halves_sub(a, b), u128_sub(x, y)));
        ck_assert(same(halves_shl(a, by), u128_shl(x, by)));
        ck_assert(same(halves_shr(a, by), u128_shr(x, by)));
        ck_assert(halves_less(a, b) == u128_less(x, y));
        ck_assert(!halves_less(a, a));
        ck_assert(same(halves_mul(a.low, b.low), u128_mul(a.low, b.low)));
        if (u128_is_zero(y))
            continue;
        ck_assert(same(halves_div(a, b, &rest), u128_div(x, y, &left)));
        ck_assert(same(rest, left));
    }
}
END_TEST

START_TEST(parts)
{
    u128 ones = U128(~(u64)0, ~(u64)0);

    ck_assert(u128_is_zero(u128_below(ones, 0)));
    ck_assert(u128_equal(u128_below(ones, 1), u128_of(1)));
    ck_assert(u128_equal(u128_below(ones, 64), U128(0, ~(u64)0)));
    ck_assert(u128_equal(u128_below(ones, 127), U128(~(u64)0 >> 1, ~(u64)0)));
    ck_assert(!u128_equal(u128_of(1), U128(1, 1)));
    ck_assert(!u128_equal(u128_of(1), U128(0, 2)));
    ck_assert(!u128_is_zero(U128(1, 0)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("numbers of 128 bits");
    TCase *tcase = tcase_create("u128");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, halves);
    tcase_add_test(tcase, parts);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
