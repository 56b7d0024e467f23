/* x87 instructions on every engine where helper and native code could part: C1 against the host CPU, and the
 * pointers to the last instruction. */
#include "tests/unit/oracle_guest.h"

#define ENVIRONMENT (ORACLE_DATA + 0x40u)

static const struct {
    const char *name;
    u8 code[16], len;
} c1_cases[] = {
    /* fninit; fldz; fldz; fchs; fxam: C1 is set. Then: */
    {"fcmovb", {0xda, 0xc1}, 2},
    {"fcmovnu", {0xdb, 0xd9}, 2},
    {"fcomi", {0xdb, 0xf1}, 2},
    {"fucomi", {0xdb, 0xe9}, 2},
    {"fucomip", {0xdf, 0xe9}, 2},
    {"fcom", {0xd8, 0xd1}, 2},
    {"fxch", {0xd9, 0xc9}, 2},
    {"fld", {0xd9, 0xc0}, 2},
    {"fchs", {0xd9, 0xe0}, 2},
    {"fabs", {0xd9, 0xe1}, 2},
    {"fst", {0xdd, 0xd1}, 2},
    {"fstp", {0xdd, 0xd9}, 2},
    {"fincstp", {0xd9, 0xf7}, 2},
    {"fdecstp", {0xd9, 0xf6}, 2},
    {"ffree", {0xdd, 0xc1}, 2},
    {"fld1", {0xd9, 0xe8}, 2},
    {"fadd", {0xd8, 0xc1}, 2},
    {"ftst", {0xd9, 0xe4}, 2},
    {"frndint", {0xd9, 0xfc}, 2},
    {"fnop", {0xd9, 0xd0}, 2},
    /* fincstp; fld %st(3): empty, and no room */
    {"fld of nothing", {0xd9, 0xf7, 0xd9, 0xc3}, 4},
};

/* The part of the status word that an instruction leaves. C1 is not the manual's everywhere, but the host's. */
START_TEST(condition_1)
{
    static const u8 before[] = {0xdb, 0xe3, 0xd9, 0xee, 0xd9, 0xee, 0xd9, 0xe0, 0xd9, 0xe5};
    struct oracle_guest *guest;

    ck_assert(oracle_map());
    guest = guest_open(translator_engines()[_i]);
    for (unsigned i = 0; i < ARRAY_SIZE(c1_cases); i++) {
        struct oracle_state host = {.r = {[4] = GUEST_ESP}, .flags = 0x202}, got = host;
        u8 code[32];
        unsigned len = sizeof(before);

        memcpy(code, before, len);
        memcpy(code + len, c1_cases[i].code, c1_cases[i].len);
        len += c1_cases[i].len;
        memcpy(code + len, "\xdf\xe0\xdb\xe3", 4); /* fnstsw %ax; fninit */
        len += 4;
        oracle_run(code, len, &host);
        ck_assert_int_eq(guest_run(guest, code, len, &got), -1);
        ck_assert_msg(host.r[0] == got.r[0], "%s: status %x, on the host %x", c1_cases[i].name,
                      got.r[0], host.r[0]);
    }
    guest_close(guest);
}
END_TEST

/* FNOP is no control instruction: it is the last one. (SDM vol. 1, 8.1.8) */
START_TEST(nop_pointer)
{
    /* fninit; fldz; fnop; fnstenv (%edi) */
    static const u8 code[] = {0xdb, 0xe3, 0xd9, 0xee, 0xd9, 0xd0, 0xd9, 0x37};
    struct oracle_state s = {.r = {[4] = GUEST_ESP, [7] = ENVIRONMENT}, .flags = 0x202};
    struct oracle_guest *guest = guest_open(translator_engines()[_i]);

    ck_assert_int_eq(guest_run(guest, code, sizeof(code), &s), -1);
    ck_assert_uint_eq(get32(guest->ram + (ENVIRONMENT + 12 - ORACLE_BASE)), ORACLE_BASE + 4);
    ck_assert_uint_eq(get16(guest->ram + (ENVIRONMENT + 18 - ORACLE_BASE)), 0x1d0);
    guest_close(guest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("x87 on the engines");
    TCase *tcase = tcase_create("engines");
    SRunner *runner = srunner_create(suite);
    int engines = (int)engine_count(), failed;

    tcase_add_loop_test(tcase, condition_1, 0, engines);
    tcase_add_loop_test(tcase, nop_pointer, 0, engines);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
