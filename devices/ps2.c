/* What hangs on the keyboard controller's two ports: a keyboard and a mouse that nobody touches.
 *
 * Implemented: every command of the IBM PS/2 keyboard and of the standard (three-byte) mouse, with
 * its answer. Not implemented: keys and movements; typematic, LED, key type and scaling settings
 * are acknowledged and kept only where a command reads them back.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard" and "Mouse". */
#include "devices/ps2.h"

#include <string.h>

#define ACK    0xfa
#define RESEND 0xfe
#define BAT_OK 0xaa

/* Keyboard commands. */
enum {
    KBD_SET_LEDS = 0xed,
    KBD_ECHO = 0xee,
    KBD_SCAN_SET = 0xf0,
    KBD_IDENTIFY = 0xf2,
    KBD_SET_RATE = 0xf3,
    KBD_ENABLE = 0xf4,
    KBD_DISABLE = 0xf5, /* and set defaults */
    KBD_DEFAULTS = 0xf6,
    KBD_ALL_TYPEMATIC = 0xf7,
    KBD_ALL_DEFAULT = 0xfa,
    KBD_KEY_TYPEMATIC = 0xfb,
    KBD_KEY_MAKE = 0xfd,
    KBD_RESEND = 0xfe,
    KBD_RESET = 0xff,
};

/* Mouse commands. */
enum {
    MOUSE_SCALE_1 = 0xe6,
    MOUSE_SCALE_2 = 0xe7,
    MOUSE_RESOLUTION = 0xe8,
    MOUSE_STATUS = 0xe9,
    MOUSE_STREAM = 0xea,
    MOUSE_READ = 0xeb,
    MOUSE_UNWRAP = 0xec,
    MOUSE_WRAP = 0xee,
    MOUSE_REMOTE = 0xf0,
    MOUSE_IDENTIFY = 0xf2,
    MOUSE_RATE = 0xf3,
    MOUSE_ENABLE = 0xf4,
    MOUSE_DISABLE = 0xf5,
    MOUSE_DEFAULTS = 0xf6,
    MOUSE_RESEND = 0xfe,
    MOUSE_RESET = 0xff,
};

#define STATUS_REMOTE  0x40
#define STATUS_ENABLED 0x20
#define STATUS_SCALE_2 0x10
#define PACKET_ALWAYS  0x08

static void send(struct ps2 *ps2, u8 value)
{
    BUG_ON(ps2->count == PS2_QUEUE);
    ps2->queue[(ps2->head + ps2->count++) % PS2_QUEUE] = value;
}

static void set_defaults(struct ps2 *ps2)
{
    ps2->enabled = !ps2->mouse;
    ps2->scan_set = 2;
    ps2->wrap = ps2->remote = ps2->scale = false;
    ps2->resolution = 2; /* 4 counts a millimetre */
    ps2->rate = 100;
}

static void keyboard_parameter(struct ps2 *ps2, u8 command, u8 value)
{
    send(ps2, ACK);
    if (command != KBD_SCAN_SET)
        return;
    if (value == 0)
        send(ps2, ps2->scan_set);
    else if (value <= 3)
        ps2->scan_set = value;
}

static void keyboard_command(struct ps2 *ps2, u8 value)
{
    switch (value) {
    case KBD_ECHO: send(ps2, KBD_ECHO); return;
    case KBD_RESEND: send(ps2, ps2->last); return;
    case KBD_SET_LEDS:
    case KBD_SCAN_SET:
    case KBD_SET_RATE: ps2->pending = value; break;
    case KBD_ENABLE: ps2->enabled = true; break;
    case KBD_DISABLE:
        set_defaults(ps2);
        ps2->enabled = false;
        break;
    case KBD_DEFAULTS: set_defaults(ps2); break;
    case KBD_RESET:
        set_defaults(ps2);
        send(ps2, ACK);
        send(ps2, BAT_OK);
        return;
    case KBD_IDENTIFY:
        send(ps2, ACK);
        send(ps2, 0xab);
        send(ps2, 0x83);
        return;
    default:
        if (value >= KBD_ALL_TYPEMATIC && value <= KBD_ALL_DEFAULT)
            break;
        if (value >= KBD_KEY_TYPEMATIC && value <= KBD_KEY_MAKE) {
            ps2->pending = value; /* the list of keys is at most one key long here */
            break;
        }
        send(ps2, RESEND);
        return;
    }
    send(ps2, ACK);
}

