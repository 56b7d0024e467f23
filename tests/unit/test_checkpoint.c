/* Unit tests of devices/board/pc_checkpoint.c: which instructions checkpoints are at. */
#include <check.h>

#include "devices/board/pc_checkpoint.h"
#include "tests/unit/bench_main.h"

static const struct {
    struct pc_checkpoints points;
    u64 at[10]; /* the checkpoints; the last is repeated */
    u32 whole;  /* a bit for each */
} cases[] = {
    {{.every = 100}, {0, 100, 200, 300, 400, 500, 600, 700, 800, 900}, 0x3ff},
    {{.every = 100, .end = 250}, {0, 100, 200, 250, 300}, 0x17},
    {{.every = 100, .step = {{30, 200}}, .steps = 1}, {0, 100, 200, 230, 260, 290, 320}, 0x7},
    {{.every = 100, .step = {{30, 200}, {4, 230}}, .steps = 2, .end = 237},
     {0, 100, 200, 230, 234, 237, 238},
     0x7},
    {{.every = 100, .step = {{40, 0}}, .steps = 1}, {0, 40, 80, 120, 160, 200}, 0x1},
    {{.every = 1000, .step = {{500, 3}}, .steps = 1}, {0, 3, 503, 1003}, 0x1},
};

START_TEST(places)
{
    u64 insns = 0;

    for (unsigned i = 0; i < 10 && (i == 0 || cases[_i].at[i]); i++) {
        insns = pc_checkpoint_next(&cases[_i].points, insns);
        ck_assert_uint_eq(insns, cases[_i].at[i]);
        ck_assert_int_eq(pc_checkpoint_whole(&cases[_i].points, insns), cases[_i].whole >> i & 1);
        insns++;
    }
}
END_TEST

START_TEST(never)
{
    const struct pc_checkpoints none = {0}, end = {.end = 7};

    ck_assert_uint_eq(pc_checkpoint_next(&none, 5), UINT64_MAX);
    ck_assert_uint_eq(pc_checkpoint_next(&end, 5), 7);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("checkpoint");

    tcase_add_loop_test(tc, places, 0, ARRAY_SIZE(cases));
    tcase_add_test(tc, never);
    return bench_main(tc, "checkpoint");
}
