/* <elf.h> beside the CPU's headers, whose PF_W is another: here it is a segment's. */
#ifndef PAGEWALK_USER_ELF32_H
#define PAGEWALK_USER_ELF32_H

#include "tools/user/user.h"

#undef PF_W
#include <elf.h>

#endif
