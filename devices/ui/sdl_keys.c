/* The window's own keys, with Ctrl and Alt: one list, from which their panel is drawn, too. */
#include "devices/ui/sdl_window.h" /* first: SDL has its own always_inline */

#include <stdio.h>
#include <stdlib.h>

#include "devices/ui/panel.h"

#define NOTE_MS  4000u
#define AGAIN_MS 3000u /* what is pressed twice is within */

static void show_rows(struct window *w, const struct panel_row *row, unsigned rows, bool note)
{
    unsigned width, height;
    u32 *pixels = panel_draw(row, rows);

    panel_size(row, rows, &width, &height);
    sdl_hide_panel(w);
    if (pixels)
        w->panel = w->sdl.CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888,
                                        SDL_TEXTUREACCESS_STREAMING, (int)width, (int)height);
    if (w->panel)
        w->sdl.UpdateTexture(w->panel, NULL, pixels, (int)(width * sizeof(u32)));
    free(pixels);
    w->panel_width = (int)width;
    w->panel_height = (int)height;
    w->panel_is_note = note;
    w->present = true;
}

/* In the title; a full screen has none. */
static void say(struct window *w, const char *what)
{
    if (w->full_screen)
        show_rows(w, &(struct panel_row){"", what}, 1, true);
    snprintf(w->note, sizeof(w->note), "Pagewalk - %s", what);
    w->note_until = w->sdl.GetTicks() + NOTE_MS;
    sdl_show_title(w);
}

void sdl_end_note(struct window *w)
{
    if (!w->note[0] || (i32)(w->sdl.GetTicks() - w->note_until) < 0)
        return;
    w->note[0] = '\0';
    sdl_show_title(w);
    if (w->panel_is_note)
        sdl_hide_panel(w);
}

/* What the machine's buttons do; false: this machine has none. */
static bool act(struct window *w, enum ui_act what)
{
    const char *done = w->ui.config.act ? w->ui.config.act(w->ui.config.opaque, what) : NULL;

    if (done)
        say(w, done);
    return done != NULL;
}

static bool grab(struct window *w)
{
    sdl_set_grab(w, !w->grabbed);
    return true;
}

static bool full_screen(struct window *w)
{
    sdl_set_full_screen(w, !w->full_screen);
    return true;
}

static bool screenshot(struct window *w)
{
    char message[180];

    ui_screenshot(&w->ui, message, sizeof(message));
    fprintf(stderr, "pagewalk: %s\n", message);
    say(w, message);
    return true;
}

/* Without an error it is the machine's key. */
static bool retry(struct window *w)
{
    if (w->ui.state != UI_PAUSED)
        return false;
    ui_resume(&w->ui);
    return true;
}

static bool stop(struct window *w)
{
    return act(w, UI_ACT_STOP);
}

static bool power(struct window *w)
{
    return act(w, UI_ACT_POWER);
}

static bool floppy(struct window *w)
{
    return act(w, UI_ACT_FLOPPY);
}

static bool disc(struct window *w)
{
    return act(w, UI_ACT_DISC);
}

static bool save(struct window *w)
{
    return act(w, UI_ACT_SAVE);
}

static bool slower(struct window *w)
{
    return act(w, UI_ACT_SLOWER);
}

static bool faster(struct window *w)
{
    return act(w, UI_ACT_FASTER);
}

static bool normal_speed(struct window *w)
{
    return act(w, UI_ACT_NORMAL_SPEED);
}

/* What it costs is not had back, so that one press is not enough. */
static bool act_twice(struct window *w, enum ui_act what, const char *question)
{
    u32 now = w->sdl.GetTicks();

    if (w->again_until && w->again == what && (i32)(now - w->again_until) < 0) {
        w->again_until = 0;
        return act(w, what);
    }
    if (!w->ui.config.act)
        return false;
    w->again = what;
    w->again_until = now + AGAIN_MS;
    say(w, question);
    return true;
}

static bool reset(struct window *w)
{
    return act_twice(w, UI_ACT_RESET, "reset? Ctrl-Alt-B once more");
}

static bool load(struct window *w)
{
    return act_twice(w, UI_ACT_LOAD, "load the saved machine? Ctrl-Alt-L once more");
}

static bool help(struct window *w);

static const struct hot_key {
    SDL_Scancode key;
    const char *name, *what; /* NULL: not in the list */
    bool (*run)(struct window *w);
} hot_keys[] = {
    {SDL_SCANCODE_H, "Ctrl-Alt-H", "this list (Ctrl-Alt-F1, if the desktop leaves it)", help},
    {SDL_SCANCODE_F1, NULL, NULL, help},
    {SDL_SCANCODE_G, "Ctrl-Alt-G", "take mouse and keyboard (a click, too), or give them back",
     grab},
    {SDL_SCANCODE_F, "Ctrl-Alt-F", "full screen, and back", full_screen},
    {SDL_SCANCODE_S, "Ctrl-Alt-S", "stop the machine, and let it go on", stop},
    {SDL_SCANCODE_B, "Ctrl-Alt-B", "press the reset button (twice)", reset},
    {SDL_SCANCODE_O, "Ctrl-Alt-O", "press the power button", power},
    {SDL_SCANCODE_A, "Ctrl-Alt-A", "the next disk into drive A", floppy},
    {SDL_SCANCODE_D, "Ctrl-Alt-D", "the next disc into the CD-ROM drive", disc},
    {SDL_SCANCODE_K, "Ctrl-Alt-K", "keep the machine in quick.state", save},
    {SDL_SCANCODE_L, "Ctrl-Alt-L", "go on where it was kept (twice)", load},
    {SDL_SCANCODE_MINUS, "Ctrl-Alt-Minus", "slow the machine's time down", slower},
    {SDL_SCANCODE_EQUALS, "Ctrl-Alt-Plus", "make it faster", faster},
    {SDL_SCANCODE_0, "Ctrl-Alt-0", "as fast as ever", normal_speed},
    {SDL_SCANCODE_P, "Ctrl-Alt-P", "a screenshot", screenshot},
    {SDL_SCANCODE_R, "Ctrl-Alt-R", "go on after a disk's error", retry},
};
#define SIZES                                                                                      \
    {                                                                                              \
        "Ctrl-Alt-1 to 4", "the window's size in multiples of the picture's"                       \
    }

bool sdl_hide_panel(struct window *w)
{
    if (!w->panel)
        return false;
    w->sdl.DestroyTexture(w->panel);
    w->panel = NULL;
    w->present = true;
    return true;
}

static bool help(struct window *w)
{
    struct panel_row row[ARRAY_SIZE(hot_keys) + 1];
    unsigned rows = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(hot_keys); i++)
        if (hot_keys[i].name)
            row[rows++] = (struct panel_row){hot_keys[i].name, hot_keys[i].what};
    row[rows++] = (struct panel_row)SIZES;
    show_rows(w, row, rows, false);
    return true;
}

bool sdl_hot_key(struct window *w, SDL_Scancode key)
{
    for (unsigned i = 0; i < ARRAY_SIZE(hot_keys); i++)
        if (hot_keys[i].key == key)
            return hot_keys[i].run(w);
    if (key < SDL_SCANCODE_1 || key > SDL_SCANCODE_4)
        return false;
    if (!w->full_screen && w->width)
        sdl_set_size(w, (unsigned)(key - SDL_SCANCODE_1) + 1);
    return true;
}
