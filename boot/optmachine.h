/* -machine and -accel: what kind of board, and what executes its code. */
#ifndef PAGEWALK_OPTMACHINE_H
#define PAGEWALK_OPTMACHINE_H

#include "boot/options.h"

/* name: the option's, -machine or -M. Each 0, or -1 with one line in err. */
int optmachine_parse(struct options *o, const char *name, const char *value, char *err,
                     size_t err_len);
int optaccel_parse(struct options *o, const char *value, char *err, size_t err_len);
/* After all options: whether one of the accelerators that were asked for works. */
int optaccel_check(const struct options *o, char *err, size_t err_len);

#endif
