/* User interfaces without a window: pressed keys, screenshots by signal, and the text view against a small
 * terminal that obeys its control sequences. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/ui/cp437.h"
#include "devices/ui/text_view.h"
#include "devices/ui/ui.h"
#include "tests/ui/card.h"

static struct ui *open_none(const char *screenshot)
{
    struct ui_config config = {.kind = UI_NONE, .screenshot = screenshot};
    char err[256];
    struct ui *ui = ui_open(&config, err, sizeof(err));

    ck_assert_ptr_nonnull(ui);
    return ui;
}

START_TEST(keys)
{
    static struct card card;
    struct ui *ui = open_none(NULL);

    card_init(&card, 8, 8, 0, 0);
    ui_key(ui, 4, true); /* nobody is there yet: held all the same */
    ui_attach(ui, &card.display, &card.input);
    ui_key(ui, 4, true);
    ui_key(ui, 4, false);
    ui_key(ui, 4, false);
    ui_key(ui, 5, false);
    ui_key(ui, 256, true);
    ui_key(ui, 70000, true);
    ui_key(ui, 225, true);
    ui_key(ui, 6, true);
    ui_key(ui, 6, true);
    ui_release_keys(ui);
    ui_release_keys(ui);
    ui_mouse(ui, -3, 4, 1, INPUT_LEFT);
    ck_assert_str_eq(card.log, "-4 +225 +6 -6 -225 m-3,4,1,1 ");
    ui_attach(ui, NULL, NULL);
    ui_key(ui, 4, true);
    ui_mouse(ui, 1, 1, 0, 0);
    ui_poll(ui);
    ck_assert_str_eq(card.log, "-4 +225 +6 -6 -225 m-3,4,1,1 ");
    ck_assert(ui_sleep_ns(ui) == UINT64_MAX && !ui->interactive);
    ui_close(ui);
}
END_TEST

START_TEST(signal_takes_a_screenshot)
{
    char folder[] = "/tmp/pagewalk-ui-XXXXXX", path[64], shot[64];
    static struct card card;
    struct stat st;
    struct ui *ui;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.txt", folder);
    snprintf(shot, sizeof(shot), "%s/a-1.txt", folder);
    ui = open_none(path);
    card_init(&card, 8, 8, 80, 25);
    card_print(&card, 0, 0, 7, "x");
    ui_attach(ui, &card.display, &card.input);
    ui_poll(ui);
    ck_assert_int_ne(stat(shot, &st), 0);
    ck_assert_int_ge(ui_poll_fd(ui), 0);
    ui->due = UINT64_MAX;                         /* however slow the host is */
    ck_assert_int_eq(kill(getpid(), SIGUSR1), 0); /* does not end the process */
    ui_poll(ui);
    ck_assert_int_ne(stat(shot, &st), 0); /* not until the next look is due */
    ui_wake(ui);
    ui_poll(ui);
    ck_assert_int_eq(stat(shot, &st), 0);
    ck_assert_int_eq(st.st_size, 2);
    ui_close(ui);
    unlink(shot);
    rmdir(folder);
}
END_TEST

/* A terminal: what the sequences that text_view.c sends have put where. */
struct terminal {
    unsigned columns, rows, column, row;
    u8 attribute;
    bool cursor;
    struct {
        u32 character;
        u8 attribute;
    } cell[64][128];
    unsigned bytes; /* of the last update */
};

static u8 ibm_colour(unsigned ansi)
{
    return (u8)((ansi & 1) << 2 | (ansi & 2) | (ansi >> 2 & 1));
}

static void terminal_sgr(struct terminal *t, unsigned n)
{
    if (n == 0)
        t->attribute = 7;
    else if (n == 5)
        t->attribute |= 0x80;
    else if (n >= 30 && n <= 37)
        t->attribute = (u8)((t->attribute & 0xf0) | ibm_colour(n - 30));
    else if (n >= 90 && n <= 97)
        t->attribute = (u8)((t->attribute & 0xf0) | 8 | ibm_colour(n - 90));
    else if (n >= 40 && n <= 47)
        t->attribute = (u8)((t->attribute & 0x8f) | ibm_colour(n - 40) << 4);
    else
        ck_abort_msg("SGR %u", n);
}

static const char *terminal_sequence(struct terminal *t, const char *p)
{
    unsigned number[8] = {0}, n = 0;
    bool private = *p == '?';

    for (p += private; (*p >= '0' && *p <= '9') || *p == ';'; p++)
        if (*p == ';')
            n++;
        else
            number[n] = number[n] * 10 + (unsigned)(*p - '0');
    switch (*p) {
    case 'H':
        t->row = number[0] - 1;
        t->column = number[1] - 1;
        if (t->row >= t->rows || t->column >= t->columns)
            ck_abort_msg("row %u column %u", t->row, t->column);
        break;
    case 'J':
        ck_assert_uint_eq(number[0], 2);
        for (unsigned y = 0; y < t->rows; y++)
            for (unsigned x = 0; x < t->columns; x++) {
                t->cell[y][x].character = ' ';
                t->cell[y][x].attribute = t->attribute;
            }
        break;
    case 'm':
        for (unsigned i = 0; i <= n; i++)
            terminal_sgr(t, number[i]);
        break;
    case 'h':
    case 'l':
        ck_assert(private && number[0] == 25);
        t->cursor = *p == 'h';
        break;
    default: ck_abort_msg("sequence ends in %c", *p);
    }
    return p + 1;
}

