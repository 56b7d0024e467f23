/* Sine, cosine, arc tangent, logarithm and power on numbers of 128 bits, with errors below 2^-118 of the result.
 *
 * Where the argument is so small that a function differs from its first term by less than a last place, the result
 * lies on the right side of that term: so directed rounding is right there too. */
#ifndef PAGEWALK_X87_SERIES_H
#define PAGEWALK_X87_SERIES_H

#include "cpu/x87/wide.h"

/* |x| up to pi / 4 */
struct wide wide_sin(struct wide x);
struct wide wide_cos(struct wide x);
struct wide wide_tan(struct wide x);

struct wide wide_atan(struct wide x); /* x from 0, exclusive, to 1; or small and negative */
struct wide wide_pi_quarters(unsigned quarters); /* their number times pi / 4, up to 4 */

struct wide wide_exp2_less_1(struct wide x); /* 2^x - 1, |x| below 1 */

/* The binary logarithm of x > 0, exact for powers of 2. True: x is 1, and *log is meaningless. */
bool wide_log2(struct wide x, struct wide *log);
/* log2((d + n) / (d - n)), |n / d| up to 0.172 */
struct wide wide_log2_ratio(struct wide n, struct wide d);

#endif
