/* A PS/2 mouse: standard, with a wheel, or with a wheel and five buttons.
 *
 * Implemented: every command; stream mode at its sample rate, remote and wrap mode, 2:1 scaling,
 * overflow, the rate sequences that switch to the protocols with a wheel. Not implemented: the
 * self-test's third of a second (its answer comes at once); the resolution is kept and read back,
 * but a count of the user interface is a count at any resolution. Sources: IBM PS/2 Hardware
 * Interface Technical Reference, "Mouse"; Microsoft, "IntelliMouse: PS/2 protocol". */
#include "devices/input/ps2mouse.h"

#include <string.h>

enum {
    MOUSE_SCALE_1 = 0xe6,
    MOUSE_SCALE_2 = 0xe7,
    MOUSE_RESOLUTION = 0xe8,
    MOUSE_STATUS = 0xe9,
    MOUSE_STREAM = 0xea,
    MOUSE_READ = 0xeb,
    MOUSE_UNWRAP = 0xec,
    MOUSE_WRAP = 0xee,
    MOUSE_REMOTE = 0xf0,
    MOUSE_IDENTIFY = 0xf2,
    MOUSE_RATE = 0xf3,
    MOUSE_ENABLE = 0xf4,
    MOUSE_DISABLE = 0xf5,
    MOUSE_DEFAULTS = 0xf6,
    MOUSE_RESEND = 0xfe,
    MOUSE_RESET = 0xff,
};

/* First byte of the answer to MOUSE_STATUS. */
#define STATUS_REMOTE  0x40
#define STATUS_ENABLED 0x20
#define STATUS_SCALE_2 0x10
#define STATUS_LEFT    0x04
#define STATUS_MIDDLE  0x02
#define STATUS_RIGHT   0x01

/* First byte of a packet; its low three bits are INPUT_LEFT, INPUT_RIGHT and INPUT_MIDDLE. */
#define PACKET_ALWAYS     0x08
#define PACKET_X_NEGATIVE 0x10
#define PACKET_Y_NEGATIVE 0x20
#define PACKET_X_OVERFLOW 0x40
#define PACKET_Y_OVERFLOW 0x80
#define PACKET_BUTTONS    (INPUT_LEFT | INPUT_RIGHT | INPUT_MIDDLE)

#define COUNT_MIN   (-256)
#define COUNT_MAX   255
#define WHEEL_MIN   (-8)
#define WHEEL_MAX   7
#define MOVE_MAX    100000 /* keeps sums of movements small numbers */
#define SECOND      1000000000ull
#define ALL_BUTTONS (PACKET_BUTTONS | INPUT_SIDE | INPUT_EXTRA)

static i32 clamp(i32 value, i32 min, i32 max)
{
    return value < min ? min : value > max ? max : value;
}

/* 2:1 scaling, which is not twice for small counts. (Technical Reference, "Set scaling 2:1") */
static i32 scaled(i32 count)
{
    static const i32 small[] = {0, 1, 1, 3, 6, 9};
    i32 size = count < 0 ? -count : count;
    i32 result = size < (i32)ARRAY_SIZE(small) ? small[size] : size * 2;

    return count < 0 ? -result : result;
}

static bool moved(const struct ps2mouse *mouse)
{
    return mouse->dx || mouse->dy || mouse->buttons != mouse->reported ||
           (mouse->dz && mouse->kind != PS2MOUSE_STANDARD);
}

static void clear_counts(struct ps2mouse *mouse)
{
    mouse->dx = mouse->dy = mouse->dz = 0;
}

/* What moved since the last packet becomes one. Of a movement that is too wide the rest is lost,
 * as in the mouse's nine-bit counters; wheel clicks wait for the next packet. */
static void make_packet(struct ps2mouse *mouse, bool scale)
{
    i32 x = scale ? scaled(mouse->dx) : mouse->dx;
    i32 y = scale ? scaled(-mouse->dy) : -mouse->dy; /* a packet's y is up */
    i32 z = clamp(mouse->dz, WHEEL_MIN, WHEEL_MAX);
    u8 *packet = mouse->packet;

    packet[0] = PACKET_ALWAYS | (mouse->buttons & PACKET_BUTTONS);
    if (x < 0)
        packet[0] |= PACKET_X_NEGATIVE;
    if (y < 0)
        packet[0] |= PACKET_Y_NEGATIVE;
    if (x < COUNT_MIN || x > COUNT_MAX)
        packet[0] |= PACKET_X_OVERFLOW;
    if (y < COUNT_MIN || y > COUNT_MAX)
        packet[0] |= PACKET_Y_OVERFLOW;
    packet[1] = (u8)clamp(x, COUNT_MIN, COUNT_MAX);
    packet[2] = (u8)clamp(y, COUNT_MIN, COUNT_MAX);
    packet[3] = (u8)z;
    if (mouse->kind == PS2MOUSE_FIVE)
        packet[3] = (u8)((z & 0x0f) | (mouse->buttons & INPUT_SIDE ? 0x10 : 0) |
                         (mouse->buttons & INPUT_EXTRA ? 0x20 : 0));
    mouse->packet_len = mouse->kind == PS2MOUSE_STANDARD ? 3 : 4;
    mouse->reported = mouse->buttons;
    mouse->dx = mouse->dy = 0;
    mouse->dz = mouse->kind == PS2MOUSE_STANDARD ? 0 : mouse->dz - z;
}

