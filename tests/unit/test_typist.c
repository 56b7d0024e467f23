/* Scripts of keys: their grammar, and when they are typed. */
#include "devices/ui/typist.h"
#include "tests/ui/card.h"
#include "tests/unit/dev_bench.h"

#define MS 1000000ull

static const struct {
    const char *script;
    const char *steps; /* NULL: wrong, and */
    const char *err;
} scripts[] = {
    {"", "", NULL},
    {"aB\n", "4 s5 40 ", NULL},
    {"\\n\\t\\b\\e\\\\\\<", "40 43 42 41 49 s54 ", NULL},
    {"<f10><ctrl-alt-delete>x", "67 ca76 27 ", NULL},
    {"<500ms><2s><1.5s><0.001s><0ms>", "w500000 w2000000 w1500000 w1000 w0 ", NULL},
    {"<see login: >root", "?login: ? 21 18 18 23 ", NULL},
    {"<screenshot><quit>", "shot quit ", NULL},
    {"<sleep 2s>", "w2000000 ", NULL},
    {"<sleep>", NULL, NULL}, /* no key */
    {"<see a within 30s>", "?a?30000 ", NULL},
    {"<see a within b within 500ms>", "?a within b?500 ", NULL},
    {"<see a within time>", "?a within time? ", NULL},
    {"<see  within 1s>", "? within 1s? ", NULL},
    {"<serial>a\n\xc3<ctrl-c><see b><keyboard>a<see b>", "x97 x13 x195 x3 %b? 4 ?b? ", NULL},
    {"<serial><f1>", NULL, "'<f1>' cannot be sent to a serial port; <ctrl-a> to <ctrl-z> can"},
    {"a > b", "4 44 s55 44 5 ", NULL},
    {"<", NULL, "'<' has no '>'; \\< types a '<'"},
    {"<>", NULL,
     "'<>' is no key, no time as in <500ms> or <2s>, and not <see TEXT>, <screenshot> or <quit>"},
    {"<see >", NULL, NULL},
    {"<1.s5>", NULL, NULL},
    {"<1.0005s>", NULL, NULL},
    {"<99999999999999999999s>", NULL, NULL},
    {"<2000000s>", NULL, NULL},
    {"<1>", "30 ", NULL}, /* a key */
    {"<10>", NULL, NULL},
    {"\\", NULL, "a backslash stands before n, t, b, e, \\ or <"},
    {"\\x", NULL, "a backslash stands before n, t, b, e, \\ or <"},
    {"\xc3\xa4", NULL, "character 0xc3 is on no key of a US keyboard"},
};

static void print_steps(const struct key_script *script, char *out, size_t room)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < script->steps; i++) {
        const struct script_step *step = &script->step[i];

        switch (step->kind) {
        case SCRIPT_KEY:
            len += (size_t)snprintf(out + len, room - len, "%s%s%s%u ",
                                    step->stroke.ctrl ? "c" : "", step->stroke.shift ? "s" : "",
                                    step->stroke.alt ? "a" : "", step->stroke.usage);
            break;
        case SCRIPT_WAIT:
            len += (size_t)snprintf(out + len, room - len, "w%llu ",
                                    (unsigned long long)step->ns / 1000);
            break;
        case SCRIPT_SEND: len += (size_t)snprintf(out + len, room - len, "x%u ", step->byte); break;
        case SCRIPT_SEE:
            len += (size_t)snprintf(out + len, room - len, "%c%s?", step->serial ? '%' : '?',
                                    step->text);
            if (step->ns)
                len += (size_t)snprintf(out + len, room - len, "%llu",
                                        (unsigned long long)(step->ns / MS));
            len += (size_t)snprintf(out + len, room - len, " ");
            break;
        case SCRIPT_SCREENSHOT: len += (size_t)snprintf(out + len, room - len, "shot "); break;
        case SCRIPT_QUIT: len += (size_t)snprintf(out + len, room - len, "quit "); break;
        }
    }
}

START_TEST(grammar)
{
    const char *text = scripts[_i].script;
    char err[256], got[256];
    struct key_script *script = script_parse(text, strlen(text), err, sizeof(err));

    ck_assert_int_eq(script != NULL, scripts[_i].steps != NULL);
    if (script) {
        print_steps(script, got, sizeof(got));
        ck_assert_str_eq(got, scripts[_i].steps);
    } else if (scripts[_i].err) {
        ck_assert_str_eq(err, scripts[_i].err);
    }
    script_free(script);
}
END_TEST

START_TEST(grammar_fuzz)
{
    static const char alphabet[] = "<<>>\\\\nsee 12.5msf1ctrl-alt-\n\x80";
    u64 seed = 42;
    char text[40], err[256];

    for (unsigned i = 0; i < 200000; i++) {
        size_t len = bench_random(&seed) % sizeof(text);

        for (size_t j = 0; j < len; j++)
            text[j] = alphabet[bench_random(&seed) % sizeof(alphabet)];
        script_free(script_parse(text, len, err, sizeof(err)));
    }
}
END_TEST

struct acts {
    unsigned shots, quits, late;
};

static void act(void *opaque, enum script_kind kind)
{
    struct acts *acts = opaque;

    if (kind == SCRIPT_QUIT)
        acts->quits++;
    else if (kind == SCRIPT_SEE)
        acts->late++;
    else
        acts->shots++;
}

/* A port that takes a byte whenever it is told to. */
struct port {
    bool busy;
    char got[40];
    size_t len;
};

