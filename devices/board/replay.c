/* Record and replay: the file, and when what is in it enters. doc/formats.md describes it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/board/pc_state.h"
#include "devices/board/replay_event.h"

static const char magic[16] = "Pagewalk replay";
#define VERSION 1u
#define HEADER  40
#define WRITE_BYTES                                                                                \
    (128 * KIB) /* of events go to the file at once: the host takes much at a time for less */
#define MACHINE_MAX (64 * KIB) /* of the sections that say what machine it is */

static struct replay *new_replay(int fd, bool plays)
{
    struct replay *replay = calloc(1, sizeof(*replay));

    if (!replay)
        return NULL;
    replay->fd = fd;
    replay->plays = plays;
    replay->stored = !plays;
    return replay;
}

struct replay *replay_record(int fd, i64 rtc_base, u64 digest_every, char *err, size_t err_len)
{
    struct replay *replay = new_replay(fd, false);

    if (!replay) {
        snprintf(err, err_len, "the host has no memory to record with");
        return NULL;
    }
    replay->rtc_base = rtc_base;
    replay->digest_every = digest_every;
    snapshot_write_begin(&replay->stream, fd, sizeof(magic), true);
    snapshot_write_quick(&replay->stream);
    return replay;
}

static int read_header(struct replay *replay)
{
    struct snapshot_stream *s = &replay->stream;
    char begin[sizeof(magic)];
    u8 header[HEADER];
    off_t end = lseek(replay->fd, 0, SEEK_END);
    int r = snapshot_pread(replay->fd, begin, sizeof(begin), 0);

    if (r < 0 || memcmp(begin, magic, sizeof(magic)) != 0)
        return r < 0 ? r : -EBADMSG;
    snapshot_read_begin(s, replay->fd, sizeof(magic), (u64)end, true);
    r = snapshot_read(s, header, sizeof(header));
    if (r < 0)
        return r;
    replay->rtc_base = (i64)get64(header + 8);
    replay->digest_every = get64(header + 16);
    replay->machine_len = get32(header + 4);
    if (get32(header) != VERSION || replay->machine_len > MACHINE_MAX || !replay->digest_every)
        return -EBADMSG;
    replay->machine = malloc(replay->machine_len + 1);
    return replay->machine ? snapshot_read(s, replay->machine, replay->machine_len) : -ENOMEM;
}

/* A file that was cut off plays as far as it goes. */
static void read_event(struct replay *replay)
{
    struct event *e = replay->next;
    u8 head[EVENT_HEAD];

    if (replay->over || snapshot_read(&replay->stream, head, sizeof(head)) < 0) {
        replay->over = true;
        return;
    }
    e->kind = head[0];
    e->arg = head[1];
    e->len = get16(head + 2);
    e->insns = get64(head + 4);
    e->ns = get64(head + 12);
    replay->over = e->kind >= EVENT_KINDS || snapshot_read(&replay->stream, e->data, e->len) < 0;
}

struct replay *replay_play(int fd, char *err, size_t err_len)
{
    struct replay *replay = new_replay(fd, true);
    int r;

    if (replay)
        replay->next = malloc(sizeof(struct event) + EVENT_DATA);
    r = replay && replay->next ? read_header(replay) : -ENOMEM;
    if (r == 0) {
        read_event(replay);
        return replay;
    }
    snprintf(err, err_len, "%s",
             r == -EBADMSG ? "it is no recording of this version" : strerror(-r));
    replay_close(replay);
    return NULL;
}

int replay_close(struct replay *replay)
{
    int r = 0;

    if (!replay)
        return 0;
    if (replay->plays)
        snapshot_read_end(&replay->stream);
    else if (replay->stored)
        r = snapshot_write_end(&replay->stream);
    if (replay->fd >= 0 && close(replay->fd) < 0 && r == 0)
        r = -errno;
    if (replay->told)
        r = 0;
    replay_free_events(replay);
    free(replay->next);
    free(replay->machine);
    free(replay);
    return r;
}

i64 replay_rtc_base(const struct replay *replay)
{
    return replay->rtc_base;
}

u64 replay_digest_every(const struct replay *replay)
{
    return replay->digest_every;
}

bool replay_is_shut(const struct replay *replay)
{
    return replay->plays || history_is_behind(replay->pc);
}