static u64 period(const struct ps2mouse *mouse)
{
    return SECOND / (mouse->rate ? mouse->rate : 1);
}

static bool streaming(const struct ps2mouse *mouse)
{
    return mouse->enabled && !mouse->remote && !mouse->wrap;
}

/* Stream mode: a packet when something moved, no sooner than a sample period after the last one,
 * and not before that was fetched. */
static void stream(struct ps2mouse *mouse)
{
    u64 now = clock_now(mouse->clock);

    if (!streaming(mouse) || !moved(mouse) || mouse->report_timer.armed)
        return;
    if (mouse->line.events.count || now - mouse->reported_at < period(mouse)) {
        u64 next = mouse->reported_at + period(mouse);

        timer_arm(&mouse->report_timer, next > now ? next : now + period(mouse));
        return;
    }
    make_packet(mouse, mouse->scale);
    for (unsigned i = 0; i < mouse->packet_len; i++)
        ps2_event(&mouse->line, mouse->packet[i]);
    mouse->reported_at = now;
    mouse->line.ready(mouse->line.opaque);
    if (moved(mouse)) /* the wheel */
        timer_arm(&mouse->report_timer, now + period(mouse));
}

static void report_due(void *opaque)
{
    stream(opaque);
}

void ps2mouse_move(struct ps2mouse *mouse, int dx, int dy, int dz, unsigned buttons)
{
    mouse->dx = clamp(mouse->dx + clamp(dx, -MOVE_MAX, MOVE_MAX), -MOVE_MAX, MOVE_MAX);
    mouse->dy = clamp(mouse->dy + clamp(dy, -MOVE_MAX, MOVE_MAX), -MOVE_MAX, MOVE_MAX);
    mouse->dz = clamp(mouse->dz + clamp(dz, -MOVE_MAX, MOVE_MAX), -MOVE_MAX, MOVE_MAX);
    mouse->buttons = buttons & (mouse->best == PS2MOUSE_FIVE ? ALL_BUTTONS : PACKET_BUTTONS);
    if (!mouse->enabled && !mouse->remote) /* nobody counts */
        clear_counts(mouse);
    stream(mouse);
}

static void set_defaults(struct ps2mouse *mouse)
{
    mouse->enabled = mouse->wrap = mouse->remote = mouse->scale = false;
    mouse->resolution = 2; /* 4 counts a millimetre */
    mouse->rate = 100;
    mouse->rates[0] = mouse->rates[1] = 0;
}

static void set_rate(struct ps2mouse *mouse, u8 rate)
{
    if (mouse->rates[0] == 200 && mouse->rates[1] == 100 && rate == 80 &&
        mouse->best >= PS2MOUSE_WHEEL && mouse->kind == PS2MOUSE_STANDARD)
        mouse->kind = PS2MOUSE_WHEEL;
    if (mouse->rates[0] == 200 && mouse->rates[1] == 200 && rate == 80 &&
        mouse->best >= PS2MOUSE_FIVE)
        mouse->kind = PS2MOUSE_FIVE;
    mouse->rates[0] = mouse->rates[1];
    mouse->rates[1] = mouse->rate = rate;
}

static void write_parameter(struct ps2mouse *mouse, u8 command, u8 value)
{
    if (command == MOUSE_RATE) {
        set_rate(mouse, value);
    } else if (value <= 3) {
        mouse->resolution = value;
    } else {
        ps2_answer(&mouse->line, PS2_RESEND);
        return;
    }
    ps2_answer(&mouse->line, PS2_ACK);
}

static void answer_status(struct ps2mouse *mouse)
{
    ps2_answer(&mouse->line, (mouse->remote ? STATUS_REMOTE : 0) |
                                 (mouse->enabled ? STATUS_ENABLED : 0) |
                                 (mouse->scale ? STATUS_SCALE_2 : 0) |
                                 (mouse->buttons & INPUT_LEFT ? STATUS_LEFT : 0) |
                                 (mouse->buttons & INPUT_MIDDLE ? STATUS_MIDDLE : 0) |
                                 (mouse->buttons & INPUT_RIGHT ? STATUS_RIGHT : 0));
    ps2_answer(&mouse->line, mouse->resolution);
    ps2_answer(&mouse->line, mouse->rate);
}

static void answer_packet(struct ps2mouse *mouse)
{
    for (unsigned i = 0; i < mouse->packet_len; i++)
        ps2_answer(&mouse->line, mouse->packet[i]);
}

/* Once more what was sent last: a packet in full, or else one byte. */
static void resend(struct ps2mouse *mouse)
{
    if (mouse->packet_len)
        answer_packet(mouse);
    else
        ps2_answer(&mouse->line, mouse->line.last);
}

