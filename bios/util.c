/* Small helpers that several services share. */
#include "bda.h"

void *memset(void *to, int value, u32 len)
{
    u8 *p = to;

    while (len--)
        *p++ = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, u32 len)
{
    u8 *p = to;
    const u8 *q = from;

    while (len--)
        *p++ = *q++;
    return to;
}

void set_vector_far(u8 vector, u16 seg, u16 off)
{
    far_write32(0, vector * 4, (u32)seg << 16 | off);
}

void set_vector(u8 vector, const void *handler)
{
    set_vector_far(vector, BIOS_SEG, (u16)(u32)handler);
}

/* Interrupts are off between index and data, since an alarm's handler uses both ports. Bit 7 of the
 * index, NMI masked, is never left set. */
u8 cmos_read(u8 index)
{
    u16 flags = irq_save();
    u8 value;

    outb(0x70, index);
    value = inb(0x71);
    irq_restore(flags);
    return value;
}

void cmos_write(u8 index, u8 value)
{
    u16 flags = irq_save();

    outb(0x70, index);
    outb(0x71, value);
    irq_restore(flags);
}

u8 from_bcd(u8 value)
{
    return (value >> 4) * 10 + (value & 15);
}

/* Bit 4 of port 61h toggles with each memory refresh, 15.085 us. A CPU so fast that it never sees a
 * toggle, or a board without one, ends by the count. */
void delay_us(u32 us)
{
    u32 toggles = us / 15 + 1;
    u8 last = inb(0x61) & 0x10;

    for (u32 i = 0; toggles && i < us * 16; i++) {
        u8 now = inb(0x61) & 0x10;

        if (now != last)
            toggles--;
        last = now;
    }
}

void irq_eoi(u8 irq)
{
    if (irq >= 8)
        outb(0xa0, 0x20);
    outb(0x20, 0x20);
}

void irq_unmask(u8 irq)
{
    if (irq >= 8) {
        outb(0xa1, inb(0xa1) & (u8) ~(1 << (irq - 8)));
        irq = 2;
    }
    outb(0x21, inb(0x21) & (u8) ~(1 << irq));
}