static void terminal_obey(struct terminal *t, const char *p, const char *end)
{
    while (p < end) {
        u32 code = (u8)*p++;

        if (code == 033) {
            p = terminal_sequence(t, p + 1);
            continue;
        }
        if (code < 32 || t->column >= t->columns) /* nothing depends on how a terminal wraps */
            ck_abort_msg("character %#x at column %u", code, t->column);
        if (code >= 0xe0) {
            code = (code & 15) << 12 | ((u8)p[0] & 63u) << 6 | ((u8)p[1] & 63u);
            p += 2;
        } else if (code >= 0xc0) {
            code = (code & 31) << 6 | ((u8)*p++ & 63u);
        }
        t->cell[t->row][t->column].character = code;
        t->cell[t->row][t->column++].attribute = t->attribute;
    }
}

static void terminal_update(struct terminal *t, struct text_view *view,
                            const struct text_screen *text)
{
    static struct fdio out;
    static char data[1 << 20];
    FILE *file = tmpfile();
    ssize_t len;

    fdio_init(&out, -1, fileno(file), false);
    text_view_resize(view, t->columns, t->rows);
    text_view_update(view, text, &out);
    fdio_flush(&out);
    fdio_free(&out);
    len = pread(fileno(file), data, sizeof(data), 0);
    ck_assert_int_ge(len, 0);
    terminal_obey(t, data, data + len);
    t->bytes = (unsigned)len;
    fclose(file);
}

/* What is seen is the screen, or the part of it that has the cursor in it. */
static void terminal_check(const struct terminal *t, const struct text_view *view,
                           const struct text_screen *text)
{
    for (unsigned y = 0; y < t->rows && view->top + y < text->rows; y++)
        for (unsigned x = 0; x < t->columns && view->left + x < text->columns; x++) {
            const struct text_cell *cell =
                &text->cell[(view->top + y) * text->columns + view->left + x];

            if (view->note[0] && y == t->rows - 1)
                continue;
            if (t->cell[y][x].character != cp437_unicode(cell->character) ||
                t->cell[y][x].attribute != cell->attribute)
                ck_abort_msg("row %u column %u: %#x, attribute %02x; the screen has %02x, %02x", y,
                             x, t->cell[y][x].character, t->cell[y][x].attribute, cell->character,
                             cell->attribute);
        }
    if (!text->columns)
        return;
    ck_assert_int_eq(t->cursor, text->cursor && (!view->note[0] || t->cursor));
    if (t->cursor) {
        ck_assert_uint_eq(view->left + t->column, text->cursor_column);
        ck_assert_uint_eq(view->top + t->row, text->cursor_row);
    }
}

START_TEST(text_view)
{
    static const unsigned sizes[][2] = {{80, 25}, {80, 24}, {40, 10}, {120, 50}, {1, 1}};
    static const unsigned modes[][2] = {{80, 25}, {40, 25}, {80, 50}, {0, 0}, {100, 37}};
    static struct text_view view;
    static struct text_screen text;
    static struct terminal t;
    u64 seed = 1;

    view.clear = true;
    text.columns = 80;
    text.rows = 25;
    t.columns = 80;
    t.rows = 25;
    for (unsigned step = 0; step < 3000; step++) {
        u64 r;

        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        r = seed >> 8;
        if (seed % 97 == 0) {
            text.columns = modes[r % 5][0];
            text.rows = modes[r % 5][1];
        } else if (seed % 89 == 0) {
            t.columns = sizes[r % 5][0];
            t.rows = sizes[r % 5][1];
        } else if (seed % 83 == 0) {
            snprintf(view.note, sizeof(view.note), "%s", r & 1 ? "a note" : "");
        }
        for (unsigned i = 0; i < r % 50 && text.columns; i++)
            text.cell[(r >> 16) % (text.columns * text.rows) / (i + 1)] =
                (struct text_cell){(u8)(r >> (i & 31)), (u8)(r >> (i / 2))};
        text.cursor = r >> 20 & 3;
        text.cursor_column = text.columns ? (unsigned)(r >> 24) % text.columns : 0;
        text.cursor_row = text.rows ? (unsigned)(r >> 32) % text.rows : 0;
        terminal_update(&t, &view, &text);
        terminal_check(&t, &view, &text);
        terminal_update(&t, &view, &text); /* nothing has changed: */
        ck_assert_uint_eq(t.bytes, 0);
    }
}
END_TEST

/* One changed cell costs no more than its place, its colours, itself, and the cursor's return. */
START_TEST(few_bytes)
{
    static struct text_view view;
    static struct text_screen text = {.columns = 80, .rows = 25, .cursor = true};
    static struct terminal t = {.columns = 80, .rows = 25};

    view.clear = true;
    terminal_update(&t, &view, &text);
    text.cell[80 * 12 + 40] = (struct text_cell){'x', 0x1f};
    terminal_update(&t, &view, &text);
    ck_assert_uint_eq(t.bytes, strlen("\033[13;41H\033[0;97;44mx\033[1;1H"));
    terminal_check(&t, &view, &text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ui");
    TCase *tc = tcase_create("ui");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, keys);
    tcase_add_test(tc, signal_takes_a_screenshot);
    tcase_add_test(tc, text_view);
    tcase_add_test(tc, few_bytes);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
