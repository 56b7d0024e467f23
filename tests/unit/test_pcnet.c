/* Tests of the Am79C970A: PROM, ports of both widths, initialization blocks and rings of each style, filters, state, fuzz. */
#include "devices/net/pcnet.h"

#include "devices/net/pcnet_regs.h"
#include "tests/unit/card_bench.h"

#define BLOCK   0x10000u
#define RX_RING 0x11000u
#define TX_RING 0x12000u
#define BUFFERS 0x20000u
#define PACKET  0x40000u

static struct pcnet *p;

static u16 csr(u16 n)
{
    ioport_write(&b.bus, PORTS + 0x12, n, 2);
    return (u16)ioport_read(&b.bus, PORTS + 0x10, 2);
}

static void set_csr(u16 n, u16 value)
{
    ioport_write(&b.bus, PORTS + 0x12, n, 2);
    ioport_write(&b.bus, PORTS + 0x10, value, 2);
}

static void set_bcr(u16 n, u16 value)
{
    ioport_write(&b.bus, PORTS + 0x12, n, 2);
    ioport_write(&b.bus, PORTS + 0x16, value, 2);
}

static void setup(void)
{
    card_board_init();
    p = calloc(1, sizeof(*p));
    pcnet_init(p, &pci, CARD_DEVFN, &b.bus, &phys, &b.clock, nothing, NULL, bench_mac);
    card_board_start(&p->port, PORTS, BAR);
}

static void teardown(void)
{
    net_disconnect(&p->port);
    free(p);
    phys_free(&phys);
}

/* A descriptor in the form of the style; flags as in the upper byte of the second word. */
static void put_desc(unsigned style, u32 ring, u32 n, u8 flags, u32 address, u16 len)
{
    u8 d[16] = {0};

    if (style == 0) {
        put32(d, address | (u32)flags << 24);
        put16(d + 4, (u16)(0xf000 | (-len & 0xfff)));
        phys_write(&phys, ring + n * 8, d, 8);
        return;
    }
    put32(d + (style == 3 ? 8 : 0), address);
    put32(d + 4, (u32)flags << 24 | 0xf000 | (-len & 0xfff));
    phys_write(&phys, ring + n * 16, d, 16);
}

static u8 flags(unsigned style, u32 ring, u32 n)
{
    return (u8)phys_load(&phys, style ? ring + n * 16 + 7 : ring + n * 8 + 3, 1);
}

static u32 length(unsigned style, u32 ring, u32 n)
{
    return style ? (u32)phys_load(&phys, ring + n * 16 + (style == 3 ? 0 : 8), 4)
                 : (u32)phys_load(&phys, ring + n * 8 + 6, 2);
}

/* Rings of four; receive buffers of 256 bytes. */
static void start(unsigned style, u16 mode)
{
    u8 block[28] = {0};
    bool wide = style != 0;

    put16(block, mode);
    memcpy(block + (wide ? 4 : 2), bench_mac, 6);
    if (wide) {
        block[2] = block[3] = 2 << 4;
        put32(block + 20, RX_RING);
        put32(block + 24, TX_RING);
    } else {
        put32(block + 16, RX_RING | 2u << 29);
        put32(block + 20, TX_RING | 2u << 29);
    }
    phys_write(&phys, BLOCK, block, sizeof(block));
    for (u32 i = 0; i < 4; i++)
        put_desc(style, RX_RING, i, 0x80, BUFFERS + i * 0x100, 256);
    set_csr(0, S_STOP);
    set_bcr(BCR_STYLE, (u16)style);
    set_csr(1, (u16)BLOCK);
    set_csr(2, BLOCK >> 16);
    set_csr(0, S_INIT);
    ck_assert_uint_eq(csr(0) & S_IDON, S_IDON);
    set_csr(0, S_IDON | S_STRT | S_IENA);
}

