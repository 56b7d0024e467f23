/* The A20 gate. */
#ifndef BIOS_A20_H
#define BIOS_A20_H

#include "bios.h"

void a20_init(void); /* open, in a way that programs can close */
bool a20_is_open(void);
bool a20_open(void); /* whether it was */
void a20_close(void);
void a20_service(struct regs *r); /* INT 15h AH=24h */

#endif
