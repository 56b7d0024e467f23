/* The window: the machine's screen scaled into it, keyboard and mouse out of it, by SDL2.
 *
 * A click in the window or Ctrl-Alt-G takes the mouse and the keyboard, Ctrl-Alt-G gives them back.
 * Without a grab keys reach the machine too, as long as the window has the focus and the window manager
 * does not want them. sdl_keys.c has the window's own keys. Closing the window ends the machine. A Caps or Num Lock that
 * was pressed while another window had the focus is pressed in the machine when the focus comes back, so
 * that both keep agreeing if they did.
 *
 * The picture is scaled to what fits, its sides in proportion, on black: by nearest pixels when the factor
 * is whole, otherwise smoothly. The window takes the picture's size until the user gives it another.
 *
 * SDL has one event queue for a process, so there is one window in a process. Not implemented: touch,
 * dropped files, the clipboard, pixels that are not square.
 * Source: SDL 2.0.16's API. SDL's scancodes are USB HID usages (SDL_scancode.h), as input.h's are. */
#include "devices/ui/sdl_window.h"

#include <stdio.h>
#include <stdlib.h>

#include "devices/base/speed.h"

#define FIRST_WIDTH  720 /* 80x25 text on a VGA, until there is a picture */
#define FIRST_HEIGHT 400
#define SMALL_WIDTH  512 /* a picture that is narrower starts doubled */

static struct window *window_of(struct ui *ui)
{
    return container_of(ui, struct window, ui);
}

/* By state, without and with the mouse grabbed. */
static const char *const titles[][2] = {
    [UI_RUNNING] = {"Pagewalk - running", "Pagewalk - grabbed (Ctrl-Alt-G releases the mouse)"},
    [UI_HALTED] = {"Pagewalk - halted (close the window to end it)",
                   "Pagewalk - halted, grabbed (Ctrl-Alt-G releases the mouse)"},
    [UI_STOPPED] = {"Pagewalk - stopped (Ctrl-Alt-S goes on)",
                    "Pagewalk - stopped, grabbed (Ctrl-Alt-S goes on)"},
    [UI_PAUSED] = {"Pagewalk - paused, a disk has an error (Ctrl-Alt-R goes on)",
                   "Pagewalk - paused, grabbed, a disk has an error (Ctrl-Alt-R goes on)"},
};

void sdl_show_title(struct window *w)
{
    const char *title = w->note[0] ? w->note : titles[w->ui.state][w->grabbed];
    char speed[SPEED_TEXT], text[sizeof(w->note) + 32];

    if (w->note[0] || w->ui.speed == SPEED_NORMAL)
        snprintf(text, sizeof(text), "%s", title);
    else
        snprintf(text, sizeof(text), "%s, speed %s", title, speed_text(w->ui.speed, speed));
    w->sdl.SetWindowTitle(w->window, text);
}

/* Mouse. */

static void flush_mouse(struct window *w)
{
    ui_mouse(&w->ui, w->dx, w->dy, w->dz, w->buttons);
    w->dx = w->dy = w->dz = 0;
}

void sdl_set_grab(struct window *w, bool grab)
{
    SDL_bool on = grab ? SDL_TRUE : SDL_FALSE;

    if (w->grabbed == grab)
        return;
    w->grabbed = grab;
    w->sdl.SetWindowKeyboardGrab(w->window, on);
    w->sdl.SetWindowMouseGrab(w->window, on);
    w->sdl.SetRelativeMouseMode(on);
    if (!grab && w->buttons) {
        w->buttons = 0;
        flush_mouse(w);
    }
    sdl_show_title(w);
}

static unsigned button_bit(u8 button)
{
    switch (button) {
    case SDL_BUTTON_LEFT: return INPUT_LEFT;
    case SDL_BUTTON_RIGHT: return INPUT_RIGHT;
    case SDL_BUTTON_MIDDLE: return INPUT_MIDDLE;
    case SDL_BUTTON_X1: return INPUT_SIDE;
    case SDL_BUTTON_X2: return INPUT_EXTRA;
    default: return 0; /* more buttons than the machine's mouse has */
    }
}

