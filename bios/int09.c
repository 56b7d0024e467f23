/* INT 09h: the keyboard's interrupt. Set 1 scan codes (the controller translates) become entries of
 * the BIOS data area's buffer and its shift flags.
 *
 * INT 15h AH=4Fh sees each code first and may change or drop it. Ctrl-Alt-Del restarts, Ctrl-Break
 * calls INT 1Bh, Print Screen INT 05h, SysRq INT 15h AH=85h; Pause waits here for another key.
 * Sources: IBM PS/2 and Personal Computer BIOS Interface Technical Reference, INT 09h and section 4
 * (keyboard). */
#include "services.h"

#include "bda.h"
#include "kbc.h"
#include "keys.h"

#define SCAN_CTRL   0x1d
#define SCAN_LSHIFT 0x2a
#define SCAN_RSHIFT 0x36
#define SCAN_PRINT  0x37
#define SCAN_ALT    0x38
#define SCAN_CAPS   0x3a
#define SCAN_NUM    0x45
#define SCAN_SCROLL 0x46
#define SCAN_HOME   0x47
#define SCAN_INSERT 0x52
#define SCAN_DELETE 0x53
#define SCAN_SYSRQ  0x54
#define RELEASED    0x80

bool kbd_put(u16 key)
{
    u16 flags = irq_save();
    u16 tail = bda->kbd_tail, next = tail + 2;
    bool room;

    if (next >= bda->kbd_end)
        next = bda->kbd_start;
    room = next != bda->kbd_head;
    if (room) {
        far_write16(BDA_SEG, tail, key);
        bda->kbd_tail = next;
    }
    irq_restore(flags);
    return room;
}

/* The lights follow the lock keys. Polled, with the keyboard's interrupt not possible meanwhile. */
void kbd_update_leds(void)
{
    u8 want = bda->kbd_flag0 >> 4 & KLED_MASK;
    u16 flags;

    if ((bda->kbd_led & KLED_MASK) == want || (bda->kbd_led & KLED_UPDATE))
        return;
    flags = irq_save();
    bda->kbd_led |= KLED_UPDATE;
    /* A byte that a key has sent meanwhile is not the acknowledge: leave the lights for later. */
    if (!(inb(KBC_STATUS) & KBC_OUTPUT_FULL) && kbc_wait_write()) {
        outb(KBC_DATA, 0xed);
        if (kbc_read() == 0xfa) {
            kbc_wait_write();
            outb(KBC_DATA, want);
            kbc_read();
        }
        bda->kbd_led = (bda->kbd_led & (u8)~KLED_MASK) | want;
    }
    bda->kbd_led &= (u8)~KLED_UPDATE;
    irq_restore(flags);
}

static void set_bit0(u8 bit, bool on)
{
    bda->kbd_flag0 = on ? bda->kbd_flag0 | bit : bda->kbd_flag0 & (u8)~bit;
}

static void set_bit1(u8 bit, bool on)
{
    bda->kbd_flag1 = on ? bda->kbd_flag1 | bit : bda->kbd_flag1 & (u8)~bit;
}

static void set_bit2(u8 bit, bool on)
{
    bda->kbd_flag2 = on ? bda->kbd_flag2 | bit : bda->kbd_flag2 & (u8)~bit;
}

/* A lock key toggles when it goes down, not as it repeats. */
static void lock_key(u8 flag0, u8 flag1, bool down)
{
    if (down && !(bda->kbd_flag1 & flag1))
        bda->kbd_flag0 ^= flag0;
    set_bit1(flag1, down);
}

static void alt_key(bool e0, bool down)
{
    if (e0)
        set_bit2(KF2_RALT, down);
    else
        set_bit1(KF1_LALT, down);
    set_bit0(KF0_ALT, (bda->kbd_flag1 & KF1_LALT) || (bda->kbd_flag2 & KF2_RALT));
    if (!down && bda->kbd_alt_digit) { /* the number typed on the pad meanwhile */
        kbd_put(bda->kbd_alt_digit);
        bda->kbd_alt_digit = 0;
    }
}

static void ctrl_key(bool e0, bool down)
{
    if (e0)
        set_bit2(KF2_RCTRL, down);
    else
        set_bit1(KF1_LCTRL, down);
    set_bit0(KF0_CTRL, (bda->kbd_flag1 & KF1_LCTRL) || (bda->kbd_flag2 & KF2_RCTRL));
}

static void simple_int(u8 vector, u16 ax)
{
    struct regs r;

    memset(&r, 0, sizeof(r));
    r.ax = ax;
    call_int(vector, &r);
}

/* Until a key that is not a shift key ends it. */
static void pause(void)
{
    if (bda->kbd_flag1 & KF1_PAUSE)
        return;
    bda->kbd_flag1 |= KF1_PAUSE;
    irq_eoi(1);
    while (bda->kbd_flag1 & KF1_PAUSE)
        irq_wait();
}

static void ctrl_break(void)
{
    bda->kbd_head = bda->kbd_tail = bda->kbd_start;
    bda->ctrl_break = 0x80;
    kbd_put(0);
    simple_int(0x1b, 0);
}

