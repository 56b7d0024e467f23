/* Runs fuzz programs in a process of their own, which may crash or hang. */
#ifndef PAGEWALK_TESTS_FUZZ_CHILD_H
#define PAGEWALK_TESTS_FUZZ_CHILD_H

#include "tests/fuzz/machine.h"

enum fuzz_failure {
    FUZZ_PASSED,
    FUZZ_CRASHED, /* a signal, BUG(), a sanitizer's report */
    FUZZ_HUNG,
    FUZZ_GREW, /* memory was not given back */
    FUZZ_DIFFERED,
};

/* What programs came to, added up. */
struct fuzz_tally {
    u64 programs, stale, insns;
};

/* Runs programs from *number to `to` - 1; returns at the first that fails, with *number its number, or `to`.
 * Output of the machines goes to the file `log`, which is emptied before each program. */
enum fuzz_failure child_run_range(u64 *number, u64 to, const char *engine, const char *log,
                                  struct fuzz_tally *tally);
/* The same for one program. */
enum fuzz_failure child_run(const struct fuzz_program *p, const char *engine, const char *log);

const char *child_failure_name(enum fuzz_failure failure);

#endif
