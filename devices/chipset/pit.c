/* The interval timer: an 8254 and port 0x61, which holds channel 2's gate and the speaker's bits.
 *
 * Implemented: the six modes with their gate rules, BCD, all access modes, counter latch and
 * read-back commands, null count; exact counts and OUT levels at any virtual time. Channel 0's and
 * 1's gates are tied high, channel 2's is bit 0 of port 0x61. Which tone the speaker has is kept
 * for a sound back end; nothing sounds. Not implemented: memory refresh (but for its toggling bit
 * 4 in port 0x61), the write-only upper bits of port 0x61. Sources: Intel 8254 datasheet (231164),
 * mode definitions; IBM AT Technical Reference for port 0x61. */
#include "devices/chipset/pit.h"

#include <string.h>

#include "devices/base/ticks.h"

/* Tick numbers are biased, so that `start` of a cycle that is taken over in its middle may lie
 * before virtual time 0. */
#define PIT_BIAS (1u << 20)

/* Offsets of the ports. */
#define PIT_CONTROL 3

#define READ_BACK           3 /* in the control word instead of a channel number */
#define READ_BACK_NO_COUNT  0x20
#define READ_BACK_NO_STATUS 0x10

/* Port 0x61. */
#define PORT61_GATE2    0x01
#define PORT61_SPEAKER  0x02 /* channel 2's OUT reaches it */
#define PORT61_WRITABLE 0x0f
#define PORT61_REFRESH  0x10
#define PORT61_OUT2     0x20
#define TONE_MAX_HZ     20000u
#define REFRESH_TICKS   18 /* channel 1's usual count: 15.09 us */

static u64 tick_now(const struct pit *pit)
{
    return ns_to_ticks(clock_now(pit->clock), PIT_HZ) + PIT_BIAS;
}

/* The speaker follows channel 2's OUT and PORT61_SPEAKER. Waves too high to be heard are levels,
 * as when a program silences it by a small count. */
static void update_tone(struct pit *pit, u64 t)
{
    const struct pit_channel *ch = &pit->channel[2];
    struct pit_tone tone = {.since = clock_now(pit->clock)};
    bool wave = (ch->mode == 2 || ch->mode == 3) && ch->cr && ch->start != PIT_NEVER;

    if (pit->port61 & PORT61_SPEAKER) {
        if (wave && ch->gate && ch->cr >= PIT_HZ / TONE_MAX_HZ)
            tone.hz = PIT_HZ / ch->cr;
        else
            tone.level = pit_channel_out(ch, t);
    }
    if (tone.hz == pit->tone.hz && tone.level == pit->tone.level)
        return;
    pit->tone = tone;
    if (pit->on_tone)
        pit->on_tone(pit->on_tone_opaque, &tone);
}

static void write_control(struct pit *pit, u64 t, u8 value)
{
    struct pit_channel *ch = pit->channel;

    if (value >> 6 == READ_BACK) {
        for (unsigned i = 0; i < 3; i++, ch++) {
            if (!(value & (2u << i)))
                continue;
            if (!(value & READ_BACK_NO_COUNT))
                pit_channel_latch_count(ch, t);
            if (!(value & READ_BACK_NO_STATUS))
                pit_channel_latch_status(ch, t);
        }
        return;
    }
    ch += value >> 6;
    if (PIT_ACCESS(value) == PIT_ACCESS_LATCH)
        pit_channel_latch_count(ch, t);
    else
        pit_channel_program(ch, t, value);
}

/* Drives IRQ 0 and arms the timer for the next edge. `edge`: the time of one has come; OUT was low
 * in between even when it is high now, if only for the one tick of mode 2. */
static void update_irq(struct pit *pit, u64 t, bool edge)
{
    struct pit_channel *ch = &pit->channel[0];
    bool out = pit_channel_out(ch, t);
    u64 next = pit_channel_next_edge(ch, t);

    if (edge && out)
        irq_set(&pit->irq, false);
    irq_set(&pit->irq, out);
    if (next == PIT_NEVER)
        timer_cancel(&pit->timer);
    else
        timer_arm(&pit->timer, ticks_to_ns(next - PIT_BIAS, PIT_HZ));
}

static void edge_due(void *opaque)
{
    struct pit *pit = opaque;
    u64 t = tick_now(pit);

    pit_channel_settle(&pit->channel[0], t);
    update_irq(pit, t, true);
}

