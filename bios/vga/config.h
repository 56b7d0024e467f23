/* What the adapter is and how it is set up. */
#ifndef VGABIOS_CONFIG_H
#define VGABIOS_CONFIG_H

#include "bios/vga/modes.h"

void config_select(struct regs *r);        /* int 10h AH=12h */
void config_combination(struct regs *r);   /* AH=1Ah */
void config_functionality(struct regs *r); /* AH=1Bh */
void state_service(struct regs *r);        /* AH=1Ch */

/* Parts of the saved state, as AH=1Ch and VBE 04h number them. */
#define STATE_HARDWARE 0x01
#define STATE_BDA      0x02
#define STATE_DAC      0x04
#define STATE_DISPI    0x08
/* Units of 64 bytes that the parts take; saves to or restores from memory. */
u16 state_blocks(u16 parts);
void state_save(u16 parts, u16 segment, u16 offset);
void state_restore(u16 parts, u16 segment, u16 offset);

#endif
