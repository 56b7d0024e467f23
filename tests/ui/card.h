/* A display that needs no machine - a test card, and a text screen - and an input that writes down what it
 * gets. For tests of user interfaces. */
#ifndef PAGEWALK_TEST_CARD_H
#define PAGEWALK_TEST_CARD_H

#include <stdio.h>
#include <string.h>

#include "devices/input/input.h"
#include "devices/ui/display.h"

#define CARD_LOG 4096

struct card {
    struct display display;
    struct input input;
    unsigned width, height;
    bool changed; /* since the draw before */
    struct text_screen text;
    char log[CARD_LOG]; /* "+4 -4 m1,-2,0,1 ": key 4 down and up, a movement with the left button */
    size_t log_len;
    FILE *echo; /* the log goes there too, a line each; may be NULL */
};

/* Eight columns of IBM's colours and a grey wedge below, a white frame of one pixel around it all. */
static inline u32 card_pixel(const struct card *card, unsigned x, unsigned y)
{
    static const u32 colours[8] = {0xaa0000, 0x00aa00, 0x0000aa, 0xaaaa00,
                                   0xaa00aa, 0x00aaaa, 0xffffff, 0x555555};

    if (x == 0 || y == 0 || x == card->width - 1 || y == card->height - 1)
        return 0xffffff;
    if (y < card->height * 3 / 4)
        return colours[x * 8 / card->width];
    return x * 256 / card->width * 0x010101;
}

static inline void card_draw(void *opaque, struct surface *surface, bool all)
{
    struct card *card = opaque;
    bool resized = surface->width != card->width || surface->height != card->height;

    surface->resized = resized;
    surface->width = card->width;
    surface->height = card->height;
    surface->dirty_top = surface->dirty_bottom = 0;
    if ((size_t)card->width * card->height > surface->room || (!all && !resized && !card->changed))
        return;
    for (unsigned y = 0; y < card->height; y++)
        for (unsigned x = 0; x < card->width; x++)
            surface->pixel[(size_t)y * card->width + x] = card_pixel(card, x, y);
    surface->dirty_bottom = card->height;
    card->changed = false;
}

static inline void card_text(void *opaque, struct text_screen *text)
{
    *text = ((struct card *)opaque)->text;
}

static inline void card_note(struct card *card, const char *what)
{
    card->log_len +=
        (size_t)snprintf(card->log + card->log_len, CARD_LOG - card->log_len, "%s ", what);
    if (card->log_len >= CARD_LOG)
        card->log_len = CARD_LOG - 1;
    if (card->echo) {
        fprintf(card->echo, "%s\n", what);
        fflush(card->echo);
    }
}

static inline void card_key(void *opaque, u8 usage, bool down)
{
    char what[32];

    snprintf(what, sizeof(what), "%c%u", down ? '+' : '-', usage);
    card_note(opaque, what);
}

static inline void card_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    char what[64];

    snprintf(what, sizeof(what), "m%d,%d,%d,%u", dx, dy, dz, buttons);
    card_note(opaque, what);
}

/* Puts a text at a place of the text screen. */
static inline void card_print(struct card *card, unsigned column, unsigned row, u8 attribute,
                              const char *text)
{
    struct text_cell *cell = card->text.cell + (size_t)row * card->text.columns + column;

    for (; *text; text++, cell++) {
        cell->character = (u8)*text;
        cell->attribute = attribute;
    }
}

/* columns 0: not a text mode. */
static inline void card_init(struct card *card, unsigned width, unsigned height, unsigned columns,
                             unsigned rows)
{
    memset(card, 0, sizeof(*card));
    card->display = (struct display){card_draw, card_text, card};
    card->input = (struct input){card_key, card_mouse, card};
    card->width = width;
    card->height = height;
    card->changed = true;
    card->text.columns = columns;
    card->text.rows = rows;
    for (size_t i = 0; i < (size_t)columns * rows; i++)
        card->text.cell[i] = (struct text_cell){' ', 7};
}

#endif
