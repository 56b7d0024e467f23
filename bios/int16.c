/* INT 16h: keys out of the buffer, and the keyboard's state.
 *
 * 00-02, 03 (typematic), 05, 09, 10-12. Source: IBM PS/2 and Personal Computer BIOS Interface
 * Technical Reference, INT 16h. */
#include "services.h"

#include "bda.h"
#include "kbc.h"
#include "keys.h"

static bool kbd_empty(void)
{
    return bda->kbd_head == bda->kbd_tail;
}

static u16 kbd_peek(void)
{
    return far_read16(BDA_SEG, bda->kbd_head);
}

static void kbd_drop(void)
{
    u16 next = bda->kbd_head + 2;

    bda->kbd_head = next >= bda->kbd_end ? bda->kbd_start : next;
}

/* What the functions of the 83-key keyboard return for a key; -1: they do not know it. */
static int old_key(u16 key)
{
    u8 c = (u8)key, scan = key >> 8;

    if (scan == 0xe0) /* grey Enter and slash */
        return c == '/' ? 0x352f : 0x1c00 | c;
    if (c == 0xe0 && scan)
        return scan > 0x84 ? -1 : scan << 8;
    if (c == KEY_EXTENDED_ONLY && scan)
        return -1;
    return scan > 0x84 && !c ? -1 : key;
}

static u16 new_key(u16 key)
{
    return (u8)key == KEY_EXTENDED_ONLY && key >> 8 ? key & 0xff00 : key;
}

/* The next key that the caller can be shown, still in the buffer; -1: none. */
static int next_key(bool extended)
{
    int key = -1;
    u16 flags = irq_save();

    while (!kbd_empty()) {
        key = extended ? new_key(kbd_peek()) : old_key(kbd_peek());
        if (key >= 0)
            break;
        kbd_drop();
    }
    irq_restore(flags);
    return key;
}

static void read_key(struct regs *r, bool extended)
{
    int key;

    for (;;) {
        sercon_poll();
        key = next_key(extended);
        if (key >= 0)
            break;
        irq_wait();
    }
    kbd_drop();
    r->ax = (u16)key;
}

static void peek_key(struct regs *r, bool extended)
{
    int key;

    irq_window();
    sercon_poll();
    key = next_key(extended);
    set_flag(r, FLAG_ZF, key < 0);
    set_flag(r, FLAG_IF, true); /* IBM's returns by RET 2, with interrupts on */
    if (key >= 0)
        r->ax = (u16)key;
}

static void set_typematic(const struct regs *r)
{
    u16 flags = irq_save();

    if (r->al == 5 && kbc_wait_write()) {
        outb(KBC_DATA, 0xf3);
        if (kbc_read() == 0xfa) {
            kbc_wait_write();
            outb(KBC_DATA, (r->bh & 3) << 5 | (r->bl & 0x1f));
            kbc_read();
        }
    }
    irq_restore(flags);
}

void int16(struct regs *r)
{
    u8 flag1 = bda->kbd_flag1, flag2 = bda->kbd_flag2;

    kbd_update_leds();
    switch (r->ah) {
    case 0x00: read_key(r, false); break;
    case 0x01: peek_key(r, false); break;
    case 0x02: r->al = bda->kbd_flag0; break;
    case 0x03: set_typematic(r); break;
    case 0x05: r->al = !kbd_put(r->cx); break;
    case 0x09: r->al = 0x30; break;   /* functions 0Ah and 10h-12h; typematic by 0305h */
    case 0x0a: r->bx = 0x41ab; break; /* an MF2 keyboard behind a translating controller */
    case 0x10: read_key(r, true); break;
    case 0x11: peek_key(r, true); break;
    case 0x12:
        r->al = bda->kbd_flag0;
        r->ah = (flag1 & (KF1_LCTRL | KF1_LALT)) | (flag2 & (KF2_RCTRL | KF2_RALT)) |
                (flag1 & (KF1_SCROLL | KF1_NUM | KF1_CAPS)) | (flag1 & KF1_SYSRQ ? 0x80 : 0);
        break;
    }
}
