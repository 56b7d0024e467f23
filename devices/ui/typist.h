/* Types a script into the machine in virtual time. */
#ifndef PAGEWALK_UI_TYPIST_H
#define PAGEWALK_UI_TYPIST_H

#include "devices/base/clock.h"
#include "devices/input/input.h"
#include "devices/ui/display.h"
#include "devices/ui/script.h"

#define TYPIST_PRESS_NS                                                                            \
    30000000u /* a key is down for so long, and up for so long before the next */
#define TYPIST_LOOK_NS 100000000u /* SCRIPT_SEE: between two looks at the screen */

struct typist {
    const struct key_script *script;
    const struct display *display; /* NULL: nothing is ever seen */
    const struct input *input;
    /* SCRIPT_SCREENSHOT, SCRIPT_QUIT */
    void (*act)(void *opaque, enum script_kind kind);
    void *opaque;
    struct timer timer;
    size_t at; /* the next step */
    bool down; /* its key is down */
    struct text_screen text;
};

/* Begins at virtual time 0. Keys go to the input from the clock's timers, so at an instant that the
 * script and the guest alone decide. The script, the display and the input must stay. */
void typist_init(struct typist *typist, struct clock *clock, const struct key_script *script,
                 const struct display *display, const struct input *input,
                 void (*act)(void *opaque, enum script_kind kind), void *opaque);

#endif