static void mouse_parameter(struct ps2 *ps2, u8 command, u8 value)
{
    if (command == MOUSE_RATE)
        ps2->rate = value;
    else
        ps2->resolution = value;
    send(ps2, ACK);
}

static void mouse_command(struct ps2 *ps2, u8 value)
{
    if (ps2->wrap && value != MOUSE_UNWRAP && value != MOUSE_RESET) {
        send(ps2, value);
        return;
    }
    if (value == MOUSE_RESEND) {
        send(ps2, ps2->last);
        return;
    }
    switch (value) {
    case MOUSE_SCALE_1: ps2->scale = false; break;
    case MOUSE_SCALE_2: ps2->scale = true; break;
    case MOUSE_RATE:
    case MOUSE_RESOLUTION: ps2->pending = value; break;
    case MOUSE_STREAM: ps2->remote = false; break;
    case MOUSE_REMOTE: ps2->remote = true; break;
    case MOUSE_UNWRAP: ps2->wrap = false; break;
    case MOUSE_WRAP: ps2->wrap = true; break;
    case MOUSE_ENABLE: ps2->enabled = true; break;
    case MOUSE_DISABLE: ps2->enabled = false; break;
    case MOUSE_DEFAULTS:
    case MOUSE_RESET: set_defaults(ps2); break;
    case MOUSE_IDENTIFY:
    case MOUSE_STATUS:
    case MOUSE_READ: break;
    default: send(ps2, RESEND); return;
    }
    send(ps2, ACK);
    if (value == MOUSE_RESET)
        send(ps2, BAT_OK);
    if (value == MOUSE_RESET || value == MOUSE_IDENTIFY)
        send(ps2, 0x00);
    if (value == MOUSE_STATUS) {
        send(ps2, (ps2->remote ? STATUS_REMOTE : 0) | (ps2->enabled ? STATUS_ENABLED : 0) |
                      (ps2->scale ? STATUS_SCALE_2 : 0));
        send(ps2, ps2->resolution);
        send(ps2, ps2->rate);
    }
    if (value == MOUSE_READ) {
        send(ps2, PACKET_ALWAYS);
        send(ps2, 0);
        send(ps2, 0);
    }
}

/* A command code in place of a parameter is a new command: parameters are all lower. */
void ps2_write(struct ps2 *ps2, u8 value)
{
    u8 command = ps2->pending;

    ps2->count = 0;
    ps2->pending = 0;
    if (ps2->mouse) {
        if (command && value < MOUSE_SCALE_1)
            mouse_parameter(ps2, command, value);
        else
            mouse_command(ps2, value);
    } else if (command && value < KBD_SET_LEDS) {
        keyboard_parameter(ps2, command, value);
    } else {
        keyboard_command(ps2, value);
    }
}

bool ps2_next(struct ps2 *ps2, u8 *value)
{
    if (!ps2->count)
        return false;
    *value = ps2->last = ps2->queue[ps2->head];
    ps2->head = (ps2->head + 1) % PS2_QUEUE;
    ps2->count--;
    return true;
}

void ps2_reset(struct ps2 *ps2)
{
    bool mouse = ps2->mouse;

    memset(ps2, 0, sizeof(*ps2));
    ps2->mouse = mouse;
    set_defaults(ps2);
}

void ps2_init(struct ps2 *ps2, bool mouse)
{
    ps2->mouse = mouse;
    ps2_reset(ps2);
}
