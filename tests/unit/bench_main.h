/* The last lines of main() in a program with one test case. */
#ifndef PAGEWALK_BENCH_MAIN_H
#define PAGEWALK_BENCH_MAIN_H

#include <check.h>

/* Runs it under that name. 1 when a check failed, else 0. */
static inline int bench_main(TCase *tcase, const char *name)
{
    Suite *suite = suite_create(name);
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
