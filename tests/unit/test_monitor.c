/* The monitor's lines: names and arguments, expressions, and what is said about mistakes. */
#include "devices/monitor/monitor.h"
#include "devices/monitor/editor.h"
#include "mmu/host/version.h"
#include "tests/unit/pc_rig.h"

static struct machine m;

/* Behind the loop bytes to look at: 0x1234, -2 as a byte, "Hi". */
static const struct guest loops = {BYTES("\xeb\xfe\x34\x12\xfe\xff\xff\xff\x48\x69\x00\x90")};

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
    {"help print", "print|p /fmt expr -- the value of an expression\n"},
    {"? p", "print|p /fmt expr -- the value of an expression\n"},
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
    {"p/o 0", "0\n"},
    {"x/2xh 0x1002", "00001002: 0x1234 0xfffe\n"},
    {"x/xw 0x1002", "00001002: 0xfffe1234\n"},
    {"x/2db 0x1004", "00001004:  -2  -1\n"},
    {"x/ub 0x1004", "00001004: 254\n"},
    {"x/og 0x1008", "00001008:           022000064510\n"},
    {"x/3c 0x1008", "00001008: 'H' 'i' '\\x00'\n"},
    {"x/s 0x1008", "00001008: \"Hi\"\n"},
    {"xp/2xb 0x1008", "0000000000001008: 0x48 0x69\n"},
    {"xp 0x80000000", "0000000080000000: Cannot access memory\n"},
    {"xp 0xfffffffff", "0000000fffffffff: Cannot access memory\n"},
    {"x/x $eip+2", "00001002: 0xfffe1234\n"},
    {"gva2gpa 0x1234", "gpa: 0x1234\n"},
    {"info mem", "PG disabled\n"},
    {"info tlb", "PG disabled\n"},
    {"info version", "Pagewalk " PAGEWALK_VERSION "\n"},
    {"info uuid", "00000000-0000-0000-0000-000000000000\n"},
    {"info history", ""},
    {"info network", ""},
    {"info usernet", ""},
    {"info block", "floppy0: [not inserted]\n    Attached to:      floppy0\n"
                   "    Removable device: not locked, tray closed\n"},
    {"eject nosuch", "Error: Device 'nosuch' not found\n"},
    {"change ide0-hd0 x", "Error: Device 'ide0-hd0' not found\n"},
    {"change floppy0 -f x raw other",
     "change: one of these is expected: retain|read-only|read-write\n"
     "Try \"help change\" for more information\n"},
    {"info block nosuch", "Error: Device 'nosuch' not found\n"},
    {"i/b 0x90f", "portb[0x090f] = 0xff\n"},
    {"o/b 0x80 7", ""},
    {"sendkey ctrl-alt-delete", ""},
    {"sendkey a-nosuch", "invalid parameter: nosuch\n"},
    {"sendkey a 99999999", "a key is held for a minute at most\n"},
    {"mouse_move 1 -2", ""},
    {"mouse_move 1 x",
     "mouse_move: not a number: x\nTry \"help mouse_move\" for more information\n"},
    {"mouse_button 5", ""},
    {"set_link nosuch on", "Error: Device 'nosuch' not found\n"},
    {"set_link nosuch up",
     "set_link: one of these is expected: on|off\nTry \"help set_link\" for more information\n"},
    {"hostfwd_add tcp::1-:1", "user mode network stack not in use\n"},
    {"hostfwd_add net tcp::1-:1", "unrecognized netdev id 'net'\n"},
    {"commit nosuch", "Device 'nosuch' not found\n"},
    {"commit floppy0", "Device 'floppy0' has no medium\n"},
    {"commit all", ""},
    {"log int,fault", ""},
    {"log none", ""},
    {"memsave 0 16 x", "Error: failed to open file 'x': Operation not supported\n"},
    {"dump-guest-memory x 0x3000000 16", "Error: there is no RAM in that range\n"},
    {"screendump x.ppm", "Error: the display shows nothing\n"},
    {"gdbserver", "gdb's port is given by -gdb\n"},
    {"gdbserver \"a", "gdbserver: a text's second quote is missing\n"
                      "Try \"help gdbserver\" for more information\n"},
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

