/* Tests of the RTL8139C+: EEPROM, slots, receive buffer, C+ rings, checksums, segments, interrupts, counters, state, fuzz. */
#include "devices/net/rtl8139.h"

#include "devices/net/rtl8139_regs.h"
#include "tests/unit/card_bench.h"

#define BUFFER   0x10000u /* the receive buffer, and what may lie behind it */
#define TX_RING  0x30000u
#define RX_RING  0x31000u
#define TALLY_AT 0x32000u
#define BUFFERS  0x40000u
#define PACKET   0x60000u

static struct rtl8139 *r;

static u32 get(u32 at, unsigned size)
{
    return (u32)phys_load(&phys, BAR + at, size);
}

static void set(u32 at, u32 value, unsigned size)
{
    phys_store(&phys, BAR + at, value, size);
}

static void setup(void)
{
    card_board_init();
    r = calloc(1, sizeof(*r));
    rtl8139_init(r, &pci, CARD_DEVFN, &b.bus, &phys, &b.clock, nothing, NULL, bench_mac, true);
    card_board_start(&r->port, PORTS, BAR);
    set(ISR, 0xffff, 2);
}

static void teardown(void)
{
    net_disconnect(&r->port);
    free(r);
    phys_free(&phys);
}

static void start_buffer(u32 rcr)
{
    set(CR, CR_RE | CR_TE, 1);
    set(RCR, rcr, 4);
    set(RBSTART, BUFFER, 4);
    set(CAPR, 0xfff0, 2);
}

static void put_desc(u32 ring, u32 n, u32 word0, u32 word1, u64 address)
{
    u8 d[16];

    put32(d, word0);
    put32(d + 4, word1);
    put64(d + 8, address);
    phys_write(&phys, ring + n * 16, d, 16);
}

static u32 desc(u32 ring, u32 n)
{
    return (u32)phys_load(&phys, ring + n * 16, 4);
}

/* Four receive descriptors of 256 bytes. */
static void start_rings(u16 cpcr)
{
    for (u32 i = 0; i < 4; i++)
        put_desc(RX_RING, i, DESC_OWN | (i == 3 ? DESC_EOR : 0) | 256, 0, BUFFERS + i * 0x100);
    set(CPCR, CPCR_TX | CPCR_RX | cpcr, 2);
    set(TSAD, TX_RING, 4);
    set(RDSAR, RX_RING, 4);
    set(RCR, RCR_APM, 4);
    set(CR, CR_RE | CR_TE, 1);
}

static u16 read_word(unsigned address)
{
    u32 command = 6u << 6 | address;
    u16 word = 0;

    set(EECR, 0x80 | 0x08, 1);
    for (unsigned bit = 0x100; bit; bit >>= 1)
        for (unsigned clock = 0; clock < 2; clock++)
            set(EECR, 0x88 | (clock ? 4 : 0) | (command & bit ? 2 : 0), 1);
    for (unsigned i = 0; i < 16; i++) {
        set(EECR, 0x88, 1);
        set(EECR, 0x8c, 1);
        word = (u16)(word << 1 | (get(EECR, 1) & 1));
    }
    set(EECR, 0, 1);
    return word;
}

START_TEST(test_identity)
{
    ck_assert_uint_eq(read_word(0), 0x8129);
    ck_assert_uint_eq(read_word(8), get16(bench_mac + 2));
    ck_assert_uint_eq(get(IDR, 4), get32(bench_mac));
    ck_assert_uint_eq(get(TCR, 4) & 0x7cc00000, 0x74800000);
    ck_assert_uint_eq(ioport_read(&b.bus, PORTS + IDR + 4, 2), get16(bench_mac + 4));
    /* Locked, unless 9346CR says otherwise; and the EEPROM's again by a load. */
    set(IDR, 0x11223344, 4);
    ck_assert_uint_eq(get(IDR, 4), get32(bench_mac));
    set(EECR, 0xc0, 1);
    set(IDR, 0x11223344, 4);
    ck_assert_uint_eq(get(IDR, 4), 0x11223344);
    set(EECR, 0x40, 1);
    ck_assert_uint_eq(get(IDR, 4), get32(bench_mac));
    ck_assert_uint_eq(get(EECR, 1) & 0xc0, 0);
    /* An 8169 has a register there. */
    set(0xda, 0x1234, 2);
    ck_assert_uint_eq(get(0xda, 2), 0);
}
END_TEST

