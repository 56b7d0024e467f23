/* -junit: a run as a test case, in the XML that CI systems read. */
#ifndef PAGEWALK_JUNIT_H
#define PAGEWALK_JUNIT_H

#include <stdio.h>

struct session;

/* A status that is not 0 is a failure. */
void junit_write(const struct session *s, FILE *out, int status);

#endif
