/* A script of keys: what -type types, parsed.
 *
 * Text stands for the keys that type it on a US keyboard; a newline or \n is Enter, \t Tab, \b Backspace,
 * \e Esc, and \\ and \< are themselves. Between < and > stands
 *     a key or a chord      <f10> <up> <ctrl-alt-delete> <shift-a>
 *     a time                <500ms> <2s> <1.5s>: wait so long, in the machine's time
 *     sleep TIME            the same
 *     see TEXT              wait until a row of a text mode's screen has TEXT in it
 *     see TEXT within TIME  the same, and when it has not by then, end the machine
 *     serial                from here on text goes to the first serial port, and see looks at what that has
 *                           printed since the last text that was seen there; \n is CR, and of the keys only
 *                           <ctrl-a> to <ctrl-z> are there
 *     keyboard              back to the keyboard and the screen
 *     screenshot            take one, numbered
 *     quit                  end the machine with status 0 */
#ifndef PAGEWALK_UI_SCRIPT_H
#define PAGEWALK_UI_SCRIPT_H

#include "devices/ui/keymap.h"

enum script_kind {
    SCRIPT_KEY,
    SCRIPT_SEND,
    SCRIPT_WAIT,
    SCRIPT_SEE,
    SCRIPT_SCREENSHOT,
    SCRIPT_QUIT,
};

struct script_step {
    enum script_kind kind;
    struct keymap_stroke stroke; /* SCRIPT_KEY */
    u8 byte;                     /* SCRIPT_SEND, to the serial port */
    u64 ns;                      /* SCRIPT_WAIT; SCRIPT_SEE: at most so long, 0: for ever */
    bool serial;                 /* SCRIPT_SEE: there, not on the screen */
    const char *text;            /* SCRIPT_SEE */
};

struct key_script {
    char *text; /* what the steps point into */
    struct script_step *step;
    size_t steps;
};

/* text, whose length is len, may hold anything. NULL with a one-line reason in err. */
struct key_script *script_parse(const char *text, size_t len, char *err, size_t err_len);
void script_free(struct key_script *script); /* NULL is allowed */

#endif