START_TEST(test_link)
{
    ck_assert_uint_eq(get(BMSR, 2) & 0x24, 0x24);
    ck_assert_uint_eq(get(MSR, 1) & 4, 0);
    set(IMR, INT_LINK, 2);
    net_set_link(&far.port, false);
    ck_assert(line);
    ck_assert_uint_eq(get(BMSR, 2) & 0x24, 0);
    ck_assert_uint_eq(get(MSR, 1) & 4, 4);
    set(ISR, INT_LINK, 2); /* writing ones acknowledges */
    ck_assert(!line);
    ck_assert_uint_eq(get(ISR, 2), 0);
}
END_TEST

/* In the slots' order, whatever order they are given in. */
START_TEST(test_slots)
{
    u8 frame[100];

    for (unsigned i = 0; i < 100; i++)
        frame[i] = (u8)i;
    phys_write(&phys, PACKET, frame, 100);
    set(CR, CR_TE, 1);
    set(IMR, INT_TOK, 2);
    for (unsigned i = 0; i < 4; i++)
        set(TSAD + 4 * i, PACKET, 4);
    set(TSD + 4, 80, 4);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 0);
    set(TSD, 70, 4);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 2);
    ck_assert_uint_eq(far.len[0], 70);
    ck_assert_uint_eq(far.len[1], 80);
    ck_assert_mem_eq(far.data[1], frame, 80);
    ck_assert(line);
    ck_assert_uint_eq(get(TSD + 4, 4) & (TSD_OWN | TSD_TOK), TSD_OWN | TSD_TOK);
    ck_assert_uint_eq(get(TSAD_ALL, 2), 0x300f);
    /* Not sent before the transmitter is on. */
    set(CR, 0, 1);
    set(TSD, 90, 4);
    ck_assert_uint_eq(get(TSD, 4) & TSD_OWN, 0);
    set(CR, CR_TE, 1);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 3);
}
END_TEST

START_TEST(test_buffer)
{
    u8 head[4];

    start_buffer(RCR_APM | RCR_AB);
    set(IMR, INT_ROK, 2);
    ck_assert_uint_eq(get(CR, 1) & CR_BUFE, CR_BUFE);
    far_send(&far, &b, bench_mac, 101);
    ck_assert(line);
    ck_assert_uint_eq(get(CR, 1) & CR_BUFE, 0);
    phys_read(&phys, BUFFER, head, 4);
    ck_assert_uint_eq(get16(head), 0x4001);
    ck_assert_uint_eq(get16(head + 2), 105);
    ck_assert_uint_eq(phys_load(&phys, BUFFER + 4 + 100, 1), 100);
    ck_assert_uint_eq(get(CBR, 2), 112); /* 4 + 101 + 4, to a multiple of 4 */
    set(CAPR, 112 - 16, 2);
    ck_assert_uint_eq(get(CR, 1) & CR_BUFE, CR_BUFE);
    /* Others' and groups' are not wanted; broadcasts are. */
    far_send(&far, &b, (const u8[]){2, 0, 0, 0, 0, 1}, 100);
    far_send(&far, &b, (const u8[]){1, 0, 0x5e, 0, 0, 1}, 100);
    ck_assert_uint_eq(get(CBR, 2), 112);
    far_send(&far, &b, (const u8[]){255, 255, 255, 255, 255, 255}, 100);
    ck_assert_uint_eq(phys_load(&phys, BUFFER + 112, 2), 0x2001);
    /* 224.0.0.1's bit of the hash is 31. */
    set(MAR, 1u << 31, 4);
    set(RCR, RCR_AM, 4);
    far_send(&far, &b, (const u8[]){1, 0, 0x5e, 0, 0, 1}, 100);
    far_send(&far, &b, (const u8[]){1, 0, 0x5e, 0, 0, 2}, 100);
    ck_assert_uint_eq(get(CBR, 2), 112 + 108 + 108);
}
END_TEST

