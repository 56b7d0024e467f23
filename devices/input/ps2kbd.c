/* A PS/2 keyboard with 105 keys.
 *
 * Implemented: every command; the three scan code sets; typematic repetition; key types of set 3;
 * the sequences of Pause, Print Screen and, by Num Lock and Shift, of the grey keys (ps2codes.c);
 * the 16-byte buffer and its overrun code; lights. Not implemented: the half second of the
 * self-test (its answer comes at once). Source: IBM PS/2 Hardware Interface Technical Reference,
 * "Keyboard". */
#include "devices/input/ps2kbd.h"

#include <string.h>

#include "devices/input/ps2codes.h"
#include "devices/input/ps2keys.h"

enum {
    KBD_SET_LEDS = 0xed,
    KBD_ECHO = 0xee,
    KBD_SCAN_SET = 0xf0,
    KBD_IDENTIFY = 0xf2,
    KBD_SET_RATE = 0xf3,
    KBD_ENABLE = 0xf4,
    KBD_DISABLE = 0xf5, /* and set defaults */
    KBD_DEFAULTS = 0xf6,
    KBD_ALL_TYPEMATIC = 0xf7, /* these seven change set 3 alone */
    KBD_ALL_BREAK = 0xf8,
    KBD_ALL_MAKE = 0xf9,
    KBD_ALL_BOTH = 0xfa,
    KBD_KEY_TYPEMATIC = 0xfb,
    KBD_KEY_BREAK = 0xfc,
    KBD_KEY_MAKE = 0xfd,
    KBD_RESEND = 0xfe,
    KBD_RESET = 0xff,
};

#define BUFFER       16
#define RATE_DEFAULT 0x2b /* after half a second, 10.9 a second */
#define NO_REPEAT    0

#define OVERRUN_SET1 0xff
#define OVERRUN      0x00 /* sets 2 and 3 */

/* Into the buffer in full, or not at all; then the overrun code takes the place behind, once. */
static void send_key(struct ps2kbd *kbd, u8 usage, bool down, bool repeat)
{
    struct ps2codes codes;

    ps2codes_make(&codes, kbd, usage, down, repeat);
    if (!codes.len)
        return;
    if (ps2_has_room(&kbd->line, codes.len, BUFFER)) {
        for (unsigned i = 0; i < codes.len; i++)
            ps2_event(&kbd->line, codes.bytes[i]);
        kbd->overrun = false;
    } else if (!kbd->overrun) {
        ps2_event(&kbd->line, kbd->scan_set == 1 ? OVERRUN_SET1 : OVERRUN);
        kbd->overrun = true;
    } else {
        return;
    }
    kbd->line.ready(kbd->line.opaque);
}

static bool repeats(const struct ps2kbd *kbd, u8 usage)
{
    if (kbd->scan_set == 3)
        return kbd->type[usage] & PS2KEY_TYPEMATIC;
    return ps2keys[usage].kind != PS2KEY_PAUSE;
}

static u64 repeat_delay(const struct ps2kbd *kbd)
{
    return ((kbd->rate >> 5 & 3) + 1) * 250000000ull;
}

/* (8 + A) * 2^B / 240 seconds; A is bits 0 to 2, B bits 3 and 4. */
static u64 repeat_period(const struct ps2kbd *kbd)
{
    return ((8ull + (kbd->rate & 7)) << (kbd->rate >> 3 & 3)) * 1000000000ull / 240;
}

static void stop_repeat(struct ps2kbd *kbd)
{
    kbd->repeating = NO_REPEAT;
    timer_cancel(&kbd->repeat_timer);
}

/* What nobody fetches does not pile up: a code is repeated only into an empty buffer. */
static void repeat_due(void *opaque)
{
    struct ps2kbd *kbd = opaque;

    if (kbd->repeating == NO_REPEAT)
        return;
    timer_arm(&kbd->repeat_timer, clock_now(kbd->clock) + repeat_period(kbd));
    if (!kbd->line.events.count)
        send_key(kbd, kbd->repeating, true, true);
}

