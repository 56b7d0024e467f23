/* Makes a fuzz program that fails smaller. */
#ifndef PAGEWALK_TESTS_FUZZ_REDUCE_H
#define PAGEWALK_TESTS_FUZZ_REDUCE_H

#include "tests/fuzz/child.h"

/* p: fails with `failure`, and still does afterwards; `log` then has what that run printed. */
void fuzz_reduce(struct fuzz_program *p, enum fuzz_failure failure, const char *engine,
                 const char *log);

#endif
