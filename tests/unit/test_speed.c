/* Tests of a machine's speed in words, and of the steps by keys. */
#include "devices/base/speed.h"

#include "tests/unit/bench_main.h"

static const struct {
    const char *text;
    u32 speed; /* SPEED_NONE: not taken */
    const char *said;
} words[] = {
#define SPEED_NONE 77777u
    {"normal", SPEED_NORMAL, "normal"},
    {"max", SPEED_MAX, "max"},
    {"1", 1, "1 %"},
    {"50%", 50, "50 %"},
    {"100", 100, "100 %"},
    {"010", 10, "10 %"},
    {"10000", 10000, "10000 %"},
    {"10000%", 10000, "10000 %"},
    {"", SPEED_NONE, NULL},
    {"%", SPEED_NONE, NULL},
    {"0", SPEED_NONE, NULL},
    {"0%", SPEED_NONE, NULL},
    {"10001", SPEED_NONE, NULL},
    {"4294967346", SPEED_NONE, NULL}, /* 2^32 + 50 */
    {"99999999999999999999", SPEED_NONE, NULL},
    {"-5", SPEED_NONE, NULL},
    {"+5", SPEED_NONE, NULL},
    {" 5", SPEED_NONE, NULL},
    {"5 ", SPEED_NONE, NULL},
    {"5%%", SPEED_NONE, NULL},
    {"1.5", SPEED_NONE, NULL},
    {"Max", SPEED_NONE, NULL},
    {"maximal", SPEED_NONE, NULL},
};

START_TEST(test_words)
{
    char text[SPEED_TEXT];
    u32 speed = SPEED_NONE;

    ck_assert_int_eq(speed_parse(words[_i].text, &speed), words[_i].said != NULL);
    ck_assert_uint_eq(speed, words[_i].speed);
    if (words[_i].said)
        ck_assert_str_eq(speed_text(speed, text), words[_i].said);
}
END_TEST

static const struct {
    u32 from, down, up;
} steps[] = {
    {SPEED_NORMAL, 75, 150},
    {100, 75, 150},
    {75, 50, 100},
    {1, 10, 10},
    {10, 10, 25},
    {26, 25, 50},
    {1000, 500, SPEED_MAX},
    {SPEED_MAX, 1000, SPEED_MAX},
    {10000, 1000, SPEED_MAX},
    {149, 100, 150},
};

START_TEST(test_steps)
{
    ck_assert_uint_eq(speed_step(steps[_i].from, false), steps[_i].down);
    ck_assert_uint_eq(speed_step(steps[_i].from, true), steps[_i].up);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("speed");

    tcase_add_loop_test(tc, test_words, 0, ARRAY_SIZE(words));
    tcase_add_loop_test(tc, test_steps, 0, ARRAY_SIZE(steps));
    return bench_main(tc, "speed");
}
