/* Threads of the debugger's: which one is looked at, which go on and how, and points that all of them have. */
#include "cpu/gdb/gdb_priv.h"

#define ALL UINT32_MAX

static struct cpu *cpu_of(const struct gdb *gdb, u32 thread)
{
    if (gdb->ops->thread_cpu)
        return gdb->ops->thread_cpu(gdb->opaque, thread);
    return thread == 1 ? gdb->cpu : NULL;
}

static u32 next(const struct gdb *gdb, u32 thread)
{
    if (gdb->ops->next_thread)
        return gdb->ops->next_thread(gdb->opaque, thread);
    return thread == 0;
}

void gdb_clear_points(struct gdb *gdb)
{
    for (u32 n = next(gdb, 0); n; n = next(gdb, n))
        debugger_clear(cpu_of(gdb, n));
}

int gdb_insert_point(struct gdb *gdb, enum debugger_kind kind, u32 la, u32 len)
{
    int err = 0;

    for (u32 n = next(gdb, 0); n && !err; n = next(gdb, n))
        err = debugger_insert(cpu_of(gdb, n), kind, la, len);
    return err;
}

int gdb_remove_point(struct gdb *gdb, enum debugger_kind kind, u32 la, u32 len)
{
    int err = 0;

    for (u32 n = next(gdb, 0); n; n = next(gdb, n))
        err = debugger_remove(cpu_of(gdb, n), kind, la, len);
    return err;
}

bool gdb_select(struct gdb *gdb, u32 thread)
{
    struct cpu *cpu = cpu_of(gdb, thread);

    if (!cpu)
        return false;
    gdb->cpu = cpu;
    gdb->thread = thread;
    return true;
}

/* A thread's number, or -1: all; 0, any, is the one that is looked at. */
static bool take_thread(const struct gdb *gdb, struct gdb_text *text, u32 *thread)
{
    u64 number;

    if (gdb_take_word(text, "-1")) {
        *thread = ALL;
        return true;
    }
    if (!gdb_take_number(text, &number) || number >= ALL)
        return false;
    *thread = number ? (u32)number : gdb->thread;
    return true;
}

/* Hg selects; Hc is of no matter, for resume packets name threads. T asks whether one lives. */
bool gdb_command_thread(struct gdb *gdb, struct gdb_text *text, bool select)
{
    bool registers = select && gdb_take_char(text, 'g');
    u32 thread;

    if (select && !registers)
        return true;
    if (!take_thread(gdb, text, &thread))
        return false;
    if (!gdb->ops->thread_cpu) /* others may ask for processes, too */
        return true;
    if (registers)
        return thread == ALL || gdb_select(gdb, thread);
    return cpu_of(gdb, thread) != NULL;
}

void gdb_put_threads(struct gdb *gdb)
{
    char before = 'm';

    for (u32 n = next(gdb, 0); n; n = next(gdb, n)) {
        gdb_putf(gdb, "%c%02x", before, n);
        before = ',';
    }
    gdb_send(gdb);
}

static void resume(struct gdb *gdb, bool step)
{
    gdb->running = true;
    gdb->ops->resume(gdb->opaque, step);
}

/* c, s [ADDR]; C, S SIGNAL[;ADDR]: all threads, but one alone steps. */
void gdb_command_resume(struct gdb *gdb, struct gdb_text *text, bool step, bool with_signal)
{
    u64 value = 0;

    if (with_signal && (!gdb_take_number(text, &value) || !gdb_take_char(text, ';')))
        text->at = text->end;
    gdb->signal = (u8)value;
    if (gdb_take_number(text, &value)) {
        gdb->cpu->eip = (u32)value;
        gdb->cpu->halted = gdb->cpu->mwaiting = false;
        gdb->ops->wrote(gdb->opaque);
    }
    for (u32 n = next(gdb, 0); n && gdb->ops->thread_goes; n = next(gdb, n))
        gdb->ops->thread_goes(gdb->opaque, n, true, step && n == gdb->thread,
                              n == gdb->thread ? gdb->signal : 0);
    resume(gdb, step);
}

/* One of vCont's, ";ACTION[SIGNAL][:THREAD]". */
struct action {
    bool step;
    u8 signal;
    u32 thread;
};

static bool take_action(const struct gdb *gdb, struct gdb_text *text, struct action *action)
{
    u64 signal = 0;
    u8 letter;

    if (!gdb_take_char(text, ';') || text->at == text->end)
        return false;
    letter = *text->at++;
    if (letter == 'C' || letter == 'S')
        gdb_take_number(text, &signal);
    else if (letter != 'c' && letter != 's')
        return false;
    *action = (struct action){letter == 's' || letter == 'S', (u8)signal, ALL};
    return !gdb_take_char(text, ':') || take_thread(gdb, text, &action->thread);
}

#define ACTIONS 64

/* Each thread does the first action that names it, or all; one that none names stays. */
void gdb_command_vcont(struct gdb *gdb, struct gdb_text *text)
{
    struct action action[ACTIONS];
    unsigned count = 0, i;

    if (gdb_take_char(text, '?')) {
        gdb_put(gdb, "vCont;c;C;s;S");
        gdb_send(gdb);
        return;
    }
    while (text->at < text->end && count < ACTIONS && take_action(gdb, text, &action[count]))
        count++;
    if (!count || text->at < text->end) {
        gdb_put(gdb, "E22");
        gdb_send(gdb);
        return;
    }
    gdb->signal = action[0].signal;
    for (u32 n = next(gdb, 0); n && gdb->ops->thread_goes; n = next(gdb, n)) {
        for (i = 0; i < count && action[i].thread != ALL && action[i].thread != n; i++)
            ;
        gdb->ops->thread_goes(gdb->opaque, n, i < count, i < count && action[i].step,
                              i < count ? action[i].signal : 0);
    }
    resume(gdb, action[0].step);
}
