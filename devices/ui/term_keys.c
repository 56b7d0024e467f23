/* Decodes a terminal's input: ASCII on a US keyboard, control codes, escape sequences of function keys.
 *
 * Sequences are those of xterm, VT220, rxvt and the Linux console: CSI and SS3 with and without modifiers.
 * Escape and a character is Alt and the character; an escape that nothing follows for IDLE_LOOKS looks is
 * the Esc key. What a terminal cannot send cannot be had: key releases, Ctrl-Shift, Pause, the keypad
 * apart from the other keys. Not implemented: characters beyond ASCII (dropped), mouse reports.
 * Source: ECMA-48 5.4 (CSI syntax); "XTerm Control Sequences" by T. Dickey et al., PC-style function keys. */
#include "devices/ui/term_keys.h"

#define ESC        0x1b
#define IDLE_LOOKS 3

static void put(struct term_keys *keys, struct keymap_stroke stroke)
{
    if (!stroke.usage || keys->count == TERM_KEYS_QUEUE)
        return;
    keys->queue[(keys->head + keys->count++) % TERM_KEYS_QUEUE] = stroke;
}

bool term_keys_next(struct term_keys *keys, struct keymap_stroke *stroke)
{
    if (!keys->count)
        return false;
    *stroke = keys->queue[keys->head];
    keys->head = (keys->head + 1) % TERM_KEYS_QUEUE;
    keys->count--;
    return true;
}

static void put_name(struct term_keys *keys, const char *name, unsigned modifiers)
{
    struct keymap_stroke stroke;
    size_t len = 0;

    while (name[len])
        len++;
    if (!keymap_name(name, len, &stroke))
        return;
    /* xterm's parameter is one more than 1 Shift, 2 Alt, 4 Ctrl. */
    modifiers = modifiers ? modifiers - 1 : 0;
    stroke.shift |= modifiers & 1;
    stroke.alt |= modifiers >> 1 & 1;
    stroke.ctrl |= modifiers >> 2 & 1;
    put(keys, stroke);
}

static void put_plain(struct term_keys *keys, u8 byte, bool alt)
{
    struct keymap_stroke stroke;

    if (byte == 0x7f) /* what terminals send for Backspace; some send \b */
        byte = '\b';
    if (!keymap_char(byte, &stroke)) {
        if (byte >= 32)
            return;
        /* Ctrl and the key: codes 1 to 26 are letters, the others @ [ \ ] ^ _ of ASCII. */
        static const char others[] = "\\]6-";

        if (byte == 0)
            stroke = (struct keymap_stroke){.usage = KEY_SPACE};
        else if (byte <= 26)
            keymap_char((u8)('a' + byte - 1), &stroke);
        else
            keymap_char((u8)others[(byte - 0x1c) & 3], &stroke);
        stroke.ctrl = true;
    } else if (byte == '\n') { /* Enter sends \r */
        keymap_char('j', &stroke);
        stroke.ctrl = true;
    }
    stroke.alt = alt;
    put(keys, stroke);
}

/* CSI number ~ */
static const char *numbered(unsigned number)
{
    static const char *const names[] = {
        [1] = "home",     [2] = "insert", [3] = "delete", [4] = "end",  [5] = "pageup",
        [6] = "pagedown", [7] = "home",   [8] = "end",    [11] = "f1",  [12] = "f2",
        [13] = "f3",      [14] = "f4",    [15] = "f5",    [17] = "f6",  [18] = "f7",
        [19] = "f8",      [20] = "f9",    [21] = "f10",   [23] = "f11", [24] = "f12",
    };

    return number < ARRAY_SIZE(names) ? names[number] : NULL;
}

/* CSI letter, SS3 letter */
static const char *lettered(u8 letter)
{
    switch (letter) {
    case 'A': return "up";
    case 'B': return "down";
    case 'C': return "right";
    case 'D': return "left";
    case 'E': return "kp5";
    case 'F': return "end";
    case 'H': return "home";
    case 'M': return "enter"; /* SS3: the keypad's */
    case 'P': return "f1";
    case 'Q': return "f2";
    case 'R': return "f3";
    case 'S': return "f4";
    case 'Z': return "shift-tab";
    default: return NULL;
    }
}

/* The sequence is whole: [ or O, perhaps numbers between semicolons, a final byte. */
static void put_sequence(struct term_keys *keys)
{
    unsigned number[2] = {0, 0}, n = 0;
    u8 last = keys->sequence[keys->length - 1];
    const char *name;

    if (keys->length == 3 && keys->sequence[1] == '[') { /* the Linux console's F1 to F5 */
        static const char *const console[] = {"f1", "f2", "f3", "f4", "f5"};

        if (last >= 'A' && last <= 'E')
            put_name(keys, console[last - 'A'], 0);
        return;
    }
    for (unsigned i = 1; i + 1 < keys->length; i++) {
        u8 byte = keys->sequence[i];

        if (byte == ';')
            n++;
        else if (byte >= '0' && byte <= '9' && n < ARRAY_SIZE(number) && number[n] < 1000)
            number[n] = number[n] * 10 + byte - '0';
    }
    name = last == '~' ? numbered(number[0]) : lettered(last);
    if (name)
        put_name(keys, name, number[1] <= 8 ? number[1] : 0);
}

/* Whether more bytes belong to the sequence: ECMA-48 ends one with 0x40-0x7e. */
static bool is_open(const struct term_keys *keys)
{
    u8 last = keys->sequence[keys->length - 1];

    if (keys->length == 1)
        return true;
    if (keys->length == 2 && keys->sequence[0] == '[' && last == '[')
        return true;
    return last < 0x40 || last > 0x7e;
}

/* It was no sequence: the escape was a key, or Alt, and the bytes are themselves. */
static void give_up(struct term_keys *keys)
{
    unsigned length = keys->length;

    keys->escape = false;
    keys->length = 0;
    if (!length)
        put(keys, (struct keymap_stroke){.usage = KEY_ESC});
    for (unsigned i = 0; i < length; i++)
        put_plain(keys, keys->sequence[i], i == 0);
}

void term_keys_nothing(struct term_keys *keys)
{
    if (keys->escape && ++keys->idle >= IDLE_LOOKS)
        give_up(keys);
}

void term_keys_byte(struct term_keys *keys, u8 byte)
{
    keys->idle = 0;
    if (byte == ESC) {
        if (keys->escape)
            give_up(keys);
        keys->escape = true;
    } else if (!keys->escape) {
        put_plain(keys, byte, false);
    } else if (keys->length == 0 && byte != '[' && byte != 'O') {
        keys->escape = false;
        put_plain(keys, byte, true);
    } else {
        keys->sequence[keys->length++] = byte;
        if (!is_open(keys)) {
            put_sequence(keys);
            keys->escape = false;
            keys->length = 0;
        } else if (keys->length == TERM_KEYS_SEQUENCE) {
            give_up(keys);
        }
    }
}
