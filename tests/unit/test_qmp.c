/* QMP byte by byte: what each command answers, what is said about mistakes, events, and senseless input. And the keys that
 * it presses. */
#include "devices/monitor/keys.h"
#include "devices/monitor/qmp.h"
#include "tests/unit/pc_rig.h"

static struct machine m;
static struct qmp *qmp;
static FILE *out;
static char said[1 << 20];

static const struct guest loops = {BYTES("\xeb\xfe")};

/* What a client is told in answer to this. */
static const char *ask(const char *text)
{
    long before = ftell(out);

    for (; *text; text++)
        qmp_byte(qmp, (u8)*text);
    fflush(out);
    ck_assert_int_lt(before, (long)sizeof(said) - 65536);
    return said + before;
}

static void setup(void)
{
    int status;

    machine_new(&m, config_default(), &loops);
    pc_run_insns(m.pc, 10, &status);
    out = fmemopen(said, sizeof(said), "w");
    qmp = qmp_new(m.pc, out, false);
    ck_assert_ptr_nonnull(qmp);
}

static void teardown(void)
{
    qmp_free(qmp);
    fclose(out);
    machine_end(&m);
}

#define NEGOTIATE          "{\"execute\":\"qmp_capabilities\"}"
#define ERROR(class, text) "{\"error\": {\"class\": \"" class "\", \"desc\": \"" text "\"}}\n"
#define GENERIC(text)      ERROR("GenericError", text)

