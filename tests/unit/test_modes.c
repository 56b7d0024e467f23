/* Random guests in every mode - real, vm86, 16- and 32-bit segments with bases and limits, paging,
 * alignment checks, x87 and SSE with masked and unmasked exceptions, interrupts at any instruction - on every
 * engine and configuration of the translator, against the interpreter with one instruction a block; see
 * tests/diff/mode_run.h. PAGEWALK_TEST_SCALE=n: n times as many. */
#include <check.h>

#include "tests/diff/mode_run.h"
#include "tests/unit/engine_loop.h"

#define PROGRAMS 500u

START_TEST(random_guests)
{
    u64 count = engine_share(_i, PROGRAMS), ended[CPU_STOPS + 1] = {0}, units;

    ck_assert_msg(mode_run(translator_engines()[_i], 1, 1 + count, ended, NULL), "programs differ");
    /* The mix is as meant: units end in both ways, and few programs end early. */
    units = ended[CPU_STOP_HALT] + ended[CPU_STOP_BUDGET];
    ck_assert_uint_gt(units, count * UNITS * 9 / 10);
    ck_assert_uint_gt(units - ended[CPU_STOPS], units / 10);
}
END_TEST

int main(void)
{
    return engine_loop_main("modes", random_guests);
}
