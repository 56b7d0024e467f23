/* A text screen in a terminal: as few bytes as bring it up to date. */
#ifndef PAGEWALK_UI_TEXT_VIEW_H
#define PAGEWALK_UI_TEXT_VIEW_H

#include "devices/chr/fdio.h"
#include "devices/ui/display.h"

/* What is on the terminal now. */
struct text_view {
    unsigned columns, rows; /* of the terminal */
    unsigned left, top;     /* the part of the screen that is seen, when it is larger */
    bool clear;             /* nothing of what is below is there any more: draw all */
    bool cursor;
    struct text_screen shown;
    char note[256]; /* the last row says this instead; empty: nothing */
    char noted[256];
};

/* Takes the terminal's screen, and gives it back. */
#define TEXT_VIEW_ENTER "\033[?1049h\033[?25l\033[0m\033[2J"
#define TEXT_VIEW_LEAVE "\033[0m\033[?25h\033[?1049l"

/* The terminal has this size now. */
void text_view_resize(struct text_view *view, unsigned columns, unsigned rows);
/* Sends what has changed. text->columns == 0: there is only the note. */
void text_view_update(struct text_view *view, const struct text_screen *text, struct fdio *out);

#endif
