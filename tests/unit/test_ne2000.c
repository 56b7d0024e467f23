/* Tests of the NE2000: PROM, remote DMA, the ring, overflow, filters, loopback, state, fuzz. */
#include "devices/net/ne2000.h"

#include "tests/unit/net_bench.h"

#define BASE 0x300
#define DATA (BASE + 0x10)

/* Commands and registers as drivers write them. (DP8390D, 10.3) */
enum { STOP = 0x21, START = 0x22, READ = 0x0a, WRITE = 0x12, SEND = 0x26, PAGE1 = 0x62 };
enum {
    PSTART = 1,
    PSTOP,
    BNRY,
    TPSR,
    TBCR0,
    TBCR1,
    ISR,
    RSAR0,
    RSAR1,
    RBCR0,
    RBCR1,
    RCR,
    TCR,
    DCR,
    IMR
};
enum { PRX = 0x01, PTX = 0x02, OVW = 0x10, CNT = 0x20, RDC = 0x40, RST = 0x80 };

static struct bench b;
static struct ne2000 ne;
static struct far_end far;

static void reg(unsigned at, u8 value)
{
    outb(&b, (u16)(BASE + at), value);
}

static u8 get(unsigned at)
{
    return inb(&b, (u16)(BASE + at));
}

static void remote(u8 command, u16 address, u16 count)
{
    reg(RSAR0, (u8)address);
    reg(RSAR1, (u8)(address >> 8));
    reg(RBCR0, (u8)count);
    reg(RBCR1, (u8)(count >> 8));
    reg(0, command);
}

static void read_ram(u16 address, u8 *to, u16 count)
{
    remote(READ, address, count);
    for (unsigned i = 0; i < count; i += 2)
        put16(to + i, (u16)ioport_read(&b.bus, DATA, 2));
    reg(0, START);
}

/* As Linux does it: two buffers for sending, the rest is the ring. */
static void start(u8 rcr)
{
    reg(0, STOP);
    reg(DCR, 0x49);
    reg(RCR, rcr);
    reg(TCR, 0x00);
    reg(PSTART, 0x4c);
    reg(PSTOP, 0x80);
    reg(BNRY, 0x4c);
    reg(ISR, 0xff);
    reg(IMR, 0x3f);
    reg(0, STOP | 0x40);
    for (unsigned i = 0; i < NET_MAC; i++)
        reg(1 + i, bench_mac[i]);
    reg(7, 0x4d);
    reg(0, START);
}

static void setup(void)
{
    bench_init(&b);
    ne2000_init_isa(&ne, &b.bus, BASE, bench_irq(&b, 9), &b.clock, bench_mac);
    far_init(&far, &ne.port, &b.clock);
}

static void teardown(void)
{
    net_disconnect(&ne.port);
}

/* Each byte twice, and 'W' at the end, by which drivers know a card with 16 bits. */
START_TEST(test_prom)
{
    inb(&b, BASE + 0x1f);
    ck_assert_uint_eq(get(ISR), RST);
    reg(DCR, 0x48);
    remote(READ, 0, 32);
    for (unsigned i = 0; i < 32; i++) {
        u8 expected = i < 12 ? bench_mac[i / 2] : i < 28 ? 0 : 'W';

        ck_assert_uint_eq(inb(&b, DATA), expected);
    }
    ck_assert_uint_eq(get(ISR) & RDC, RDC);
}
END_TEST

START_TEST(test_remote_dma)
{
    u8 got[8];

    start(0);
    remote(WRITE, 0x4000, 8);
    ioport_write(&b.bus, DATA, 0x2211, 2);
    ioport_write(&b.bus, DATA, 0x66554433, 4);
    ck_assert_uint_eq(get(ISR) & RDC, 0);
    ioport_write(&b.bus, DATA, 0x8877, 2);
    ck_assert_uint_eq(get(ISR) & RDC, RDC);
    ioport_write(&b.bus, DATA, 0xffff, 2); /* the count has ended it */
    read_ram(0x4000, got, 8);
    ck_assert_uint_eq(get64(got), 0x8877665544332211ull);
    /* 8-bit mode, and what is not RAM. */
    reg(DCR, 0x48);
    remote(READ, 0x4001, 2);
    ck_assert_uint_eq(inb(&b, DATA), 0x22);
    ck_assert_uint_eq(inb(&b, DATA), 0x33);
    remote(READ, 0x8000, 1);
    ck_assert_uint_eq(inb(&b, DATA), 0xff);
}
END_TEST