START_TEST(handshake)
{
    qmp_greet(qmp);
    fflush(out);
    ck_assert_ptr_nonnull(strstr(said, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, "));
    ck_assert_str_eq(
        ask("{\"execute\":\"query-status\"}"),
        ERROR("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'"));
    ck_assert_str_eq(ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}"),
                     GENERIC("Capability is not available"));
    ck_assert_str_eq(ask(NEGOTIATE "\n"), "{\"return\": {}}\n");
    ck_assert_str_eq(
        ask(NEGOTIATE),
        ERROR("CommandNotFound", "Capabilities negotiation is already complete, command ignored"));
}
END_TEST

static const struct {
    const char *text, *want;
} rows[] = {
    {"{\"execute\":\"query-status\"}",
     "{\"return\": {\"running\": true, \"singlestep\": false, \"status\": \"running\"}}\n"},
    {"{\"execute\": \"stop\", \"id\": [1, {\"a\": null}]}",
     "{\"return\": {}, \"id\": [1, {\"a\": null}]}\n"},
    {" \t\r\n{\n\"execute\"\n:\n\"query-target\"\n}\n", "{\"return\": {\"arch\": \"i386\"}}\n"},
    {"{\"execute\":\"query-kvm\"}{\"execute\":\"query-name\"}",
     "{\"return\": {\"enabled\": false, \"present\": false}}\n{\"return\": {}}\n"},
    {"{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info status\"}}",
     "{\"return\": \"VM status: running\\r\\n\"}\n"},
    {"{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"bogus\"}}",
     "{\"return\": \"unknown command: 'bogus'\\r\\n\"}\n"},
    {"{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"\\u00e4\"}}",
     "{\"return\": \"unknown command: '\\u00E4'\\r\\n\"}\n"},
    {"{\"execute\":\"bogus\",\"id\":7}",
     "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command bogus has not been "
     "found\"}, \"id\": 7}\n"},
    {"{\"execute\":\"stop\",\"arguments\":{\"x\":1}}", GENERIC("Parameter 'x' is unexpected")},
    {"{\"execute\":\"set_link\",\"arguments\":{\"name\":\"x\"}}",
     GENERIC("Parameter 'up' is missing")},
    {"{\"execute\":\"set_link\",\"arguments\":{\"name\":\"x\",\"up\":1}}",
     GENERIC("Invalid parameter type for 'up', expected: boolean")},
    {"{\"execute\":\"set_link\",\"arguments\":{\"name\":\"x\\\"y\",\"up\":true}}",
     GENERIC("Device 'x\\\"y' not found")},
    {"{\"execute\":\"memsave\",\"arguments\":{\"val\":0,\"size\":1.5,\"filename\":\"x\"}}",
     GENERIC("Invalid parameter type for 'size', expected: integer")},
    {"{\"execute\":\"memsave\",\"arguments\":{\"val\":0,\"size\":1,\"filename\":\"x\"}}",
     GENERIC("failed to open file 'x': Operation not supported")},
    {"{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"x\",\"format\":\"gif\"}}",
     GENERIC("Invalid parameter 'gif'")},
    {"{\"execute\":\"dump-guest-memory\",\"arguments\":{\"paging\":false,\"protocol\":\"fd:x\"}}",
     GENERIC("the protocol is file:NAME, and the format elf")},
    {"{\"execute\":\"send-key\",\"arguments\":{\"keys\":[{\"type\":\"qcode\",\"data\":\"a\"}]}}",
     "{\"return\": {}}\n"},
    {"{\"execute\":\"send-key\",\"arguments\":{\"keys\":[{\"type\":\"qcode\",\"data\":\"aa\"}]}}",
     GENERIC("Invalid parameter 'aa'")},
    {"{\"execute\":\"send-key\",\"arguments\":{\"keys\":[5,[],{}]}}",
     GENERIC("Invalid parameter 'key'")},
    {"{\"execute\":\"input-send-event\",\"arguments\":{\"events\":[{\"type\":\"btn\",\"data\":"
     "{\"down\":true,\"button\":\"left\"}},{\"type\":\"rel\",\"data\":{\"axis\":\"x\",\"value\":5}}"
     "]}}",
     "{\"return\": {}}\n"},
    {"{\"execute\":\"input-send-event\",\"arguments\":{\"events\":[{\"type\":\"rel\",\"data\":"
     "{\"axis\":\"z\",\"value\":5}}]}}",
     GENERIC("Invalid parameter 'axis'")},
    {"{\"execute\":\"input-send-event\",\"arguments\":{\"events\":[3]}}",
     GENERIC("Invalid parameter 'type': key, btn and rel are known")},
    {"{}", GENERIC("QMP input lacks member 'execute'")},
    {"{\"execute\":5}", GENERIC("QMP input member 'execute' must be a string")},
    {"{\"execute\":\"stop\",\"arguments\":5}",
     GENERIC("QMP input member 'arguments' must be an object")},
    {"{\"execute\":\"stop\",\"more\":5}", GENERIC("QMP input member 'more' is unexpected")},
    {"[1]", GENERIC("QMP input must be a JSON object")},
    {"nonsense {\"execute\":\"stop\"}\n", GENERIC("JSON parse error, a command begins with '{'")},
    {"{\"execute\":\"stop\"]", GENERIC("JSON parse error, '}' expected near ']'")},
    {"{\"a\":1,\"a\":2}", GENERIC("JSON parse error, duplicate object key near '\\\"a\\\"'")},
};

START_TEST(answers)
{
    const char *answer;

    ask(NEGOTIATE);
    answer = ask(rows[_i].text);
    ck_assert_msg(strcmp(answer, rows[_i].want) == 0, "'%s': '%s', not '%s'", rows[_i].text, answer,
                  rows[_i].want);
}
END_TEST

/* What a client of libvirt's kind begins with is answered. */
START_TEST(queries)
{
    static const char *const names[] = {"query-version",    "query-commands",
                                        "query-status",     "query-name",
                                        "query-uuid",       "query-kvm",
                                        "query-target",     "query-cpus-fast",
                                        "query-machines",   "query-block",
                                        "query-blockstats", "query-cpu-definitions",
                                        "query-chardev",    "query-mice",
                                        "query-vnc",        "query-iothreads",
                                        "query-block-jobs", "query-jobs",
                                        "query-migrate",    "query-memory-size-summary",
                                        "query-tpm-models", "query-named-block-nodes"};
    char text[100];

    ask(NEGOTIATE);
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(text, sizeof(text), "{\"execute\":\"%s\"}", names[i]);
        ck_assert_msg(strncmp(ask(text), "{\"return\": ", 11) == 0, "%s", names[i]);
    }
}
END_TEST

