/* One counter of an 8254: its count and OUT as functions of its state and the tick number.
 *
 * Source: Intel 8254 datasheet (231164), mode definitions and figures 15-20.
 *
 * Tick T is the T-th falling edge of CLK. A count written between ticks T and T+1 is in the
 * counting element from tick T+1 on (`start`); k ticks later k decrements were made. Every function
 * but pit_channel_settle() wants a settled channel. */
#include "devices/chipset/pit_channel.h"

#define CONTROL_BCD 0x01

/* Status byte. */
#define STATUS_OUT  0x80
#define STATUS_NULL 0x40

static bool rate_mode(const struct pit_channel *ch)
{
    return ch->mode == 2 || ch->mode == 3;
}

/* Whether only a rising edge of the gate loads the counting element. */
static bool trigger_mode(const struct pit_channel *ch)
{
    return ch->mode == 1 || ch->mode == 5;
}

void pit_channel_settle(struct pit_channel *ch, u64 t)
{
    if (ch->next_at == PIT_NEVER || t < ch->next_at)
        return;
    ch->start = ch->next_start;
    ch->n = ch->next_n;
    ch->next_at = PIT_NEVER;
}

static bool loaded(const struct pit_channel *ch, u64 t)
{
    return ch->start != PIT_NEVER && t >= ch->start;
}

/* Decrements since the load, when loaded. */
static u64 elapsed(const struct pit_channel *ch, u64 t)
{
    return ch->frozen ? ch->frozen_at : t - ch->start;
}

/* Mode 3: ticks for which OUT is high in one period. */
static u32 high_ticks(u32 n)
{
    return (n + 1) / 2;
}

bool pit_channel_out(const struct pit_channel *ch, u64 t)
{
    u64 e;

    if (rate_mode(ch) && !ch->gate)
        return true;
    if (!loaded(ch, t))
        return ch->out_before;
    e = elapsed(ch, t);
    switch (ch->mode) {
    case 0: /* terminal count */
    case 1: /* one-shot */ return e >= ch->n;
    case 2: return e % ch->n != ch->n - 1;
    case 3: return e % ch->n < high_ticks(ch->n);
    default: /* 4 and 5: strobe */ return e != ch->n;
    }
}

/* The counting element as a number; 0 also stands for the highest count. */
static u32 channel_count(const struct pit_channel *ch, u64 t)
{
    u32 modulus = ch->control & CONTROL_BCD ? 10000 : 65536;
    u32 phase;
    u64 e;

    if (!loaded(ch, t))
        return ch->ce_before;
    e = elapsed(ch, t);
    switch (ch->mode) {
    case 2: return (u32)(ch->n - e % ch->n) % modulus;
    case 3: /* by two: an odd count starts one lower, and stays at 0 for the last tick of high */
        phase = (u32)(e % ch->n);
        if (phase >= high_ticks(ch->n))
            phase -= high_ticks(ch->n);
        return ((ch->n & ~1u) - 2 * phase) % modulus;
    default: return (u32)((ch->n + modulus - e % modulus) % modulus);
    }
}

static u16 to_bcd(u32 v)
{
    return (u16)(v % 10 | v / 10 % 10 << 4 | v / 100 % 10 << 8 | v / 1000 % 10 << 12);
}

/* What the count bytes written mean; digits above 9 count as such. */
static u32 from_register(const struct pit_channel *ch, u16 v)
{
    u32 n = v;

    if (ch->control & CONTROL_BCD)
        n = (v & 15u) + (v >> 4 & 15u) * 10 + (v >> 8 & 15u) * 100 + (v >> 12) * 1000u;
    return n ? n : ch->control & CONTROL_BCD ? 10000 : 65536;
}

static u16 to_register(const struct pit_channel *ch, u32 count)
{
    return ch->control & CONTROL_BCD ? to_bcd(count) : (u16)count;
}