/* The last key pressed repeats until it is released, whatever happens to others. */
void ps2kbd_key(struct ps2kbd *kbd, u8 usage, bool down)
{
    if (!ps2keys[usage].set2 || kbd->down[usage] == down)
        return;
    if (down)
        kbd->down[usage] = true; /* before its codes: a Shift is no fake one */
    if (!down && kbd->repeating == usage)
        stop_repeat(kbd);
    if (kbd->enabled)
        send_key(kbd, usage, down, false);
    kbd->down[usage] = down;
    if (down && kbd->enabled) {
        stop_repeat(kbd);
        if (repeats(kbd, usage)) {
            kbd->repeating = usage;
            timer_arm(&kbd->repeat_timer, clock_now(kbd->clock) + repeat_delay(kbd));
        }
    }
}

/* Scan codes that were not fetched are dropped, and the last key no longer repeats. */
static void clear_buffer(struct ps2kbd *kbd)
{
    ps2_queue_clear(&kbd->line.events);
    kbd->overrun = false;
    stop_repeat(kbd);
}

static void set_leds(struct ps2kbd *kbd, u8 leds)
{
    if (kbd->leds == leds)
        return;
    kbd->leds = leds;
    if (kbd->on_leds)
        kbd->on_leds(kbd->on_leds_opaque, leds);
}

static void set_defaults(struct ps2kbd *kbd)
{
    clear_buffer(kbd);
    kbd->scan_set = 2;
    kbd->rate = RATE_DEFAULT;
    for (unsigned i = 0; i < INPUT_KEYS; i++)
        kbd->type[i] = ps2keys[i].type;
}

static void set_types(struct ps2kbd *kbd, u8 type)
{
    clear_buffer(kbd);
    memset(kbd->type, type, sizeof(kbd->type));
}

/* False: no key has this code, which ends a list of keys. */
static bool set_type(struct ps2kbd *kbd, u8 set3, u8 type)
{
    bool found = false;

    for (unsigned i = 0; i < INPUT_KEYS; i++) {
        if (!ps2keys[i].set2 || ps2keys[i].set3 != set3)
            continue;
        kbd->type[i] = type;
        found = true;
    }
    return found;
}

static u8 type_of_command(u8 command)
{
    switch (command) {
    case KBD_ALL_TYPEMATIC:
    case KBD_KEY_TYPEMATIC: return PS2KEY_TYPEMATIC;
    case KBD_ALL_BREAK:
    case KBD_KEY_BREAK: return PS2KEY_BREAK;
    case KBD_ALL_BOTH: return PS2KEY_TYPEMATIC | PS2KEY_BREAK;
    default: return 0; /* make only */
    }
}

/* False: the value is out of the command's range. */
static bool set_parameter(struct ps2kbd *kbd, u8 command, u8 value)
{
    switch (command) {
    case KBD_SET_LEDS:
        if (value > 7)
            return false;
        set_leds(kbd, value);
        return true;
    case KBD_SET_RATE:
        if (value > 0x7f)
            return false;
        kbd->rate = value;
        return true;
    case KBD_SCAN_SET:
        if (value > 3)
            return false;
        ps2_answer(&kbd->line, PS2_ACK);
        if (value == 0) {
            ps2_answer(&kbd->line, kbd->scan_set);
        } else {
            clear_buffer(kbd);
            kbd->scan_set = value;
        }
        return true;
    default: /* KBD_KEY_...: a list, until something that is no key's code */
        if (!set_type(kbd, value, type_of_command(command)))
            return false;
        kbd->line.pending = command;
        return true;
    }
}