/* What the schema says of a command is what qmp.def says, and every type that is named is described. */
START_TEST(schema)
{
    const char *answer;

    ask(NEGOTIATE);
    answer = ask("{\"execute\":\"query-qmp-schema\"}");
    ck_assert_ptr_nonnull(strstr(answer, "{\"name\": \"screendump\", \"meta-type\": \"command\", "
                                         "\"arg-type\": \"q_obj_screendump-arg\", "
                                         "\"ret-type\": \"any\"}"));
    ck_assert_ptr_nonnull(strstr(
        answer, "{\"name\": \"q_obj_screendump-arg\", \"meta-type\": \"object\", \"members\": "
                "[{\"name\": \"filename\", \"type\": \"str\"}, "
                "{\"name\": \"device\", \"type\": \"str\", \"default\": null}, "));
    ck_assert_ptr_nonnull(
        strstr(answer, "{\"name\": \"GUEST_PANICKED\", \"meta-type\": \"event\""));
    ck_assert_ptr_nonnull(strstr(answer, "{\"name\": \"str\", \"meta-type\": \"builtin\""));
}
END_TEST

/* The times differ. */
static const char *behind_time(const char *event)
{
    const char *at = strstr(event, "}, \"event\": ");

    ck_assert_ptr_nonnull(at);
    return at + 3;
}

START_TEST(events)
{
    static const struct {
        struct monitor_told told;
        const char *want;
    } all[] = {
        {{.event = MONITOR_STOP, .text = NULL, .guest = false}, "\"event\": \"STOP\"}\n"},
        {{.event = MONITOR_RESUME, .text = NULL, .guest = false}, "\"event\": \"RESUME\"}\n"},
        {{.event = MONITOR_POWERDOWN, .text = NULL, .guest = false}, "\"event\": \"POWERDOWN\"}\n"},
        {{.event = MONITOR_RESET, .text = NULL, .guest = true},
         "\"event\": \"RESET\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\n"},
        {{.event = MONITOR_RESET, .text = NULL, .guest = false},
         "\"event\": \"RESET\", \"data\": {\"guest\": false, \"reason\": "
         "\"host-qmp-system-reset\"}}\n"},
        {{.event = MONITOR_SHUTDOWN, .text = "guest-shutdown", .guest = true},
         "\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}\n"},
        {{.event = MONITOR_PANICKED, .text = "poweroff", .guest = true},
         "\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"poweroff\"}}\n"},
        {{.event = MONITOR_BLOCK_ERROR,
          .text = "ide0-hd0",
          .write = true,
          .error = -ENOSPC,
          .fate = BLOCK_WAITING},
         "\"event\": \"BLOCK_IO_ERROR\", \"data\": {\"device\": \"ide0-hd0\", \"operation\": "
         "\"write\", \"action\": \"stop\", \"nospace\": true, "
         "\"reason\": \"No space left on device\"}}\n"},
        {{.event = MONITOR_BLOCK_ERROR, .text = "ide1-cd0", .error = -EIO, .fate = BLOCK_FAILED},
         "\"event\": \"BLOCK_IO_ERROR\", \"data\": {\"device\": \"ide1-cd0\", \"operation\": "
         "\"read\", \"action\": \"report\", \"nospace\": false, "
         "\"reason\": \"Input/output error\"}}\n"},
        {{.event = MONITOR_TRAY_MOVED, .text = "ide1-cd0", .open = true},
         "\"event\": \"DEVICE_TRAY_MOVED\", \"data\": {\"device\": \"ide1-cd0\", \"id\": "
         "\"ide1-cd0\", \"tray-open\": true}}\n"},
    };
    long before;

    qmp_event(qmp, &all[0].told); /* nobody has asked yet */
    fflush(out);
    ck_assert_int_eq(ftell(out), 0);
    ask(NEGOTIATE);
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        before = ftell(out);
        qmp_event(qmp, &all[i].told);
        fflush(out);
        ck_assert_str_eq(behind_time(said + before), all[i].want);
    }
}
END_TEST

