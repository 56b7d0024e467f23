/* Tests of the local APIC: priorities, end of interrupt, local vectors, the timer, inter-processor interrupts to
 * itself, destinations, errors, and what passes it while it is disabled. (SDM vol. 3A, chapter 10) */
#include "devices/chipset/lapic.h"

#include "tests/unit/dev_bench.h"

static struct bench b;
static struct lapic apic;
static struct {
    bool intr;
    unsigned nmis, inits, eois, listens;
    u8 eoi;
} seen;

static void set_intr(void *opaque, bool level)
{
    (void)opaque;
    ck_assert(level != seen.intr); /* only changes are told */
    seen.intr = level;
}

static void see_nmi(void *opaque)
{
    (void)opaque;
    seen.nmis++;
}

static void see_init(void *opaque)
{
    (void)opaque;
    seen.inits++;
}

static void see_eoi(void *opaque, u8 vector)
{
    (void)opaque;
    seen.eois++;
    seen.eoi = vector;
}

static void see_listens(void *opaque)
{
    (void)opaque;
    seen.listens++;
}

static void ignore(void *opaque)
{
    (void)opaque;
}

static void ignore_level(void *opaque, bool level)
{
    (void)opaque, (void)level;
}

static void ignore_vector(void *opaque, u8 vector)
{
    (void)opaque, (void)vector;
}

static void put(u32 offset, u32 value)
{
    lapic_ops.write(&apic, offset, value, 4);
}

static u32 get(u32 offset)
{
    return lapic_ops.read(&apic, offset, 4);
}

static void setup(void)
{
    static const struct lapic_host host = {set_intr, see_nmi, see_init, see_eoi, see_listens, NULL};

    bench_init(&b);
    memset(&seen, 0, sizeof(seen));
    lapic_init(&apic, &b.clock, &host);
}

static void setup_enabled(void)
{
    setup();
    put(0xf0, 0x1ff);
}

static bool send(u8 vector, u8 mode, u8 dest, bool logical, bool level)
{
    struct apic_message message = {vector, mode, dest, logical, level};

    return lapic_accept(&apic, &message);
}

static bool send_fixed(u8 vector)
{
    return send(vector, APIC_FIXED, 0, false, false);
}

START_TEST(reset_state)
{
    static const struct {
        u32 offset, value;
    } rows[] = {
        {0x20, 0},         {0x30, 0x00050014}, {0x80, 0},         {0xa0, 0},
        {0xd0, 0},         {0xe0, ~0u},        {0xf0, 0xff},      {0x280, 0},
        {0x300, 0},        {0x310, 0},         {0x320, 1u << 16}, {0x330, 1u << 16},
        {0x340, 1u << 16}, {0x350, 1u << 16},  {0x360, 1u << 16}, {0x370, 1u << 16},
        {0x380, 0},        {0x390, 0},         {0x3e0, 0},
    };

    setup();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        ck_assert_msg(get(rows[i].offset) == rows[i].value, "%x: %x", rows[i].offset,
                      get(rows[i].offset));
    put(0x320, 0x20); /* masked while software has it disabled */
    ck_assert_uint_eq(get(0x320), 0x10020);
    ck_assert(!send_fixed(0x30));
    put(0xf0, 0x1ff);
    put(0x320, 0x20);
    ck_assert_uint_eq(get(0x320), 0x20);
    put(0xf0, 0xff);
    ck_assert_uint_eq(get(0x320), 0x10020);
}
END_TEST

