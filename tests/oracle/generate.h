/* What the oracle is asked. */
#ifndef PAGEWALK_TESTS_ORACLE_GENERATE_H
#define PAGEWALK_TESTS_ORACLE_GENERATE_H

#include "tests/oracle/oracle.h"
#include "translate/decode/decode.h"

/* Case number n, the same each time, and its instruction. */
void oracle_make_case(u64 n, struct oracle_case *c, struct insn *insn);

#endif
