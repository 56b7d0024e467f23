/* Tests of the DMA controllers: registers; transfers of both widths in every mode, with wraps,
 * autoinit, masks and cascade; saved state; and random programming, of which nothing may fall
 * outside guest RAM. Expectations: Intel 8237A datasheet (231466); IBM AT Technical Reference for
 * page registers. */
#include "devices/chipset/dma.h"

#include "tests/unit/dev_bench.h"

#define RAM (1u * MIB)

static struct bench b;
static struct dma dma;
static struct log quiet;
static struct stats stats;
static struct phys phys;

static void setup(void)
{
    bench_init(&b);
    ck_assert_int_eq(phys_init(&phys, RAM, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM), 0);
    dma_init(&dma, &b.bus, &phys);
}

static void teardown(void)
{
    phys_free(&phys);
}

/* Each chip: base port and distance of its registers. */
static const struct {
    u16 base, step;
} chips[] = {{0x00, 1}, {0xc0, 2}};

static void out(unsigned chip, unsigned reg, u8 value)
{
    outb(&b, (u16)(chips[chip].base + chips[chip].step * reg), value);
}

static u8 in(unsigned chip, unsigned reg)
{
    return inb(&b, (u16)(chips[chip].base + chips[chip].step * reg));
}

START_TEST(test_dma_words)
{
    unsigned c = (unsigned)_i;

    for (unsigned reg = 0; reg < 8; reg++) {
        out(c, 12, 0);
        out(c, reg, (u8)(0x10 + reg));
        out(c, reg, (u8)(0x80 + reg));
    }
    for (unsigned reg = 0; reg < 8; reg++) {
        out(c, 12, 0);
        ck_assert_uint_eq(in(c, reg), 0x10 + reg);
        ck_assert_uint_eq(in(c, reg), 0x80 + reg);
        ck_assert_uint_eq(in(c, reg), 0x10 + reg);
        out(c, 12, 0); /* the flip-flop is one for all channels */
        in(c, reg);
        ck_assert_uint_eq(in(c, reg ^ 7), 0x80 + (reg ^ 7));
    }
    out(!c, 12, 0);
    ck_assert_uint_eq(in(!c, 0), 0); /* the other chip is untouched */
    out(c, 12, 0);
    in(c, 0);
    out(c, 13, 0); /* master clear resets the flip-flop, not the addresses */
    ck_assert_uint_eq(in(c, 0), 0x10);
}
END_TEST

START_TEST(test_dma_control)
{
    static const struct {
        u8 reg, value, mask, status; /* then what registers 15 and 8 read */
    } rows[] = {
        {13, 0, 0xff, 0x00}, {10, 2, 0xfb, 0x00},   {10, 0, 0xfa, 0x00},    {10, 6, 0xfe, 0x00},
        {14, 0, 0xf0, 0x00}, {15, 5, 0xf5, 0x00},   {9, 7, 0xf5, 0x80},     {9, 4, 0xf5, 0x90},
        {9, 3, 0xf5, 0x10},  {8, 0x10, 0xf5, 0x10}, {11, 0x5a, 0xf5, 0x10}, {13, 0, 0xff, 0x00},
    };
    unsigned c = (unsigned)_i;

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        out(c, rows[i].reg, rows[i].value);
        ck_assert_msg(in(c, 15) == rows[i].mask, "row %u", i);
        ck_assert_msg(in(c, 8) == rows[i].status, "row %u", i);
    }
    ck_assert_uint_eq(dma.chip[c].channel[2].mode, 0x58);
    ck_assert_uint_eq(in(c, 13), 0);
}
END_TEST

START_TEST(test_dma_pages)
{
    for (unsigned i = 0; i < 16; i++)
        outb(&b, (u16)(0x80 + i), (u8)(0xa0 + i));
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(inb(&b, (u16)(0x80 + i)), 0xa0 + i);
    dma_reset(&dma);
    ck_assert_uint_eq(inb(&b, 0x80), 0);
}
END_TEST

static const u16 page_ports[8] = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};

/* count: as programmed, one less than the number of units. */
static void program(unsigned channel, u8 mode, u8 page, u16 address, u16 count)
{
    unsigned c = channel / 4, n = channel & 3;

    out(c, 12, 0);
    out(c, n * 2, (u8)address);
    out(c, n * 2, (u8)(address >> 8));
    out(c, n * 2 + 1, (u8)count);
    out(c, n * 2 + 1, (u8)(count >> 8));
    outb(&b, page_ports[channel], page);
    out(c, 11, (u8)(mode | n));
    out(c, 10, (u8)n);
}

static u16 get_word(unsigned channel, unsigned reg)
{
    unsigned c = channel / 4;
    u16 low;

    out(c, 12, 0);
    low = in(c, (channel & 3) * 2 + reg);
    return (u16)(low | in(c, (channel & 3) * 2 + reg) << 8);
}

