/* main() of a test that runs once for each engine. */
#ifndef PAGEWALK_TEST_ENGINE_LOOP_H
#define PAGEWALK_TEST_ENGINE_LOOP_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "translate/translate.h"

/* PAGEWALK_TEST_SCALE=n: n times as many random programs; 0: not given. */
static inline u64 engine_scale(void)
{
    const char *scale = getenv("PAGEWALK_TEST_SCALE");

    return scale && atoi(scale) > 0 ? (u64)atoi(scale) : 0;
}

/* The template engine, where it is not the default: it does by the same C functions what the interpreter does, and time is
 * short without a scale. */
static inline bool engine_is_short(int engine)
{
    return engine > 0 && !strcmp(translator_engines()[engine], "tmpl") && !engine_scale();
}

/* How many programs of count by default an engine runs. */
static inline u64 engine_share(int engine, u64 count)
{
    return engine_is_short(engine) ? count / 8 : count * (engine_scale() ? engine_scale() : 1);
}

/* The test's _i indexes translator_engines(). Returns main()'s status. */
static inline int engine_loop_main(const char *name, const TTest *test)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create("random");
    SRunner *runner = srunner_create(suite);
    int engines = 0, failed;

    while (translator_engines()[engines])
        engines++;
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, test, 0, engines);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