/* Any bytes, pieces of commands, deep and long ones: after each, one line answers the next command. */
START_TEST(hostile)
{
    static const char *const parts[] = {"{",          "}",
                                        "[",          "]",
                                        "\"",         "\\",
                                        ":",          ",",
                                        "\"id\"",     "execute",
                                        "\"stop\"",   "1e9999",
                                        "-0",         "true",
                                        "\\ud800",    "null",
                                        "\n",         " ",
                                        "arguments",  "cont",
                                        "\xff",       "\"query-block\"",
                                        "\"events\"", "99999999999999999999"};
    char text[2000];

    ask(NEGOTIATE);
    for (unsigned i = 0; i < 3000; i++) {
        text[0] = '\0';
        for (unsigned j = 0; j < 40; j++)
            strcat(text, parts[(unsigned)rand() % ARRAY_SIZE(parts)]);
        rewind(out);
        ask(text);
        for (unsigned j = 0; j < 50; j++)
            qmp_byte(qmp, (u8)rand());
        rewind(out);
        qmp_greet(qmp);
        ask(NEGOTIATE);
        ck_assert_ptr_nonnull(strstr(ask("{\"execute\":\"query-kvm\"}"), "\"enabled\": false"));
    }
    for (const char *c = "{[\""; *c; c++) {
        rewind(out);
        qmp_byte(qmp, '{');
        for (unsigned i = 0; i < 300000; i++)
            qmp_byte(qmp, (u8)*c);
        ck_assert_ptr_nonnull(strstr(ask("\n{\"execute\":\"query-kvm\"}"), "\"enabled\": false"));
    }
}
END_TEST

/* Keys that are pressed, with the times. */
static char pressed[400];
static struct clock test_clock;

static void note_key(void *opaque, u8 usage, bool down)
{
    size_t len = strlen(pressed);

    (void)opaque;
    snprintf(pressed + len, sizeof(pressed) - len, "%llu:%c%u ",
             (unsigned long long)clock_now(&test_clock) / 1000000, down ? '+' : '-', usage);
}

static u64 no_insns(void *opaque)
{
    (void)opaque;
    return 0;
}

START_TEST(keys)
{
    static const struct input input = {note_key, NULL, NULL};
    static struct monitor_keys queue;
    const u8 chord[] = {224, 226, 76}, a[] = {4};
    u64 next;

    memset(&queue, 0, sizeof(queue));
    pressed[0] = '\0';
    clock_init(&test_clock, CLOCK_INSN, no_insns, NULL);
    monitor_keys_init(&queue, &test_clock, &input);
    ck_assert(monitor_keys_press(&queue, chord, 3, 100000000));
    ck_assert(monitor_keys_press(&queue, a, 1, 50000000));
    while ((next = clock_next(&test_clock)) != UINT64_MAX) {
        clock_skip(&test_clock, next);
        clock_run(&test_clock);
    }
    ck_assert_str_eq(pressed, "0:+224 0:+226 0:+76 100:-76 100:-226 100:-224 120:+4 170:-4 ");
    for (unsigned i = 0; i < MONITOR_KEYS / 2; i++)
        monitor_keys_press(&queue, a, 1, 1);
    ck_assert(!monitor_keys_press(&queue, chord, 3, 1));
    ck_assert_uint_eq(monitor_key_named("ret", 3), 40);
    ck_assert_uint_eq(monitor_key_named("re", 2), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("qmp");
    TCase *tc = tcase_create("qmp"), *plain = tcase_create("keys");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 0);
    if (monitor_qmp_version()) {
        tcase_add_test(tc, handshake);
        tcase_add_loop_test(tc, answers, 0, ARRAY_SIZE(rows));
        tcase_add_test(tc, queries);
        tcase_add_test(tc, schema);
        tcase_add_test(tc, events);
        tcase_add_test(tc, hostile);
    }
    tcase_add_test(plain, keys);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, plain);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