/* The speed, and how much of it was reached is said once there is something to be said. */
START_TEST(speed)
{
    ck_assert_str_eq(say("speed 25"), "");
    ck_assert_uint_eq(pc_speed(m.pc), 25);
    ck_assert_str_eq(say("speed"), "speed: 25 %\n");
    ck_assert_str_eq(say("stop"), "");
    usleep(2000); /* which do not count */
    ck_assert_str_eq(say("info speed"), "speed: 25 %\n");
    ck_assert_str_eq(say("speed max"), "");
    ck_assert_str_eq(say("info speed"), "speed: max\n");
    ck_assert_str_eq(say("speed 0"), "Error: speed 0: give 1 to 10000 percent, normal or max\n");
    ck_assert_uint_eq(pc_speed(m.pc), SPEED_MAX);
    ck_assert_str_eq(say("speed normal"), "");
    ck_assert_uint_eq(pc_speed(m.pc), SPEED_NORMAL);
}
END_TEST

/* Words with blanks, quotes and backslashes in them. */
START_TEST(quotes)
{
    static const struct {
        const char *line, *name;
    } rows[] = {{"set_link a on", "a"},
                {"set_link \"a b\" on", "a b"},
                {"set_link \"a\\\"b\" on", "a\"b"},
                {"set_link \"a\\\\nb\" on", "a\\nb"},
                {"set_link \"a\\nb\" on", "a\nb"}};
    char want[100];

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        snprintf(want, sizeof(want), "Error: Device '%s' not found\n", rows[i].name);
        ck_assert_str_eq(say(rows[i].line), want);
    }
}
END_TEST

/* What is typed at a terminal, key by key, and the line that comes of it. */
static const struct {
    const char *keys, *line;
} edits[] = {
    {"stop\r", "stop"},
    {"sXtop\x7f\x7f\x7f\x7ftop\n", "stop"},
    {"top\x01s\r", "stop"},
    {"stoo\x1b[D\x1b[3~p\r", "stop"},
    {"sop\x1b[D\x1b[Dt\r", "stop"},
    {"\x1b[Hop\x1b[Hst\x1b[F\r", "stop"},
    {"info bad\x17status\r", "info status"},
    {"nonsense\x15stop\r", "stop"},
    {"stop it\x1b[D\x1b[D\x1b[D\x0b\r", "stop"},
    {"sto\x03stop\r", "stop"},
    {"inf\tstat\t\r", "info status "},
    {"sendk\ta\r", "sendkey a"},
    {"set_link x o\tn\r", "set_link x on"},
    {"dump\t-\tx\r", "dump-guest-memory -p x"},
    {"help sys\tr\t\r", "help system_reset "},
    {"\x1b[99999999999999999999~\x1b[Zstop\r", "stop"},
    {"\xc3\xa4\x7f\x7fstop\r", "stop"},
};

static void complete(void *opaque, const char *line, struct editor *editor)
{
    (void)opaque;
    monitor_complete(m.pc, line, editor);
}

START_TEST(edit)
{
    static char shown[4096];
    FILE *out = fmemopen(shown, sizeof(shown), "w");
    struct editor e;
    bool done = false;

    editor_init(&e, "> ", out);
    e.complete = complete;
    for (const char *key = edits[_i].keys; *key; key++) {
        ck_assert(!done);
        done = editor_byte(&e, (u8)*key);
    }
    ck_assert(done);
    ck_assert_str_eq(e.line, edits[_i].line);
    fclose(out);
    editor_free(&e);
}
END_TEST

START_TEST(edit_history)
{
    FILE *out = fopen("/dev/null", "w");
    struct editor e;
    const char *at;

    editor_init(&e, "> ", out);
    for (at = "one\rtwo\rtwo\r\r"; *at; at++)
        if (editor_byte(&e, (u8)*at))
            editor_prompt(&e);
    ck_assert_uint_eq(e.entries, 2);
    for (at = "new\x1b[A\x1b[A\x1b[A\x1b[B!\x1b[B\x1b[A"; *at; at++)
        editor_byte(&e, (u8)*at);
    ck_assert(editor_byte(&e, '\r'));
    ck_assert_str_eq(e.line, "two");
    for (unsigned i = 0; i < 3 * EDITOR_HISTORY; i++) {
        char text[20];

        editor_prompt(&e);
        snprintf(text, sizeof(text), "%u\r", i);
        for (at = text; *at; at++)
            editor_byte(&e, (u8)*at);
    }
    ck_assert_uint_eq(e.entries, EDITOR_HISTORY);
    /* More than fits, and any bytes. */
    for (unsigned i = 0; i < 100000; i++)
        if (editor_byte(&e, i < 5000 ? 'x' : (u8)rand()))
            editor_prompt(&e);
    fclose(out);
    editor_free(&e);
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
    tcase_add_test(tc, speed);
    tcase_add_test(tc, quotes);
    tcase_add_loop_test(tc, edit, 0, ARRAY_SIZE(edits));
    tcase_add_test(tc, edit_history);
    tcase_add_test(tc, help_has_all);
    tcase_add_test(tc, hostile_lines);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
