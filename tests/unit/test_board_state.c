/* Saved state of the oldest devices: what is loaded into a second device behaves as the first from then on, access
 * by access and interrupt by interrupt; and damaged states do no harm. */
#include "devices/chipset/ioapic.h"
#include "devices/chipset/lapic.h"
#include "devices/chipset/nmi.h"
#include "devices/chipset/pic.h"
#include "devices/chipset/pit.h"
#include "devices/chipset/port92.h"
#include "devices/chipset/rtc.h"
#include "devices/serial/uart.h"

#include "tests/unit/dev_bench.h"

/* Two of everything, each on a bench of its own. */
static struct set {
    struct bench bench;
    struct ioapic ioapic;
    struct lapic lapic;
    struct nmi nmi;
    struct pic pic;
    struct pit pit;
    struct port92 port92;
    struct rtc rtc;
    struct uart uart;
    struct chr chr;
    bool a20;
    unsigned resets, sent;
    struct pit_tone tone;
} set[2];

static void set_intr(void *opaque, bool level)
{
    struct set *s = opaque;

    ck_assert(level != s->bench.level[15]); /* only changes are told */
    s->bench.level[15] = level;
}

static void set_a20(void *opaque, bool on)
{
    ((struct set *)opaque)->a20 = on;
}

static void see_reset(void *opaque)
{
    ((struct set *)opaque)->resets++;
}

static void see_tone(void *opaque, const struct pit_tone *tone)
{
    ((struct set *)opaque)->tone = *tone;
}

static void chr_write(struct chr *c, const u8 *data, size_t len)
{
    struct set *s = container_of(c, struct set, chr);

    for (size_t i = 0; i < len; i++)
        s->sent = s->sent * 31 + data[i];
}

static const struct chr_ops chr_ops = {.write = chr_write};

/* What goes to the processor and to the other APIC. */
static void see(struct set *s, u32 what)
{
    s->sent = s->sent * 31 + what;
}

static void see_nmi(void *opaque)
{
    see(opaque, 'n');
}

static void see_init(void *opaque)
{
    see(opaque, 'i');
}

static void see_eoi(void *opaque, u8 vector)
{
    see(opaque, vector);
}

static void see_nothing(void *opaque)
{
    (void)opaque;
}

static bool see_message(void *opaque, const struct apic_message *m)
{
    see(opaque, (u32)m->vector << 16 | (u32)m->mode << 8 | m->dest);
    return !(m->vector & 1);
}

static void init_ioapic(struct set *s)
{
    struct ioapic_host host = {see_message, s};

    ioapic_init(&s->ioapic, &host);
}

static void init_lapic(struct set *s)
{
    struct lapic_host host = {set_intr, see_nmi, see_init, see_eoi, see_nothing, s};

    lapic_init(&s->lapic, &s->bench.clock, &host);
}

static void init_nmi(struct set *s)
{
    nmi_init(&s->nmi, bench_irq(&s->bench, 2));
}

static void init_pic(struct set *s)
{
    pic_init(&s->pic, &s->bench.bus, set_intr, s);
}

static void init_pit(struct set *s)
{
    pit_init(&s->pit, &s->bench.bus, 0x40, &s->bench.clock, bench_irq(&s->bench, 0));
    s->pit.on_tone = see_tone;
    s->pit.on_tone_opaque = s;
}

static void init_port92(struct set *s)
{
    port92_init(&s->port92, &s->bench.bus, set_a20, see_reset, s);
    port92_reset(&s->port92);
}

static void init_rtc(struct set *s)
{
    rtc_init(&s->rtc, &s->bench.bus, 0x70, &s->bench.clock, bench_irq(&s->bench, 8), 1000000000);
}

static void init_uart(struct set *s)
{
    s->chr = (struct chr){.ops = &chr_ops};
    uart_init(&s->uart, &s->bench.bus, 0x3f8, bench_irq(&s->bench, 4), &s->bench.clock, &s->chr);
}

static void state_ioapic(struct set *s, struct state *state)
{
    ioapic_state(&s->ioapic, state);
}

static void state_lapic(struct set *s, struct state *state)
{
    lapic_state(&s->lapic, state);
}

/* The line's level is its receiver's. */
static void state_nmi(struct set *s, struct state *state)
{
    nmi_state(&s->nmi, state);
    s->bench.level[2] = s->nmi.level;
}

static void state_pic(struct set *s, struct state *state)
{
    pic_state(&s->pic, state);
}

static void state_pit(struct set *s, struct state *state)
{
    pit_state(&s->pit, state);
}

static void state_port92(struct set *s, struct state *state)
{
    port92_state(&s->port92, state);
}

static void state_rtc(struct set *s, struct state *state)
{
    rtc_state(&s->rtc, state);
}

