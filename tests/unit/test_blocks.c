/* Random programs with faults, self-modification and jumps on every engine and configuration of the
 * translator, against the interpreter with one instruction a block; see tests/diff/block_run.h.
 * PAGEWALK_TEST_SCALE=n: n times as many. */
#include <check.h>

#include "tests/diff/block_run.h"
#include "tests/unit/engine_loop.h"

#define PROGRAMS 6000u

/* Seeds outside that range whose programs once failed. */
static const u64 once_failed[] = {2000855, 7168};

START_TEST(random_programs)
{
    u64 count = engine_share(_i, PROGRAMS);
    struct tally tally = {0};

    for (unsigned i = 0; i < ARRAY_SIZE(once_failed); i++)
        ck_assert_msg(
            run_seeds(translator_engines()[_i], once_failed[i], once_failed[i] + 1, &tally, NULL),
            "programs differ");
    memset(&tally, 0, sizeof(tally));
    ck_assert_msg(run_seeds(translator_engines()[_i], 1, 1 + count, &tally, NULL),
                  "programs differ");
    /* The mix is as meant: many end well, many by a fault, few by a triple fault. */
    ck_assert_uint_gt(tally.stopped[CPU_STOP_HALT], count * 8 / 10);
    ck_assert_uint_gt(tally.excepted, count / 3);
    ck_assert_uint_gt(tally.stopped[CPU_STOP_HALT] - tally.excepted, count / 5);
    if (!strcmp(translator_engines()[_i], "x64")) /* which alone copies loops */
        ck_assert_uint_gt(tally.loops, count / 2);
}
END_TEST

int main(void)
{
    return engine_loop_main("blocks", random_programs);
}
