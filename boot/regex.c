/* Regular expressions by PCRE2, with a bound on the work for one text. */
#include "boot/regex.h"

#include <stdio.h>

#ifdef PAGEWALK_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#define STEPS_MAX 100000 /* of one match; a line has at most a thousand bytes */

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

struct regex *regex_new(const char *text, char *err, size_t err_len)
{
    struct regex *regex = calloc(1, sizeof(*regex));
    PCRE2_SIZE at;
    int number;

    if (!regex) {
        snprintf(err, err_len, "no memory for a regular expression");
        return NULL;
    }
    regex->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, &number, &at, NULL);
    if (!regex->code) {
        PCRE2_UCHAR why[128];

        pcre2_get_error_message(number, why, sizeof(why));
        snprintf(err, err_len, "%s, at letter %zu", (const char *)why, at + 1);
        regex_free(regex);
        return NULL;
    }
    regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    if (!regex->data || !regex->context) {
        snprintf(err, err_len, "no memory for a regular expression");
        regex_free(regex);
        return NULL;
    }
    pcre2_set_match_limit(regex->context, STEPS_MAX);
    return regex;
}

bool regex_matches(const struct regex *regex, const char *text, size_t len)
{
    return pcre2_match(regex->code, (PCRE2_SPTR)text, len, 0, 0, regex->data, regex->context) >= 0;
}

void regex_free(struct regex *regex)
{
    if (!regex)
        return;
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
    free(regex);
}

const char *regex_version(void)
{
    return PAGEWALK_PCRE2;
}

#else

struct regex *regex_new(const char *text, char *err, size_t err_len)
{
    (void)text;
    snprintf(err, err_len,
             "this build has no regular expressions (libpcre2); give the text itself");
    return NULL;
}

bool regex_matches(const struct regex *regex, const char *text, size_t len)
{
    (void)regex, (void)text, (void)len;
    return false;
}

void regex_free(struct regex *regex)
{
    (void)regex;
}

const char *regex_version(void)
{
    return NULL;
}

#endif