static void state_uart(struct set *s, struct state *state)
{
    uart_state(&s->uart, state);
}

/* What happens to a device from outside. */
static void drive_ioapic(struct set *s, u64 r)
{
    if (r & 1)
        ioapic_set_pin(&s->ioapic, r / 2 % IOAPIC_PINS, r & 0x100);
    else if (r & 0x200)
        ioapic_eoi(&s->ioapic, (u8)(r >> 16));
    else
        ioapic_retry(&s->ioapic);
}

static void drive_lapic(struct set *s, u64 r)
{
    struct apic_message message = {(u8)(r >> 8), r >> 16 & 7, (u8)(r >> 24), r & 0x80, r & 0x40};

    if (r & 1)
        lapic_set_lint(&s->lapic, r >> 1 & 1, r & 4);
    if (r & 8)
        see(s, lapic_accept(&s->lapic, &message));
    if (s->bench.level[15] && r & 16)
        see(s, (u32)lapic_ack(&s->lapic));
}

static void drive_nmi(struct set *s, u64 r)
{
    if (r & 1)
        nmi_pulse(&s->nmi, r & 2 ? NMI_SERR : NMI_IOCHK);
    else if (r & 2)
        nmi_write_61(&s->nmi, (u8)(r >> 8));
    else
        nmi_write_70(&s->nmi, (u8)(r >> 8));
    see(s, nmi_read_61(&s->nmi));
}

static void drive_pic(struct set *s, u64 r)
{
    pic_set_irq(&s->pic, r & 15, r & 16);
    if (s->bench.level[15] && r & 32)
        s->sent = s->sent * 31 + pic_ack(&s->pic);
}

static void drive_port92(struct set *s, u64 r)
{
    port92_kbc_a20(&s->port92, r & 1);
}

static void drive_uart(struct set *s, u64 r)
{
    u8 data[4] = {(u8)r, (u8)(r >> 8), (u8)(r >> 16), (u8)(r >> 24)};

    if (r & 0x100)
        s->chr.receive(s->chr.opaque, data, r >> 32 & 3);
    else if (!(r & 0x1000))
        s->chr.send_break(s->chr.opaque);
}

/* A register of a page of them, which lie 16 bytes apart. */
static u32 access_page(const struct phys_mmio_ops *ops, void *device, unsigned registers, u64 r)
{
    u32 offset = (r >> 8) % registers * 16;

    if (!(r & 1))
        return ops->read(device, offset, 4);
    ops->write(device, offset, (u32)(r >> 24), 4);
    return 0;
}

static u32 access_ioapic(struct set *s, u64 r)
{
    return access_page(&ioapic_ops, &s->ioapic, 2, r);
}

static u32 access_lapic(struct set *s, u64 r)
{
    return access_page(&lapic_ops, &s->lapic, 64, r);
}

static const struct {
    const char *name;
    void (*init)(struct set *s);
    void (*state)(struct set *s, struct state *state);
    void (*drive)(struct set *s, u64 r); /* may be NULL */
    u16 ports[3][2];                     /* base and count */
    u64 step;                            /* ns between accesses, at most */
    u32 (*access)(struct set *s, u64 r); /* in memory instead */
} devices[] = {
    {"ioapic", init_ioapic, state_ioapic, drive_ioapic, {{0}}, 1000, access_ioapic},
    {"lapic", init_lapic, state_lapic, drive_lapic, {{0}}, 1000, access_lapic},
    {"nmi", init_nmi, state_nmi, drive_nmi, {{0x80, 1}, {0x80, 1}, {0x80, 1}}, 1000, NULL},
    {"pic", init_pic, state_pic, drive_pic, {{0x20, 2}, {0xa0, 2}, {0x4d0, 2}}, 1000, NULL},
    {"pit", init_pit, state_pit, NULL, {{0x40, 4}, {0x61, 1}, {0x40, 4}}, 200000, NULL},
    {"port 92",
     init_port92,
     state_port92,
     drive_port92,
     {{0x92, 1}, {0x92, 1}, {0x92, 1}},
     1000,
     NULL},
    {"rtc", init_rtc, state_rtc, NULL, {{0x70, 2}, {0x70, 2}, {0x71, 1}}, 300000000, NULL},
    {"uart", init_uart, state_uart, drive_uart, {{0x3f8, 8}, {0x3f8, 4}, {0x3f8, 1}}, 300000, NULL},
};

static void start(struct set *s, unsigned device, u64 now)
{
    memset(s, 0, sizeof(*s));
    bench_init(&s->bench);
    clock_skip(&s->bench.clock, now);
    devices[device].init(s);
}