START_TEST(test_identity)
{
    u16 sum = 0;

    for (unsigned i = 0; i < 16; i++)
        if (i != 12 && i != 13)
            sum = (u16)(sum + inb(&b, (u16)(PORTS + i)));
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS + 12, 2), sum);
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS, 4), get32(bench_mac));
    ck_assert_uint_eq(csr(88), 0x1003);
    ck_assert_uint_eq(csr(89), 0x0262);
    ck_assert_uint_eq(csr(0), S_STOP);
    /* A write of 32 bits makes the ports 32 bits wide; reading the reset port does not undo that. */
    ioport_write(&b.bus, PORTS + 0x10, 0, 4);
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS + 0x10, 2), 0xffff);
    ioport_write(&b.bus, PORTS + 0x14, 88, 4);
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS + 0x10, 4), 0x1003);
    ioport_read(&b.bus, PORTS + 0x18, 4);
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS + 0x14, 4), 0);
    ck_assert_uint_eq(phys_load(&phys, BAR + 0x10, 4), S_STOP);
}
END_TEST

START_TEST(test_link)
{
    ioport_write(&b.bus, PORTS + 0x12, BCR_LED0, 2);
    ck_assert_uint_ne(ioport_read(&b.bus, PORTS + 0x16, 2), 0x00c0);
    net_set_link(&far.port, false);
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS + 0x16, 2), 0x00c0);
}
END_TEST

/* Every style: a frame in two buffers out, one in one buffer and one in two in. */
START_TEST(test_rings)
{
    static const unsigned styles[] = {0, 2, 3};
    unsigned style = styles[_i];
    u8 frame[100];

    for (unsigned i = 0; i < 100; i++)
        frame[i] = (u8)i;
    phys_write(&phys, PACKET, frame, 100);
    start(style, 0);
    put_desc(style, TX_RING, 0, 0x82, PACKET, 40);
    put_desc(style, TX_RING, 1, 0x81, PACKET + 40, 60);
    set_csr(0, S_TDMD | S_IENA);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 1);
    ck_assert_uint_eq(far.len[0], 100);
    ck_assert_mem_eq(far.data[0], frame, 100);
    ck_assert_uint_eq(flags(style, TX_RING, 0), 0x02);
    ck_assert_uint_eq(flags(style, TX_RING, 1), 0x01);
    ck_assert(line);
    ck_assert_uint_eq(csr(0) & (S_TINT | S_INTR), S_TINT | S_INTR);
    set_csr(0, S_TINT | S_IENA);
    ck_assert(!line);
    far_send(&far, &b, bench_mac, 100);
    ck_assert(line);
    ck_assert_uint_eq(csr(0) & S_RINT, S_RINT);
    ck_assert_uint_eq(flags(style, RX_RING, 0), 0x03);
    ck_assert_uint_eq(length(style, RX_RING, 0), 104);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 99, 1), 99);
    far_send(&far, &b, bench_mac, 300);
    ck_assert_uint_eq(flags(style, RX_RING, 1), 0x02);
    ck_assert_uint_eq(flags(style, RX_RING, 2), 0x01);
    ck_assert_uint_eq(length(style, RX_RING, 2), 304);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 0x200 + 43, 1), (u8)299);
    ck_assert_uint_eq(csr(CSR_RX_COUNTER), 1);
    set_csr(0, S_STOP);
    ck_assert_uint_eq(csr(0), S_STOP);
    ck_assert(!line);
}
END_TEST

/* Frames wait for a descriptor, which drivers give without a word; what has waited for a second is lost. */
START_TEST(test_full)
{
    start(2, 0);
    for (unsigned i = 0; i < 5; i++)
        far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(flags(2, RX_RING, 3), 0x03);
    put_desc(2, RX_RING, 0, 0x80, BUFFERS, 256);
    bench_pass(&b, 1000000);
    ck_assert_uint_eq(flags(2, RX_RING, 0), 0x03);
    far_send(&far, &b, bench_mac, 100);
    bench_pass(&b, 1100000000);
    ck_assert_uint_eq(csr(0) & (S_MISS | S_ERR), S_MISS | S_ERR);
    ck_assert_uint_eq(csr(CSR_MISSED), 1);
}
END_TEST

