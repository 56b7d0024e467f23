/* Text on the screen, by INT 10h's teletype function: so on the serial console, too. */
#include "services.h"

void put_char(u8 c)
{
    struct regs r;

    if (c == '\n')
        put_char('\r');
    memset(&r, 0, sizeof(r));
    r.ax = 0x0e00 | c;
    r.bx = 0x0007;
    call_int(0x10, &r);
}

void put_string(const char *rom_text)
{
    u8 c;

    while ((c = rom8(rom_text++)))
        put_char(c);
}

void put_dec(u32 value)
{
    if (value >= 10)
        put_dec(value / 10);
    put_char('0' + value % 10);
}

void put_hex(u32 value, unsigned digits)
{
    while (digits--)
        put_char(rom8(S("0123456789abcdef") + (value >> (digits * 4) & 15)));
}
