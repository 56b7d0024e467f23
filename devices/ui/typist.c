/* Types a script: a key every 60 ms of virtual time, in the order of the script.
 *
 * Whether a text is on the screen is asked of the display adapter, which answers from the guest's memory:
 * under -clock insn the same run types the same keys at the same instructions. */
#include "devices/ui/typist.h"

#include <string.h>

static void stroke_key(struct typist *t, const struct keymap_stroke *stroke, bool down)
{
    const struct input *input = t->input;

    if (!input || !input->key)
        return;
    if (!down)
        input->key(input->opaque, stroke->usage, false);
    if (stroke->ctrl)
        input->key(input->opaque, KEY_CTRL, down);
    if (stroke->shift)
        input->key(input->opaque, KEY_SHIFT, down);
    if (stroke->alt)
        input->key(input->opaque, KEY_ALT, down);
    if (down)
        input->key(input->opaque, stroke->usage, true);
}

/* Whether a row of the text mode's screen has the text in it. */
static bool sees(struct typist *t, const char *text)
{
    size_t len = strlen(text);

    if (!t->display || !t->display->text)
        return false;
    t->text.columns = t->text.rows = 0;
    t->display->text(t->display->opaque, &t->text);
    for (unsigned row = 0; row < t->text.rows; row++) {
        const struct text_cell *cell = t->text.cell + (size_t)row * t->text.columns;

        for (unsigned column = 0; column + len <= t->text.columns; column++) {
            size_t same = 0;

            while (same < len && cell[column + same].character == (u8)text[same])
                same++;
            if (same == len)
                return true;
        }
    }
    return false;
}

void typist_hear(struct typist *t, u8 byte)
{
    if (t->heard_len == TYPIST_HEARD) { /* the older half goes */
        t->heard_len = TYPIST_HEARD / 2;
        memcpy(t->heard, t->heard + TYPIST_HEARD / 2, TYPIST_HEARD / 2);
    }
    t->heard[t->heard_len++] = (char)byte;
}

/* Whether the serial port has printed the text; what it printed up to there is done with. */
static bool hears(struct typist *t, const char *text)
{
    size_t len = strlen(text);

    for (size_t at = 0; at + len <= t->heard_len; at++) {
        if (memcmp(t->heard + at, text, len) != 0)
            continue;
        t->heard_len -= at + len;
        memmove(t->heard, t->heard + at + len, t->heard_len);
        return true;
    }
    return false;
}

/* A look for a text; returns the time until the next, 0: it was seen, or is waited for no longer. */
static u64 look(struct typist *t, const struct script_step *step)
{
    u64 now = clock_now(t->timer.clock);

    if (!t->looking)
        t->since = now;
    t->looking = !(step->serial ? hears(t, step->text) : sees(t, step->text));
    if (!t->looking)
        return 0;
    if (step->ns && now - t->since >= step->ns) {
        t->looking = false;
        t->act(t->opaque, SCRIPT_SEE);
        return 0;
    }
    return step->serial ? TYPIST_HEAR_NS : TYPIST_LOOK_NS;
}

const char *typist_text(const struct typist *t)
{
    return t->script->step[t->at].text;
}

/* One step; returns the time until the next look, 0 for at once. */
static u64 typist_step(struct typist *t)
{
    const struct script_step *step = &t->script->step[t->at];

    switch (step->kind) {
    case SCRIPT_KEY:
        t->down = !t->down;
        stroke_key(t, &step->stroke, t->down);
        t->at += !t->down;
        return TYPIST_PRESS_NS;
    case SCRIPT_WAIT: t->at++; return step->ns;
    case SCRIPT_SEND:
        t->at += t->line.send && t->line.send(t->line.opaque, step->byte);
        return TYPIST_SEND_NS;
    case SCRIPT_SEE: {
        u64 wait = look(t, step);

        if (wait)
            return wait;
        break;
    }
    case SCRIPT_SCREENSHOT:
    case SCRIPT_QUIT: t->act(t->opaque, step->kind); break;
    }
    t->at++;
    return 0;
}

static void typist_timer(void *opaque)
{
    struct typist *t = opaque;
    u64 wait = 0;

    while (!wait && t->at < t->script->steps)
        wait = typist_step(t);
    if (t->at < t->script->steps)
        timer_arm(&t->timer, clock_now(t->timer.clock) + wait);
}

void typist_init(struct typist *typist, struct clock *clock, const struct key_script *script,
                 const struct display *display, const struct input *input,
                 void (*act)(void *opaque, enum script_kind kind), void *opaque)
{
    memset(typist, 0, sizeof(*typist));
    typist->script = script;
    typist->display = display;
    typist->input = input;
    typist->act = act;
    typist->opaque = opaque;
    timer_init(&typist->timer, clock, typist_timer, typist);
    timer_arm(&typist->timer, 0);
}