START_TEST(wire_while_disabled)
{
    setup();
    lapic_set_lint(&apic, 0, true);
    ck_assert(seen.intr);
    ck_assert_int_eq(lapic_ack(&apic), LAPIC_ACK_EXTINT);
    lapic_set_lint(&apic, 1, true);
    ck_assert_uint_eq(seen.nmis, 1);
    put(0xf0, 0x1ff); /* both are masked now */
    ck_assert(!seen.intr);
    lapic_set_lint(&apic, 1, false);
    lapic_set_lint(&apic, 1, true);
    ck_assert_uint_eq(seen.nmis, 1);
    put(0x350, 0x700);
    ck_assert(seen.intr);
    put(0x350, 0x10700);
    ck_assert(!seen.intr);
    put(0x360, 0x400);
    lapic_set_lint(&apic, 1, false);
    lapic_set_lint(&apic, 1, true);
    ck_assert_uint_eq(seen.nmis, 2);
    put(0x350, 0x400); /* the 8259's output as an NMI */
    ck_assert(lapic_pic_is_nmi(&apic));
    lapic_set_lint(&apic, 0, false);
    lapic_set_lint(&apic, 0, true);
    ck_assert_uint_eq(seen.nmis, 3);
    lapic_reset(&apic, false);
    ck_assert(seen.intr);
    ck_assert(!send_fixed(0x40));
}
END_TEST

START_TEST(priorities)
{
    setup_enabled();
    ck_assert(send_fixed(0x31) && send_fixed(0x52) && send_fixed(0x55));
    ck_assert(seen.intr);
    ck_assert_uint_eq(get(0x210), 1u << 0x11);
    ck_assert_int_eq(lapic_ack(&apic), 0x55);
    ck_assert(!seen.intr); /* 52 is of the same class, 31 below */
    ck_assert_uint_eq(get(0xa0), 0x50);
    ck_assert_uint_eq(get(0x120), 1u << 0x15);
    send_fixed(0x61);
    ck_assert(seen.intr);
    ck_assert_int_eq(lapic_ack(&apic), 0x61);
    put(0xb0, 0);
    ck_assert(!seen.intr);
    put(0xb0, 0);
    ck_assert(seen.intr);
    put(0x80, 0x55); /* holds off class 5 */
    ck_assert(!seen.intr);
    ck_assert_uint_eq(get(0xa0), 0x55);
    put(0x80, 0x4f);
    ck_assert(seen.intr);
    ck_assert_int_eq(lapic_ack(&apic), 0x52);
    put(0x80, 0);
    put(0xb0, 0);
    ck_assert_int_eq(lapic_ack(&apic), 0x31);
    put(0xb0, 0);
    put(0xb0, 0);                             /* nothing in service: no effect */
    ck_assert_int_eq(lapic_ack(&apic), 0xff); /* spurious */
    ck_assert_uint_eq(get(0x170), 0);
    ck_assert_uint_eq(seen.eois, 0);
}
END_TEST

START_TEST(level_eoi)
{
    setup_enabled();
    send(0x41, APIC_FIXED, 0, false, true);
    ck_assert_uint_eq(get(0x1a0), 2);
    lapic_ack(&apic);
    put(0xb0, 0);
    ck_assert_uint_eq(seen.eois, 1);
    ck_assert_uint_eq(seen.eoi, 0x41);
    send_fixed(0x41); /* an edge: TMR is cleared */
    ck_assert_uint_eq(get(0x1a0), 0);
    lapic_ack(&apic);
    put(0xb0, 0);
    ck_assert_uint_eq(seen.eois, 1);
}
END_TEST

START_TEST(destinations)
{
    static const struct {
        u8 ldr, dfr, dest;
        bool logical, accepted;
    } rows[] = {
        {0x00, 0xf, 3, false, true},    {0x00, 0xf, 0, false, false},
        {0x00, 0xf, 0xff, false, true}, {0x04, 0xf, 0x06, true, true},
        {0x04, 0xf, 0x03, true, false}, {0x21, 0x0, 0x23, true, true},
        {0x21, 0x0, 0x31, true, false}, {0x21, 0x0, 0x22, true, false},
        {0x21, 0x0, 0xf1, true, true},  {0x21, 0x5, 0x21, true, false},
    };

    setup_enabled();
    put(0x20, 3u << 24);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        put(0xd0, (u32)rows[i].ldr << 24);
        put(0xe0, (u32)rows[i].dfr << 28);
        ck_assert_msg(send(0x40, APIC_LOWEST, rows[i].dest, rows[i].logical, false) ==
                          rows[i].accepted,
                      "row %u", i);
    }
    ck_assert_uint_gt(seen.listens, 0);
}
END_TEST

