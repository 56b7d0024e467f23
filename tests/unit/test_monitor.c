/* The monitor's lines: names and arguments, expressions, and what is said about mistakes. */
#include "devices/monitor/monitor.h"
#include "tests/unit/pc_rig.h"

static struct machine m;

static const struct guest loops = {BYTES("\xeb\xfe")};

static void setup(void)
{
    int status;

    machine_new(&m, config_default(), &loops);
    pc_run_insns(m.pc, 10, &status);
}

static void teardown(void)
{
    machine_end(&m);
}

/* What the line's command says. */
static const char *say(const char *line)
{
    static char text[65536];
    FILE *out = fmemopen(text, sizeof(text), "w");

    text[0] = '\0';
    monitor_command(m.pc, line, out);
    fclose(out);
    return text;
}

static const struct {
    const char *line, *want;
} lines[] = {
    {"", ""},
    {"   # nothing", ""},
    {"info status", "VM status: running\n"},
    {"  info \t status ", "VM status: running\n"},
    {"bogus 1", "unknown command: 'bogus 1'\n"},
    {"infostatus", "unknown command: 'infostatus'\n"},
    {"stop now",
     "stop: extraneous characters at the end of line\nTry \"help stop\" for more information\n"},
    {"help print", "print|p [/fmt] expr -- the value of an expression\n"},
    {"? p", "print|p [/fmt] expr -- the value of an expression\n"},
    {"help nonsense", "unknown command: 'nonsense'\n"},
    {"print 1+2*3", "0x7\n"},
    {"p/d -5", "-5\n"},
    {"p/x (0x10|3)^1", "0x12\n"},
    {"p/o 8", "010\n"},
    {"p/u -1", "18446744073709551615\n"},
    {"p/c 'A'", "'A'\n"},
    {"p $eip", "0x1000\n"},
    {"p $cs+$cs.base", "0\n"},
    {"p ~0 & 0xff", "0xff\n"},
    {"p 7 % 0", "print: division by zero\nTry \"help print\" for more information\n"},
    {"p $nosuch", "print: unknown register $nosuch\nTry \"help print\" for more information\n"},
    {"p 1+", "print: unexpected end of expression\nTry \"help print\" for more information\n"},
    {"p (1", "print: ')' expected\nTry \"help print\" for more information\n"},
    {"p 12ab", "print: not a number: 12ab\nTry \"help print\" for more information\n"},
    {"p", "print: an argument is missing: expr\nTry \"help print\" for more information\n"},
    {"p/q 1", "print: a format is count, one of xduocis and one of bhwg\nTry \"help print\" for "
              "more information\n"},
};

START_TEST(lines_and_answers)
{
    const char *said = say(lines[_i].line);

    ck_assert_msg(strcmp(said, lines[_i].want) == 0, "'%s': '%s', not '%s'", lines[_i].line, said,
                  lines[_i].want);
}
END_TEST

START_TEST(stop_and_cont)
{
    ck_assert_str_eq(say("stop"), "");
    ck_assert_str_eq(say("info status"), "VM status: paused\n");
    ck_assert_str_eq(say("s"), "");
    ck_assert_str_eq(say("cont"), "");
    ck_assert_str_eq(say("info status"), "VM status: running\n");
}
END_TEST

/* Every command is told of, once. */
START_TEST(help_has_all)
{
    static const char *const names[] = {
#define COMMAND(names, args, fn, help) names,
#include "devices/monitor/monitor.def"
#undef COMMAND
    };
    const char *at = say("help");

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        ck_assert_msg(strncmp(at, names[i], strlen(names[i])) == 0, "%s", names[i]);
        at = strchr(at, '\n') + 1;
    }
    ck_assert_str_eq(at, "");
}
END_TEST

/* Deep, long and senseless lines end with one error. */
START_TEST(hostile_lines)
{
    static char line[70000];

    for (const char *c = "(-~+'\"$/[ "; *c; c++) {
        snprintf(line, sizeof(line), "print ");
        memset(line + 6, *c, 4000);
        line[4006] = '\0';
        ck_assert(*say(line));
        memset(line + 6, *c, 60000);
        line[60006] = '\0';
        ck_assert(*say(line));
    }
    for (unsigned i = 0; i < 20000; i++) {
        static const char parts[] =
            "print info x /  $eip 0x10 (+)-*&|~'\"\\ help % \t\001\377 stop";

        for (unsigned j = 0; j < 40; j++)
            line[j] = parts[(unsigned)rand() % (sizeof(parts) - 1)];
        line[40] = '\0';
        say(line);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("monitor");
    TCase *tc = tcase_create("monitor");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, lines_and_answers, 0, ARRAY_SIZE(lines));
    tcase_add_test(tc, stop_and_cont);
    tcase_add_test(tc, help_has_all);
    tcase_add_test(tc, hostile_lines);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
