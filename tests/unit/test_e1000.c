/* Tests of the 82540EM: EEPROM, PHY, both rings, checksums, segmentation, throttling, state, fuzz. */
#include "devices/net/e1000.h"

#include "devices/net/e1000_regs.h"
#include "tests/unit/card_bench.h"

#define TX_RING  0x10000u
#define RX_RING  0x11000u
#define BUFFERS  0x20000u
#define PACKET   0x40000u
#define RING_LEN 8u

static struct e1000 *e;

static u32 get(u32 at)
{
    return (u32)phys_load(&phys, BAR + at, 4);
}

static void set(u32 at, u32 value)
{
    phys_store(&phys, BAR + at, value, 4);
}

static void setup(void)
{
    card_board_init();
    e = calloc(1, sizeof(*e));
    e1000_init(e, &pci, CARD_DEVFN, &b.bus, &phys, &b.clock, nothing, NULL, bench_mac);
    card_board_start(&e->port, BAR, PORTS);
}

static void teardown(void)
{
    net_disconnect(&e->port);
    free(e);
    phys_free(&phys);
}

/* Rings of eight; seven buffers are given. */
static void start_rings(u32 rctl)
{
    set(TDBAL, TX_RING);
    set(TDLEN, RING_LEN * 16);
    set(TCTL, 2);
    for (u32 i = 0; i < RING_LEN; i++) {
        u8 d[16] = {0};

        put64(d, BUFFERS + i * 0x1000);
        phys_write(&phys, RX_RING + i * 16, d, 16);
    }
    set(RDBAL, RX_RING);
    set(RDLEN, RING_LEN * 16);
    set(RDH, 0);
    set(RDT, RING_LEN - 1);
    set(RCTL, 2 | rctl);
}

static void put_tx(u32 n, u64 address, u32 word2, u32 word3)
{
    u8 d[16];

    put64(d, address);
    put32(d + 8, word2);
    put32(d + 12, word3);
    phys_write(&phys, TX_RING + n * 16, d, 16);
}

START_TEST(test_eeprom)
{
    u16 sum = 0;

    for (unsigned i = 0; i < 64; i++) {
        set(EERD, 1 | i << 8);
        ck_assert_uint_eq(get(EERD) & 0x10, 0x10);
        sum = (u16)(sum + (get(EERD) >> 16));
    }
    ck_assert_uint_eq(sum, 0xbaba);
    ck_assert_uint_eq(get(RAL), get32(bench_mac));
    /* By wire: start, read, address 1; then a zero and the word. */
    for (unsigned bit = 0x100; bit; bit >>= 1)
        for (unsigned clock = 0; clock < 2; clock++)
            set(EECD, 2 | clock | ((6u << 6 | 1) & bit ? 4 : 0));
    ck_assert_uint_eq(get(EECD) & 8, 0);
    sum = 0;
    for (unsigned i = 0; i < 16; i++) {
        set(EECD, 2);
        set(EECD, 3);
        sum = (u16)(sum << 1 | (get(EECD) >> 3 & 1));
    }
    ck_assert_uint_eq(sum, get16(bench_mac + 2));
}
END_TEST

START_TEST(test_phy_and_link)
{
    set(MDIC, 0x08000000 | 1 << 21 | 2 << 16);
    ck_assert_uint_eq(get(MDIC) & 0x5000ffff, 0x10000141);
    set(MDIC, 0x08000000 | 2 << 21 | 2 << 16); /* nobody at this address */
    ck_assert_uint_eq(get(MDIC) & 0x40000000, 0x40000000);
    ck_assert_uint_eq(get(STATUS) & 2, 2);
    get(ICR);
    set(IMS, 4);
    net_set_link(&far.port, false);
    ck_assert_uint_eq(get(STATUS) & 2, 0);
    ck_assert(line);
    set(MDIC, 0x08000000 | 1 << 21 | 1 << 16);
    ck_assert_uint_eq(get(MDIC) & 4, 0);
    ck_assert_uint_eq(get(ICR), 4 | 0); /* reading clears it, and the line */
    ck_assert(!line);
}
END_TEST

