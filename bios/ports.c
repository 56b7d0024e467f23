/* INT 14h (serial ports) and INT 17h (printers).
 *
 * Int 14h: 00-03, and 04, 05 of the PS/2. Int 17h: 00-02. Time-outs are the BIOS data area's, a unit
 * being about a second by the clock tick. Source: IBM PS/2 and Personal Computer BIOS Interface
 * Technical Reference. */
#include "services.h"

#include "bda.h"

extern const u16 baud_table[];

enum { UART_DATA, UART_IER, UART_IIR, UART_LCR, UART_MCR, UART_LSR, UART_MSR };

#define TIMEOUT_BIT 0x80

static bool ticks_over(u32 start, u32 ticks)
{
    return bda->ticks - start > ticks; /* wraps at midnight: then early */
}

static void com_init(u16 port, u16 divisor, u8 line)
{
    outb(port + UART_LCR, line | 0x80);
    outb(port + UART_DATA, (u8)divisor);
    outb(port + UART_IER, divisor >> 8);
    outb(port + UART_LCR, line);
    outb(port + UART_IER, 0);
}

/* Until all of `msr` and `lsr` are set. */
static bool com_wait(u16 port, u8 msr, u8 lsr, u8 timeout)
{
    u32 start = bda->ticks;

    while ((inb(port + UART_MSR) & msr) != msr || (inb(port + UART_LSR) & lsr) != lsr) {
        irq_window();
        if (ticks_over(start, timeout * 18u))
            return false;
    }
    return true;
}

static const u16 extended_divisors[] ROMDATA = {1047, 768, 384, 192, 96, 48, 24, 12, 6};

void int14(struct regs *r)
{
    u16 port = r->dx < 4 ? bda->com[r->dx] : 0;
    u8 timeout = bda->com_timeout[r->dx & 3], line;

    if (!port) {
        r->ah = TIMEOUT_BIT;
        return;
    }
    switch (r->ah) {
    case 0x00: com_init(port, rom16(&baud_table[r->al >> 5]), r->al & 0x1f); break;
    case 0x01:
        outb(port + UART_MCR, inb(port + UART_MCR) | 0x03);
        if (com_wait(port, 0x30, 0x20, timeout)) {
            outb(port + UART_DATA, r->al);
            r->ah = inb(port + UART_LSR);
        } else {
            r->ah = inb(port + UART_LSR) | TIMEOUT_BIT;
        }
        return;
    case 0x02:
        outb(port + UART_MCR, (inb(port + UART_MCR) & 0xfd) | 0x01);
        if (com_wait(port, 0x20, 0x01, timeout)) {
            r->ah = inb(port + UART_LSR) & 0x1e;
            r->al = inb(port + UART_DATA);
        } else {
            r->ah = inb(port + UART_LSR) | TIMEOUT_BIT;
        }
        return;
    case 0x03: break;
    case 0x04:
        line = (r->ch & 3) | (r->bl & 1) << 2 |
               (r->bh == 1   ? 0x08
                : r->bh == 2 ? 0x18
                             : 0) |
               (r->al & 1) << 6;
        com_init(port, rom16(&extended_divisors[r->cl < 9 ? r->cl : 7]), line);
        break;
    case 0x05:
        if (r->al)
            outb(port + UART_MCR, r->bl);
        else
            r->bl = inb(port + UART_MCR);
        break;
    default: return;
    }
    r->ah = inb(port + UART_LSR);
    r->al = inb(port + UART_MSR);
}

static u8 lpt_status(u16 port)
{
    return (inb(port + 1) ^ 0x48) & 0xf8;
}

static bool lpt_write(u16 port, u8 c, u8 timeout)
{
    u32 start = bda->ticks;

    outb(port, c);
    while (!(inb(port + 1) & 0x80)) {
        irq_window();
        if (ticks_over(start, timeout * 18u))
            return false;
    }
    outb(port + 2, 0x0d);
    delay_us(2);
    outb(port + 2, 0x0c);
    return true;
}

void int17(struct regs *r)
{
    u16 port = r->dx < 3 ? bda->lpt[r->dx] : 0;
    bool done = true;

    if (!port) {
        r->ah = 0x01; /* time-out alone: nothing is known of the printer */
        return;
    }
    switch (r->ah) {
    case 0x00: done = lpt_write(port, r->al, bda->lpt_timeout[r->dx]); break;
    case 0x01:
        outb(port + 2, 0x08);
        delay_us(2000);
        outb(port + 2, 0x0c);
        break;
    case 0x02: break;
    default: return;
    }
    r->ah = lpt_status(port) | !done;
}
