/* The 8042 keyboard controller: commands, polled transfers, and its set-up in POST.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device
 * Controller". Every wait ends by a count of port accesses, about a microsecond each on a real bus. */
#include "kbc.h"

#include "bda.h"

#define WAIT 0x8000

bool kbc_wait_write(void)
{
    for (u32 i = 0; i < WAIT; i++)
        if (!(inb(KBC_STATUS) & KBC_INPUT_FULL))
            return true;
    return false;
}

int kbc_read(void)
{
    for (u32 i = 0; i < WAIT; i++)
        if (inb(KBC_STATUS) & KBC_OUTPUT_FULL)
            return inb(KBC_DATA);
    return -1;
}

void kbc_command(u8 command)
{
    kbc_wait_write();
    outb(KBC_STATUS, command);
}

void kbc_flush(void)
{
    for (u32 i = 0; i < 64 && (inb(KBC_STATUS) & KBC_OUTPUT_FULL); i++)
        inb(KBC_DATA);
}

u8 kbc_get_mode(void)
{
    int mode;

    kbc_command(0x20);
    mode = kbc_read();
    return mode < 0 ? KBC_TRANSLATE | KBC_SYSTEM | KBC_IRQ1 : (u8)mode;
}

void kbc_set_mode(u8 mode)
{
    kbc_command(0x60);
    kbc_wait_write();
    outb(KBC_DATA, mode);
    kbc_wait_write();
}

/* Controller self-test, keyboard reset, scanning on. The auxiliary port stays closed until int 15h
 * C2h opens it. */
void kbc_init(void)
{
    kbc_command(0xad);
    kbc_command(0xa7);
    kbc_flush();
    kbc_command(0xaa);
    if (kbc_read() != 0x55)
        return; /* no controller: nobody will press a key */
    kbc_set_mode(KBC_TRANSLATE | KBC_SYSTEM | KBC_NO_AUX);
    outb(KBC_DATA, 0xff); /* reset: acknowledge, then test passed */
    if (kbc_read() == 0xfa)
        kbc_read();
    outb(KBC_DATA, 0xf4);
    kbc_read();
    kbc_set_mode(KBC_TRANSLATE | KBC_SYSTEM | KBC_NO_AUX | KBC_IRQ1);
    kbc_flush();
    bda->kbd_flag2 = KF2_101;
}