enum { SINGLE = 0x40, BLOCK = 0x80, DEMAND = 0x00, CASCADING = 0xc0 };
enum { VERIFY = 0, WRITE = 4, READ = 8, ILLEGAL = 12, AUTO = 0x10, DOWN = 0x20 };

static const struct {
    unsigned channel;
    u8 mode, page;
    u16 address, count;
    u32 len; /* the device's */
    /* and then: */
    u32 moved;
    bool done;
    u16 address_after, count_after;
    u32 pa[4]; /* of bytes 0, 1, 2 and the last one */
} transfers[] = {
    {2,
     SINGLE | WRITE,
     1,
     0x2000,
     511,
     512,
     512,
     true,
     0x2200,
     0xffff,
     {0x12000, 0x12001, 0x12002, 0x121ff}},
    {2,
     DEMAND | WRITE,
     1,
     0x2000,
     511,
     100,
     100,
     false,
     0x2064,
     411,
     {0x12000, 0x12001, 0x12002, 0x12063}},
    {1,
     BLOCK | WRITE,
     1,
     0x2000,
     511,
     1000,
     512,
     true,
     0x2200,
     0xffff,
     {0x12000, 0x12001, 0x12002, 0x121ff}},
    {0,
     SINGLE | WRITE,
     3,
     0x0000,
     0,
     9,
     1,
     true,
     0x0001,
     0xffff,
     {0x30000, 0x30000, 0x30000, 0x30000}},
    {3,
     SINGLE | WRITE,
     2,
     0xfffe,
     3,
     4,
     4,
     true,
     0x0002,
     0xffff,
     {0x2fffe, 0x2ffff, 0x20000, 0x20001}},
    {3,
     SINGLE | WRITE | DOWN,
     2,
     0x0001,
     3,
     4,
     4,
     true,
     0xfffd,
     0xffff,
     {0x20001, 0x20000, 0x2ffff, 0x2fffe}},
    {2,
     SINGLE | WRITE | AUTO,
     1,
     0x2000,
     511,
     512,
     512,
     true,
     0x2000,
     511,
     {0x12000, 0x12001, 0x12002, 0x121ff}},
    {2,
     SINGLE | WRITE,
     4,
     0x1000,
     0xffff,
     65536,
     65536,
     true,
     0x1000,
     0xffff,
     {0x41000, 0x41001, 0x41002, 0x40fff}},
    /* Words: the page's bit 0 does not count, addresses are doubled. */
    {5,
     SINGLE | WRITE,
     3,
     0x0100,
     1,
     4,
     4,
     true,
     0x0102,
     0xffff,
     {0x20200, 0x20201, 0x20202, 0x20203}},
    {6,
     SINGLE | WRITE,
     2,
     0xffff,
     1,
     4,
     4,
     true,
     0x0001,
     0xffff,
     {0x3fffe, 0x3ffff, 0x20000, 0x20001}},
    {7,
     SINGLE | WRITE | DOWN,
     2,
     0x0000,
     1,
     4,
     4,
     true,
     0xfffe,
     0xffff,
     {0x20000, 0x20001, 0x3fffe, 0x3ffff}},
    {7, SINGLE | WRITE, 2, 0x0000, 7, 5, 4, false, 0x0002, 5, {0x20000, 0x20001, 0x20002, 0x20003}},
};

static u8 peek(u32 pa)
{
    u8 value;

    phys_read(&phys, pa, &value, 1);
    return value;
}

START_TEST(test_transfer)
{
    static u8 buf[65536], back[65536];
    unsigned channel = transfers[_i].channel;
    u32 len = transfers[_i].len, moved = transfers[_i].moved;
    u8 bit = (u8)(1u << (channel & 3));
    bool done;

    for (unsigned i = 0; i < sizeof(buf); i++)
        buf[i] = (u8)(i * 7 + 1 + (i >> 8));
    program(channel, transfers[_i].mode, transfers[_i].page, transfers[_i].address,
            transfers[_i].count);
    ck_assert_uint_eq(dma_transfer(&dma, channel, DMA_TO_MEMORY, buf, len, &done), moved);
    ck_assert_int_eq(done, transfers[_i].done);
    ck_assert_uint_eq(get_word(channel, 0), transfers[_i].address_after);
    ck_assert_uint_eq(get_word(channel, 1), transfers[_i].count_after);
    for (unsigned i = 0; i < 4; i++) {
        u32 at = i < 3 ? i : moved - 1;

        if (at < moved)
            ck_assert_msg(peek(transfers[_i].pa[i]) == buf[at], "byte %u", at);
    }
    ck_assert_uint_eq(in(channel / 4, 8), done ? bit : 0);
    ck_assert_uint_eq(in(channel / 4, 8), 0); /* reading clears it */
    ck_assert_uint_eq(!(in(channel / 4, 15) & bit), !done || transfers[_i].mode & AUTO);
    if (done && !(transfers[_i].mode & AUTO))
        ck_assert_uint_eq(dma_transfer(&dma, channel, DMA_TO_MEMORY, buf, len, &done), 0);

    /* The same way back. */
    program(channel, (transfers[_i].mode & (u8)~WRITE) | READ, transfers[_i].page,
            transfers[_i].address, transfers[_i].count);
    ck_assert_uint_eq(dma_transfer(&dma, channel, DMA_FROM_MEMORY, back, len, &done), moved);
    ck_assert_mem_eq(back, buf, moved);
}
END_TEST