START_TEST(test_transmit)
{
    start(0);
    remote(WRITE, 0x4000, 100);
    for (unsigned i = 0; i < 50; i++)
        ioport_write(&b.bus, DATA, i, 2);
    reg(TPSR, 0x40);
    reg(TBCR0, 100);
    reg(TBCR1, 0);
    reg(0, SEND);
    ck_assert_uint_eq(get(0), START);
    ck_assert_uint_eq(get(ISR) & PTX, PTX);
    ck_assert_uint_eq(get(4), 0x01); /* TSR */
    ck_assert_uint_eq(b.level[9], true);
    reg(ISR, 0xff);
    ck_assert_uint_eq(b.level[9], false);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 1);
    ck_assert_uint_eq(far.len[0], 100);
    ck_assert_uint_eq(far.data[0][98], 49);
    /* No carrier without a link. */
    net_set_link(&far.port, false);
    reg(0, SEND);
    ck_assert_uint_eq(get(4) & 0x10, 0x10);
}
END_TEST

/* The header in the ring: status, next page, count with the FCS; then the frame and its FCS. (DP8390D, 5) */
START_TEST(test_receive)
{
    u8 got[120];

    start(0);
    far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(get(ISR), PRX);
    read_ram(0x4d00, got, 108);
    ck_assert_uint_eq(got[0], 0x01);
    ck_assert_uint_eq(got[1], 0x4e);
    ck_assert_uint_eq(get16(got + 2), 104);
    ck_assert_mem_eq(got + 4, bench_mac, NET_MAC);
    ck_assert_uint_eq(got[4 + 99], 99);
    ck_assert_uint_eq(get32(got + 104), net_fcs(got + 4, 100));
    /* Over the ring's end. */
    reg(0, PAGE1 | 0x01);
    reg(7, 0x7f);
    reg(0, STOP);
    reg(BNRY, 0x7e);
    reg(ISR, 0xff);
    reg(0, START);
    far_send(&far, &b, bench_mac, 600);
    read_ram(0x7f00, got, 4);
    ck_assert_uint_eq(got[1], 0x4e);
    read_ram(0x4c00, got, 2);
    ck_assert_uint_eq(got[0], (u8)252);
}
END_TEST

/* Eight frames, then nothing until PRX is cleared; a ring that stays full overflows, and the tally counts it. */
START_TEST(test_batches_and_overflow)
{
    u8 got[4];

    start(0);
    for (unsigned i = 0; i < 12; i++) {
        u8 frame[1400] = {0};

        memcpy(frame, bench_mac, NET_MAC);
        net_send(&far.port, frame, sizeof(frame));
    }
    bench_pass(&b, 1000);
    reg(0, PAGE1);
    ck_assert_uint_eq(get(7), 0x4d + 8 * 6); /* CURR */
    reg(0, START);
    reg(ISR, PRX);
    bench_pass(&b, 100000000);
    ck_assert_uint_eq(get(ISR), 0); /* there is room for no more: 4 pages are left */
    bench_pass(&b, 1000000000);
    ck_assert_uint_eq(get(ISR), OVW);
    ck_assert_uint_eq(get(15), 1);
    ck_assert_uint_eq(get(15), 0); /* reading has cleared it */
    read_ram(0x4d00, got, 4);
    ck_assert_uint_eq(got[1], 0x53);
    /* Room again. */
    reg(BNRY, 0x7c);
    reg(ISR, 0xff);
    far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(get(ISR), PRX);
}
END_TEST

