/* Shows a test card in a user interface, with no machine behind it, and prints what is typed: a program
 * for tests/boot/window.
 *
 * usage: card sdl|curses|none WIDTHxHEIGHT[,WIDTHxHEIGHT...] [full-screen]
 *
 * F2 changes to the next size, F3 toggles the state "halted", F4 pauses it. Prints a line for each key ("+4", "-4") and
 * movement, and "quit" when the window was closed; for curses to the file card.log instead. */
#include <unistd.h>

#include "devices/ui/ui.h"
#include "tests/ui/card.h"

#define USAGE_F2 59
#define USAGE_F3 60
#define USAGE_F4 61
#define SIZES    8

struct session {
    struct card card;
    void (*key)(void *opaque, u8 usage, bool down); /* the card's own */
    struct ui *ui;
    unsigned width[SIZES], height[SIZES], sizes, at;
    bool quit;
};

static void on_quit(void *opaque)
{
    struct session *s = opaque;

    s->quit = true;
}

static void set_size(struct session *s)
{
    s->card.width = s->width[s->at];
    s->card.height = s->height[s->at];
    s->card.text.columns = s->at ? 0 : 80; /* the first is a text mode */
}

static void on_key(void *opaque, u8 usage, bool down)
{
    struct session *s = opaque;

    s->key(&s->card, usage, down);
    if (usage == USAGE_F2 && down) {
        s->at = (s->at + 1) % s->sizes;
        set_size(s);
    } else if (usage == USAGE_F3 && down) {
        ui_set_state(s->ui, s->ui->state == UI_RUNNING ? UI_HALTED : UI_RUNNING);
    } else if (usage == USAGE_F4 && down) {
        ui_set_state(s->ui, UI_PAUSED);
    }
}

static void on_resume(void *opaque)
{
    struct session *s = opaque;

    ui_set_state(s->ui, UI_RUNNING);
}

static void on_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct session *s = opaque;

    card_mouse(&s->card, dx, dy, dz, buttons);
}

static void fill_text(struct card *card)
{
    card_print(card, 0, 0, 0x07, "Pagewalk test card");
    for (unsigned i = 0; i < 256; i++) {
        card->text.cell[80 * (2 + i / 32) + i % 32 * 2] = (struct text_cell){(u8)i, 7};
        card->text.cell[80 * (12 + i / 32) + i % 32 * 2] = (struct text_cell){'x', (u8)i};
    }
    card->text.cursor = true;
    card->text.cursor_column = 18;
}

static enum ui_kind kind_of(const char *name)
{
    if (strcmp(name, "curses") == 0)
        return UI_CURSES;
    return strcmp(name, "none") == 0 ? UI_NONE : UI_SDL;
}

int main(int argc, char **argv)
{
    static struct session s;
    struct input input = {on_key, on_mouse, &s};
    struct ui_config config = {
        .kind = argc > 1 ? kind_of(argv[1]) : UI_SDL,
        .full_screen = argc > 3,
        .escapes = true,
        .screenshot = "card.png",
        .quit = on_quit,
        .resume = on_resume,
        .opaque = &s,
    };
    char err[256];

    for (char *item = argc > 2 ? strtok(argv[2], ",") : NULL; item; item = strtok(NULL, ","))
        if (s.sizes < SIZES && sscanf(item, "%ux%u", &s.width[s.sizes], &s.height[s.sizes]) == 2)
            s.sizes++;
    if (!s.sizes) {
        fputs("usage: card sdl|curses|none WIDTHxHEIGHT,... [full-screen]\n", stderr);
        return 2;
    }
    card_init(&s.card, s.width[0], s.height[0], 80, 25);
    fill_text(&s.card);
    s.key = s.card.input.key;
    s.card.echo = config.kind == UI_CURSES ? fopen("card.log", "a") : stdout;
    s.ui = ui_open(&config, err, sizeof(err));
    if (!s.ui) {
        fprintf(stderr, "card: %s\n", err);
        return 2;
    }
    ui_attach(s.ui, &s.card.display, &input);
    while (!s.quit) {
        ui_poll(s.ui);
        usleep(2000);
    }
    ui_close(s.ui);
    fputs("quit\n", s.card.echo);
    return 0;
}
