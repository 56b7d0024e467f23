/* The services' functions: those that entry.S names, and what they need of each other. */
#ifndef BIOS_SERVICES_H
#define BIOS_SERVICES_H

#include "bios.h"

/* Interrupts. */
void int00(struct regs *r);
void int06(struct regs *r);
void int07(struct regs *r);
void int0c(struct regs *r);
void int0d(struct regs *r);
void int02(struct regs *r);
void int05(struct regs *r);
void int08(struct regs *r);
void int09(struct regs *r);
void int0e(struct regs *r);
void int10_none(struct regs *r);
void int10_serial(struct regs *r);
void int11(struct regs *r);
void int12(struct regs *r);
void int13(struct regs *r);
void int14(struct regs *r);
void int15(struct regs *r);
void int16(struct regs *r);
void int17(struct regs *r);
void int1a(struct regs *r);
void int40(struct regs *r);
void int70(struct regs *r);
void int74(struct regs *r);
void int75(struct regs *r);
void int76(struct regs *r);
void int_irq(struct regs *r);
void int_irq2(struct regs *r);

/* POST and boot. */
void stack_init(void);
/* entry.S: calls exception_report() on POST's stack, and stops. */
_Noreturn void exception_stop(u8 vector, u32 at, u32 caller);
void exception_report(u8 vector, u32 at, u32 caller); /* far addresses */
void post(void);
void boot(void);
void boot_failed(void);
_Noreturn void restart(void);

/* Keyboard. */
bool kbd_put(u16 key); /* false: the buffer is full */
void kbd_update_leds(void);
u16 kbd_find(u8 c); /* the key that types this character */

/* print.c: to the screen by int 10h. */
void put_char(u8 c);
void put_string(const char *rom_text);
void put_dec(u32 value);
void put_hex(u32 value, unsigned digits);

/* Serial console: input becomes keys; nothing without one. */
void sercon_init(void);
void sercon_poll(void);

/* Parts of int 15h. */
void mouse_service(struct regs *r);
void apm_service(struct regs *r);
void memory_map(struct regs *r);
u32 memory_extended_kib(void); /* from 1 MiB on, contiguous */
void wait_service(struct regs *r);
void event_wait_service(struct regs *r);

/* Time. */
void time_init(void);

/* Disks. */
void floppy_init(void);
void pci_service(struct regs *r);

#endif
