/* Regular expressions of -until and -fail-on: PCRE2's, in builds that have it. */
#ifndef PAGEWALK_REGEX_H
#define PAGEWALK_REGEX_H

#include <stddef.h>

#include "mmu/host/base.h"

struct regex;

/* NULL with a one-line reason in err. */
struct regex *regex_new(const char *text, char *err, size_t err_len);
/* Whether it matches anywhere in the text. One that takes too long does not. */
bool regex_matches(const struct regex *regex, const char *text, size_t len);
void regex_free(struct regex *regex); /* NULL is nothing */

/* The library's version; NULL: this build has none, and regex_new() says so. */
const char *regex_version(void);

#endif