START_TEST(inter_processor)
{
    setup_enabled();
    put(0x300, 0x40040); /* self */
    ck_assert_int_eq(lapic_ack(&apic), 0x40);
    put(0xb0, 0);
    put(0x300, 0x80041); /* all */
    ck_assert_int_eq(lapic_ack(&apic), 0x41);
    put(0xb0, 0);
    put(0x300, 0xc0042); /* others: nobody */
    ck_assert(!seen.intr);
    put(0x300, 0x43); /* by its number */
    ck_assert_int_eq(lapic_ack(&apic), 0x43);
    put(0xb0, 0);
    put(0x310, 7u << 24);
    put(0x300, 0x44); /* nobody's number */
    ck_assert(!seen.intr);
    put(0x300, 0x4400);
    put(0x300, 0xc4500);
    put(0x300, 0xc4608);
    ck_assert_uint_eq(seen.nmis + seen.inits, 0);
    put(0x310, 0);
    put(0x300, 0x4400);
    ck_assert_uint_eq(seen.nmis, 1);
    put(0x300, 0x44400); /* no shorthand goes with NMI */
    ck_assert_uint_eq(seen.nmis, 1);
    put(0x300, 0x8500); /* INIT, de-assert */
    ck_assert_uint_eq(seen.inits, 0);
    put(0x300, 0x4500);
    ck_assert_uint_eq(seen.inits, 1);
    put(0x300, 0x4350); /* reserved, SMI, ExtINT */
    put(0x300, 0x4250);
    put(0x300, 0x4750);
    ck_assert(!seen.intr);
    put(0x300, ~0u);
    ck_assert_uint_eq(get(0x300) & 0x1000, 0); /* never pending */
}
END_TEST

START_TEST(errors)
{
    setup_enabled();
    put(0x370, 0xe0);
    put(0x300, 0x4000f);
    ck_assert_int_eq(lapic_ack(&apic), 0xe0);
    put(0xb0, 0);
    ck_assert_uint_eq(get(0x280), 0); /* until it is written */
    send_fixed(0x05);                 /* not armed */
    ck_assert(!seen.intr);
    put(0x280, 0);
    ck_assert_uint_eq(get(0x280), 0x60);
    put(0x280, 0);
    ck_assert_uint_eq(get(0x280), 0);
    put(0x3f0, 1); /* no such register */
    ck_assert_int_eq(lapic_ack(&apic), 0xe0);
    put(0xb0, 0);
    put(0x280, 0);
    ck_assert_uint_eq(get(0x280), 0x80);
    put(0x370, 0x0f); /* an error interrupt that is one itself */
    put(0x300, 0x40000);
    put(0x280, 0);
    ck_assert_uint_eq(get(0x280), 0x60);
    ck_assert(!seen.intr);
    lapic_ops.write(&apic, 0x80, 0x77, 1); /* registers are written whole */
    lapic_ops.write(&apic, 0x84, 0x77, 4);
    ck_assert_uint_eq(get(0x80), 0);
}
END_TEST

