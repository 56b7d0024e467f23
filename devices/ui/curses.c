/* The screen in this terminal: text modes as characters, keys from what the terminal sends.
 *
 * It draws with control sequences of its own (text_view.c) and needs no library. A graphics mode is one
 * line that says its size. The escape key C-a works as under -nographic: C-a x ends the machine, C-a r goes on after a pause, C-a p
 * takes a screenshot, C-a l draws anew, C-a h lists them, C-a C-a is one C-a. The terminal is restored on every way out,
 * and drawn anew after C-z in the shell's sense (SIGTSTP) and after a change of its size.
 *
 * A terminal tells of presses only, so a key goes down and up at once, one key a look; what is pasted
 * waits here. Not implemented: the mouse; terminals without ECMA-48 or UTF-8. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "devices/chr/term.h"
#include "devices/ui/term_keys.h"
#include "devices/ui/text_view.h"
#include "devices/ui/ui.h"

#define KEY_ESCAPE 0x01 /* C-a */
#define NOTE_LOOKS 250  /* a note stays for so many looks, four seconds */

struct curses {
    struct ui ui;
    struct fdio io;
    bool escaped; /* the last byte was C-a */
    unsigned resumes;
    struct term_keys keys;
    struct text_view view;
    struct text_screen text;
    struct surface surface; /* of a graphics mode, for its size */
    char note[256];         /* passing: help, a screenshot's name */
    unsigned note_looks;
};

static struct curses *curses_of(struct ui *ui)
{
    return container_of(ui, struct curses, ui);
}

static void say(struct curses *c, const char *text)
{
    snprintf(c->note, sizeof(c->note), "%.*s", (int)sizeof(c->note) - 1, text);
    c->note_looks = NOTE_LOOKS;
}

static void act(struct curses *c, enum ui_act what)
{
    const struct ui_config *config = &c->ui.config;
    const char *done = config->act ? config->act(config->opaque, what) : NULL;

    if (done)
        say(c, done);
}

static void on_escape(struct curses *c, u8 byte)
{
    char message[512];

    switch (byte) {
    case 'h':
    case '?':
        say(c, "C-a x: quit the emulator  C-a p: screenshot  C-a r: go on after a pause  "
               "C-a a: next floppy disk  C-a d: next CD  C-a - + 0: slower, faster, normal speed  "
               "C-a l: redraw  C-a C-a: one C-a");
        break;
    case 'x': c->ui.config.quit(c->ui.config.opaque); break;
    case 'r': ui_resume(&c->ui); break;
    case 'a': act(c, UI_ACT_FLOPPY); break;
    case 'd': act(c, UI_ACT_DISC); break;
    case '-': act(c, UI_ACT_SLOWER); break;
    case '+':
    case '=': act(c, UI_ACT_FASTER); break;
    case '0': act(c, UI_ACT_NORMAL_SPEED); break;
    case 'p':
        ui_screenshot(&c->ui, message, sizeof(message));
        say(c, message);
        break;
    case 'l': c->view.clear = true; break; /* somebody else has written on the terminal */
    case KEY_ESCAPE: term_keys_byte(&c->keys, KEY_ESCAPE); break;
    default: break; /* dropped, as a mistyped command should be */
    }
}

static void on_byte(struct curses *c, u8 byte)
{
    c->note_looks = 0; /* the next key takes a note away */
    if (c->escaped) {
        c->escaped = false;
        on_escape(c, byte);
    } else if (byte == KEY_ESCAPE) {
        c->escaped = true;
    } else {
        term_keys_byte(&c->keys, byte);
    }
}

static void stroke_key(struct curses *c, const struct keymap_stroke *stroke, bool down)
{
    if (!down)
        ui_key(&c->ui, stroke->usage, false);
    if (stroke->ctrl)
        ui_key(&c->ui, KEY_CTRL, down);
    if (stroke->shift)
        ui_key(&c->ui, KEY_SHIFT, down);
    if (stroke->alt)
        ui_key(&c->ui, KEY_ALT, down);
    if (down)
        ui_key(&c->ui, stroke->usage, true);
}

static int curses_poll_fd(struct ui *ui)
{
    struct curses *c = curses_of(ui);

    if (c->keys.count || term_background(c->io.in))
        return -1;
    return c->io.in;
}

