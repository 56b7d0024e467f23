/* Types a script into the machine in virtual time. */
#ifndef PAGEWALK_UI_TYPIST_H
#define PAGEWALK_UI_TYPIST_H

#include "devices/base/clock.h"
#include "devices/input/input.h"
#include "devices/ui/display.h"
#include "devices/ui/script.h"

#define TYPIST_PRESS_NS                                                                            \
    30000000u /* a key is down for so long, and up for so long before the next */
#define TYPIST_LOOK_NS 100000000u /* SCRIPT_SEE: between two looks at the screen, */
#define TYPIST_HEAR_NS 10000000u  /* and at what the serial port has printed */
#define TYPIST_SEND_NS 2000000u   /* SCRIPT_SEND: between two bytes */
#define TYPIST_HEARD   4096       /* bytes of the serial port that are kept until they are seen */

/* The serial port that a script sends to. */
struct typist_line {
    bool (*send)(void *opaque, u8 byte); /* false: it takes none now */
    void *opaque;
};

struct typist {
    const struct key_script *script;
    const struct display *display; /* NULL: nothing is ever seen */
    const struct input *input;
    struct typist_line line;
    /* SCRIPT_SCREENSHOT, SCRIPT_QUIT; SCRIPT_SEE: it was not seen in time */
    void (*act)(void *opaque, enum script_kind kind);
    void *opaque;
    struct timer timer;
    size_t at; /* the next step */
    bool down; /* its key is down */
    struct text_screen text;
    bool looking; /* for a SCRIPT_SEE, */
    u64 since;    /* since this time */
    char heard[TYPIST_HEARD];
    size_t heard_len;
};

/* Begins at virtual time 0. Keys go to the input from the clock's timers, so at an instant that the
 * script and the guest alone decide. The script, the display and the input must stay. */
void typist_init(struct typist *typist, struct clock *clock, const struct key_script *script,
                 const struct display *display, const struct input *input,
                 void (*act)(void *opaque, enum script_kind kind), void *opaque);
/* What the step at hand is about: the text of a SCRIPT_SEE. */
const char *typist_text(const struct typist *typist);
/* The serial port has printed this. */
void typist_hear(struct typist *typist, u8 byte);

#endif