static void write_command(struct ps2mouse *mouse, u8 value)
{
    switch (value) {
    case MOUSE_SCALE_1: mouse->scale = false; break;
    case MOUSE_SCALE_2: mouse->scale = true; break;
    case MOUSE_RATE:
    case MOUSE_RESOLUTION: mouse->line.pending = value; break;
    case MOUSE_STREAM: mouse->remote = false; break;
    case MOUSE_REMOTE: mouse->remote = true; break;
    case MOUSE_UNWRAP: mouse->wrap = false; break;
    case MOUSE_WRAP: mouse->wrap = true; break;
    case MOUSE_ENABLE: mouse->enabled = true; break;
    case MOUSE_DISABLE: mouse->enabled = false; break;
    case MOUSE_DEFAULTS: set_defaults(mouse); break;
    case MOUSE_RESET:
        set_defaults(mouse);
        mouse->kind = PS2MOUSE_STANDARD;
        break;
    case MOUSE_IDENTIFY:
    case MOUSE_STATUS:
    case MOUSE_READ: break;
    default: ps2_answer(&mouse->line, PS2_RESEND); return;
    }
    ps2_answer(&mouse->line, PS2_ACK);
    if (value == MOUSE_RESET)
        ps2_answer(&mouse->line, PS2_BAT_OK);
    if (value == MOUSE_RESET || value == MOUSE_IDENTIFY)
        ps2_answer(&mouse->line, mouse->kind);
    if (value == MOUSE_STATUS)
        answer_status(mouse);
    if (value == MOUSE_READ) {
        make_packet(mouse, false); /* scaling is for stream mode */
        answer_packet(mouse);
        return;
    }
    mouse->packet_len = 0;
    clear_counts(mouse);
}

/* A command ends the packet that is on its way. A command code in place of a parameter is a new
 * command: parameters are all lower. */
void ps2mouse_write(struct ps2mouse *mouse, u8 value)
{
    u8 command = mouse->line.pending;

    ps2_queue_clear(&mouse->line.answers);
    ps2_queue_clear(&mouse->line.events);
    mouse->line.pending = 0;
    if (value == MOUSE_RESEND && !mouse->wrap) {
        resend(mouse);
    } else if (mouse->wrap && value != MOUSE_UNWRAP && value != MOUSE_RESET) {
        ps2_answer(&mouse->line, value);
    } else if (command && value < MOUSE_SCALE_1) {
        mouse->packet_len = 0;
        clear_counts(mouse);
        write_parameter(mouse, command, value);
    } else {
        write_command(mouse, value);
    }
    if (!streaming(mouse))
        timer_cancel(&mouse->report_timer);
}

void ps2mouse_reset(struct ps2mouse *mouse)
{
    ps2_line_reset(&mouse->line);
    set_defaults(mouse);
    mouse->kind = PS2MOUSE_STANDARD;
    mouse->buttons = mouse->reported = 0;
    mouse->reported_at = 0;
    memset(mouse->packet, 0, sizeof(mouse->packet));
    mouse->packet_len = 0;
    clear_counts(mouse);
    timer_cancel(&mouse->report_timer);
}

static void state_i32(struct state *state, i32 *value)
{
    u32 bits = (u32)*value;

    state_u32(state, &bits);
    *value = clamp((i32)bits, -MOVE_MAX, MOVE_MAX);
}

void ps2mouse_state(struct ps2mouse *mouse, struct state *state)
{
    if (!state_begin(state, "ps2mouse"))
        return;
    ps2_line_state(&mouse->line, state);
    state_u8(state, &mouse->kind);
    state_bool(state, &mouse->enabled);
    state_bool(state, &mouse->wrap);
    state_bool(state, &mouse->remote);
    state_bool(state, &mouse->scale);
    state_u8(state, &mouse->resolution);
    state_u8(state, &mouse->rate);
    state_bytes(state, mouse->rates, sizeof(mouse->rates));
    state_u8(state, &mouse->buttons);
    state_u8(state, &mouse->reported);
    state_i32(state, &mouse->dx);
    state_i32(state, &mouse->dy);
    state_i32(state, &mouse->dz);
    state_u64(state, &mouse->reported_at);
    state_bytes(state, mouse->packet, sizeof(mouse->packet));
    state_u8(state, &mouse->packet_len);
    state_timer(state, &mouse->report_timer);
    state_end(state);
    if (mouse->packet_len > sizeof(mouse->packet) || mouse->kind > mouse->best) {
        state_reject(state);
        mouse->packet_len = 0;
        mouse->kind = PS2MOUSE_STANDARD;
    }
}

void ps2mouse_init(struct ps2mouse *mouse, struct clock *clock, enum ps2mouse_kind best,
                   void (*ready)(void *opaque), void *opaque)
{
    memset(mouse, 0, sizeof(*mouse));
    mouse->clock = clock;
    mouse->best = (u8)best;
    mouse->line.ready = ready;
    mouse->line.opaque = opaque;
    timer_init(&mouse->report_timer, clock, report_due, mouse);
    ps2mouse_reset(mouse);
}