/* Which of these are taken: own address, another's, broadcast, the group whose bit is set, one whose bit is not. */
START_TEST(test_filters)
{
    static const u8 other[] = {0x52, 0x54, 0, 0, 0, 9},
                    all[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                    group[] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01},
                    group2[] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x02};
    static const u8 *const to[] = {bench_mac, other, all, group, group2};
    static const struct {
        u8 rcr;
        bool taken[5];
    } cases[] = {
        {0x00, {true, false, false, false, false}},  {0x04, {true, false, true, false, false}},
        {0x0c, {true, false, true, true, false}},    {0x14, {true, true, true, false, false}},
        {0x20, {false, false, false, false, false}},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
        for (unsigned j = 0; j < ARRAY_SIZE(to); j++) {
            start(cases[i].rcr);
            reg(0, PAGE1);
            /* 01:00:5e:00:00:01 has hash 31 in every driver's table of groups. */
            for (unsigned k = 0; k < 8; k++)
                reg(8 + k, k == 3 ? 0x80 : 0);
            reg(0, START);
            far_send(&far, &b, to[j], 100);
            ck_assert_msg((get(ISR) & PRX) == cases[i].taken[j], "RCR %02x, address %u",
                          cases[i].rcr, j);
        }
}
END_TEST

/* In loopback the ring and the cable have nothing; the FIFO has the frame's end. (DP8390D, 8) */
START_TEST(test_loopback)
{
    u8 fifo[8];

    start(0x1f & ~0x10);
    reg(TCR, 0x02);
    far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(get(ISR), 0);
    reg(TPSR, 0x40);
    reg(TBCR0, 64);
    reg(TBCR1, 0);
    reg(0, SEND);
    ck_assert_uint_eq(get(ISR), PTX);
    for (unsigned i = 0; i < 8; i++)
        fifo[i] = get(6);
    bench_pass(&b, 100);
    ck_assert_uint_eq(far.frames, 0);
    /* A frame of zeros, and its FCS: the last byte's place is len - 1, counted round. */
    ck_assert_uint_eq(fifo[6], 0);
    ck_assert_uint_eq(fifo[7], (u8)net_fcs((u8[64]){0}, 64));
}
END_TEST

START_TEST(test_state)
{
    static struct ne2000 other;
    struct state out, in;
    struct bench b2;

    start(0x0c);
    far_send(&far, &b, bench_mac, 300);
    state_init_save(&out);
    ne2000_state(&ne, &out);
    bench_init(&b2);
    ne2000_init_isa(&other, &b2.bus, BASE, bench_irq(&b2, 9), &b2.clock, bench_mac);
    state_init_load(&in, out.data, out.len);
    ne2000_state(&other, &in);
    ck_assert(!in.failed);
    ck_assert_uint_eq(other.curr, ne.curr);
    ck_assert_mem_eq(other.ram, ne.ram, sizeof(ne.ram));
    ck_assert_uint_eq(b2.level[9], true);
    ck_assert(other.paused);
    /* Cut off anywhere, it fails or is taken, and nothing else. */
    for (size_t len = 0; len < 100; len++) {
        state_init_load(&in, out.data, len);
        ne2000_state(&other, &in);
    }
    state_free(&out);
}
END_TEST

/* Any registers, with frames of any length from both sides. */
static void fuzz_step(unsigned which, u64 x, u64 y, u64 *random)
{
    u16 port = (u16)(BASE + (x >> 8 & 0x1f));

    (void)random;
    switch (which) {
    case 0: inb(&b, port); break;
    case 1: ioport_read(&b.bus, DATA, 1u << (x >> 16 & 1)); break;
    case 2: ioport_write(&b.bus, DATA, (u32)y, 4); break;
    default: outb(&b, port, (u8)y); break;
    }
}

START_TEST(test_fuzz)
{
    fuzz_card(&b, &far, fuzz_seed(0x1234567, _i), 200000, fuzz_step);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ne2000");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_prom);
    tcase_add_test(tc, test_remote_dma);
    tcase_add_test(tc, test_transmit);
    tcase_add_test(tc, test_receive);
    tcase_add_test(tc, test_batches_and_overflow);
    tcase_add_test(tc, test_filters);
    tcase_add_test(tc, test_loopback);
    tcase_add_test(tc, test_state);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "ne2000");
}