static void write_command(struct ps2kbd *kbd, u8 value)
{
    switch (value) {
    case KBD_ECHO: ps2_answer(&kbd->line, KBD_ECHO); return;
    case KBD_RESEND: ps2_answer(&kbd->line, kbd->line.last); return;
    case KBD_KEY_TYPEMATIC:
    case KBD_KEY_BREAK:
    case KBD_KEY_MAKE:
        clear_buffer(kbd);
        kbd->line.pending = value;
        break;
    case KBD_SET_LEDS:
    case KBD_SCAN_SET:
    case KBD_SET_RATE: kbd->line.pending = value; break;
    case KBD_ALL_TYPEMATIC:
    case KBD_ALL_BREAK:
    case KBD_ALL_MAKE:
    case KBD_ALL_BOTH: set_types(kbd, type_of_command(value)); break;
    case KBD_ENABLE:
        clear_buffer(kbd);
        kbd->enabled = true;
        break;
    case KBD_DISABLE:
        set_defaults(kbd);
        kbd->enabled = false;
        break;
    case KBD_DEFAULTS: set_defaults(kbd); break;
    case KBD_RESET:
        set_defaults(kbd);
        set_leds(kbd, 0);
        kbd->enabled = true;
        ps2_answer(&kbd->line, PS2_ACK);
        ps2_answer(&kbd->line, PS2_BAT_OK);
        return;
    case KBD_IDENTIFY:
        ps2_answer(&kbd->line, PS2_ACK);
        ps2_answer(&kbd->line, 0xab);
        ps2_answer(&kbd->line, 0x83);
        return;
    default: ps2_answer(&kbd->line, PS2_RESEND); return;
    }
    ps2_answer(&kbd->line, PS2_ACK);
}

/* A command code in place of a parameter is a new command: parameters are all lower. */
void ps2kbd_write(struct ps2kbd *kbd, u8 value)
{
    u8 command = kbd->line.pending;

    ps2_queue_clear(&kbd->line.answers);
    kbd->line.pending = 0;
    if (!command || value >= KBD_SET_LEDS)
        write_command(kbd, value);
    else if (!set_parameter(kbd, command, value))
        ps2_answer(&kbd->line, PS2_RESEND);
    else if (command != KBD_SCAN_SET) /* which answers more than that */
        ps2_answer(&kbd->line, PS2_ACK);
}

void ps2kbd_reset(struct ps2kbd *kbd)
{
    ps2_line_reset(&kbd->line);
    set_defaults(kbd);
    set_leds(kbd, 0);
    kbd->enabled = true;
    memset(kbd->down, 0, sizeof(kbd->down));
}

void ps2kbd_state(struct ps2kbd *kbd, struct state *state)
{
    if (!state_begin(state, "ps2kbd"))
        return;
    ps2_line_state(&kbd->line, state);
    state_bool(state, &kbd->enabled);
    state_bool(state, &kbd->overrun);
    state_u8(state, &kbd->scan_set);
    state_u8(state, &kbd->leds);
    state_u8(state, &kbd->rate);
    state_u8(state, &kbd->repeating);
    for (unsigned i = 0; i < INPUT_KEYS; i++)
        state_bool(state, &kbd->down[i]);
    state_bytes(state, kbd->type, sizeof(kbd->type));
    state_timer(state, &kbd->repeat_timer);
    state_end(state);
    if (kbd->scan_set < 1 || kbd->scan_set > 3 || kbd->leds > 7)
        state_reject(state);
    if (state->loading && kbd->on_leds)
        kbd->on_leds(kbd->on_leds_opaque, kbd->leds);
}

void ps2kbd_init(struct ps2kbd *kbd, struct clock *clock, void (*ready)(void *opaque), void *opaque)
{
    memset(kbd, 0, sizeof(*kbd));
    kbd->clock = clock;
    kbd->line.ready = ready;
    kbd->line.opaque = opaque;
    timer_init(&kbd->repeat_timer, clock, repeat_due, kbd);
    ps2kbd_reset(kbd);
}
