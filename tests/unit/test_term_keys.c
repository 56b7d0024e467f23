/* Keys: what types a character, what keys are called, and what a terminal's bytes mean. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/ui/term_keys.h"

/* "c4 s5 40": the keys in order; c, s and a for what is held. */
static void print_keys(struct term_keys *keys, char *out, size_t room)
{
    struct keymap_stroke stroke;
    size_t len = 0;

    out[0] = '\0';
    while (term_keys_next(keys, &stroke))
        len += (size_t)snprintf(out + len, room - len, "%s%s%s%s%u", len ? " " : "",
                                stroke.ctrl ? "c" : "", stroke.shift ? "s" : "",
                                stroke.alt ? "a" : "", stroke.usage);
}

/* Usages are HID's: 4 A, 30 1, 40 Enter, 41 Esc, 42 Backspace, 43 Tab, 44 Space, 58 F1, 74 Home, 79 Right,
 * 82 Up. What terminals send is xterm's documentation and, for F1 to F5, the Linux console's. */
static const struct {
    const char *bytes;
    size_t len; /* 0: a string */
    const char *keys;
} terminal[] = {
    {"az09", 0, "4 29 39 38"},
    {"AZ!)", 0, "s4 s29 s30 s39"},
    {" -_=+[{]}", 0, "44 45 s45 46 s46 47 s47 48 s48"},
    {"\\|;:'\"`~,<.>/?", 0, "49 s49 51 s51 52 s52 53 s53 54 s54 55 s55 56 s56"},
    {"\r\t\b\177", 0, "40 43 42 42"},
    {"\n", 0, "c13"},
    {"\003\004\032", 0, "c6 c7 c29"},
    {"\0", 1, "c44"},
    {"\034\035\036\037", 0, "c49 c48 c35 c45"},
    {"\033[A\033[B\033[C\033[D", 0, "82 81 79 80"},
    {"\033OA\033OB\033OC\033OD", 0, "82 81 79 80"},
    {"\033[H\033[F\033OH\033OF", 0, "74 77 74 77"},
    {"\033[1~\033[2~\033[3~\033[4~\033[5~\033[6~\033[7~\033[8~", 0, "74 73 76 77 75 78 74 77"},
    {"\033OP\033OQ\033OR\033OS", 0, "58 59 60 61"},
    {"\033[11~\033[15~\033[17~\033[21~\033[23~\033[24~", 0, "58 62 63 67 68 69"},
    {"\033[[A\033[[E", 0, "58 62"},
    {"\033[1;5A\033[1;2B\033[1;3C\033[1;8D", 0, "c82 s81 a79 csa80"},
    {"\033[3;5~\033[15;2~", 0, "c76 s62"},
    {"\033[Z", 0, "s43"},
    {"\033x\033X\0331", 0, "a27 sa27 a30"},
    {"\033\r\033\003", 0, "a40 ca6"},
    {"\033\033x", 0, "41 a27"},
    {"\303\244\377", 0, ""},                      /* UTF-8, and what is not */
    {"\033[99~\033[?25h\033[999999;1A", 0, "82"}, /* unknown ones vanish */
    {"\033[12x3\033Oz", 0, "32"},
};

START_TEST(decode)
{
    static struct term_keys keys;
    const char *bytes = terminal[_i].bytes;
    size_t len = terminal[_i].len ? terminal[_i].len : strlen(bytes);
    char got[256];

    for (size_t i = 0; i < len; i++)
        term_keys_byte(&keys, (u8)bytes[i]);
    print_keys(&keys, got, sizeof(got));
    ck_assert_str_eq(got, terminal[_i].keys);
    ck_assert_uint_eq(keys.escape, 0);
}
END_TEST

