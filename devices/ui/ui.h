/* User interfaces: where a machine's picture is shown and its keys and mouse come from.
 *
 * A user interface is driven by the board's poll (devices/board/pc_run.c), and by nothing else: it has no
 * thread, and what a user does enters the machine there. It looks at the host's clock only to decide
 * how often to look for events and to draw, which the guest cannot see. */
#ifndef PAGEWALK_UI_H
#define PAGEWALK_UI_H

#include "devices/input/input.h"
#include "devices/ui/display.h"

#define UI_PERIOD_NS 16000000u /* host time between two looks at the user and the screen */

enum ui_kind { UI_NONE, UI_SDL, UI_CURSES };
enum ui_state {
    UI_RUNNING,
    UI_HALTED,  /* nothing but a reset can wake the CPU */
    UI_STOPPED, /* by its user */
    UI_PAUSED,  /* a disk's error; config.resume goes on */
};

/* What a user does to the machine's front. */
enum ui_act {
    UI_ACT_STOP /* or go on */,
    UI_ACT_RESET,
    UI_ACT_POWER,
    UI_ACT_FLOPPY,
    UI_ACT_DISC,
    UI_ACT_SAVE,
    UI_ACT_LOAD,
    UI_ACT_SLOWER,
    UI_ACT_FASTER,
    UI_ACT_NORMAL_SPEED
};

#define UI_SCREENSHOT "pagewalk.png"

struct screenshot_files;
struct ui;

struct ui_ops {
    void (*poll)(struct ui *ui);    /* fetch events, hand keys and movements to the machine */
    void (*refresh)(struct ui *ui); /* show what the display shows now */
    int (*poll_fd)(struct ui *ui);  /* descriptor to wait on for events, or -1 */
    void (*state)(struct ui *ui);   /* ui->state or the display has changed; may be NULL */
    void (*aside)(struct ui *ui);   /* see ui_aside(); may be NULL */
    void (*close)(struct ui *ui);   /* give the window or terminal back, free */
};

struct ui_config {
    enum ui_kind kind;
    bool full_screen;
    bool escapes;                         /* UI_CURSES: C-a is the escape key */
    const char *screenshot;               /* where screenshots on command go; NULL: UI_SCREENSHOT */
    const struct screenshot_files *files; /* how these are opened; NULL: as files are */
    void (*quit)(void *opaque);
    void (*resume)(void *opaque); /* a paused machine is to go on; may be NULL */
    /* Returns in a few words what was done; may be NULL. */
    const char *(*act)(void *opaque, enum ui_act act);
    void *opaque;
};

struct ui {
    const struct ui_ops *ops;
    struct ui_config config;
    const struct display *display; /* NULL: the machine has none, or is not there yet */
    const struct input *input;     /* NULL: keys and movements go nowhere */
    enum ui_state state;
    bool interactive;      /* somebody sees a machine that stands still, and can end it */
    int signal_fd;         /* SIGUSR1 asks for a screenshot; -1: not here */
    u64 due;               /* host ns of the next look */
    u32 speed;             /* for the title; SPEED_NORMAL: nothing to be said */
    unsigned shots;        /* screenshots on command until now */
    bool stale;            /* somebody else has drawn: the next draw is of every row */
    bool down[INPUT_KEYS]; /* keys the machine holds for pressed */
};

/* NULL with a one-line reason in err: this build or this host has no such user interface. */
struct ui *ui_open(const struct ui_config *config, char *err, size_t err_len);
void ui_close(struct ui *ui); /* NULL is allowed */

/* The machine's ends; NULL and NULL when it goes away before the user interface does. */
void ui_attach(struct ui *ui, const struct display *display, const struct input *input);
void ui_set_state(struct ui *ui, enum ui_state state);
/* The machine's speed (devices/base/speed.h); SPEED_NORMAL: nothing to be said of it. */
void ui_set_speed(struct ui *ui, u32 speed);
/* Something is about to be printed on standard error: a terminal shows its own screen until the next look.
 * NULL is allowed. */
void ui_aside(struct ui *ui);

/* For the board. ui_poll() does nothing when the last look is less than UI_PERIOD_NS ago. */
void ui_poll(struct ui *ui);
int ui_poll_fd(struct ui *ui);
void ui_wake(struct ui *ui); /* that descriptor is readable: the next ui_poll() looks */
/* How long the board may sleep: a screen that is being looked at must follow. UINT64_MAX: as it likes. */
u64 ui_sleep_ns(const struct ui *ui);

/* The version of SDL that this build has the headers of, or NULL. */
const char *ui_sdl_version(void);

/* For the user interfaces themselves. */

/* Both are idempotent: a key that is down already does not go down again, and so on. */
void ui_key(struct ui *ui, unsigned usage, bool down);
void ui_release_keys(struct ui *ui);
void ui_resume(struct ui *ui);
void ui_mouse(struct ui *ui, int dx, int dy, int dz, unsigned buttons);
/* Writes a numbered screenshot; what there is to say goes to message, one line. */
void ui_screenshot(struct ui *ui, char *message, size_t message_len);
/* Draws into *surface, whose pixels are made larger as needed; false: there is no picture. */
bool ui_draw(struct ui *ui, struct surface *surface, bool all);

struct ui *ui_open_none(char *err, size_t err_len);
struct ui *ui_open_sdl(const struct ui_config *config, char *err, size_t err_len);
struct ui *ui_open_curses(const struct ui_config *config, char *err, size_t err_len);

#endif