static u32 access_port(struct set *s, unsigned device, u64 r)
{
    const u16 *range = devices[device].ports[(r >> 8) % 3];
    u16 port = (u16)(range[0] + (r >> 16) % range[1]);

    if (!(r & 1))
        return inb(&s->bench, port);
    outb(&s->bench, port, (u8)(r >> 24));
    return 0;
}

/* One access, one event, some time. Returns what was read. */
static u32 step(struct set *s, unsigned device, u64 r)
{
    u32 value = devices[device].access ? devices[device].access(s, r) : access_port(s, device, r);

    if (devices[device].drive)
        devices[device].drive(s, r >> 20);
    bench_pass(&s->bench, (r >> 32) % devices[device].step);
    return value;
}

static void ck_alike(unsigned device, unsigned round)
{
    struct set *a = &set[0], *b = &set[1];

    ck_assert_msg(memcmp(a->bench.level, b->bench.level, sizeof(a->bench.level)) == 0,
                  "%s: lines differ in round %u", devices[device].name, round);
    ck_assert_msg(a->a20 == b->a20 && a->resets == b->resets && a->sent == b->sent,
                  "%s: outputs differ in round %u", devices[device].name, round);
    ck_assert_msg(a->tone.hz == b->tone.hz && a->tone.level == b->tone.level &&
                      a->tone.since == b->tone.since,
                  "%s: tones differ in round %u", devices[device].name, round);
}

/* The first is used at random; the second, just made, loads what the first saves. */
START_TEST(test_round_trip)
{
    u64 seed = 1234567 + (u64)_i;

    start(&set[0], (unsigned)_i, 0);
    for (unsigned round = 0; round < 300; round++) {
        struct state saved, loading, again;

        for (unsigned i = 0; i < 40; i++)
            step(&set[0], (unsigned)_i, bench_random(&seed));
        state_init_save(&saved);
        devices[_i].state(&set[0], &saved);
        ck_assert(!saved.failed);
        start(&set[1], (unsigned)_i, clock_now(&set[0].bench.clock));
        set[1].sent = set[0].sent;
        set[1].resets = set[0].resets;
        state_init_load(&loading, saved.data, saved.len);
        devices[_i].state(&set[1], &loading);
        ck_assert(!loading.failed);
        state_init_save(&again);
        devices[_i].state(&set[1], &again);
        ck_assert_uint_eq(saved.len, again.len);
        ck_assert_msg(memcmp(saved.data, again.data, saved.len) == 0,
                      "%s: saved again, in round %u", devices[_i].name, round);
        set[0].tone = set[0].pit.tone; /* only changes were told */
        ck_alike((unsigned)_i, round);
        for (unsigned i = 0; i < 40; i++) {
            u64 r = bench_random(&seed);

            ck_assert_msg(step(&set[0], (unsigned)_i, r) == step(&set[1], (unsigned)_i, r),
                          "%s: round %u, access %u reads something else", devices[_i].name, round,
                          i);
            ck_alike((unsigned)_i, round);
        }
        state_free(&saved);
        state_free(&again);
    }
}
END_TEST

/* Every byte wrong in turn: rejected or harmless, and bounded work from then on. */
START_TEST(test_damaged)
{
    static const u8 wrong[] = {0xff, 0x80, 0x7f, 0x00};
    struct state saved, loading;
    u64 seed = 99;

    start(&set[0], (unsigned)_i, 0);
    for (unsigned i = 0; i < 200; i++)
        step(&set[0], (unsigned)_i, bench_random(&seed));
    state_init_save(&saved);
    devices[_i].state(&set[0], &saved);
    for (size_t at = 0; at < saved.len; at++) {
        for (unsigned w = 0; w < ARRAY_SIZE(wrong); w++) {
            u8 was = saved.data[at];

            saved.data[at] = wrong[w];
            start(&set[1], (unsigned)_i, clock_now(&set[0].bench.clock));
            state_init_load(&loading, saved.data, saved.len);
            devices[_i].state(&set[1], &loading);
            saved.data[at] = was;
            for (unsigned i = 0; i < 60; i++)
                step(&set[1], (unsigned)_i, bench_random(&seed));
        }
    }
    for (size_t len = 0; len < saved.len; len++) {
        start(&set[1], (unsigned)_i, clock_now(&set[0].bench.clock));
        state_init_load(&loading, saved.data, len);
        devices[_i].state(&set[1], &loading);
        for (unsigned i = 0; i < 60; i++)
            step(&set[1], (unsigned)_i, bench_random(&seed));
    }
    state_free(&saved);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("board_state");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_round_trip, 0, ARRAY_SIZE(devices));
    tcase_add_loop_test(tc, test_damaged, 0, ARRAY_SIZE(devices));
    return bench_main(tc, "board_state");
}