static void on_button(struct window *w, const SDL_MouseButtonEvent *event)
{
    unsigned bit = button_bit(event->button);
    bool down = event->type == SDL_MOUSEBUTTONDOWN;

    if (!w->grabbed) { /* the click that takes the mouse is not the machine's */
        if (down && event->button == SDL_BUTTON_LEFT)
            sdl_set_grab(w, true);
        return;
    }
    if (!bit || !(w->buttons & bit) == !down)
        return;
    if (w->dx || w->dy || w->dz) /* movement before the button comes before it */
        flush_mouse(w);
    w->buttons ^= bit;
    flush_mouse(w);
}

/* The window's size. */

void sdl_set_size(struct window *w, unsigned scale)
{
    w->set_width = (int)(w->width * scale);
    w->set_height = (int)(w->height * scale);
    w->user_sized = false;
    w->sdl.SetWindowSize(w->window, w->set_width, w->set_height);
    w->present = true;
}

void sdl_set_full_screen(struct window *w, bool full)
{
    if (w->sdl.SetWindowFullscreen(w->window, full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0) < 0)
        return;
    w->full_screen = full;
    w->present = true;
    sdl_set_grab(w, full);
}

/* A new mode: the window follows it unless the user has given it a size. */
static void fit_window(struct window *w)
{
    u32 flags = w->sdl.GetWindowFlags(w->window);

    if (w->width == w->surface.width && w->height == w->surface.height)
        return;
    w->width = w->surface.width;
    w->height = w->surface.height;
    if (!w->user_sized && !w->full_screen && !(flags & SDL_WINDOW_MAXIMIZED))
        sdl_set_size(w, w->width < SMALL_WIDTH ? 2 : 1);
}

#define LOCKS (KMOD_CAPS | KMOD_NUM)

static u16 host_locks(struct window *w)
{
    return (u16)(w->sdl.GetModState() & LOCKS);
}

static void press(struct window *w, SDL_Scancode key)
{
    ui_key(&w->ui, (unsigned)key, true);
    ui_key(&w->ui, (unsigned)key, false);
}

/* The focus is back: what the user did with the lock keys meanwhile. */
static void catch_up_locks(struct window *w)
{
    u16 changed = host_locks(w) ^ w->locks;

    if (!w->unfocused)
        return;
    w->unfocused = false;
    if (changed & KMOD_CAPS)
        press(w, SDL_SCANCODE_CAPSLOCK);
    if (changed & KMOD_NUM)
        press(w, SDL_SCANCODE_NUMLOCKCLEAR);
}

static void on_window(struct window *w, const SDL_WindowEvent *event)
{
    switch (event->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        if (!w->full_screen && (event->data1 != w->set_width || event->data2 != w->set_height))
            w->user_sized = true;
        w->present = true;
        break;
    case SDL_WINDOWEVENT_EXPOSED: w->present = true; break;
    case SDL_WINDOWEVENT_FOCUS_LOST: /* their releases will go to somebody else */
        ui_release_keys(&w->ui);
        sdl_set_grab(w, false);
        w->unfocused = true;
        w->locks = host_locks(w);
        break;
    case SDL_WINDOWEVENT_FOCUS_GAINED: catch_up_locks(w); break;
    case SDL_WINDOWEVENT_CLOSE: w->ui.config.quit(w->ui.config.opaque); break;
    default: break; /* moves, the pointer's comings and goings */
    }
}

/* Keys. */

static void on_key(struct window *w, const SDL_KeyboardEvent *event)
{
    bool down = event->type == SDL_KEYDOWN;
    u16 mod = event->keysym.mod;

    if (event->repeat) /* the machine's keyboard repeats by itself */
        return;
    if (down && (mod & KMOD_CTRL) && (mod & KMOD_LALT) && sdl_hot_key(w, event->keysym.scancode))
        return;
    if (down && !w->panel_is_note && sdl_hide_panel(w))
        return;
    ui_key(&w->ui, (unsigned)event->keysym.scancode, down);
}

