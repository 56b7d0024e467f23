/* Tests of the log's category parser and printer, and of the counters' printer. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/log.h"
#include "mmu/host/stats.h"

static const struct {
    const char *items;
    int result;
    u32 mask;
    const char *bad;
} parse_cases[] = {
    {"int", 0, LOG_int, ""},
    {"in_asm", 0, LOG_in_asm, ""},
    {"int,fault", 0, LOG_int | LOG_fault, ""},
    {"boot,mmu,mmu", 0, LOG_boot | LOG_mmu, ""},
    {"all", 0, (1u << LOG_BITS) - 1, ""},
    {"all,int", 0, (1u << LOG_BITS) - 1, ""},
    {"", -EINVAL, 0x5a, ""},
    {"in", -EINVAL, 0x5a, "in"},
    {"intr", -EINVAL, 0x5a, "intr"},
    {"int,,fault", -EINVAL, 0x5a, ""},
    {"int,", -EINVAL, 0x5a, ""},
    {"int,nosuch,fault", -EINVAL, 0x5a, "nosuch"},
    {"INT", -EINVAL, 0x5a, "INT"},
    {"averylongcategoryname", -EINVAL, 0x5a, "averylongcat"},
};

START_TEST(test_parse)
{
    char bad[13] = "";
    u32 mask = 0x5a;

    ck_assert_int_eq(log_parse(parse_cases[_i].items, &mask, bad, sizeof(bad)),
                     parse_cases[_i].result);
    ck_assert_uint_eq(mask, parse_cases[_i].mask);
    ck_assert_str_eq(bad, parse_cases[_i].bad);
}
END_TEST

START_TEST(test_parse_no_room)
{
    char bad[2] = "x";
    u32 mask = 0;

    ck_assert_int_eq(log_parse("nosuch", &mask, bad, 0), -EINVAL);
    ck_assert_str_eq(bad, "x");
}
END_TEST

START_TEST(test_write)
{
    char *text = NULL;
    size_t len = 0;
    struct log log = {.mask = LOG_mmu, .out = open_memstream(&text, &len)};
    int evaluated = 0;

    log_printf(&log, LOG_mmu, "%d %s\n", ++evaluated, "on");
    log_printf(&log, LOG_int, "%d %s\n", ++evaluated, "off");
    fclose(log.out);
    ck_assert_str_eq(text, "1 on\n");
    ck_assert_int_eq(evaluated, 1);
    free(text);
}
END_TEST

static const struct {
    const char *text;
    unsigned ranges; /* 0: refused */
    struct log_range first;
} range_cases[] = {
    {"0x1000..0x1fff", 1, {0x1000, 0x1fff}},
    {"0x1000+0x100", 1, {0x1000, 0x10ff}},
    {"0x1fff-0x100", 1, {0x1f00, 0x1fff}},
    {"4096..4096", 1, {4096, 4096}},
    {"0xffffffff+1", 1, {0xffffffff, 0xffffffff}},
    {"0+0x100000000", 0, {0, 0}},
    {"0..0xffffffff,5+1", 2, {0, 0xffffffff}},
    {"1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1", 16, {1, 1}},
    {"1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1,1+1", 0, {0, 0}},
    {"", 0, {0, 0}},
    {"0x1000", 0, {0, 0}},
    {"0x1000..", 0, {0, 0}},
    {"..5", 0, {0, 0}},
    {"1.5", 0, {0, 0}},
    {"1+0", 0, {0, 0}},
    {"1-3", 0, {0, 0}},
    {"5..4", 0, {0, 0}},
    {"1+ 1", 0, {0, 0}},
    {"-1+1", 0, {0, 0}},
    {"1+1,", 0, {0, 0}},
    {"1+1x", 0, {0, 0}},
    {"0xffffffff+2", 0, {0, 0}},
    {"0x100000000..0x100000001", 0, {0, 0}},
    {"99999999999999999999999..1", 0, {0, 0}},
    {"0000000000000000000000000000000000000000000000000000000000000001+1", 0, {0, 0}},
};

START_TEST(test_ranges)
{
    struct log log = {.ranges = 0};

    ck_assert_int_eq(log_parse_ranges(range_cases[_i].text, &log),
                     range_cases[_i].ranges ? 0 : -EINVAL);
    ck_assert_uint_eq(log.ranges, range_cases[_i].ranges);
    ck_assert_uint_eq(log.range[0].first, range_cases[_i].first.first);
    ck_assert_uint_eq(log.range[0].last, range_cases[_i].first.last);
}
END_TEST

START_TEST(test_in_range)
{
    struct log log = {.mask = LOG_exec};

    ck_assert(log_on_at(&log, LOG_exec, 5));
    ck_assert_int_eq(log_parse_ranges("0x10..0x1f,0x100+1", &log), 0);
    ck_assert(!log_on_at(&log, LOG_exec, 0x0f));
    ck_assert(log_on_at(&log, LOG_exec, 0x10));
    ck_assert(log_on_at(&log, LOG_exec, 0x1f));
    ck_assert(!log_on_at(&log, LOG_exec, 0x20));
    ck_assert(log_on_at(&log, LOG_exec, 0x100));
    ck_assert(!log_on_at(&log, LOG_exec, 0x101));
    ck_assert(!log_on_at(&log, LOG_cpu, 0x100));
}
END_TEST

START_TEST(test_help)
{
    char *text = NULL;
    size_t len = 0, lines = 0;
    FILE *out = open_memstream(&text, &len);

    log_help(out);
    fclose(out);
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        lines++;
    ck_assert_uint_eq(lines, LOG_BITS + 1); /* and "all" */
    ck_assert_ptr_nonnull(strstr(text, "unassigned"));
    free(text);
}
END_TEST

START_TEST(test_stats)
{
    char *text = NULL;
    size_t len = 0, lines = 0;
    FILE *out = open_memstream(&text, &len);
    struct stats stats = {.tlb_flush = 12345678901234, .host_bytes = 35, .insn_native = 10};

    stats_print(&stats, out);
    fclose(out);
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        lines++;
    ck_assert_uint_eq(lines, sizeof(stats) / sizeof(u64) + 2); /* two ratios can be made */
    ck_assert_ptr_nonnull(strstr(text, "           3.5  bytes of native code a guest instr"));
    ck_assert_ptr_nonnull(strstr(text, "12345678901234  tlb_flush "));
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, test_parse, 0, ARRAY_SIZE(parse_cases));
    tcase_add_test(tc, test_parse_no_room);
    tcase_add_test(tc, test_write);
    tcase_add_loop_test(tc, test_ranges, 0, ARRAY_SIZE(range_cases));
    tcase_add_test(tc, test_in_range);
    tcase_add_test(tc, test_help);
    tcase_add_test(tc, test_stats);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