/* Keys that are no characters. true: this was one. */
static bool special_key(u8 scan, bool e0, bool down)
{
    u8 flag0 = bda->kbd_flag0;

    switch (scan) {
    case SCAN_LSHIFT:
    case SCAN_RSHIFT:
        if (!e0) /* E0 2A and E0 36 are the keyboard's own, around grey keys */
            set_bit0(scan == SCAN_LSHIFT ? KF0_LSHIFT : KF0_RSHIFT, down);
        return true;
    case SCAN_CTRL: ctrl_key(e0, down); return true;
    case SCAN_ALT: alt_key(e0, down); return true;
    case SCAN_CAPS: lock_key(KF0_CAPS, KF1_CAPS, down); return true;
    case SCAN_NUM:
        if (down && (flag0 & KF0_CTRL))
            pause();
        else
            lock_key(KF0_NUM, KF1_NUM, down);
        return true;
    case SCAN_SCROLL:
        if (e0 || (flag0 & KF0_CTRL)) {
            if (down)
                ctrl_break();
        } else {
            lock_key(KF0_SCROLL, KF1_SCROLL, down);
        }
        return true;
    case SCAN_SYSRQ:
        set_bit1(KF1_SYSRQ, down);
        simple_int(0x15, down ? 0x8500 : 0x8501);
        return true;
    case SCAN_PRINT:
        if (!e0)
            return false;
        if (down && (flag0 & KF0_CTRL))
            kbd_put(0x7200);
        else if (down)
            simple_int(0x05, 0);
        return true;
    case SCAN_INSERT:
        if (flag0 & KF0_ALT)
            return false;
        if (e0 || !(flag0 & KF0_NUM) == !(flag0 & (KF0_LSHIFT | KF0_RSHIFT))) {
            if (down && !(bda->kbd_flag1 & KF1_INSERT))
                bda->kbd_flag0 ^= KF0_INSERT;
            set_bit1(KF1_INSERT, down);
        }
        return false;
    case SCAN_DELETE:
        if (down && (flag0 & KF0_CTRL) && (flag0 & KF0_ALT)) {
            bda->reset_flag = 0x1234;
            restart();
        }
        return false;
    }
    return false;
}

/* The grey keys of the 101-key keyboard, which send E0 first. */
static u16 grey_key(u8 scan, u8 flag0)
{
    const struct key *key = &key_table[scan];

    switch (scan) {
    case 0x1c: return flag0 & KF0_ALT ? 0xa600 : flag0 & KF0_CTRL ? 0xe00a : 0xe00d;
    case 0x35: return flag0 & KF0_ALT ? 0xa400 : flag0 & KF0_CTRL ? 0x9500 : 0xe02f;
    }
    if (scan < SCAN_HOME || scan > SCAN_DELETE)
        return 0;
    if (flag0 & KF0_ALT)
        return (scan + 0x50) << 8;
    if (flag0 & KF0_CTRL)
        return rom16(&key->ctrl) | 0xe0;
    return scan << 8 | 0xe0;
}

/* Alt and digits of the number pad: a character by its number. */
static const u8 pad_digit[] ROMDATA = {7, 8, 9, 0xff, 4, 5, 6, 0xff, 1, 2, 3, 0};

static u16 plain_key(u8 scan, u8 flag0)
{
    const struct key *key = &key_table[scan];
    bool shift = flag0 & (KF0_LSHIFT | KF0_RSHIFT);
    u8 normal = (u8)rom16(&key->normal);

    if (flag0 & KF0_ALT) {
        if (scan >= SCAN_HOME && scan <= SCAN_INSERT && rom8(&pad_digit[scan - SCAN_HOME]) < 10) {
            bda->kbd_alt_digit = bda->kbd_alt_digit * 10 + rom8(&pad_digit[scan - SCAN_HOME]);
            return 0;
        }
        return rom16(&key->alt);
    }
    if (flag0 & KF0_CTRL)
        return rom16(&key->ctrl);
    if (scan >= SCAN_HOME && scan <= SCAN_DELETE)
        shift ^= (flag0 & KF0_NUM) != 0;
    else if (normal >= 'a' && normal <= 'z')
        shift ^= (flag0 & KF0_CAPS) != 0;
    return shift ? rom16(&key->shift) : rom16(&key->normal);
}

static void scan_code(u8 code)
{
    u8 flag2 = bda->kbd_flag2;
    bool down = !(code & RELEASED), e0 = flag2 & KF2_E0;
    u8 scan = code & (u8)~RELEASED;
    u16 key;

    if (code == 0xe0 || code == 0xe1) {
        set_bit2(code == 0xe0 ? KF2_E0 : KF2_E1, true);
        return;
    }
    if (flag2 & KF2_E1) { /* Pause: E1 1D 45 E1 9D C5 */
        if (scan == SCAN_CTRL)
            return;
        set_bit2(KF2_E1 | KF2_E0, false);
        if (code == SCAN_NUM)
            pause();
        return;
    }
    set_bit2(KF2_E0, false);
    if (special_key(scan, e0, down) || !down || !scan || scan >= KEYS)
        return;
    if (bda->kbd_flag1 & KF1_PAUSE) {
        bda->kbd_flag1 &= (u8)~KF1_PAUSE;
        return;
    }
    key = e0 ? grey_key(scan, bda->kbd_flag0) : plain_key(scan, bda->kbd_flag0);
    if (key && kbd_put(key))
        simple_int(0x15, 0x9102); /* whoever waits for a key may go on */
}

void int09(struct regs *unused)
{
    struct regs r;
    u8 code;

    (void)unused;
    code = inb(KBC_DATA); /* whatever the status: a handler before us may have read it, too */
    memset(&r, 0, sizeof(r));
    r.ax = 0x4f00 | code;
    r.flags = FLAG_CF;
    call_int(0x15, &r);
    if (r.flags & FLAG_CF) {
        if (r.al == 0xfa)
            bda->kbd_led |= KLED_ACK;
        else if (r.al == 0xfe)
            bda->kbd_led |= KLED_RESEND;
        else
            scan_code(r.al);
    }
    kbd_update_leds();
    irq_eoi(1);
}