/* Moves cr to the counting element at the next tick. */
static void load(struct pit_channel *ch, u64 t)
{
    ch->ce_before = channel_count(ch, t);
    ch->out_before = pit_channel_out(ch, t);
    ch->start = t + 1;
    ch->n = ch->cr;
    ch->next_at = PIT_NEVER;
    ch->waiting = false;
    ch->frozen = !ch->gate && !trigger_mode(ch);
    ch->frozen_at = 0;
}

static u64 own_edge(const struct pit_channel *ch, u64 t)
{
    u64 e, phase;

    if (ch->start == PIT_NEVER || ch->frozen)
        return PIT_NEVER;
    e = t >= ch->start ? t - ch->start : 0;
    phase = e % ch->n;
    t = ch->start + e;
    switch (ch->mode) {
    case 0:
    case 1: return e < ch->n ? t - e + ch->n : PIT_NEVER;
    case 2: return ch->n > 1 ? t - phase + ch->n : PIT_NEVER; /* 1 is not a legal count */
    case 3:
        if (ch->n == 1)
            return PIT_NEVER;
        return t - phase + (phase < high_ticks(ch->n) ? high_ticks(ch->n) : ch->n);
    default: return e <= ch->n ? t - e + ch->n + 1 : PIT_NEVER;
    }
}

u64 pit_channel_next_edge(const struct pit_channel *ch, u64 t)
{
    u64 edge = own_edge(ch, t);

    /* The same tick, but when the old count is 1 and has no edges. */
    return ch->next_at < edge ? ch->next_at : edge;
}

/* A new count in modes 2 and 3: it waits for the end of the period (2) or half-period (3). */
static void change_rate(struct pit_channel *ch, u64 t)
{
    u32 half = high_ticks(ch->n);
    u64 phase = (t - ch->start) % ch->n;

    ch->next_n = ch->cr;
    if (ch->mode == 2 || phase >= half) {
        ch->next_at = t - phase + ch->n;
        ch->next_start = ch->next_at;
    } else {
        ch->next_at = t - phase + half;
        ch->next_start = ch->next_at - high_ticks(ch->next_n);
    }
    ch->waiting = false;
}

static void write_count(struct pit_channel *ch, u64 t, u16 value)
{
    ch->cr = from_register(ch, value);
    ch->waiting = true;
    if (trigger_mode(ch))
        return;
    if (!rate_mode(ch) || !loaded(ch, t)) {
        load(ch, t);
        if (ch->mode == 0)
            ch->out_before = false;
    } else if (ch->gate) {
        change_rate(ch, t);
    } /* else: the gate's rising edge loads it */
}

/* Mode 0: the first of two bytes stops the count and takes OUT low at once. */
static void stop_count(struct pit_channel *ch, u64 t)
{
    ch->ce_before = channel_count(ch, t);
    ch->start = PIT_NEVER;
    ch->out_before = false;
}

void pit_channel_write(struct pit_channel *ch, u64 t, u8 value)
{
    switch (PIT_ACCESS(ch->control)) {
    case PIT_ACCESS_LATCH: break; /* never programmed */
    case PIT_ACCESS_LOW: write_count(ch, t, value); break;
    case PIT_ACCESS_HIGH: write_count(ch, t, (u16)(value << 8)); break;
    case PIT_ACCESS_BOTH:
        if (ch->write_high)
            write_count(ch, t, (u16)(value << 8 | ch->write_low));
        else if (ch->mode == 0)
            stop_count(ch, t);
        ch->write_low = value;
        ch->write_high = !ch->write_high;
        break;
    }
}

void pit_channel_latch_count(struct pit_channel *ch, u64 t)
{
    if (ch->latched)
        return;
    ch->latch = to_register(ch, channel_count(ch, t));
    ch->latched = PIT_ACCESS(ch->control) == PIT_ACCESS_BOTH ? 2 : 1;
}

void pit_channel_latch_status(struct pit_channel *ch, u64 t)
{
    bool null = ch->waiting || ch->next_at != PIT_NEVER || !loaded(ch, t);

    if (ch->status_latched)
        return;
    ch->status = ch->control | (pit_channel_out(ch, t) ? STATUS_OUT : 0) | (null ? STATUS_NULL : 0);
    ch->status_latched = true;
}