static void on_event(struct window *w, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_QUIT: w->ui.config.quit(w->ui.config.opaque); break;
    case SDL_WINDOWEVENT: on_window(w, &event->window); break;
    case SDL_KEYDOWN:
    case SDL_KEYUP: on_key(w, &event->key); break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: on_button(w, &event->button); break;
    case SDL_MOUSEMOTION:
        if (w->grabbed) {
            w->dx += event->motion.xrel;
            w->dy += event->motion.yrel;
        }
        break;
    case SDL_MOUSEWHEEL:
        if (w->grabbed)
            w->dz -=
                event->wheel.direction == SDL_MOUSEWHEEL_FLIPPED ? -event->wheel.y : event->wheel.y;
        break;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET: w->reload = true; break;
    default: break;
    }
}

static void sdl_poll(struct ui *ui)
{
    struct window *w = window_of(ui);
    SDL_Event event;

    while (w->sdl.PollEvent(&event))
        on_event(w, &event);
    if (w->dx || w->dy || w->dz)
        flush_mouse(w);
    sdl_end_note(w);
}

static int sdl_poll_fd(struct ui *ui)
{
    (void)ui; /* events may be in SDL's queue already: the board looks every UI_PERIOD_NS instead */
    return -1;
}

/* The picture. */

/* Brings the texture up to date; false: there is no picture. */
static bool load_texture(struct window *w)
{
    const struct surface *s = &w->surface;
    unsigned top = 0, bottom;
    bool all = w->reload;

    if (!ui_draw(&w->ui, &w->surface, all))
        return false;
    bottom = s->height;
    if (!w->texture || s->width != w->width || s->height != w->height) {
        all = true;
        if (w->texture)
            w->sdl.DestroyTexture(w->texture);
        w->texture =
            w->sdl.CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                 (int)s->width, (int)s->height);
        if (!w->texture)
            return false;
        fit_window(w);
    }
    if (!all) {
        top = s->dirty_top;
        bottom = s->dirty_bottom < s->height ? s->dirty_bottom : s->height;
    }
    if (top < bottom) {
        SDL_Rect rows = {0, (int)top, (int)s->width, (int)(bottom - top)};

        w->sdl.UpdateTexture(w->texture, &rows, s->pixel + (size_t)top * s->width,
                             (int)(s->width * sizeof(u32)));
        w->present = true;
    }
    w->reload = false;
    return true;
}

/* The largest rectangle of the picture's proportions in the middle of the window. */
static SDL_Rect picture_place(struct window *w)
{
    int width = 0, height = 0;
    SDL_Rect to;

    w->sdl.GetRendererOutputSize(w->renderer, &width, &height);
    if ((u64)width * w->height <= (u64)height * w->width) {
        to.w = width;
        to.h = (int)((u64)width * w->height / w->width);
    } else {
        to.h = height;
        to.w = (int)((u64)height * w->width / w->height);
    }
    to.x = (width - to.w) / 2;
    to.y = (height - to.h) / 2;
    return to;
}

/* In the middle, smaller where the window is. */
static void show_panel(struct window *w)
{
    SDL_Rect to = {0, 0, w->panel_width, w->panel_height};
    int width = 0, height = 0;

    w->sdl.GetRendererOutputSize(w->renderer, &width, &height);
    if (to.w > width) {
        to.h = to.h * width / to.w;
        to.w = width;
    }
    to.x = (width - to.w) / 2;
    to.y = (height - to.h) / 2;
    w->sdl.SetTextureScaleMode(w->panel, SDL_ScaleModeLinear);
    w->sdl.RenderCopy(w->renderer, w->panel, NULL, &to);
}

