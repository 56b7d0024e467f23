/* Forms of command-line values. Each parser takes the whole string or refuses it. */
#ifndef PAGEWALK_OPTVALUE_H
#define PAGEWALK_OPTVALUE_H

#include "mmu/host/base.h"

/* Decimal, or hexadecimal after 0x; between min and max. */
bool value_number(const char *text, u64 min, u64 max, u64 *value);

/* A memory size in MiB: "128", "128M", "2G"; "size=" may stand before it. Zero is refused, and
 * so is what overflows. */
bool value_mebibytes(const char *text, u64 *mib);

/* "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SS", 1970 to 2099, to seconds since 1970. */
bool value_datetime(const char *text, i64 *seconds);

/* Whether value is one of "a|b|c"; "*" takes any. */
bool value_listed(const char *value, const char *list);
/* The same for the first len characters of value. */
bool value_listed_len(const char *value, size_t len, const char *list);

/* Edit distance: insertions, deletions, replacements and swaps of neighbours. Strings beyond 31
 * characters are as far apart as can be. */
unsigned value_distance(const char *a, const char *b);

#endif