/* At the end a frame goes on at the start, or behind the end. */
START_TEST(test_buffer_end)
{
    for (unsigned wrap = 0; wrap < 2; wrap++) {
        set(CR, CR_RST, 1);
        start_buffer(RCR_APM | (wrap ? RCR_WRAP : 0));
        for (unsigned i = 0; i < 8; i++) { /* of 1008 each: the ninth ends behind 8 KiB */
            far_send(&far, &b, bench_mac, 1000);
            set(CAPR, get(CBR, 2) - 16, 2);
        }
        ck_assert_uint_eq(get(CBR, 2), 8064);
        far_send(&far, &b, bench_mac, 1000);
        ck_assert_uint_eq(get(CBR, 2), (8064 + 1008) & 0x1fff);
        ck_assert_uint_eq(phys_load(&phys, BUFFER + 8191, 1), (u8)123);
        ck_assert_uint_eq(phys_load(&phys, BUFFER + (wrap ? 8192 : 0), 1), (u8)124);
    }
}
END_TEST

/* Frames wait for room; what has waited for a second is lost. */
START_TEST(test_buffer_full)
{
    start_buffer(RCR_APM);
    for (unsigned i = 0; i < 10; i++)
        far_send(&far, &b, bench_mac, 1000);
    ck_assert_uint_eq(get(CBR, 2), 8064);
    ck_assert_uint_eq(get(ISR, 2) & INT_RXOVW, 0);
    set(CAPR, 2016 - 16, 2);
    bench_pass(&b, 10);
    ck_assert_uint_eq(get(CBR, 2), (8064 + 2016) & 0x1fff);
    far_send(&far, &b, bench_mac, 1000);
    bench_pass(&b, 1100000000);
    ck_assert_uint_eq(get(ISR, 2) & INT_RXOVW, INT_RXOVW);
    ck_assert_uint_eq(get(MPC, 4), 1);
    set(MPC, 5, 4); /* any write clears it */
    ck_assert_uint_eq(get(MPC, 4), 0);
}
END_TEST

START_TEST(test_ring_transmit)
{
    u8 frame[100];

    for (unsigned i = 0; i < 100; i++)
        frame[i] = (u8)i;
    phys_write(&phys, PACKET, frame, 100);
    start_rings(0);
    put_desc(TX_RING, 0, DESC_OWN | DESC_FS | 40, 0, PACKET);
    put_desc(TX_RING, 1, DESC_OWN | DESC_LS | DESC_EOR | 60, 0, PACKET + 40);
    set(TPPOLL, TPPOLL_LOW, 1);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 1);
    ck_assert_uint_eq(far.len[0], 100);
    ck_assert_mem_eq(far.data[0], frame, 100);
    ck_assert_uint_eq(desc(TX_RING, 0), DESC_FS | 40);
    ck_assert_uint_eq(desc(TX_RING, 1), DESC_LS | DESC_EOR | 60);
    ck_assert_uint_eq(get(ISR, 2) & (INT_TOK | INT_TDU), INT_TOK | INT_TDU);
    /* From the start again, with a tag behind the addresses; its bytes are swapped in the descriptor. */
    put_desc(TX_RING, 0, DESC_OWN | DESC_FS | DESC_LS | 60, 0x20000 | 0x3412, PACKET);
    set(TPPOLL, TPPOLL_LOW, 1);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.len[1], 64);
    ck_assert_mem_eq(far.data[1] + 12, ((const u8[]){0x81, 0, 0x12, 0x34, 12}), 5);
    /* Half a frame waits for its other half. */
    put_desc(TX_RING, 1, DESC_OWN | DESC_FS | DESC_EOR | 40, 0, PACKET);
    put_desc(TX_RING, 0, 0, 0, PACKET);
    set(TPPOLL, TPPOLL_LOW, 1);
    ck_assert_uint_eq(desc(TX_RING, 1) & DESC_OWN, 0);
    put_desc(TX_RING, 0, DESC_OWN | DESC_LS | 60, 0, PACKET + 40);
    set(TPPOLL, TPPOLL_LOW, 1);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 3);
    ck_assert_uint_eq(far.len[2], 100);
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