static void sdl_refresh(struct ui *ui)
{
    struct window *w = window_of(ui);
    bool picture;

    if (w->sdl.GetWindowFlags(w->window) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN))
        return; /* what the adapter draws later has all that changed until then */
    picture = load_texture(w);
    if (!picture && w->width) { /* it went away */
        w->width = w->height = 0;
        w->present = true;
    }
    if (!w->present)
        return;
    w->present = false;
    w->sdl.SetRenderDrawColor(w->renderer, 0, 0, 0, SDL_ALPHA_OPAQUE);
    w->sdl.RenderClear(w->renderer);
    if (picture) {
        SDL_Rect to = picture_place(w);
        bool whole = to.w % (int)w->width == 0 && to.h % (int)w->height == 0;

        w->sdl.SetTextureScaleMode(w->texture, whole ? SDL_ScaleModeNearest : SDL_ScaleModeLinear);
        w->sdl.RenderCopy(w->renderer, w->texture, NULL, &to);
    }
    if (w->panel)
        show_panel(w);
    w->sdl.RenderPresent(w->renderer);
}

static void sdl_state(struct ui *ui)
{
    struct window *w = window_of(ui);

    w->reload = true;
    sdl_show_title(w);
}

static void sdl_close(struct ui *ui)
{
    struct window *w = window_of(ui);

    sdl_hide_panel(w);
    if (w->texture)
        w->sdl.DestroyTexture(w->texture);
    if (w->renderer)
        w->sdl.DestroyRenderer(w->renderer);
    if (w->window)
        w->sdl.DestroyWindow(w->window);
    if (w->video)
        w->sdl.QuitSubSystem(SDL_INIT_VIDEO);
    free(w->surface.pixel);
    free(w);
}

static const struct ui_ops sdl_ops = {
    .poll = sdl_poll,
    .refresh = sdl_refresh,
    .poll_fd = sdl_poll_fd,
    .state = sdl_state,
    .close = sdl_close,
};

/* Signals stay as they are, and a window that is not in front stays visible. */
static const struct {
    const char *name, *value;
} hints[] = {
    {SDL_HINT_NO_SIGNAL_HANDLERS, "1"},
    {SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1"},
    {SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0"},
    {SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0"},
};

static int open_window(struct window *w, char *err, size_t err_len)
{
    for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
        w->sdl.SetHint(hints[i].name, hints[i].value);
    if (w->sdl.WasInit(SDL_INIT_VIDEO)) {
        snprintf(err, err_len, "no window: this process has one already");
        return -1;
    }
    if (w->sdl.InitSubSystem(SDL_INIT_VIDEO) < 0) {
        snprintf(err, err_len,
                 "no window: %s; -nographic, -display curses and -display none need none",
                 w->sdl.GetError());
        return -1;
    }
    w->video = true;
    /* A renderer may make the window anew: it gets its name when it stays. */
    w->window = w->sdl.CreateWindow("", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                    FIRST_WIDTH, FIRST_HEIGHT, SDL_WINDOW_RESIZABLE);
    w->set_width = FIRST_WIDTH;
    w->set_height = FIRST_HEIGHT;
    if (w->window)
        w->renderer = w->sdl.CreateRenderer(w->window, -1, 0);
    if (w->window && !w->renderer)
        w->renderer = w->sdl.CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    if (!w->renderer) {
        snprintf(err, err_len, "no window: %s", w->sdl.GetError());
        return -1;
    }
    return 0;
}

struct ui *ui_open_sdl(const struct ui_config *config, char *err, size_t err_len)
{
    struct window *w = calloc(1, sizeof(*w));

    if (!w) {
        snprintf(err, err_len, "no memory for a window");
        return NULL;
    }
    if (sdl_library_load(&w->sdl, err, err_len) < 0) {
        free(w);
        return NULL;
    }
    if (open_window(w, err, err_len) < 0) {
        sdl_close(&w->ui);
        return NULL;
    }
    w->ui.ops = &sdl_ops;
    w->ui.interactive = true;
    w->sdl.StopTextInput(); /* keys are wanted, not what an input method makes of them */
    w->sdl.SetWindowMinimumSize(w->window, 160, 100);
    sdl_show_title(w);
    if (config->full_screen)
        sdl_set_full_screen(w, true);
    w->present = true;
    return &w->ui;
}
