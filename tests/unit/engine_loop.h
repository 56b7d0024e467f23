/* main() of a test that runs once for each engine. */
#ifndef PAGEWALK_TEST_ENGINE_LOOP_H
#define PAGEWALK_TEST_ENGINE_LOOP_H

#include <check.h>

#include "translate/translate.h"

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
