/* What a keyboard sends for a key: prefixes, break codes, and what depends on other keys.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard", the three scan code tables
 * and the notes below them. Num Lock is what its light says. */
#include "devices/input/ps2codes.h"

#include "devices/input/ps2keys.h"

/* HID usages of the keys that change what others send. */
enum {
    USAGE_LCTRL = 0xe0,
    USAGE_LSHIFT = 0xe1,
    USAGE_LALT = 0xe2,
    USAGE_RCTRL = 0xe4,
    USAGE_RSHIFT = 0xe5,
    USAGE_RALT = 0xe6,
};

/* Codes in set 2 of sequences that no single key has. */
#define CODE_LSHIFT 0x12
#define CODE_RSHIFT 0x59
#define CODE_CTRL   0x14
#define CODE_SYSRQ  0x84 /* Alt and Print Screen */

static void add_byte(struct ps2codes *codes, u8 value)
{
    BUG_ON(codes->len == sizeof(codes->bytes));
    codes->bytes[codes->len++] = value;
}

/* One code with its prefix, 0xe0 or 0xe1 (0: none), in set 1 or 2. */
static void add_code(const struct ps2kbd *kbd, struct ps2codes *codes, u8 prefix, u8 set1, u8 set2,
                     bool down)
{
    if (prefix)
        add_byte(codes, prefix);
    if (kbd->scan_set == 1) {
        add_byte(codes, down ? set1 : set1 | 0x80);
        return;
    }
    if (!down)
        add_byte(codes, 0xf0);
    add_byte(codes, set2);
}

static void add_shift(const struct ps2kbd *kbd, struct ps2codes *codes, u8 usage, bool down)
{
    if (usage == USAGE_LSHIFT)
        add_code(kbd, codes, 0xe0, 0x2a, CODE_LSHIFT, down);
    else
        add_code(kbd, codes, 0xe0, 0x36, CODE_RSHIFT, down);
}

/* The fake shifts of a grey key, before its make code or after its break code. Shift is taken back
 * for as long as the key is down; with Num Lock and no Shift, it is put on. */
static void add_fake_shifts(const struct ps2kbd *kbd, struct ps2codes *codes, enum ps2key_kind kind,
                            bool down)
{
    bool left = kbd->down[USAGE_LSHIFT], right = kbd->down[USAGE_RSHIFT];
    bool num = kbd->leds & PS2KBD_LED_NUM;

    if (kind == PS2KEY_GREY && num) {
        if (!left && !right)
            add_shift(kbd, codes, USAGE_LSHIFT, down);
        return;
    }
    if (left)
        add_shift(kbd, codes, USAGE_LSHIFT, !down);
    if (right)
        add_shift(kbd, codes, USAGE_RSHIFT, !down);
}

static void add_print(const struct ps2kbd *kbd, struct ps2codes *codes, bool down, bool repeat)
{
    bool alt = kbd->down[USAGE_LALT] || kbd->down[USAGE_RALT];
    bool fake = !repeat && !kbd->down[USAGE_LSHIFT] && !kbd->down[USAGE_RSHIFT] &&
                !kbd->down[USAGE_LCTRL] && !kbd->down[USAGE_RCTRL];

    if (alt) {
        add_code(kbd, codes, 0, 0x54, CODE_SYSRQ, down);
        return;
    }
    if (fake && down)
        add_shift(kbd, codes, USAGE_LSHIFT, true);
    add_code(kbd, codes, 0xe0, 0x37, 0x7c, down);
    if (fake && !down)
        add_shift(kbd, codes, USAGE_LSHIFT, false);
}

/* Make and break come at once when it goes down, and nothing when it comes up. */
static void add_pause(const struct ps2kbd *kbd, struct ps2codes *codes)
{
    if (kbd->down[USAGE_LCTRL] || kbd->down[USAGE_RCTRL]) { /* Break */
        add_code(kbd, codes, 0xe0, 0x46, 0x7e, true);
        add_code(kbd, codes, 0xe0, 0x46, 0x7e, false);
        return;
    }
    add_code(kbd, codes, 0xe1, 0x1d, CODE_CTRL, true);
    add_code(kbd, codes, 0, 0x45, 0x77, true);
    add_code(kbd, codes, 0xe1, 0x1d, CODE_CTRL, false);
    add_code(kbd, codes, 0, 0x45, 0x77, false);
}

/* What the key sends in set 1 or 2; `repeat`: by typematic, not because it was pressed. */
static void add_key(const struct ps2kbd *kbd, struct ps2codes *codes, u8 usage, bool down,
                    bool repeat)
{
    const struct ps2key *key = &ps2keys[usage];

    switch (key->kind) {
    case PS2KEY_PLAIN: add_code(kbd, codes, 0, key->set1, key->set2, down); break;
    case PS2KEY_E0: add_code(kbd, codes, 0xe0, key->set1, key->set2, down); break;
    case PS2KEY_GREY:
    case PS2KEY_SLASH:
        if (down && !repeat)
            add_fake_shifts(kbd, codes, key->kind, true);
        add_code(kbd, codes, 0xe0, key->set1, key->set2, down);
        if (!down)
            add_fake_shifts(kbd, codes, key->kind, false);
        break;
    case PS2KEY_PRINT: add_print(kbd, codes, down, repeat); break;
    case PS2KEY_PAUSE:
        if (down && !repeat)
            add_pause(kbd, codes);
        break;
    }
}

static void add_key_set3(const struct ps2kbd *kbd, struct ps2codes *codes, u8 usage, bool down)
{
    if (!down && !(kbd->type[usage] & PS2KEY_BREAK))
        return;
    if (!down)
        add_byte(codes, 0xf0);
    add_byte(codes, ps2keys[usage].set3);
}

void ps2codes_make(struct ps2codes *codes, const struct ps2kbd *kbd, u8 usage, bool down,
                   bool repeat)
{
    codes->len = 0;
    if (kbd->scan_set == 3)
        add_key_set3(kbd, codes, usage, down);
    else
        add_key(kbd, codes, usage, down, repeat);
}