/* What comes next; NULL: nothing that is known. */
static const struct event *peek(const struct replay *replay)
{
    if (replay->entered < replay->events)
        return replay->event[replay->entered];
    return replay->plays && !replay->over ? replay->next : NULL;
}

/* Passes it; fn may let it in. */
static void take(struct replay *replay, void (*fn)(struct pc *pc, const struct event *e))
{
    const struct event *e = peek(replay);
    bool again = replay->entered < replay->events;

    if (again)
        replay->entered++;
    else
        replay_keep_event(replay, e, e->data);
    if (fn)
        fn(replay->pc, e);
    if (!again)
        read_event(replay);
}

void replay_record_event(struct replay *replay, enum event_kind kind, u8 arg, const void *data,
                         size_t len)
{
    struct event e = {.kind = (u8)kind, .arg = arg, .len = (u16)len};
    u8 head[EVENT_HEAD];

    if (replay_is_shut(replay) || !replay->begun)
        return;
    e.insns = cpu_insns(replay->pc->cpu);
    e.ns = clock_now(&replay->pc->clock);
    replay_keep_event(replay, &e, data);
    if (!replay->stored)
        return;
    head[0] = e.kind;
    head[1] = arg;
    put16(head + 2, e.len);
    put64(head + 4, e.insns);
    put64(head + 12, e.ns);
    snapshot_write(&replay->stream, head, sizeof(head));
    snapshot_write(&replay->stream, data, len);
}

bool replay_plays(const struct pc *pc)
{
    return pc->config.replay && pc->config.replay->plays;
}

bool replay_begun(const struct pc *pc)
{
    return pc->config.replay && pc->config.replay->begun;
}

static void say(struct pc *pc, const char *what)
{
    ui_aside(pc->config.ui);
    fprintf(stderr, "pagewalk: %s\n", what);
}

void replay_differs(struct pc *pc, const char *what)
{
    char line[200];

    if (history_is_behind(pc)) {
        snprintf(line, sizeof(line), "-reverse: the machine goes another way than before: %s",
                 what);
        say(pc, line);
        history_change(pc);
        return;
    }
    snprintf(line, sizeof(line), "-replay: the machine differs from the recorded one: %s", what);
    say(pc, line);
    pc->config.replay->over = true;
    pc_quit(pc, REPLAY_STATUS_OTHER);
}

static void write_header(struct pc *pc, struct replay *replay)
{
    struct state state;
    u8 header[HEADER] = {0};

    state_init_save(&state);
    pc_state_kind(pc, &state);
    put32(header, VERSION);
    put32(header + 4, (u32)state.len);
    put64(header + 8, (u64)replay->rtc_base);
    put64(header + 16, replay->digest_every);
    if (!replay->stream.error)
        replay->stream.error = snapshot_pwrite(replay->fd, magic, sizeof(magic), 0);
    snapshot_write(&replay->stream, header, sizeof(header));
    snapshot_write(&replay->stream, state.data, state.len);
    state_free(&state);
}

int replay_begin(struct pc *pc)
{
    struct replay *replay = pc->config.replay;
    char why[200], line[300];

    if (!replay || replay->begun)
        return 0;
    replay->begun = true;
    if (!replay->plays && !replay->stored)
        return 0;
    if (!replay->plays) {
        write_header(pc, replay);
        snapshot_write_flush(&replay->stream);
        if (!replay->stream.error)
            return 0;
        snprintf(line, sizeof(line), "-record: %s", strerror(-replay->stream.error));
        replay->over = replay->told = true;
        say(pc, line);
        return -1;
    }
    if (pc_state_fits(pc, replay->machine, replay->machine_len, why, sizeof(why)))
        return 0;
    snprintf(line, sizeof(line), "-replay: %s", why);
    say(pc, line);
    return -1;
}

bool replay_is_due(const struct pc *pc)
{
    const struct event *e = pc->config.replay ? peek(pc->config.replay) : NULL;

    return e && e->kind != EVENT_DIGEST && !pc->quit && !pc_is_stopped(pc) &&
           cpu_insns(pc->cpu) >= e->insns + (e->kind == EVENT_HOLD) &&
           clock_now(&pc->clock) >= e->ns;
}

bool replay_hold(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    if (!replay)
        return true;
    if (pc->cpu->intr || pc->cpu->nmi)
        replay_record_event(replay, EVENT_HOLD, 0, NULL, 0);
    return !replay_is_shut(replay);
}

