/* Random system-level guests, engine against engine: levels, gates, tasks, vm86 (tests/diff/ring_run.h). */
#include "tests/diff/ring_run.h"
#include "tests/unit/engine_loop.h"

START_TEST(rings)
{
    u64 ended[CPU_STOPS + 1] = {0};

    ck_assert(ring_run(translator_engines()[_i], 1, 400, ended));
    ck_assert_uint_gt(ended[CPU_STOP_HALT], 1000); /* they do something */
    ck_assert_uint_gt(ended[CPU_STOPS], 50000);
}
END_TEST

int main(void)
{
    return engine_loop_main("rings", rings);
}
