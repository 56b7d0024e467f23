/* The machines that run fuzz programs. */
#ifndef PAGEWALK_TESTS_FUZZ_MACHINE_H
#define PAGEWALK_TESTS_FUZZ_MACHINE_H

#include <stdio.h>

#include "tests/fuzz/program.h"

enum fuzz_outcome {
    FUZZ_ENDED,   /* by itself, or out of instructions */
    FUZZ_STALE,   /* the engines do not agree, while page tables changed: they need not */
    FUZZ_DIFFERS, /* the engines do not agree */
    FUZZ_BROKEN,  /* a status that no guest may end with */
};

/* Runs the program on one engine; or, engine NULL, on both: the interpreter as it is, and the native one with
 * the program's knobs, in lockstep unless the program has stale pages. Whatever runs long is cut short.
 * report: where a difference is told. *insns: executed. progress is called before each slice of the run,
 * which takes seconds at most. */
enum fuzz_outcome fuzz_run(const struct fuzz_program *p, const char *engine, FILE *report,
                           void (*progress)(void), u64 *insns);

#endif
