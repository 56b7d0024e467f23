/* Templates for the commonest micro-ops of 32 bits with their operands where the guest's registers are. Part of templates.c.
 *
 * NAME_dN: D is register N, and so is A but in loads and LEA, whose address is in LA as that of stores. NAME_dNi: B is a
 * number; NAME_dNbM: B is register M. */
/* clang-format off */
#undef SIZES
#undef LOAD
#undef LOAD_WRITE
#define SIZES(macro, ...) macro(__VA_ARGS__, 32)
#define LOAD(n)           LOAD_##n
#define LOAD_8
#define LOAD_16
#define LOAD_32           LOAD_AS(ld32, 32, 32, )
#define LOAD_WRITE(n)     LOAD_WRITE_##n
#define LOAD_WRITE_8
#define LOAD_WRITE_16
#define LOAD_WRITE_32     LOAD_WRITE_AS(32)
#undef A
#define A(n) ((T_##n)D(n))

#define PIN   0
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   1
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   2
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   3
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   4
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   5
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   6
#include "translate/tmpl/template_gpr.h"
#undef PIN
#define PIN   7
#include "translate/tmpl/template_gpr.h"
#undef PIN