u8 pit_channel_read(struct pit_channel *ch, u64 t)
{
    u16 count;
    bool high;

    if (ch->status_latched) {
        ch->status_latched = false;
        return ch->status;
    }
    count = ch->latched ? ch->latch : to_register(ch, channel_count(ch, t));
    if (ch->latched)
        ch->latched--;
    high = PIT_ACCESS(ch->control) == PIT_ACCESS_HIGH;
    if (PIT_ACCESS(ch->control) == PIT_ACCESS_BOTH) {
        high = ch->read_high;
        ch->read_high = !ch->read_high;
    }
    return (u8)(high ? count >> 8 : count);
}

void pit_channel_program(struct pit_channel *ch, u64 t, u8 value)
{
    u8 mode = PIT_MODE(value);

    ch->ce_before = channel_count(ch, t);
    ch->control = value & 0x3f;
    ch->mode = mode > 5 ? mode - 4 : mode; /* 6 and 7 are 2 and 3 */
    ch->cr = 0;
    ch->waiting = true;
    ch->start = PIT_NEVER;
    ch->next_at = PIT_NEVER;
    ch->frozen = false;
    ch->out_before = mode != 0;
    ch->write_high = ch->read_high = false;
    ch->latched = 0;
    ch->status_latched = false;
}

void pit_channel_set_gate(struct pit_channel *ch, u64 t, bool gate)
{
    if (gate == ch->gate)
        return;
    if (!gate) {
        if (!trigger_mode(ch) && ch->start != PIT_NEVER) {
            ch->frozen_at = loaded(ch, t) ? t - ch->start : 0;
            ch->frozen = true;
        }
        if (ch->next_at != PIT_NEVER) { /* the rising edge will load it */
            ch->next_at = PIT_NEVER;
            ch->waiting = true;
        }
        ch->gate = false;
        return;
    }
    if (rate_mode(ch) || trigger_mode(ch)) {
        if (ch->cr)
            load(ch, t); /* while the gate is still low: mode 2's and 3's OUT is high */
        ch->frozen = false;
    } else if (ch->frozen) {
        if (loaded(ch, t))
            ch->start = t - ch->frozen_at;
        ch->frozen = false;
    }
    ch->gate = true;
}

/* What no sequence of accesses leaves behind: it would divide by zero, or be an edge all the time. */
static bool plausible(const struct pit_channel *ch, u64 t)
{
    if (ch->mode > 5 || ch->latched > 2 || ch->cr > 65536)
        return false;
    if (ch->start != PIT_NEVER && (ch->start > t + 1 || !ch->n || ch->n > 65536))
        return false;
    if (ch->next_at == PIT_NEVER)
        return true;
    return ch->start != PIT_NEVER && ch->next_at <= t + 65536 && ch->next_start <= ch->next_at &&
           ch->next_n && ch->next_n <= 65536;
}

void pit_channel_state(struct pit_channel *ch, u64 t, struct state *state)
{
    state_u8(state, &ch->control);
    state_u8(state, &ch->mode);
    state_bool(state, &ch->gate);
    state_u32(state, &ch->cr);
    state_bool(state, &ch->waiting);
    state_u64(state, &ch->start);
    state_u32(state, &ch->n);
    state_u64(state, &ch->next_at);
    state_u64(state, &ch->next_start);
    state_u32(state, &ch->next_n);
    state_bool(state, &ch->frozen);
    state_u64(state, &ch->frozen_at);
    state_bool(state, &ch->out_before);
    state_u32(state, &ch->ce_before);
    state_bool(state, &ch->write_high);
    state_bool(state, &ch->read_high);
    state_u8(state, &ch->write_low);
    state_u8(state, &ch->latched);
    state_u16(state, &ch->latch);
    state_bool(state, &ch->status_latched);
    state_u8(state, &ch->status);
    if (!state->loading || plausible(ch, t))
        return;
    state_reject(state);
    pit_channel_program(ch, t, PIT_ACCESS_BOTH << 4);
}