/* What moves nothing, or counts without moving. */
START_TEST(test_refused)
{
    u8 buf[4] = {1, 2, 3, 4};
    bool done;

    program(2, SINGLE | VERIFY, 1, 0, 3);
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 4);
    ck_assert(done);
    ck_assert_uint_eq(peek(0x10000), 0);
    program(2, SINGLE | READ, 1, 0, 3);
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 4);
    ck_assert_uint_eq(peek(0x10000), 0);
    program(2, SINGLE | ILLEGAL, 1, 0, 3);
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_FROM_MEMORY, buf, 2, &done), 2);
    ck_assert_uint_eq(buf[0] + buf[1], 0);
    ck_assert_uint_eq(buf[2], 3);

    program(2, SINGLE | WRITE, 1, 0, 3);
    out(0, 8, 0x04); /* controller off */
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 0);
    out(0, 8, 0);
    out(1, 8, 0x04); /* the other one: it hands the request on */
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 0);
    out(1, 8, 0);
    out(1, 10, 4); /* channel 4 masked */
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 0);
    out(1, 10, 0);
    out(1, 11, SINGLE); /* or no cascade */
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 0);
    out(1, 11, CASCADING);
    out(0, 10, 4 | 2);
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 0);
    ck_assert(!done);
    out(0, 10, 2);
    ck_assert_uint_eq(dma_transfer(&dma, 2, DMA_TO_MEMORY, buf, 4, &done), 4);
    program(1, CASCADING, 1, 0, 3); /* a bus master of its own */
    ck_assert_uint_eq(dma_transfer(&dma, 1, DMA_TO_MEMORY, buf, 4, &done), 0);
    /* Beyond RAM: ones, and writes vanish. */
    program(5, SINGLE | READ, 0xff, 0, 3);
    ck_assert_uint_eq(dma_transfer(&dma, 5, DMA_FROM_MEMORY, buf, 4, &done), 4);
    ck_assert_uint_eq(buf[0] & buf[3], 0xff);
    /* Request lines. */
    dma_set_dreq(&dma, 2, true);
    ck_assert_uint_eq(in(0, 8), 0x44);
    dma_reset(&dma);
    ck_assert_uint_eq(in(0, 8), 0x40);
    dma_set_dreq(&dma, 2, false);
    ck_assert_uint_eq(in(0, 8), 0);
}
END_TEST

START_TEST(test_state)
{
    struct state state, loading;
    struct dma was;

    program(2, SINGLE | WRITE, 1, 0x1234, 0x5678);
    program(7, SINGLE | READ | AUTO, 0x42, 0xabcd, 0x00ff);
    in(1, 0); /* the flip-flop in the middle */
    dma_set_dreq(&dma, 3, true);
    was = dma;
    state_init_save(&state);
    dma_state(&dma, &state);
    dma_reset(&dma);
    state_init_load(&loading, state.data, state.len);
    dma_state(&dma, &loading);
    ck_assert(!loading.failed);
    ck_assert_mem_eq(&dma, &was, sizeof(dma));
    state_free(&state);
}
END_TEST

/* RAM ends at 1 MiB and the map's pages behind it are nothing, so that a wrong address shows under
 * the sanitizers; every transfer moves at most what it was asked for. */
START_TEST(test_fuzz)
{
    static const u16 bases[][2] = {{0x00, 16}, {0x80, 16}, {0xc0, 32}};
    static u8 buf[70000];
    u64 seed = 8237;

    for (unsigned i = 0; i < 60000; i++) {
        u64 r = bench_random(&seed);
        unsigned channel = r % 8;
        u32 len = (u32)(r >> 8) % (r & 0x80 ? 600 : sizeof(buf)), moved;
        bool done;

        bench_fuzz(&b, bases[r % 3][0], bases[r % 3][1], 8, r);
        out(1, 11, CASCADING);
        out(1, 14, 0);
        out(0, 14, 0);
        if (channel == 4)
            continue;
        moved = dma_transfer(&dma, channel, r >> 40 & 1 ? DMA_TO_MEMORY : DMA_FROM_MEMORY, buf, len,
                             &done);
        ck_assert_uint_le(moved, len);
        if (channel > 4)
            ck_assert_uint_eq(moved & 1, 0);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("dma");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_dma_words, 0, 2);
    tcase_add_loop_test(tc, test_dma_control, 0, 2);
    tcase_add_test(tc, test_dma_pages);
    tcase_add_loop_test(tc, test_transfer, 0, ARRAY_SIZE(transfers));
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "dma");
}
