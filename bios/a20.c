/* The A20 gate: INT 15h AH=24h, and what POST and the block move need.
 *
 * Two switches open it, bit 1 of port 92h and bit 1 of the 8042's output port, and either suffices: a
 * program that closes one must find the other closed. So what is open is left alone, POST opens the
 * 8042's, and whether the gate is open is found in memory. Sources: IBM PS/2 Hardware Interface Technical
 * Reference, "System Control Port A" and "Keyboard and Auxiliary Device Controller"; Ralf Brown's
 * interrupt list for AH=24h. */
#include "a20.h"

#include "bda.h"
#include "kbc.h"

#define PORT92      0x92
#define PORT92_FAST 0x01 /* resets */
#define PORT92_A20  0x02

#define KBC_WRITE_OUTPUT 0xd1
#define OUTPUT_OPEN      0xdf
#define OUTPUT_CLOSED    0xdd

#define BDA_PROBE  offsetof(struct bios_data, reserved_a1)
#define HIGH_SEG   0xffff
#define HIGH_PROBE ((BDA_SEG << 4) + BDA_PROBE + 0x10) /* 1 MiB above it */

bool a20_is_open(void)
{
    u16 flags = irq_save();
    u8 old = bda->reserved_a1[0], high = far_read8(HIGH_SEG, HIGH_PROBE);
    bool open = old != high;

    if (!open) {
        bda->reserved_a1[0] = (u8)~old;
        open = far_read8(HIGH_SEG, HIGH_PROBE) == high;
        bda->reserved_a1[0] = old;
    }
    irq_restore(flags);
    return open;
}

static void a20_port92(bool open)
{
    u8 value = inb(PORT92) & (u8) ~(PORT92_FAST | PORT92_A20);

    outb(PORT92, open ? value | PORT92_A20 : value);
}

static void a20_kbc(bool open)
{
    kbc_command(KBC_WRITE_OUTPUT);
    kbc_wait_write();
    outb(KBC_DATA, open ? OUTPUT_OPEN : OUTPUT_CLOSED);
    kbc_wait_write();
}

void a20_init(void)
{
    if (!a20_is_open())
        a20_kbc(true);
    if (!a20_is_open())
        a20_port92(true);
}

bool a20_open(void)
{
    bool was = a20_is_open();

    if (!was)
        a20_port92(true);
    return was;
}

void a20_close(void)
{
    a20_port92(false);
    if (a20_is_open())
        a20_kbc(false);
}

void a20_service(struct regs *r)
{
    r->ah = 0;
    set_cf(r, false);
    switch (r->al) {
    case 0x00: a20_close(); break;
    case 0x01: a20_open(); break;
    case 0x02: r->al = a20_is_open(); break;
    case 0x03: r->bx = 0x0003; break; /* the 8042 and port 92h */
    default: r->ah = 0x86; set_cf(r, true);
    }
}
