/* The smallest services: INT 02h, 05h (print screen), 11h (equipment), 12h (memory), 75h (FPU), 76h
 * (hard disk), interrupts that nobody has taken; and the restart. */
#include "services.h"

#include "bda.h"
#include "kbc.h"

#define SCREEN_STATUS 0x100 /* 50:00 as seen from 40:00: 0 done, 1 busy, ff error */

void int02(struct regs *r)
{
    (void)r;
    put_string(S("\nNMI\n"));
}

/* Prints the text screen on LPT1. */
void int05(struct regs *unused)
{
    struct regs r;
    u16 cursor;
    u8 page, columns, rows = bda->video_rows, status = 0;

    (void)unused;
    if (far_read8(BDA_SEG, SCREEN_STATUS) == 1)
        return;
    far_write8(BDA_SEG, SCREEN_STATUS, 1);
    memset(&r, 0, sizeof(r));
    r.ax = 0x0f00;
    call_int(0x10, &r);
    columns = r.ah;
    page = r.bh;
    r.ax = 0x0300;
    call_int(0x10, &r);
    cursor = r.dx;
    for (unsigned row = 0; row <= rows && !status; row++) {
        for (unsigned column = 0; column <= columns && !status; column++) {
            irq_window();
            if (column < columns) {
                r.ax = 0x0200;
                r.bh = page;
                r.dx = (u16)(row << 8 | column);
                call_int(0x10, &r);
                r.ax = 0x0800;
                call_int(0x10, &r);
            } else {
                r.al = '\n';
            }
            r.ah = 0;
            r.dx = 0;
            call_int(0x17, &r);
            if (r.ah & 0x29) /* error, out of paper, time-out */
                status = 0xff;
        }
    }
    r.ax = 0x0200;
    r.bh = page;
    r.dx = cursor;
    call_int(0x10, &r);
    far_write8(BDA_SEG, SCREEN_STATUS, status);
}

void int11(struct regs *r)
{
    r->ax = bda->equipment;
}

void int12(struct regs *r)
{
    r->ax = bda->memory_kib;
}

/* The FPU's error goes to where an 8088 would have taken it: INT 02h. */
void int75(struct regs *unused)
{
    struct regs r;

    (void)unused;
    outb(0xf0, 0);
    irq_eoi(13);
    memset(&r, 0, sizeof(r));
    call_int(0x02, &r);
}

void int76(struct regs *r)
{
    (void)r;
    bda->hd_irq_flag = 0xff;
    irq_eoi(14);
}

/* An interrupt without a handler is masked, and its line noted as IBM's BIOS did. */
void int_irq(struct regs *r)
{
    u8 service;

    (void)r;
    outb(0x20, 0x0b);
    service = inb(0x20);
    bda->last_irq = service ? service : 0xff;
    if (service & (u8)~0x04)
        outb(0x21, inb(0x21) | (service & (u8)~0x04));
    if (service)
        outb(0x20, 0x20);
}

void int_irq2(struct regs *r)
{
    u8 service;

    (void)r;
    outb(0xa0, 0x0b);
    service = inb(0xa0);
    bda->last_irq = service ? service : 0xff;
    if (service) {
        outb(0xa1, inb(0xa1) | service);
        outb(0xa0, 0x20);
    }
    outb(0x20, 0x20);
}

_Noreturn void restart(void)
{
    irq_disable();
    cmos_write(0x0f, 0);
    kbc_command(0xfe);
    delay_us(1000);
    outb(0x92, inb(0x92) & 0xfe);
    outb(0x92, inb(0x92) | 1);
    for (;;)
        __asm__ volatile("hlt");
}