static bool port_send(void *opaque, u8 byte)
{
    struct port *port = opaque;

    if (!port->busy)
        port->got[port->len++] = (char)byte;
    return !port->busy;
}

static void hear(struct typist *typist, const char *text)
{
    for (; *text; text++)
        typist_hear(typist, (u8)*text);
}

/* What is waited for is looked for behind what was seen last; a text that does not come is reported, once. */
START_TEST(serial)
{
    static struct bench bench;
    static struct typist typist;
    static const char text[] = "<serial><see in: >ab\n<see in: ><see never within 50ms>c";
    struct port port = {.busy = false};
    struct acts acts = {0};
    char err[256];
    struct key_script *script = script_parse(text, strlen(text), err, sizeof(err));

    ck_assert_msg(script != NULL, "%s", err);
    bench_init(&bench);
    typist_init(&typist, &bench.clock, script, NULL, NULL, act, &acts);
    typist.line = (struct typist_line){port_send, &port};
    for (unsigned i = 0; i < 3 * TYPIST_HEARD; i++)
        typist_hear(&typist, 'x');
    hear(&typist, "log in");
    bench_pass(&bench, 100 * MS);
    ck_assert_uint_eq(port.len, 0);
    port.busy = true;
    hear(&typist, ": and in");
    bench_pass(&bench, 100 * MS);
    ck_assert_uint_eq(port.len, 0);
    port.busy = false;
    bench_pass(&bench, 100 * MS);
    ck_assert_uint_eq(port.len, 3); /* the second "in: " is not there yet */
    ck_assert_mem_eq(port.got, "ab\r", 3);
    hear(&typist, ": ");
    bench_pass(&bench, 40 * MS);
    ck_assert_uint_eq(acts.late, 0);
    bench_pass(&bench, 100 * MS);
    ck_assert_uint_eq(acts.late, 1);
    ck_assert_uint_eq(port.len, 4);
    ck_assert(!acts.shots && !acts.quits);
    script_free(script);
}
END_TEST

/* Keys at their times: 30 ms down, 30 ms up. */
START_TEST(times)
{
    static struct bench bench;
    static struct card card;
    static struct typist typist;
    struct acts acts = {0};
    char err[256];
    static const char text[] = "a<100ms>B<ctrl-alt-f1><screenshot><quit>";
    struct key_script *script = script_parse(text, strlen(text), err, sizeof(err));
    static const struct {
        u64 ms;
        const char *log; /* all until then */
    } steps[] = {
        {0, "+4 "},
        {29, "+4 "},
        {30, "+4 -4 "},
        {159, "+4 -4 "},
        {160, "+4 -4 +225 +5 "}, /* Shift first */
        {190, "+4 -4 +225 +5 -5 -225 "},
        {220, "+4 -4 +225 +5 -5 -225 +224 +226 +58 "},
        {250, "+4 -4 +225 +5 -5 -225 +224 +226 +58 -58 -224 -226 "},
    };

    bench_init(&bench);
    card_init(&card, 720, 400, 80, 25);
    typist_init(&typist, &bench.clock, script, &card.display, &card.input, act, &acts);
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        bench_until(&bench, steps[i].ms * MS);
        ck_assert_str_eq(card.log, steps[i].log);
    }
    ck_assert(!acts.shots && !acts.quits);
    bench_until(&bench, 280 * MS);
    ck_assert(acts.shots == 1 && acts.quits == 1);
    ck_assert(clock_next(&bench.clock) == UINT64_MAX); /* and that is all */
    script_free(script);
}
END_TEST

START_TEST(sees)
{
    static struct bench bench;
    static struct card card;
    static struct typist typist;
    char err[256];
    static const char text[] = "<see login:>x";
    struct key_script *script = script_parse(text, strlen(text), err, sizeof(err));

    bench_init(&bench);
    card_init(&card, 720, 400, 80, 25);
    typist_init(&typist, &bench.clock, script, &card.display, &card.input, act, NULL);
    bench_until(&bench, 10000 * MS);
    card_print(&card, 77, 3, 7, "log");
    card_print(&card, 0, 4, 7, "in:"); /* not across the end of a row */
    bench_until(&bench, 20000 * MS);
    ck_assert_str_eq(card.log, "");
    card_print(&card, 74, 24, 7, "login:");
    bench_until(&bench, 20100 * MS);
    ck_assert_str_eq(card.log, "+27 ");
    script_free(script);
}
END_TEST

/* A machine without a display or a keyboard: the script waits, or types into nothing. */
START_TEST(nothing_there)
{
    static struct bench bench;
    static struct typist typist[2];
    char err[256];
    struct key_script *see = script_parse("<see x>", 7, err, sizeof(err));
    struct key_script *key = script_parse("abc", 3, err, sizeof(err));

    bench_init(&bench);
    typist_init(&typist[0], &bench.clock, see, NULL, NULL, act, NULL);
    typist_init(&typist[1], &bench.clock, key, NULL, NULL, act, NULL);
    bench_until(&bench, 1000 * MS);
    ck_assert_uint_eq(typist[0].at, 0);
    ck_assert_uint_eq(typist[1].at, 3);
    script_free(see);
    script_free(key);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("typist");

    tcase_add_loop_test(tc, grammar, 0, ARRAY_SIZE(scripts));
    tcase_add_test(tc, grammar_fuzz);
    tcase_add_test(tc, serial);
    tcase_add_test(tc, times);
    tcase_add_test(tc, sees);
    tcase_add_test(tc, nothing_there);
    return bench_main(tc, "typist");
}