START_TEST(escape_alone)
{
    static struct term_keys keys;
    char got[256];

    term_keys_byte(&keys, 033);
    term_keys_nothing(&keys);
    term_keys_nothing(&keys);
    print_keys(&keys, got, sizeof(got));
    ck_assert_str_eq(got, "");
    term_keys_nothing(&keys);
    print_keys(&keys, got, sizeof(got));
    ck_assert_str_eq(got, "41");

    /* A slow line: the rest of a sequence comes before it is given up. */
    term_keys_byte(&keys, 033);
    term_keys_nothing(&keys);
    term_keys_byte(&keys, '[');
    term_keys_nothing(&keys);
    term_keys_nothing(&keys);
    term_keys_byte(&keys, 'A');
    print_keys(&keys, got, sizeof(got));
    ck_assert_str_eq(got, "82");

    /* Alt-[ and then nothing. */
    term_keys_byte(&keys, 033);
    term_keys_byte(&keys, '[');
    for (unsigned i = 0; i < 3; i++)
        term_keys_nothing(&keys);
    print_keys(&keys, got, sizeof(got));
    ck_assert_str_eq(got, "a47");
}
END_TEST

/* Any bytes whatever: bounded queue, known usages. */
START_TEST(fuzz)
{
    static struct term_keys keys;
    struct keymap_stroke stroke;
    u64 seed = 0x123456789abcdefull;

    for (unsigned i = 0; i < 1000000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        if (seed % 5 == 0)
            term_keys_byte(&keys, 033);
        else if (seed % 5 == 1)
            term_keys_byte(&keys, "[O;123~A"[seed >> 32 & 7]);
        else
            term_keys_byte(&keys, (u8)(seed >> 40));
        if (seed % 1000 == 0)
            term_keys_nothing(&keys);
        if (keys.count > TERM_KEYS_QUEUE || keys.length > TERM_KEYS_SEQUENCE)
            ck_abort_msg("%u keys, %u bytes", keys.count, keys.length);
        if (seed % 7 == 0 && term_keys_next(&keys, &stroke) &&
            (stroke.usage < 4 || stroke.usage >= 232))
            ck_abort_msg("usage %u", stroke.usage);
    }
}
END_TEST

static const struct {
    const char *name;
    const char *key; /* NULL: no such key */
} named[] = {
    {"f1", "58"},
    {"F12", "69"},
    {"up", "82"},
    {"ctrl-c", "c6"},
    {"ctrl-alt-delete", "ca76"},
    {"Ctrl-C", "c6"},
    {"shift-a", "s4"},
    {"a", "4"},
    {"!", "s30"},
    {"ctrl--", "c45"},
    {"alt-f4", "a61"},
    {"kp-", "86"},
    {"ctrl-kp+", "c87"},
    {"ctrl", "224"},
    {"-", "45"},
    {"f13", NULL},
    {"", NULL},
    {"ctrl-", NULL},
    {"hyper-a", NULL},
    {"ab", NULL},
    {"ctrl-\xe4", NULL},
    {" ", NULL},
};

START_TEST(names)
{
    static struct term_keys keys;
    char got[32];

    ck_assert_int_eq(keymap_name(named[_i].name, strlen(named[_i].name), &keys.queue[0]),
                     named[_i].key != NULL);
    if (named[_i].key) {
        keys.count = 1;
        print_keys(&keys, got, sizeof(got));
        ck_assert_str_eq(got, named[_i].key);
    }
}
END_TEST

/* Every printable ASCII character is on the keyboard, no two on the same stroke. */
START_TEST(characters)
{
    bool seen[2][256] = {{false}};
    struct keymap_stroke stroke;

    for (unsigned c = 32; c < 127; c++) {
        ck_assert(keymap_char((u8)c, &stroke));
        ck_assert(!seen[stroke.shift][stroke.usage]);
        seen[stroke.shift][stroke.usage] = true;
    }
    for (unsigned c = 127; c < 256; c++)
        ck_assert(!keymap_char((u8)c, &stroke));
    ck_assert(!keymap_char(0, &stroke));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("term_keys");
    TCase *tc = tcase_create("term_keys");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, decode, 0, ARRAY_SIZE(terminal));
    tcase_add_loop_test(tc, names, 0, ARRAY_SIZE(named));
    tcase_add_test(tc, escape_alone);
    tcase_add_test(tc, fuzz);
    tcase_add_test(tc, characters);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
