/* The 8042 keyboard controller, polled. */
#ifndef BIOS_KBC_H
#define BIOS_KBC_H

#include "bios.h"

#define KBC_DATA   0x60
#define KBC_STATUS 0x64 /* write: command */

#define KBC_OUTPUT_FULL 0x01
#define KBC_INPUT_FULL  0x02
#define KBC_FROM_AUX    0x20

/* The command byte. */
#define KBC_IRQ1      0x01
#define KBC_IRQ12     0x02
#define KBC_SYSTEM    0x04
#define KBC_NO_KBD    0x10
#define KBC_NO_AUX    0x20
#define KBC_TRANSLATE 0x40

bool kbc_wait_write(void); /* until it takes a byte; false: it does not */
int kbc_read(void);        /* the next byte from either device, or -1 after a while */
void kbc_command(u8 command);
void kbc_flush(void);
u8 kbc_get_mode(void);
void kbc_set_mode(u8 mode);
void kbc_init(void);

#endif