START_TEST(test_transmit_legacy)
{
    u8 frame[100];

    for (unsigned i = 0; i < 100; i++)
        frame[i] = (u8)i;
    phys_write(&phys, PACKET, frame, 100);
    start_rings(0);
    /* In two pieces; a checksum of what follows byte 20, at byte 60. */
    put_tx(0, PACKET, 40, 0);
    put_tx(1, PACKET + 40, 60 | 60 << 16 | (u32)(0x01 | 0x04 | 0x08) << 24, 20 << 8);
    set(TDT, 2);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 1);
    ck_assert_uint_eq(far.len[0], 100);
    ck_assert_uint_eq(far.data[0][59], 59);
    ck_assert_uint_ne(get16(far.data[0] + 60), get16(frame + 60));
    ck_assert_uint_eq(get(TDH), 2);
    ck_assert_uint_eq(phys_load(&phys, TX_RING + 16 + 12, 1) & 1, 1);
    ck_assert_uint_eq(phys_load(&phys, TX_RING + 12, 1) & 1, 0); /* without RS */
    ck_assert_uint_eq(get(ICR) & 3, 3);
    ck_assert_uint_eq(get(GPTC), 1);
    ck_assert_uint_eq(get(GPTC), 0);
}
END_TEST

static u16 sum16(u32 sum, const u8 *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i & 1 ? data[i] : (u32)data[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (u16)sum;
}

/* 2500 bytes of TCP in segments of 1000: lengths, identification, sequence numbers, flags, both checksums. */
START_TEST(test_segmentation)
{
    u8 p[54 + 2500] = {0};

    p[12] = 0x08;
    p[14] = 0x45;
    p[18] = 0x12; /* identification */
    p[19] = 0xff;
    p[23] = 6;
    for (unsigned i = 26; i < 34; i++)
        p[i] = (u8)i; /* addresses */
    p[41] = 0x10;     /* sequence number */
    p[46] = 0x50;
    p[47] = 0x19; /* ACK, PSH, FIN */
    for (unsigned i = 54; i < sizeof(p); i++)
        p[i] = (u8)(i * 7);
    /* What a driver puts there: the pseudo header's sum without the length. */
    put16(p + 50, __builtin_bswap16(sum16(6, p + 26, 8)));
    phys_write(&phys, PACKET, p, sizeof(p));
    start_rings(0);
    put_tx(0, 14 | 24 << 8 | 33u << 16 | (u64)(34 | 50 << 8) << 32, 2500 | 0x27u << 24,
           54 << 8 | 1000u << 16);
    put_tx(1, PACKET, (u32)sizeof(p) | 1u << 20 | 0x2du << 24, 3 << 8);
    set(TDT, 2);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 3);
    for (unsigned i = 0; i < 3; i++) {
        const u8 *f = far.data[i];
        unsigned len = i < 2 ? 1000 : 500;

        ck_assert_uint_eq(far.len[i], 54 + len);
        ck_assert_uint_eq(f[16] << 8 | f[17], 40 + len);
        ck_assert_uint_eq(f[18] << 8 | f[19], 0x12ff + i);
        ck_assert_uint_eq(sum16(0, f + 14, 20), 0xffff);
        ck_assert_uint_eq(f[40] << 8 | f[41], 0x10 + 1000 * i);
        ck_assert_uint_eq(f[47], i < 2 ? 0x10 : 0x19);
        ck_assert_uint_eq(sum16(sum16(6 + 20 + len, f + 26, 8), f + 34, 20 + len), 0xffff);
        ck_assert_mem_eq(f + 54, p + 54 + 1000 * i, len);
    }
}
END_TEST

START_TEST(test_receive)
{
    u8 d[16];

    start_rings(0);
    set(IMS, 0x80);
    far_send(&far, &b, bench_mac, 100);
    ck_assert(line);
    phys_read(&phys, RX_RING, d, 16);
    ck_assert_uint_eq(get16(d + 8), 104); /* with the FCS */
    ck_assert_uint_eq(d[12] & 3, 3);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 99, 1), 99);
    ck_assert_uint_eq(get(RDH), 1);
    ck_assert_uint_eq(get(ICR) & 0x80, 0x80);
    /* Nobody else's; but with UPE. */
    far_send(&far, &b, (const u8[]){2, 0, 0, 0, 0, 1}, 100);
    ck_assert_uint_eq(get(RDH), 1);
    start_rings(0x8);
    far_send(&far, &b, (const u8[]){2, 0, 0, 0, 0, 1}, 100);
    ck_assert_uint_eq(get(RDH), 1);
    /* In two buffers of 256, without the FCS. */
    start_rings(3 << 16 | 0x04000000);
    far_send(&far, &b, bench_mac, 300);
    ck_assert_uint_eq(get(RDH), 2);
    ck_assert_uint_eq(phys_load(&phys, RX_RING + 8, 2), 256);
    ck_assert_uint_eq(phys_load(&phys, RX_RING + 12, 1) & 3, 1);
    ck_assert_uint_eq(phys_load(&phys, RX_RING + 16 + 8, 2), 44);
    ck_assert_uint_eq(phys_load(&phys, RX_RING + 16 + 12, 1) & 3, 3);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 0x1000 + 43, 1), (u8)299);
}
END_TEST

