/* What the files of the window share: itself, and what keys do to it. */
#ifndef PAGEWALK_UI_SDL_WINDOW_H
#define PAGEWALK_UI_SDL_WINDOW_H

#include "devices/ui/sdl_library.h"
#include "devices/ui/ui.h"

struct window {
    struct ui ui;
    struct sdl_library sdl;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture; /* of the surface's size; NULL: none yet */
    SDL_Texture *panel;   /* the list of keys while it is shown, or the note; NULL: neither */
    bool panel_is_note;
    int panel_width, panel_height;
    struct surface surface;
    unsigned width, height;    /* of the picture that the window was last fitted to */
    int set_width, set_height; /* what the window was last told to be; the user's choice differs */
    bool video;                /* SDL's video subsystem is ours */
    bool user_sized;
    bool full_screen;
    bool grabbed;
    bool present; /* something is to be shown, changed or not */
    bool reload;  /* the texture has lost its contents */
    unsigned buttons;
    int dx, dy, dz;    /* movement not yet handed on */
    bool unfocused;    /* it had the focus, and lost it */
    u16 locks;         /* KMOD_CAPS and KMOD_NUM, then */
    char note[200];    /* what was done, for a while; "": nothing */
    u32 note_until;    /* SDL's ticks */
    u32 again_until;   /* a second press counts so long; 0: there was no first, */
    enum ui_act again; /* for this */
};

void sdl_show_title(struct window *w);
void sdl_set_grab(struct window *w, bool grab);
void sdl_set_size(struct window *w, unsigned scale);
void sdl_set_full_screen(struct window *w, bool full);

/* With Ctrl and Alt down: whether the key is the window's own, and then it was obeyed. */
bool sdl_hot_key(struct window *w, SDL_Scancode key);
/* Whether a panel was shown, and is no more. */
bool sdl_hide_panel(struct window *w);
/* What was done is shown no longer than it should. */
void sdl_end_note(struct window *w);

#endif
