/* Colours: the attribute controller's palette and the DAC. */
#ifndef VGABIOS_PALETTE_H
#define VGABIOS_PALETTE_H

#include "bios/vga/modes.h"

/* Fills the DAC with a mode's colours. */
void palette_load(u8 palette);
/* A colour of the DAC, 6 bits each (or 8 if the DAC is so). */
struct color {
    u8 red, green, blue;
};
struct color dac_get(u8 index);
void dac_set(u8 index, struct color c);
/* A colour of the 16 of text modes, 6 bits each. */
struct color palette_color16(u8 index);

void palette_service(struct regs *r);     /* int 10h AH=10h */
void cga_palette_service(struct regs *r); /* AH=0Bh */

#endif
