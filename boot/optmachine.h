/* -machine and -accel: what kind of board, and what executes its code. */
#ifndef PAGEWALK_OPTMACHINE_H
#define PAGEWALK_OPTMACHINE_H

#include "boot/optparse.h"

/* After all options: OPTIONS_ERROR with the line when accelerators were named, and none of them is there. */
enum options_result optaccel_check(struct parse *p);

#endif
