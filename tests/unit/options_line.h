/* A command line for the parser's tests, written as one string. */
#ifndef PAGEWALK_TEST_OPTIONS_LINE_H
#define PAGEWALK_TEST_OPTIONS_LINE_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "boot/options.h"

#define ARGS_MAX 64

struct line {
    char text[512];
    char *argv[ARGS_MAX];
    int argc;
};

/* Splits "-m;64;-append;a b" at semicolons. */
static inline void split(struct line *line, const char *args)
{
    char *save = NULL;

    snprintf(line->text, sizeof(line->text), "%s", args);
    line->argc = 0;
    line->argv[line->argc++] = (char *)"pagewalk";
    for (char *a = strtok_r(line->text, ";", &save); a; a = strtok_r(NULL, ";", &save)) {
        ck_assert_int_lt(line->argc, ARGS_MAX);
        line->argv[line->argc++] = a;
    }
}

static inline enum options_result parse(struct line *line, struct options *o, const char *args,
                                        char *err, size_t err_len)
{
    split(line, args);
    err[0] = '\0';
    return options_parse(o, line->argc, line->argv, err, err_len);
}

#endif