/* Frames without a descriptor wait for one. */
START_TEST(test_receive_full)
{
    start_rings(0);
    for (unsigned i = 0; i < 10; i++)
        far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(get(RDH), 7);
    set(RDT, 2);
    bench_pass(&b, 10);
    ck_assert_uint_eq(get(RDH), 2);
}
END_TEST

/* ITR counts 256 ns. */
START_TEST(test_throttle)
{
    set(IMS, 0x80);
    set(ITR, 1000);
    set(ICS, 0x80);
    ck_assert_uint_eq(rises, 1);
    get(ICR);
    set(ICS, 0x80);
    ck_assert_uint_eq(rises, 1);
    bench_pass(&b, 255000);
    ck_assert_uint_eq(rises, 1);
    bench_pass(&b, 2000);
    ck_assert_uint_eq(rises, 2);
}
END_TEST

START_TEST(test_state)
{
    static struct e1000 other;
    struct state out, in;
    struct pci_bus bus2;
    struct bench b2;

    start_rings(0);
    put_tx(0, PACKET, 40, 0); /* half a frame */
    set(TDT, 1);
    get(ICR);
    e->reg[STATUS / 4] &= ~2u; /* no cable, as the other has none */
    state_init_save(&out);
    e1000_state(e, &out);
    bench_init(&b2);
    pci_bus_init(&bus2, &b2.bus);
    e1000_init(&other, &bus2, CARD_DEVFN, &b2.bus, &phys, &b2.clock, nothing, NULL, bench_mac);
    state_init_load(&in, out.data, out.len);
    e1000_state(&other, &in);
    ck_assert(!in.failed);
    ck_assert_uint_eq(other.len, 40);
    ck_assert_uint_eq(other.reg[ICR / 4], 0); /* nothing has become of the link */
    ck_assert_uint_eq(other.reg[RDT / 4], RING_LEN - 1);
    state_free(&out);
}
END_TEST

/* Any registers and descriptors, rings in any place, the card's own registers among them. */
static void fuzz_step(unsigned which, u64 x, u64 y, u64 *random)
{
    static const u32 some[] = {CTRL,  EECD, EERD, MDIC,  ICR,   ITR, IMS, RCTL, TCTL,   RDBAL,
                               RDLEN, RDH,  RDT,  TDBAL, TDLEN, TDH, TDT, VET,  RXCSUM, GPRC};
    u32 at = x & 0x10 ? some[(x >> 8) % ARRAY_SIZE(some)] : (u32)(x >> 8) & 0x1fffc;
    u8 d[16];

    switch (which) {
    case 0: get(at); break;
    case 1: set(at, (u32)y); break;
    case 2: set(at, (u32)y & 0xff); break;
    case 3:
        put64(d, y & 1 ? BAR + (y >> 8 & 0x5fff) : y >> 8 & 0xfffff);
        put64(d + 8, bench_random(random));
        phys_write(&phys, TX_RING + (x >> 8 & 7) * 16, d, 16);
        break;
    case 4:
        start_rings((u32)y);
        if (y >> 40 & 1)
            set(y >> 41 & 1 ? RDBAL : TDBAL, BAR + (u32)(y >> 44 & 0x5ff0));
        break;
    case 5: set(TDT, y & 7); break;
    }
}

START_TEST(test_fuzz)
{
    start_rings(0);
    fuzz_card(&b, &far, fuzz_seed(0x7654321, _i), 60000, fuzz_step);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("e1000");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_eeprom);
    tcase_add_test(tc, test_phy_and_link);
    tcase_add_test(tc, test_transmit_legacy);
    tcase_add_test(tc, test_segmentation);
    tcase_add_test(tc, test_receive);
    tcase_add_test(tc, test_receive_full);
    tcase_add_test(tc, test_throttle);
    tcase_add_test(tc, test_state);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "e1000");
}