static void settle_all(struct pit *pit, u64 t)
{
    for (unsigned i = 0; i < 3; i++)
        pit_channel_settle(&pit->channel[i], t);
}

static void pit_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct pit *pit = opaque;
    u64 t = tick_now(pit);

    (void)size;
    settle_all(pit, t);
    if (offset == PIT_CONTROL)
        write_control(pit, t, (u8)value);
    else
        pit_channel_write(&pit->channel[offset], t, (u8)value);
    if (offset == 0 || (offset == PIT_CONTROL && value >> 6 == 0 && PIT_ACCESS(value)))
        update_irq(pit, t, false);
    update_tone(pit, t);
}

static u32 pit_read(void *opaque, u16 offset, unsigned size)
{
    struct pit *pit = opaque;
    u64 t = tick_now(pit);

    (void)size;
    if (offset == PIT_CONTROL)
        return 0xff; /* write-only */
    settle_all(pit, t);
    return pit_channel_read(&pit->channel[offset], t);
}

static void port61_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct pit *pit = opaque;
    u64 t = tick_now(pit);

    (void)offset, (void)size;
    pit->port61 = value & PORT61_WRITABLE;
    if (pit->nmi)
        nmi_write_61(pit->nmi, (u8)value);
    settle_all(pit, t);
    pit_channel_set_gate(&pit->channel[2], t, value & PORT61_GATE2);
    update_tone(pit, t);
}

static u32 port61_read(void *opaque, u16 offset, unsigned size)
{
    struct pit *pit = opaque;

    (void)offset, (void)size;
    return pit->port61 | (tick_now(pit) / REFRESH_TICKS & 1 ? PORT61_REFRESH : 0) |
           (pit_out(pit, 2) ? PORT61_OUT2 : 0) | (pit->nmi ? nmi_read_61(pit->nmi) : 0);
}

static const struct ioport_ops pit_ops = {pit_read, pit_write, 1};
static const struct ioport_ops port61_ops = {port61_read, port61_write, 1};

bool pit_out(const struct pit *pit, unsigned channel)
{
    struct pit_channel ch = pit->channel[channel];
    u64 t = tick_now(pit);

    pit_channel_settle(&ch, t);
    return pit_channel_out(&ch, t);
}

/* The 8254 has no reset and is undefined until programmed. Here every channel waits for a count in
 * mode 3 with OUT high, but for channel 0, whose OUT is low so that its first programming is an
 * edge as after any BIOS. */
void pit_reset(struct pit *pit)
{
    u64 t = tick_now(pit);

    timer_cancel(&pit->timer);
    memset(pit->channel, 0, sizeof(pit->channel));
    pit->port61 = 0;
    for (unsigned i = 0; i < 3; i++) {
        pit->channel[i].gate = i != 2;
        pit->channel[i].start = PIT_NEVER;
        pit_channel_program(&pit->channel[i], t, PIT_ACCESS_BOTH << 4 | (i ? 3 : 0) << 1);
    }
    update_irq(pit, t, false);
    update_tone(pit, t);
}

void pit_state(struct pit *pit, struct state *state)
{
    u64 t = tick_now(pit);

    settle_all(pit, t);
    if (!state_begin(state, "pit"))
        return;
    for (unsigned i = 0; i < 3; i++)
        pit_channel_state(&pit->channel[i], t, state);
    state_u8(state, &pit->port61);
    state_u32(state, &pit->tone.hz);
    state_bool(state, &pit->tone.level);
    state_u64(state, &pit->tone.since);
    state_timer(state, &pit->timer); /* its place; update_irq() knows when */
    state_end(state);
    if (!state->loading)
        return;
    pit->port61 &= PORT61_WRITABLE;
    settle_all(pit, t);
    update_irq(pit, t, false);
    if (pit->on_tone)
        pit->on_tone(pit->on_tone_opaque, &pit->tone);
}

void pit_init(struct pit *pit, struct ioport_bus *bus, u16 base, struct clock *clock,
              struct irq irq0)
{
    memset(pit, 0, sizeof(*pit));
    pit->clock = clock;
    pit->irq = irq0;
    timer_init(&pit->timer, clock, edge_due, pit);
    pit_reset(pit);
    ioport_add(bus, base, 4, &pit_ops, pit, "pit");
    ioport_add(bus, 0x61, 1, &port61_ops, pit, "port 61");
}
