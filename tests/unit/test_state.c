/* Saved state: round trips, sections that grew, and damaged files. */
#include "devices/base/state.h"
#include "tests/unit/dev_bench.h"

struct thing {
    u8 a;
    u16 b;
    u32 c;
    u64 d;
    bool e;
    u8 f[5];
};

static void thing_state(struct thing *thing, struct state *state, const char *tag, bool newer)
{
    if (!state_begin(state, tag))
        return;
    state_u8(state, &thing->a);
    state_u16(state, &thing->b);
    state_u32(state, &thing->c);
    state_u64(state, &thing->d);
    if (newer) {
        state_bool(state, &thing->e);
        state_bytes(state, thing->f, sizeof(thing->f));
    }
    state_end(state);
}

static const struct thing full = {0x12, 0x3456,         0x789abcde, 0x123456789abcdef0,
                                  true, {1, 2, 3, 4, 5}};

static void check_same(const struct thing *x, const struct thing *y)
{
    ck_assert_uint_eq(x->a, y->a);
    ck_assert_uint_eq(x->b, y->b);
    ck_assert_uint_eq(x->c, y->c);
    ck_assert_uint_eq(x->d, y->d);
    ck_assert_int_eq(x->e, y->e);
    ck_assert_mem_eq(x->f, y->f, sizeof(x->f));
}

START_TEST(round_trip)
{
    struct thing one = full, two = {.a = 9}, loaded = {0}, other = {0};
    struct state save, load;

    state_init_save(&save);
    thing_state(&one, &save, "one", true);
    thing_state(&two, &save, "two", true);
    ck_assert(!save.failed);
    state_init_load(&load, save.data, save.len);
    thing_state(&other, &load, "two", true); /* in any order */
    thing_state(&loaded, &load, "one", true);
    ck_assert(!load.failed);
    check_same(&loaded, &full);
    check_same(&other, &two);
    ck_assert(!state_begin(&load, "three"));
    ck_assert(!load.failed);
    state_free(&load);
    state_free(&save);
}
END_TEST

/* Fields at the end that one of both sides does not know. */
START_TEST(grown)
{
    struct thing one = full, loaded = {.e = true, .f = {7, 7, 7, 7, 7}};
    struct state save, load;

    state_init_save(&save);
    thing_state(&one, &save, "old", false);
    thing_state(&one, &save, "new", true);
    state_init_load(&load, save.data, save.len);
    thing_state(&loaded, &load, "old", true);
    ck_assert_uint_eq(loaded.d, full.d);
    ck_assert_uint_eq(loaded.f[4], 7); /* kept */
    thing_state(&loaded, &load, "new", false);
    ck_assert(!load.failed);
    state_free(&save);
}
END_TEST

static void section(struct state *state, const char *tag, u16 version, bool optional)
{
    if (state_begin_as(state, tag, version, optional))
        state_end(state);
}

/* A state as a whole: what must not be missing, unknown or newer. */
START_TEST(whole)
{
    struct state save, load;
    char line[200];

    state_init_save(&save);
    section(&save, "known", 2, false);
    section(&save, "spare", 1, true);
    section(&save, "strange", 1, false);

    state_init_load(&load, save.data, save.len);
    ck_assert(state_begin_as(&load, "known", 3, false));
    ck_assert_uint_eq(load.version, 2);
    state_end(&load);
    section(&load, "not there", 1, true);
    ck_assert_str_eq(state_wrong(&load, line, sizeof(line)),
                     "it has a 'strange', which this machine has not");
    section(&load, "strange", 1, false);
    ck_assert_ptr_null(state_wrong(&load, line, sizeof(line))); /* 'spare' may be skipped */
    section(&load, "lacking", 1, false);
    section(&load, "lacking, too", 1, false);
    ck_assert_str_eq(state_wrong(&load, line, sizeof(line)),
                     "it has no 'lacking', which this machine has");

    state_init_load(&load, save.data, save.len);
    ck_assert(!state_begin(&load, "known")); /* newer than it knows */
    ck_assert_str_eq(state_wrong(&load, line, sizeof(line)),
                     "it is damaged, or of another version (part 'known')");
    state_free(&save);
}
END_TEST

START_TEST(timers)
{
    struct bench bench;
    struct timer a, b;
    struct state save, load;

    bench_init(&bench);
    timer_init(&a, &bench.clock, NULL, NULL);
    timer_init(&b, &bench.clock, NULL, NULL);
    timer_arm(&a, 1234);
    state_init_save(&save);
    ck_assert(state_begin(&save, "t"));
    state_timer(&save, &a);
    state_timer(&save, &b);
    state_end(&save);
    timer_cancel(&a);
    timer_arm(&b, 5);
    state_init_load(&load, save.data, save.len);
    ck_assert(state_begin(&load, "t"));
    state_timer(&load, &a);
    state_timer(&load, &b);
    state_end(&load);
    ck_assert(a.armed && a.when == 1234 && !b.armed);
    state_free(&save);
}
END_TEST

/* Cut anywhere, or with any byte changed, a state is loaded, refused or found without the section; the
 * sanitizers watch that nothing else happens. */
START_TEST(damaged)
{
    struct thing one = full;
    struct state save;

    state_init_save(&save);
    thing_state(&one, &save, "one", true);
    thing_state(&one, &save, "two", true);
    for (size_t len = 0; len < save.len; len++) {
        struct thing loaded = {0};
        struct state load;
        u8 *copy = malloc(len ? len : 1);

        memcpy(copy, save.data, len);
        state_init_load(&load, copy, len);
        thing_state(&loaded, &load, "two", true);
        ck_assert_uint_eq(loaded.a, 0);
        ck_assert(load.failed || len == 0 || len == save.len / 2);
        free(copy);
        save.data[len] ^= 0xff;
        state_init_load(&load, save.data, save.len);
        thing_state(&loaded, &load, "two", true);
        save.data[len] ^= 0xff;
    }
    state_free(&save);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("state");

    tcase_add_test(tcase, round_trip);
    tcase_add_test(tcase, grown);
    tcase_add_test(tcase, whole);
    tcase_add_test(tcase, timers);
    tcase_add_test(tcase, damaged);
    return bench_main(tcase, "state");
}