START_TEST(timer)
{
    setup_enabled();
    put(0x3e0, 0xb); /* by 1 */
    put(0x320, 0x50);
    put(0x380, 1000);
    bench_pass(&b, 400);
    ck_assert_uint_eq(get(0x390), 600);
    bench_pass(&b, 599);
    ck_assert(!seen.intr);
    bench_pass(&b, 1);
    ck_assert(seen.intr);
    ck_assert_uint_eq(get(0x390), 0);
    ck_assert_int_eq(lapic_ack(&apic), 0x50);
    put(0xb0, 0);
    bench_pass(&b, 10000);
    ck_assert(!seen.intr); /* one shot */
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);

    put(0x3e0, 0x3); /* by 16 */
    put(0x320, 0x20051);
    put(0x380, 100);
    for (unsigned i = 0; i < 5; i++) {
        bench_pass(&b, 1599);
        ck_assert(!seen.intr);
        ck_assert_uint_eq(get(0x390), 1);
        bench_pass(&b, 1);
        ck_assert_int_eq(lapic_ack(&apic), 0x51);
        put(0xb0, 0);
        ck_assert_uint_eq(get(0x390), 100);
    }
    put(0x320, 0x30051); /* masked: it counts on */
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
    bench_pass(&b, 16 * 250);
    ck_assert_uint_eq(get(0x390), 50);
    put(0x320, 0x20051);
    bench_pass(&b, 800);
    ck_assert(seen.intr);
    lapic_ack(&apic);
    put(0xb0, 0);
    put(0x380, 0); /* stopped */
    bench_pass(&b, 1000000);
    ck_assert(!seen.intr);
    ck_assert_uint_eq(get(0x390), 0);
}
END_TEST

START_TEST(dividers)
{
    static const u32 by[] = {2, 4, 8, 16, 32, 64, 128, 1};

    setup_enabled();
    for (unsigned i = 0; i < 8; i++) {
        put(0x3e0, (i & 3) | (i & 4) << 1);
        put(0x380, 1000);
        bench_pass(&b, 100 * by[i]);
        ck_assert_uint_eq(get(0x390), 900);
    }
    put(0x3e0, 0); /* in the middle of a count: 900 of 1 become 900 of 2 */
    bench_pass(&b, 200);
    ck_assert_uint_eq(get(0x390), 800);
}
END_TEST

START_TEST(state)
{
    static struct lapic other;
    static const struct lapic_host host = {ignore_level,  ignore, ignore,
                                           ignore_vector, ignore, NULL};
    struct state save, load;

    setup_enabled();
    put(0x320, 0x20050);
    put(0x3e0, 0xb);
    put(0x380, 1000);
    send_fixed(0x44);
    lapic_ack(&apic);
    bench_pass(&b, 300);
    state_init_save(&save);
    lapic_state(&apic, &save);
    lapic_init(&other, &b.clock, &host);
    state_init_load(&load, save.data, save.len);
    lapic_state(&other, &load);
    ck_assert(!load.failed);
    state_free(&save);
    for (u32 reg = 0; reg < 0x400; reg += 16)
        ck_assert_uint_eq(lapic_ops.read(&other, reg, 4), lapic_ops.read(&apic, reg, 4));
    bench_pass(&b, 700);
    ck_assert_uint_eq(lapic_ops.read(&other, 0x220, 4), get(0x220));
    ck_assert_uint_eq(get(0x220), 1u << 16);
}
END_TEST

/* Any store is bounded work, and INTR is told when it changes. */
START_TEST(fuzz)
{
    u64 seed = 0x1234567;

    setup();
    for (unsigned i = 0; i < 200000; i++) {
        u64 r = bench_random(&seed);

        if (r & 1)
            lapic_ops.write(&apic, (r >> 8 & 0x3f) << 4, (u32)(r >> 20), 4);
        else
            lapic_ops.read(&apic, r >> 8 & 0xfff, 1u << (r >> 40 & 3) % 3);
        if ((r >> 50 & 7) == 0 && seen.intr)
            lapic_ack(&apic);
        if ((r >> 54 & 15) == 0) {
            clock_skip(&b.clock, clock_now(&b.clock) + (r >> 44 & 0xffff));
            clock_run(&b.clock);
        }
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("lapic");

    tcase_add_test(tc, reset_state);
    tcase_add_test(tc, wire_while_disabled);
    tcase_add_test(tc, priorities);
    tcase_add_test(tc, level_eoi);
    tcase_add_test(tc, destinations);
    tcase_add_test(tc, inter_processor);
    tcase_add_test(tc, errors);
    tcase_add_test(tc, timer);
    tcase_add_test(tc, dividers);
    tcase_add_test(tc, state);
    tcase_add_test(tc, fuzz);
    return bench_main(tc, "lapic");
}
