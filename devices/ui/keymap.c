/* A US keyboard: which key types a character, and what keys are called.
 *
 * Source: HID Usage Tables 1.12, section 10, Keyboard/Keypad page. */
#include "devices/ui/keymap.h"

#include <string.h>
#include <strings.h>

/* The keys from usage 4 on, alone and with Shift. A space stands for a key that types nothing, or
 * nothing that another key before it does not. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz1234567890     -=[]\\ ;'`,./";
static const char shifted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()     _+{}| :\"~<>?";

_Static_assert(sizeof(plain) == sizeof(shifted), "one row of keys");

static const struct {
    const char *name;
    u8 usage;
} names[] = {
    {"enter", KEY_ENTER}, {"esc", KEY_ESC},     {"backspace", KEY_BACKSPACE},
    {"tab", KEY_TAB},     {"space", KEY_SPACE}, {"minus", 45},
    {"capslock", 57},     {"f1", 58},           {"f2", 59},
    {"f3", 60},           {"f4", 61},           {"f5", 62},
    {"f6", 63},           {"f7", 64},           {"f8", 65},
    {"f9", 66},           {"f10", 67},          {"f11", 68},
    {"f12", 69},          {"print", 70},        {"scrolllock", 71},
    {"pause", 72},        {"insert", 73},       {"home", 74},
    {"pageup", 75},       {"delete", 76},       {"end", 77},
    {"pagedown", 78},     {"right", 79},        {"left", 80},
    {"down", 81},         {"up", 82},           {"numlock", 83},
    {"kp/", 84},          {"kp*", 85},          {"kp-", 86},
    {"kp+", 87},          {"kpenter", 88},      {"kp1", 89},
    {"kp2", 90},          {"kp3", 91},          {"kp4", 92},
    {"kp5", 93},          {"kp6", 94},          {"kp7", 95},
    {"kp8", 96},          {"kp9", 97},          {"kp0", 98},
    {"kp.", 99},          {"menu", 101},        {"ctrl", KEY_CTRL},
    {"shift", KEY_SHIFT}, {"alt", KEY_ALT},     {"win", 227},
    {"rctrl", 228},       {"rshift", 229},      {"altgr", 230},
};

bool keymap_char(u8 character, struct keymap_stroke *stroke)
{
    const char *at;

    *stroke = (struct keymap_stroke){0};
    switch (character) {
    case '\b': stroke->usage = KEY_BACKSPACE; return true;
    case '\t': stroke->usage = KEY_TAB; return true;
    case '\n':
    case '\r': stroke->usage = KEY_ENTER; return true;
    case 0x1b: stroke->usage = KEY_ESC; return true;
    case ' ': stroke->usage = KEY_SPACE; return true;
    case '\0': return false;
    default: break;
    }
    at = strchr(plain, character);
    if (!at) {
        at = strchr(shifted, character);
        stroke->shift = true;
        if (!at)
            return false;
        stroke->usage = (u8)(KEY_A + (at - shifted));
        return true;
    }
    stroke->usage = (u8)(KEY_A + (at - plain));
    return true;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

bool keymap_name(const char *name, size_t len, struct keymap_stroke *stroke)
{
    struct keymap_stroke held = {0};

    for (;;) {
        const char *dash = len > 1 ? memchr(name, '-', len - 1) : NULL;
        size_t word = dash ? (size_t)(dash - name) : 0;

        if (dash && is_word(name, word, "ctrl"))
            held.ctrl = true;
        else if (dash && is_word(name, word, "shift"))
            held.shift = true;
        else if (dash && is_word(name, word, "alt"))
            held.alt = true;
        else
            break;
        name = dash + 1;
        len -= word + 1;
    }
    *stroke = (struct keymap_stroke){0};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (is_word(name, len, names[i].name))
            stroke->usage = names[i].usage;
    if (!stroke->usage && (len != 1 || *name == ' ' || !keymap_char((u8)*name, stroke)))
        return false;
    /* A capital letter in a chord is the letter's key, as on its cap. */
    if (len == 1 && *name >= 'A' && *name <= 'Z')
        stroke->shift = false;
    stroke->ctrl |= held.ctrl;
    stroke->shift |= held.shift;
    stroke->alt |= held.alt;
    return true;
}
