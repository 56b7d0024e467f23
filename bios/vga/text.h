/* Characters, scrolling, pixels: what int 10h writes and reads. */
#ifndef VGABIOS_TEXT_H
#define VGABIOS_TEXT_H

#include "bios/vga/draw.h"

void scroll_window(const struct screen *s, bool down, u8 lines, u8 top, u8 left, u8 bottom,
                   u8 right, u8 attribute);
void text_scroll(struct regs *r);       /* AH=06h, 07h */
void text_read_char(struct regs *r);    /* AH=08h */
void text_write_char(struct regs *r);   /* AH=09h, 0Ah */
void text_write_pixel(struct regs *r);  /* AH=0Ch */
void text_read_pixel(struct regs *r);   /* AH=0Dh */
void text_teletype(struct regs *r);     /* AH=0Eh */
void text_write_string(struct regs *r); /* AH=13h */
void beep(void);

#endif