START_TEST(test_filters)
{
    static const u8 all[] = {255, 255, 255, 255, 255, 255}, group[] = {1, 0, 0x5e, 0, 0, 1},
                    other[] = {2, 0, 0, 0, 0, 1};

    start(2, 0);
    far_send(&far, &b, other, 100);
    far_send(&far, &b, group, 100);
    ck_assert_uint_eq(flags(2, RX_RING, 0), 0x80);
    far_send(&far, &b, all, 100);
    ck_assert_uint_eq(flags(2, RX_RING, 0), 0x03);
    start(2, MODE_PROM);
    far_send(&far, &b, other, 100);
    far_send(&far, &b, group, 100);
    ck_assert_uint_eq(flags(2, RX_RING, 1), 0x03);
    start(2, MODE_NOBCAST | MODE_NOPHYS);
    far_send(&far, &b, all, 100);
    far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(flags(2, RX_RING, 0), 0x80);
}
END_TEST

START_TEST(test_loopback)
{
    u8 frame[70] = {0};

    memcpy(frame, bench_mac, 6);
    frame[69] = 77;
    phys_write(&phys, PACKET, frame, 70);
    start(2, MODE_LOOP);
    put_desc(2, TX_RING, 0, 0x83, PACKET, 70);
    set_csr(0, S_TDMD);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 0);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 69, 1), 77);
}
END_TEST

START_TEST(test_state)
{
    static struct pcnet other;
    struct state out, in;
    struct pci_bus bus2;
    struct bench b2;

    start(2, 0);
    put_desc(2, TX_RING, 0, 0x82, PACKET, 40); /* half a frame */
    set_csr(0, S_TDMD | S_IENA);
    far_send(&far, &b, bench_mac, 100);
    state_init_save(&out);
    pcnet_state(p, &out);
    bench_init(&b2);
    pci_bus_init(&bus2, &b2.bus);
    pcnet_init(&other, &bus2, CARD_DEVFN, &b2.bus, &phys, &b2.clock, nothing, NULL, bench_mac);
    state_init_load(&in, out.data, out.len);
    pcnet_state(&other, &in);
    ck_assert(!in.failed);
    ck_assert_uint_eq(other.len, 40);
    ck_assert(other.gathering);
    ck_assert_uint_eq(other.rx_at, 1);
    ck_assert_uint_eq(other.tx_at, 1);
    ck_assert_mem_eq(other.csr, p->csr, sizeof(p->csr));
    ck_assert_mem_eq(other.bcr, p->bcr, sizeof(p->bcr));
    state_free(&out);
}
END_TEST

/* Any registers and descriptors, rings in any place, the card's own registers among them. */
static void fuzz_step(unsigned which, u64 x, u64 y, u64 *random)
{
    unsigned style = y >> 50 & 3;
    u32 where = y & 1 ? BAR : (u32)(y >> 8) & 0xfffff;

    (void)random;
    switch (which) {
    case 0: phys_load(&phys, BAR + (x >> 8 & 0x1f), 1u << (x >> 40) % 3); break;
    case 1: phys_store(&phys, BAR + (x >> 8 & 0x1f), (u32)y, 1u << (x >> 40) % 3); break;
    case 2: set_csr(x >> 8 & 0x7f, (u16)y); break;
    case 3:
        put_desc(style, x & 0x100 ? TX_RING : RX_RING, x >> 9 & 3, (u8)(y >> 20) | 0x80, where,
                 (u16)(y >> 32));
        set_csr(0, S_TDMD | S_IENA);
        break;
    case 4: set_bcr(x >> 8 & 0x1f, (u16)y); break;
    case 5:
        pcnet_reset(p);
        start(style == 1 ? 2 : style, (u16)y & (u16) ~(MODE_DRX | MODE_DTX));
        if (y >> 60 & 1) {
            p->csr[CSR_RX_RING] = (u16)where;
            p->csr[CSR_RX_RING + 1] = (u16)(where >> 16);
        }
        if (y >> 61 & 1)
            p->csr[CSR_RX_LEN] = p->csr[CSR_TX_LEN] = (u16)x;
        break;
    }
}

START_TEST(test_fuzz)
{
    fuzz_card(&b, &far, fuzz_seed(0x970a, _i), 60000, fuzz_step);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pcnet");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_identity);
    tcase_add_test(tc, test_link);
    tcase_add_loop_test(tc, test_rings, 0, 3);
    tcase_add_test(tc, test_full);
    tcase_add_test(tc, test_filters);
    tcase_add_test(tc, test_loopback);
    tcase_add_test(tc, test_state);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "pcnet");
}
