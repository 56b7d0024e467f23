/* That nothing is left out: what random programs compare between engines and configurations holds every
 * micro-op and every instruction. */
#include <check.h>

#include "tests/diff/block_run.h"
#include "tests/diff/mode_run.h"
#include "tests/unit/engine_loop.h"

#define BLOCK_PROGRAMS 3000u
#define MODE_PROGRAMS  1200u

/* Micro-ops that no block is made with. */
static bool never_made(const struct coverage *c, unsigned uop)
{
    return uop == U_stop || (uop == U_side && !c->side_exits);
}

/* Instructions that the generator leaves out, since nothing could be compared behind them. The snippets of
 * tests/asm run them on every engine: cr_rules, page_*, far_transfer, sysenter. */
static bool left_out(unsigned op)
{
    return op == I_MOVCR || op == I_LMSW || op == I_LGDT || op == I_LIDT || op == I_WRMSR;
}

/* Every row of uop.def, and every mnemonic of insn.def, more than a few times. */
static void check_coverage(const struct coverage *c)
{
    unsigned missing = 0;

    for (unsigned i = 0; i < U_COUNT; i++)
        if (c->uop[i] < 5 && !never_made(c, i)) {
            fprintf(stderr, "micro-op %s: %u times\n", uop_info[i].name, (unsigned)c->uop[i]);
            missing++;
        }
    for (unsigned i = 0; i < I_COUNT; i++)
        if (c->insn[i] < 5 && !left_out(i)) {
            fprintf(stderr, "instruction %s: %u times\n", insn_op_name((enum insn_op)i),
                    (unsigned)c->insn[i]);
            missing++;
        }
    ck_assert_msg(missing == 0, "%u micro-ops or instructions are not tested", missing);
}

START_TEST(all_rows)
{
    const char *engine = translator_engines()[_i];
    u64 ended[CPU_STOPS + 1] = {0};
    struct tally tally = {0};
    struct coverage coverage = {.side_exits = false};

    if (_i > 0 && !engine_scale()) /* micro-ops are the same on every engine */
        return;
    ck_assert_msg(run_seeds(engine, 1000, 1000 + BLOCK_PROGRAMS, &tally, &coverage),
                  "programs differ");
    ck_assert_msg(mode_run(engine, 1000, 1000 + MODE_PROGRAMS, ended, &coverage),
                  "programs differ");
    check_coverage(&coverage);
}
END_TEST

int main(void)
{
    return engine_loop_main("coverage", all_rows);
}