/* 20 bytes of IPv4 and `payload` bytes of TCP, its sums left out. */
static void make_tcp(u8 *p, u32 payload)
{
    memset(p, 0, 54 + payload);
    memcpy(p, bench_mac, 6);
    p[12] = 0x08;
    p[14] = 0x45;
    p[16] = (u8)((40 + payload) >> 8);
    p[17] = (u8)(40 + payload);
    p[18] = 0x12; /* identification */
    p[19] = 0xff;
    p[23] = 6;
    for (unsigned i = 26; i < 34; i++)
        p[i] = (u8)i; /* addresses */
    p[41] = 0x10;     /* sequence number */
    p[46] = 0x50;
    p[47] = 0x19; /* ACK, PSH, FIN */
    for (unsigned i = 54; i < 54 + payload; i++)
        p[i] = (u8)(i * 7);
    p[50] = 0xaa; /* what the driver has left there */
}

static void check_tcp(const u8 *f, u32 payload)
{
    ck_assert_uint_eq(f[16] << 8 | f[17], 40 + payload);
    ck_assert_uint_eq(sum16(0, f + 14, 20), 0xffff);
    ck_assert_uint_eq(sum16(sum16(6 + 20 + payload, f + 26, 8), f + 34, 20 + payload), 0xffff);
}

START_TEST(test_offload)
{
    u8 p[54 + 2500];

    make_tcp(p, 301);
    phys_write(&phys, PACKET, p, sizeof(p));
    start_rings(0);
    put_desc(TX_RING, 0, DESC_OWN | DESC_FS | DESC_LS | 0x50000 | 355, 0, PACKET);
    set(TPPOLL, TPPOLL_LOW, 1);
    bench_pass(&b, 10);
    check_tcp(far.data[0], 301);
    make_tcp(p, 2500);
    phys_write(&phys, PACKET, p, sizeof(p));
    put_desc(TX_RING, 1, DESC_OWN | DESC_FS | DESC_LS | 1u << 27 | 1000u << 16 | sizeof(p), 0,
             PACKET);
    set(TPPOLL, TPPOLL_LOW, 1);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 4);
    for (unsigned i = 0; i < 3; i++) {
        const u8 *f = far.data[1 + i];
        unsigned len = i < 2 ? 1000 : 500;

        ck_assert_uint_eq(far.len[1 + i], 54 + len);
        check_tcp(f, len);
        ck_assert_uint_eq(f[18] << 8 | f[19], 0x12ff + i);
        ck_assert_uint_eq(f[40] << 8 | f[41], 0x10 + 1000 * i);
        ck_assert_uint_eq(f[47], i < 2 ? 0x10 : 0x19);
        ck_assert_mem_eq(f + 54, p + 54 + 1000 * i, len);
    }
    /* The status has no errors where the segment's size was. */
    ck_assert_uint_eq(desc(TX_RING, 1), DESC_FS | DESC_LS | sizeof(p));
}
END_TEST

START_TEST(test_ring_receive)
{
    u8 p[54 + 100];

    start_rings(CPCR_RXSUM | CPCR_RXVLAN);
    far_send(&far, &b, bench_mac, 100);
    ck_assert_uint_eq(desc(RX_RING, 0), DESC_FS | DESC_LS | 1u << 25 | 104);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 99, 1), 99);
    /* In two buffers. */
    far_send(&far, &b, bench_mac, 300);
    ck_assert_uint_eq(desc(RX_RING, 1) & 0x30001fff, DESC_FS | 256);
    ck_assert_uint_eq(desc(RX_RING, 2) & 0x30001fff, DESC_LS | 304);
    ck_assert_uint_eq(phys_load(&phys, BUFFERS + 0x200 + 43, 1), (u8)299);
    /* TCP, with wrong sums. */
    make_tcp(p, 100);
    net_send(&far.port, p, sizeof(p));
    bench_pass(&b, 10);
    ck_assert_uint_eq(desc(RX_RING, 3) & 0x3e000, 1u << 16 | 0xa000);
    /* None is left; the interrupt says so, and the frame comes when there is one, without a word. */
    set(ISR, 0xffff, 2);
    memset(p + 12, 0, 100);
    memcpy(p + 12, ((const u8[]){0x81, 0, 0x12, 0x34}), 4);
    net_send(&far.port, p, 64);
    bench_pass(&b, 10);
    ck_assert_uint_eq(get(ISR, 2), INT_RXOVW);
    put_desc(RX_RING, 0, DESC_OWN | 256, 0, BUFFERS);
    bench_pass(&b, 1000000);
    ck_assert_uint_eq(desc(RX_RING, 0) & 0x1fff, 64); /* without its tag */
    ck_assert_uint_eq(phys_load(&phys, RX_RING + 4, 4), 0x10000 | 0x3412);
}
END_TEST

