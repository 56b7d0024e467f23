/* Record and replay: the doors, and the file behind them. doc/formats.md describes it. */
#include "devices/board/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/board/pc_board.h"
#include "devices/board/pc_state.h"
#include "devices/board/snapshot_stream.h"

static const char magic[16] = "Pagewalk replay";
#define VERSION     1u
#define HEADER      40
#define MACHINE_MAX (64 * KIB) /* of the sections that say what machine it is */

enum kind {
    EVENT_END, /* arg: the exit status */
    EVENT_DIGEST,
    EVENT_SERIAL, /* arg: port; data: the bytes */
    EVENT_BREAK,  /* arg: port */
    EVENT_KEY,    /* arg: down; data: the usage */
    EVENT_MOUSE,  /* arg: buttons; data: dx, dy, dz, 4 bytes each */
    EVENT_BUTTON, /* arg: enum replay_button */
    EVENT_KINDS
};
#define EVENT_DATA 256
#define EVENT      20 /* bytes of one before its data */

struct event {
    u8 kind, arg;
    u16 len;
    u64 insns, ns;
    u8 data[EVENT_DATA];
};

struct door {
    struct replay *replay;
    unsigned port;
    size_t (*can_receive)(void *opaque);
    void (*receive)(void *opaque, const u8 *data, size_t len);
    void (*send_break)(void *opaque);
    void *opaque;
};

struct replay {
    struct pc *pc;
    bool plays;
    bool begun, over, unwritten, told; /* told: that it cannot be written */
    int fd;
    i64 rtc_base;
    u64 digest_every;
    struct snapshot_stream stream;
    u8 *machine; /* when it plays: the recorded machine's sections */
    u32 machine_len;
    struct event next; /* when it plays, unless `over` */
    struct door door[PC_SERIALS];
};

static struct replay *new_replay(int fd, bool plays)
{
    struct replay *replay = calloc(1, sizeof(*replay));

    if (!replay)
        return NULL;
    replay->fd = fd;
    replay->plays = plays;
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
    struct event *e = &replay->next;
    u8 head[EVENT];

    if (replay->over || snapshot_read(&replay->stream, head, sizeof(head)) < 0) {
        replay->over = true;
        return;
    }
    *e = (struct event){head[0], head[1], get16(head + 2), get64(head + 4), get64(head + 12), {0}};
    replay->over = e->kind >= EVENT_KINDS || e->len > EVENT_DATA ||
                   snapshot_read(&replay->stream, e->data, e->len) < 0;
}

struct replay *replay_play(int fd, char *err, size_t err_len)
{
    struct replay *replay = new_replay(fd, true);
    int r = replay ? read_header(replay) : -ENOMEM;

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
    else
        r = snapshot_write_end(&replay->stream);
    if (close(replay->fd) < 0 && r == 0)
        r = -errno;
    if (replay->told)
        r = 0;
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

bool replay_plays(const struct pc *pc)
{
    return pc->config.replay && pc->config.replay->plays;
}

bool replay_begun(const struct pc *pc)
{
    return pc->config.replay && pc->config.replay->begun;
}

static void record(struct replay *replay, enum kind kind, u8 arg, const void *data, size_t len)
{
    u8 head[EVENT];

    if (replay->plays || !replay->begun)
        return;
    head[0] = (u8)kind;
    head[1] = arg;
    put16(head + 2, (u16)len);
    put64(head + 4, cpu_insns(replay->pc->cpu));
    put64(head + 12, clock_now(&replay->pc->clock));
    snapshot_write(&replay->stream, head, sizeof(head));
    snapshot_write(&replay->stream, data, len);
    replay->unwritten = true;
}

/* Doors. */

static size_t door_can_receive(void *opaque)
{
    struct door *door = opaque;
    size_t room = door->replay->plays ? 0 : door->can_receive(door->opaque);

    return room < EVENT_DATA ? room : EVENT_DATA;
}

static void door_receive(void *opaque, const u8 *data, size_t len)
{
    struct door *door = opaque;

    record(door->replay, EVENT_SERIAL, (u8)door->port, data, len);
    door->receive(door->opaque, data, len);
}

static void door_break(void *opaque)
{
    struct door *door = opaque;

    if (door->replay->plays)
        return;
    record(door->replay, EVENT_BREAK, (u8)door->port, NULL, 0);
    door->send_break(door->opaque);
}

static void door_key(void *opaque, u8 usage, bool down)
{
    struct pc *pc = opaque;

    if (pc->config.replay->plays)
        return;
    record(pc->config.replay, EVENT_KEY, down, &usage, 1);
    pc->input.key(pc->input.opaque, usage, down);
}

static void door_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct pc *pc = opaque;
    u8 data[12];

    if (pc->config.replay->plays)
        return;
    put32(data, (u32)dx);
    put32(data + 4, (u32)dy);
    put32(data + 8, (u32)dz);
    record(pc->config.replay, EVENT_MOUSE, (u8)buttons, data, sizeof(data));
    pc->input.mouse(pc->input.opaque, dx, dy, dz, buttons);
}

bool replay_button(struct pc *pc, enum replay_button button)
{
    if (!pc->config.replay)
        return true;
    record(pc->config.replay, EVENT_BUTTON, (u8)button, NULL, 0);
    return !pc->config.replay->plays;
}