bool replay_holds(struct pc *pc)
{
    const struct event *e = pc->config.replay ? peek(pc->config.replay) : NULL;

    return e && e->kind == EVENT_HOLD && e->insns == cpu_insns(pc->cpu) &&
           e->ns == clock_now(&pc->clock);
}

const char *replay_doing(const struct pc *pc)
{
    const struct replay *replay = pc->config.replay;

    if (!replay || replay->over)
        return NULL;
    return replay->plays ? "replaying" : replay->stored ? "recording" : NULL;
}

void replay_turn(struct pc *pc)
{
    struct replay *replay = pc->config.replay;
    char line[100];

    if (!replay)
        return;
    if (!replay_is_shut(replay))
        pc_net_turn(pc);
    while (replay_is_due(pc)) {
        const struct event *e = peek(replay);

        if (e->kind != EVENT_HOLD &&
            (e->insns != cpu_insns(pc->cpu) || e->ns != clock_now(&pc->clock))) {
            snprintf(line, sizeof(line),
                     "what came at instruction %" PRIu64 " would come at %" PRIu64, e->insns,
                     cpu_insns(pc->cpu));
            replay_differs(pc, line);
            return;
        }
        take(replay, replay_enter);
    }
    if (replay->plays && replay->over && !pc->quit && !history_is_behind(pc) && !pc_gdb_ended(pc)) {
        say(pc, "-replay: the recording ends here");
        pc_quit(pc, 0);
    }
}

static void write_all(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    snapshot_write_flush(&replay->stream);
    replay->written_at = clock_host_ns();
    if (!replay->stream.error)
        return;
    replay->over = replay->told = true;
    say(pc, "-record: the recording cannot be written, and ends here");
    pc_quit(pc, PC_STATUS_TIMEOUT);
}

static bool has_unwritten(const struct replay *replay)
{
    return replay && replay->stored && !replay->over && replay->stream.unflushed;
}

void replay_polled(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    if (has_unwritten(replay) && (replay->stream.unflushed >= WRITE_BYTES ||
                                  clock_host_ns() - replay->written_at >= REPLAY_LATE_NS))
        write_all(pc);
}

void replay_rests(struct pc *pc)
{
    if (has_unwritten(pc->config.replay))
        write_all(pc);
}

u64 replay_insns_until(struct pc *pc)
{
    const struct event *e = pc->config.replay ? peek(pc->config.replay) : NULL;
    u64 insns = cpu_insns(pc->cpu);

    return e && e->insns > insns ? e->insns - insns : UINT64_MAX;
}

u64 replay_ns_next(struct pc *pc)
{
    const struct event *e = pc->config.replay ? peek(pc->config.replay) : NULL;

    if (!e || e->kind == EVENT_DIGEST || e->insns != cpu_insns(pc->cpu) ||
        e->ns < clock_now(&pc->clock))
        return UINT64_MAX;
    return e->ns;
}

bool replay_comes(struct pc *pc)
{
    return pc->config.replay && peek(pc->config.replay);
}

void replay_digest(struct pc *pc, u64 cpu, u64 ram)
{
    struct replay *replay = pc->config.replay;
    const struct event *e;
    u8 data[16];
    char line[100];

    if (!replay || (replay->over && !history_is_behind(pc)))
        return;
    put64(data, cpu);
    put64(data + 8, ram);
    replay_record_event(replay, EVENT_DIGEST, 0, data, sizeof(data));
    e = replay_is_shut(replay) ? peek(replay) : NULL;
    if (!e)
        return;
    if (e->kind != EVENT_DIGEST || e->insns != cpu_insns(pc->cpu) ||
        memcmp(e->data, data, sizeof(data)) != 0) {
        snprintf(line, sizeof(line), "its digest at instruction %" PRIu64, cpu_insns(pc->cpu));
        replay_differs(pc, line);
        return;
    }
    take(replay, NULL);
}

void replay_end(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    if (!replay || replay->over)
        return;
    replay_record_event(replay, EVENT_END, (u8)pc->status, NULL, 0);
    if (replay->plays &&
        (replay->next->kind != EVENT_END || replay->next->insns != cpu_insns(pc->cpu)) &&
        pc->why != PC_WHY_ASKED) {
        replay_differs(pc, "it ends where that went on");
        pc->status = REPLAY_STATUS_OTHER;
    }
    replay_rests(pc);
    replay->over = true;
}
