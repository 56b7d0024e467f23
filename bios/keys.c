/* The key table. Source: IBM PS/2 and Personal Computer BIOS Interface Technical Reference,
 * section 4 (keyboard, U.S. layout). */
#include "keys.h"

#include "services.h"

/* A letter; a digit or sign with a shifted sign; a function key; a key of the number pad. */
#define LETTER(scan, c)                                                                            \
    [scan] = {(scan) << 8 | (c), (scan) << 8 | ((c)-0x20), (scan) << 8 | ((c)-0x60), (scan) << 8}
#define SIGN(scan, c, shifted)                                                                     \
    [scan] = {(scan) << 8 | (c), (scan) << 8 | (shifted), 0, (scan) << 8 | KEY_EXTENDED_ONLY}
#define SIGN_CTRL(scan, c, shifted, ctrl)                                                          \
    [scan] = {(scan) << 8 | (c), (scan) << 8 | (shifted), (scan) << 8 | (ctrl),                    \
              (scan) << 8 | KEY_EXTENDED_ONLY}
#define DIGIT(scan, c, shifted, ctrl)                                                              \
    [scan] = {(scan) << 8 | (c), (scan) << 8 | (shifted), ctrl, ((scan) + 0x76) << 8}
#define FUNCTION(scan)                                                                             \
    [scan] = {(scan) << 8, ((scan) + 0x19) << 8, ((scan) + 0x23) << 8, ((scan) + 0x2d) << 8}
#define PAD(scan, c, ctrl) [scan] = {(scan) << 8, (scan) << 8 | (c), (ctrl) << 8, 0}

const struct key key_table[KEYS] ROMDATA = {
    [0x01] = {0x011b, 0x011b, 0x011b, 0x01f0},
    DIGIT(0x02, '1', '!', 0),
    DIGIT(0x03, '2', '@', 0x0300),
    DIGIT(0x04, '3', '#', 0),
    DIGIT(0x05, '4', '$', 0),
    DIGIT(0x06, '5', '%', 0),
    DIGIT(0x07, '6', '^', 0x071e),
    DIGIT(0x08, '7', '&', 0),
    DIGIT(0x09, '8', '*', 0),
    DIGIT(0x0a, '9', '(', 0),
    DIGIT(0x0b, '0', ')', 0),
    DIGIT(0x0c, '-', '_', 0x0c1f),
    DIGIT(0x0d, '=', '+', 0),
    [0x0e] = {0x0e08, 0x0e08, 0x0e7f, 0x0ef0},
    [0x0f] = {0x0f09, 0x0f00, 0x9400, 0xa500},
    LETTER(0x10, 'q'),
    LETTER(0x11, 'w'),
    LETTER(0x12, 'e'),
    LETTER(0x13, 'r'),
    LETTER(0x14, 't'),
    LETTER(0x15, 'y'),
    LETTER(0x16, 'u'),
    LETTER(0x17, 'i'),
    LETTER(0x18, 'o'),
    LETTER(0x19, 'p'),
    SIGN_CTRL(0x1a, '[', '{', 0x1b),
    SIGN_CTRL(0x1b, ']', '}', 0x1d),
    [0x1c] = {0x1c0d, 0x1c0d, 0x1c0a, 0x1cf0},
    LETTER(0x1e, 'a'),
    LETTER(0x1f, 's'),
    LETTER(0x20, 'd'),
    LETTER(0x21, 'f'),
    LETTER(0x22, 'g'),
    LETTER(0x23, 'h'),
    LETTER(0x24, 'j'),
    LETTER(0x25, 'k'),
    LETTER(0x26, 'l'),
    SIGN(0x27, ';', ':'),
    SIGN(0x28, '\'', '"'),
    SIGN(0x29, '`', '~'),
    SIGN_CTRL(0x2b, '\\', '|', 0x1c),
    LETTER(0x2c, 'z'),
    LETTER(0x2d, 'x'),
    LETTER(0x2e, 'c'),
    LETTER(0x2f, 'v'),
    LETTER(0x30, 'b'),
    LETTER(0x31, 'n'),
    LETTER(0x32, 'm'),
    SIGN(0x33, ',', '<'),
    SIGN(0x34, '.', '>'),
    SIGN(0x35, '/', '?'),
    [0x37] = {0x372a, 0x372a, 0x9600, 0x37f0},
    [0x39] = {0x3920, 0x3920, 0x3920, 0x3920},
    FUNCTION(0x3b),
    FUNCTION(0x3c),
    FUNCTION(0x3d),
    FUNCTION(0x3e),
    FUNCTION(0x3f),
    FUNCTION(0x40),
    FUNCTION(0x41),
    FUNCTION(0x42),
    FUNCTION(0x43),
    FUNCTION(0x44),
    PAD(0x47, '7', 0x77),
    PAD(0x48, '8', 0x8d),
    PAD(0x49, '9', 0x84),
    [0x4a] = {0x4a2d, 0x4a2d, 0x8e00, 0x4af0},
    PAD(0x4b, '4', 0x73),
    PAD(0x4c, '5', 0x8f),
    PAD(0x4d, '6', 0x74),
    [0x4e] = {0x4e2b, 0x4e2b, 0x9000, 0x4ef0},
    PAD(0x4f, '1', 0x75),
    PAD(0x50, '2', 0x91),
    PAD(0x51, '3', 0x76),
    PAD(0x52, '0', 0x92),
    PAD(0x53, '.', 0x93),
    [0x56] = {0x565c, 0x567c, 0, 0},
    [0x57] = {0x8500, 0x8700, 0x8900, 0x8b00},
    [0x58] = {0x8600, 0x8800, 0x8a00, 0x8c00},
};

u16 kbd_find(u8 c)
{
    if (c >= 1 && c <= 26) { /* Ctrl and a letter */
        for (unsigned i = 0; i < KEYS; i++)
            if ((u8)rom16(&key_table[i].ctrl) == c)
                return rom16(&key_table[i].ctrl);
    }
    for (unsigned i = 0; i < KEYS && c; i++) {
        if ((u8)rom16(&key_table[i].normal) == c)
            return rom16(&key_table[i].normal);
        if ((u8)rom16(&key_table[i].shift) == c)
            return rom16(&key_table[i].shift);
    }
    return c;
}