void replay_attach(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    pc->user_input = pc->input;
    if (!replay)
        return;
    replay->pc = pc;
    pc->user_input = (struct input){door_key, door_mouse, pc};
    for (unsigned i = 0; i < PC_SERIALS; i++) {
        struct chr *chr = pc->config.serial[i];

        if (!chr)
            continue;
        replay->door[i] =
            (struct door){replay, i, chr->can_receive, chr->receive, chr->send_break, chr->opaque};
        /* can_send has the UART's opaque: under CLOCK_INSN the machine waits for room instead. */
        chr->can_receive = door_can_receive;
        chr->receive = door_receive;
        chr->send_break = door_break;
        chr->can_send = NULL;
        chr->opaque = &replay->door[i];
    }
}

/* The file. */

static void say(struct pc *pc, const char *what)
{
    ui_aside(pc->config.ui);
    fprintf(stderr, "pagewalk: %s\n", what);
}

static void differs(struct pc *pc, const char *what)
{
    char line[200];

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
    replay->unwritten = true;
}

int replay_begin(struct pc *pc)
{
    struct replay *replay = pc->config.replay;
    char why[200], line[300];

    if (!replay || replay->begun)
        return 0;
    replay->begun = true;
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

static bool is_due(struct pc *pc, const struct replay *replay)
{
    const struct event *e = &replay->next;

    return replay->plays && !replay->over && e->kind != EVENT_DIGEST && !pc->quit &&
           cpu_insns(pc->cpu) >= e->insns && clock_now(&pc->clock) >= e->ns;
}

static void enter(struct pc *pc, const struct event *e)
{
    struct door *door = &pc->config.replay->door[e->arg % PC_SERIALS];

    switch ((enum kind)e->kind) {
    case EVENT_END: pc_quit(pc, e->arg); break;
    case EVENT_SERIAL:
        if (door->receive && door->can_receive(door->opaque) >= e->len)
            door->receive(door->opaque, e->data, e->len);
        else
            differs(pc, "a serial port has no room for what came");
        break;
    case EVENT_BREAK:
        if (door->send_break)
            door->send_break(door->opaque);
        break;
    case EVENT_KEY: pc->input.key(pc->input.opaque, e->data[0], e->arg); break;
    case EVENT_MOUSE:
        pc->input.mouse(pc->input.opaque, (i32)get32(e->data), (i32)get32(e->data + 4),
                        (i32)get32(e->data + 8), e->arg);
        break;
    case EVENT_BUTTON: pc_press(pc, (enum replay_button)e->arg); break;
    case EVENT_DIGEST:
    case EVENT_KINDS: break;
    }
}

void replay_turn(struct pc *pc)
{
    struct replay *replay = pc->config.replay;
    char line[100];

    if (!replay || !replay->plays)
        return;
    while (is_due(pc, replay)) {
        struct event e = replay->next;

        if (e.insns != cpu_insns(pc->cpu) || e.ns != clock_now(&pc->clock)) {
            snprintf(line, sizeof(line),
                     "what came at instruction %" PRIu64 " would come at %" PRIu64, e.insns,
                     cpu_insns(pc->cpu));
            differs(pc, line);
            return;
        }
        read_event(replay);
        enter(pc, &e);
    }
    if (replay->over && !pc->quit) {
        say(pc, "-replay: the recording ends here");
        pc_quit(pc, 0);
    }
}

void replay_polled(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    if (!replay || replay->plays || !replay->unwritten || replay->over)
        return;
    snapshot_write_flush(&replay->stream);
    replay->unwritten = false;
    if (!replay->stream.error)
        return;
    replay->over = replay->told = true;
    say(pc, "-record: the recording cannot be written, and ends here");
    pc_quit(pc, PC_STATUS_TIMEOUT);
}

u64 replay_insns_until(struct pc *pc)
{
    struct replay *replay = pc->config.replay;
    u64 insns = cpu_insns(pc->cpu);

    if (!replay || !replay->plays || replay->over || replay->next.insns <= insns)
        return UINT64_MAX;
    return replay->next.insns - insns;
}

u64 replay_ns_next(struct pc *pc)
{
    const struct replay *replay = pc->config.replay;

    if (!replay_comes(pc) || replay->next.kind == EVENT_DIGEST ||
        replay->next.insns != cpu_insns(pc->cpu) || replay->next.ns <= clock_now(&pc->clock))
        return UINT64_MAX;
    return replay->next.ns;
}

bool replay_comes(struct pc *pc)
{
    return replay_plays(pc) && !pc->config.replay->over;
}

void replay_digest(struct pc *pc, u64 cpu, u64 ram)
{
    struct replay *replay = pc->config.replay;
    struct event *e;
    u8 data[16];
    char line[100];

    if (!replay || replay->over)
        return;
    put64(data, cpu);
    put64(data + 8, ram);
    record(replay, EVENT_DIGEST, 0, data, sizeof(data));
    if (!replay->plays)
        return;
    e = &replay->next;
    if (e->kind != EVENT_DIGEST || e->insns != cpu_insns(pc->cpu) ||
        memcmp(e->data, data, sizeof(data)) != 0) {
        snprintf(line, sizeof(line), "its digest at instruction %" PRIu64, cpu_insns(pc->cpu));
        differs(pc, line);
        return;
    }
    read_event(replay);
}

void replay_end(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    if (!replay || replay->over)
        return;
    record(replay, EVENT_END, (u8)pc->status, NULL, 0);
    if (replay->plays &&
        (replay->next.kind != EVENT_END || replay->next.insns != cpu_insns(pc->cpu)) &&
        pc->why != PC_WHY_ASKED) {
        differs(pc, "it ends where that went on");
        pc->status = REPLAY_STATUS_OTHER;
    }
    replay_polled(pc);
    replay->over = true;
}
