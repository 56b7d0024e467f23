/* Ends a run, or saves it, by what it prints or shows and how long it takes: -until, -fail-on, -savevm-at, -timeout, a
 * kernel's panic.
 *
 * Every byte of every serial port goes by here. A text is found as soon as its last letter is there, so that a prompt
 * without a line's end counts; it does not reach over lines. A text mode's screen is looked at now and then. */
#include "boot/watch.h"

#include <string.h>
#include <time.h>

#include "boot/session.h"

#define PANIC     "Kernel panic - not syncing"
#define PANIC_MS  1000 /* the rest of its line, which says why, comes in that time */
#define SCREEN_MS 100  /* between two looks at the screen */

static i64 now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (i64)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* line: what it was; NULL: nothing that was printed. */
static void end(struct watch *watch, const char *by, int status, const char *what, const char *line)
{
    struct session *s = watch->session;

    if (!watch->on || !s->pc)
        return;
    watch->on = false;
    watch->ended_by = by;
    if (line)
        strcpy(watch->matched, line);
    if (!s->options.quiet || status)
        fprintf(stderr, "pagewalk: %s%s%s\n", what, line ? ": " : "", watch->matched);
    pc_quit(s->pc, status);
}

/* Text number i is in this line. */
static void found_text(struct watch *watch, unsigned i, const char *line)
{
    switch (watch->session->options.watch_text[i].does) {
    case WATCH_ENDS: end(watch, "until", 0, "-until has found its text", line); break;
    case WATCH_FAILS:
        end(watch, "fail-on", STATUS_FAIL_TEXT, "-fail-on has found its text", line);
        break;
    case WATCH_SAVES:
        if (!watch->saved && watch->session->pc)
            pc_want_save(watch->session->pc);
        watch->saved = true;
        break;
    }
}

static void end_by_panic(struct watch *watch, const char *line)
{
    end(watch, "panic", PC_STATUS_PANIC, "the guest's kernel has panicked", line);
}

static bool ends_with(const struct watch_port *port, const char *text)
{
    size_t len = strlen(text);

    return len <= port->len && memcmp(port->line + port->len - len, text, len) == 0;
}

static bool found(const struct watch_port *port, unsigned i)
{
    const struct watch *watch = port->watch;

    if (watch->regex[i])
        return regex_matches(watch->regex[i], port->line, port->len);
    return ends_with(port, watch->session->options.watch_text[i].text);
}

static void take_byte(struct watch_port *port, u8 byte)
{
    struct watch *watch = port->watch;
    const struct options *o = &watch->session->options;

    if (byte == '\n' || byte == '\r' || port->len == WATCH_LINE) {
        if (watch->panic_port == port)
            end_by_panic(watch, port->line);
        port->len = 0;
        if (byte == '\n' || byte == '\r')
            return;
    }
    port->line[port->len++] = byte ? (char)byte : ' ';
    port->line[port->len] = '\0';
    for (unsigned i = 0; i < o->watch_texts; i++)
        if (found(port, i))
            found_text(watch, i, port->line);
    if (!watch->panic_port && ends_with(port, PANIC)) {
        watch->panic_port = port;
        watch->panic_ms = now_ms() + PANIC_MS;
    }
}

static void on_output(void *opaque, const u8 *data, size_t len)
{
    struct watch_port *port = opaque;

    for (size_t i = 0; i < len; i++) {
        port->tail[port->count++ % WATCH_TAIL] = (char)data[i];
        if (port->watch->on)
            take_byte(port, data[i]);
    }
}

size_t watch_tail(const struct watch_port *port, char *out)
{
    size_t len = port->count < WATCH_TAIL ? (size_t)port->count : WATCH_TAIL;

    for (size_t i = 0; i < len; i++)
        out[i] = port->tail[(port->count - len + i) % WATCH_TAIL];
    return len;
}

/* A row of the screen as text, without the blanks at its end. */
static size_t row_text(const struct text_screen *screen, unsigned row, char *line)
{
    const struct text_cell *cell = screen->cell + (size_t)row * screen->columns;
    size_t len = 0;

    for (unsigned i = 0; i < screen->columns && i < WATCH_LINE; i++) {
        u8 character = cell[i].character;

        line[i] = character ? (char)character : ' ';
        if (line[i] != ' ')
            len = i + 1;
    }
    line[len] = '\0';
    return len;
}

static bool shown(const struct watch *watch, unsigned i, const char *line, size_t len)
{
    if (watch->regex[i])
        return regex_matches(watch->regex[i], line, len);
    return strstr(line, watch->session->options.watch_text[i].text) != NULL;
}

/* A text mode's, row by row; empty rows have nothing to say. */
static void look_at_screen(struct watch *watch)
{
    const struct display *display = pc_display(watch->session->pc);
    char line[WATCH_LINE + 1];

    if (!display || !display->text)
        return;
    watch->screen.columns = watch->screen.rows = 0;
    display->text(display->opaque, &watch->screen);
    for (unsigned row = 0; row < watch->screen.rows; row++) {
        size_t len = row_text(&watch->screen, row, line);

        for (unsigned i = 0; len && i < watch->session->options.watch_texts; i++)
            if (shown(watch, i, line, len))
                found_text(watch, i, line);
    }
}

static int compile(struct watch *watch)
{
    struct session *s = watch->session;
    const struct options *o = &s->options;

    for (unsigned i = 0; i < o->watch_texts; i++) {
        char why[256];

        if (!o->watch_text[i].regex)
            continue;
        watch->regex[i] = regex_new(o->watch_text[i].text, why, sizeof(why));
        if (!watch->regex[i]) {
            snprintf(s->err, sizeof(s->err), "'/%s/': %s", o->watch_text[i].text, why);
            return -1;
        }
    }
    return 0;
}

int watch_start(struct watch *watch, struct session *s)
{
    const struct options *o = &s->options;

    watch->session = s;
    if (!o->watch_texts && !o->timeout_ms && !o->report && !o->junit)
        return 0;
    if (compile(watch) < 0)
        return -1;
    for (enum port port = PORT_COM1; port <= PORT_COM4; port++) {
        struct chr *chr = s->port[port];

        if (!chr)
            continue;
        watch->port[port - PORT_COM1].watch = watch;
        chr = chr_open_tap(chr, NULL, on_output, &watch->port[port - PORT_COM1], s->err,
                           sizeof(s->err));
        if (!chr)
            return -1;
        s->port[port] = chr;
    }
    watch->until_ms = o->timeout_ms ? now_ms() + o->timeout_ms : 0;
    watch->on = true;
    return 0;
}

void watch_look(struct watch *watch)
{
    i64 now;

    if (!watch->on)
        return;
    now = now_ms();
    if (watch->panic_port && now >= watch->panic_ms)
        end_by_panic(watch, watch->panic_port->line);
    if (watch->session->options.watch_texts && now >= watch->screen_ms) {
        watch->screen_ms = now + SCREEN_MS;
        look_at_screen(watch);
    }
    if (watch->until_ms && now >= watch->until_ms)
        end(watch, "timeout", PC_STATUS_TIMEOUT, "-timeout: the time is over", NULL);
}

void watch_stop(struct watch *watch)
{
    for (unsigned i = 0; i < WATCH_TEXTS; i++)
        regex_free(watch->regex[i]);
}