static void curses_poll(struct ui *ui)
{
    struct curses *c = curses_of(ui);
    struct keymap_stroke stroke;
    u8 data[TERM_KEYS_QUEUE];
    size_t n = 0, room = term_keys_room(&c->keys);

    if (c->io.in >= 0 && room && !term_background(c->io.in)) {
        n = fdio_read(&c->io, data, room);
        if (c->io.in < 0) /* the terminal is gone */
            ui->config.quit(ui->config.opaque);
    }
    for (size_t i = 0; i < n; i++)
        on_byte(c, data[i]);
    if (!n)
        term_keys_nothing(&c->keys);
    if (term_keys_next(&c->keys, &stroke)) {
        stroke_key(c, &stroke, true);
        stroke_key(c, &stroke, false);
    }
}

/* What the last row says: a passing note, or why there is nothing else. */
static void choose_note(struct curses *c, struct text_screen *text)
{
    char *note = c->view.note;
    size_t len = sizeof(c->view.note);

    note[0] = '\0';
    if (!text->columns || !text->rows) {
        text->columns = text->rows = 0;
        if (ui_draw(&c->ui, &c->surface, false))
            snprintf(note, len, "%ux%u graphics, not shown in a terminal (C-a h: help)",
                     c->surface.width, c->surface.height);
        else
            snprintf(note, len, "the display shows nothing (C-a h: help)");
    } else if (c->ui.state == UI_HALTED) {
        snprintf(note, len, "the machine has halted (C-a x: quit)");
    }
    if (c->ui.state == UI_PAUSED)
        snprintf(note, len, "paused, a disk has an error (C-a r: go on, C-a x: quit)");
    if (c->note_looks) {
        c->note_looks--;
        memcpy(note, c->note, len);
    }
}

static void curses_refresh(struct ui *ui)
{
    struct curses *c = curses_of(ui);
    struct winsize size = {0};
    unsigned resumes = term_resumes();

    if (term_background(c->io.in))
        return; /* the screen is the shell's */
    fdio_flush(&c->io);
    if (c->io.out_len)
        return; /* the terminal has not taken what it should show before */
    if (resumes != c->resumes) {
        c->resumes = resumes;
        term_on_restore(STDOUT_FILENO, TEXT_VIEW_LEAVE);
        fdio_write(&c->io, (const u8 *)TEXT_VIEW_ENTER, strlen(TEXT_VIEW_ENTER));
        c->view.clear = true;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row) {
        size.ws_col = 80;
        size.ws_row = 25;
    }
    text_view_resize(&c->view, size.ws_col, size.ws_row);
    c->text.columns = 0;
    if (ui->display && ui->display->text)
        ui->display->text(ui->display->opaque, &c->text);
    choose_note(c, &c->text);
    text_view_update(&c->view, &c->text, &c->io);
    fdio_flush(&c->io);
}

static void curses_aside(struct ui *ui)
{
    struct curses *c = curses_of(ui);

    if (c->resumes != term_resumes() || term_background(c->io.in))
        return; /* it is the shell's screen already */
    fdio_write(&c->io, (const u8 *)TEXT_VIEW_LEAVE, strlen(TEXT_VIEW_LEAVE));
    fdio_flush(&c->io);
    term_on_restore(STDOUT_FILENO, "");
    c->resumes--; /* the next refresh enters again */
}

static void curses_close(struct ui *ui)
{
    struct curses *c = curses_of(ui);

    fdio_finish(&c->io, true);
    fdio_free(&c->io);
    term_release();
    free(c->surface.pixel);
    free(c);
}

static const struct ui_ops curses_ops = {
    .poll = curses_poll,
    .refresh = curses_refresh,
    .poll_fd = curses_poll_fd,
    .aside = curses_aside,
    .close = curses_close,
};

struct ui *ui_open_curses(const struct ui_config *config, char *err, size_t err_len)
{
    const char *type = getenv("TERM");
    struct curses *c;

    (void)config;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !type || strcmp(type, "dumb") == 0) {
        snprintf(err, err_len,
                 "-display curses: standard input and output are no terminal that could "
                 "show a screen");
        return NULL;
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        snprintf(err, err_len, "no memory for a screen");
        return NULL;
    }
    if (term_take(STDIN_FILENO, false) < 0) {
        snprintf(err, err_len, "-display curses: the terminal is in use by the serial port");
        free(c);
        return NULL;
    }
    fdio_init(&c->io, STDIN_FILENO, STDOUT_FILENO, false);
    c->resumes = term_resumes() - 1; /* so that the first refresh enters */
    c->ui.ops = &curses_ops;
    c->ui.interactive = true;
    return &c->ui;
}