START_TEST(test_loopback)
{
    u8 frame[70] = {0};

    memcpy(frame, bench_mac, 6);
    frame[69] = 77;
    phys_write(&phys, PACKET, frame, 70);
    start_buffer(RCR_APM);
    set(TCR, TCR_LOOPBACK, 4);
    set(TSAD, PACKET, 4);
    set(TSD, 70, 4);
    bench_pass(&b, 10);
    ck_assert_uint_eq(far.frames, 0);
    ck_assert_uint_eq(phys_load(&phys, BUFFER + 4 + 69, 1), 77);
}
END_TEST

/* Frames that come back as DMA onto the registers: each gives all slots anew, and says where the next one comes. */
START_TEST(test_loopback_onto_itself)
{
    enum { LEN = 0x7f8, STEP = LEN + 8 };
    u8 frame[LEN] = {0};

    for (unsigned i = 0; i < 4; i++)
        put32(frame + TSD - 4 + 4 * i, LEN), put32(frame + TSAD - 4 + 4 * i, PACKET + i * STEP);
    put32(frame + TCR - 4, TCR_LOOPBACK);
    frame[RCR - 4] = RCR_AAP;
    frame[CR - 4] = CR_RE | CR_TE;
    start_buffer(RCR_AAP);
    set(TCR, TCR_LOOPBACK, 4);
    for (unsigned i = 0; i < 4; i++) {
        put32(frame + RBSTART - 4, BAR - (i + 1) % 4 * STEP);
        put16(frame + CAPR - 4, (u16)((i + 1) % 4 * STEP - 16));
        phys_write(&phys, PACKET + i * STEP, frame, LEN);
        set(TSAD + 4 * i, PACKET + i * STEP, 4);
    }
    set(RBSTART, BAR, 4);
    for (unsigned i = 0; i < 4; i++)
        set(TSD + 4 * i, LEN, 4);
    ck_assert_uint_gt(r->tally.tx_ok, 8); /* it does go round */
    bench_pass(&b, 1000000);
    ck_assert_uint_lt(r->tally.tx_ok, 10000);
    set(CR, CR_RST, 1);
    bench_pass(&b, 1000000);
    ck_assert(!r->more.armed);
}
END_TEST

/* 33 MHz; the interrupt comes once. */
START_TEST(test_counter)
{
    set(TCTR, 0, 4);
    bench_pass(&b, 3000);
    ck_assert_uint_eq(get(TCTR, 4), 100);
    set(TIMER_INT, 200, 4);
    set(TCTR, 0, 4);
    bench_pass(&b, 5900);
    ck_assert_uint_eq(get(ISR, 2) & INT_TIMEOUT, 0);
    bench_pass(&b, 200);
    ck_assert_uint_eq(get(ISR, 2) & INT_TIMEOUT, INT_TIMEOUT);
    set(ISR, INT_TIMEOUT, 2);
    bench_pass(&b, 1000000);
    ck_assert_uint_eq(get(ISR, 2) & INT_TIMEOUT, 0);
}
END_TEST

START_TEST(test_tally)
{
    u8 block[64];

    start_rings(0);
    put_desc(TX_RING, 0, DESC_OWN | DESC_FS | DESC_LS | 60, 0, PACKET);
    set(TPPOLL, TPPOLL_LOW, 1);
    for (unsigned i = 0; i < 3; i++)
        far_send(&far, &b, bench_mac, 100);
    set(TSD + 4, 0, 4);
    set(TSD, TALLY_AT | 8, 4);
    ck_assert_uint_eq(get(TSD, 4), TALLY_AT);
    phys_read(&phys, TALLY_AT, block, 64);
    ck_assert_uint_eq(get64(block), 1);
    ck_assert_uint_eq(get64(block + 8), 3);
    ck_assert_uint_eq(get64(block + 40), 3);
}
END_TEST

/* A card without C+ mode has none of its registers. */
START_TEST(test_old)
{
    r->cplus = false;
    set(CPCR, 3, 2);
    ck_assert_uint_eq(get(CPCR, 2), 0);
    ck_assert_uint_eq(get(TCR, 4) & 0x7cc00000, 0x74000000);
    ck_assert_uint_eq(get(RERID, 1), 0x10);
}
END_TEST

START_TEST(test_state)
{
    static struct rtl8139 other;
    struct state out, in;
    struct pci_bus bus2;
    struct bench b2;

    start_rings(0);
    put_desc(TX_RING, 0, DESC_OWN | DESC_FS | 40, 0, PACKET); /* half a frame */
    set(TPPOLL, TPPOLL_LOW, 1);
    far_send(&far, &b, bench_mac, 100);
    state_init_save(&out);
    rtl8139_state(r, &out);
    bench_init(&b2);
    pci_bus_init(&bus2, &b2.bus);
    rtl8139_init(&other, &bus2, CARD_DEVFN, &b2.bus, &phys, &b2.clock, nothing, NULL, bench_mac,
                 true);
    state_init_load(&in, out.data, out.len);
    rtl8139_state(&other, &in);
    ck_assert(!in.failed);
    ck_assert_uint_eq(other.len, 40);
    ck_assert(other.gathering);
    ck_assert_uint_eq(other.rx_next, 1);
    ck_assert_uint_eq(other.tx_next[0], 1);
    ck_assert_mem_eq(other.reg, r->reg, sizeof(r->reg));
    ck_assert_uint_eq(other.tally.rx_ok, 1);
    state_free(&out);
}
END_TEST

/* Any registers and descriptors, rings and buffers in any place, the card's own registers among them. */
static void fuzz_step(unsigned which, u64 x, u64 y, u64 *random)
{
    static const u8 some[] = {TSD,  TSD + 4, TSAD, TSAD + 8, RBSTART,  CR,  CAPR,
                              IMR,  ISR,     TCR,  RCR,      TCTR,     MPC, EECR,
                              BMCR, TPPOLL,  CPCR, RDSAR,    TIMER_INT};
    u32 at = x & 0x10 ? some[(x >> 8) % ARRAY_SIZE(some)] : (u32)(x >> 8) & 0xff;
    unsigned size = 1u << (x >> 40) % 3;
    bool own = y & 1;

    switch (which) {
    case 0: get(at, size); break;
    case 1: set(at, (u32)y, size); break;
    case 2: set(at, (u32)y & 0xff, 1); break;
    case 3:
        put_desc(x & 0x100 ? TX_RING : RX_RING, x >> 9 & 7, (u32)(y >> 16) | DESC_OWN,
                 (u32)bench_random(random),
                 own ? BAR + (y >> 8 & 0xff) : bench_random(random) & 0xfffff);
        set(TPPOLL, 0xc0, 1);
        break;
    case 4:
        start_rings((u16)y);
        set(TSAD, own ? BAR + (y >> 8 & 0xf8) : TX_RING, 4);
        set(RDSAR, y & 2 ? BAR + (y >> 8 & 0xf8) : RX_RING, 4);
        break;
    case 5:
        set(CPCR, 0, 2);
        start_buffer((u32)y | RCR_AAP);
        set(RBSTART, own ? BAR : (u32)(y >> 32), 4);
        set(TSAD, y & 2 ? BAR + 0x10 : PACKET, 4);
        set(TSD, (u32)(y >> 20) & 0x1fff, 4);
        break;
    }
}

START_TEST(test_fuzz)
{
    fuzz_card(&b, &far, fuzz_seed(0x8139, _i), 60000, fuzz_step);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("rtl8139");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_identity);
    tcase_add_test(tc, test_link);
    tcase_add_test(tc, test_slots);
    tcase_add_test(tc, test_buffer);
    tcase_add_test(tc, test_buffer_end);
    tcase_add_test(tc, test_buffer_full);
    tcase_add_test(tc, test_ring_transmit);
    tcase_add_test(tc, test_offload);
    tcase_add_test(tc, test_ring_receive);
    tcase_add_test(tc, test_loopback);
    tcase_add_test(tc, test_loopback_onto_itself);
    tcase_add_test(tc, test_counter);
    tcase_add_test(tc, test_tally);
    tcase_add_test(tc, test_old);
    tcase_add_test(tc, test_state);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "rtl8139");
}
