/* Tests of the serial port: every interrupt source, FIFO and character timeout, overrun and break,
 * loopback and modem lines. */
#include "devices/serial/uart.h"

#include "tests/unit/dev_bench.h"

#define BASE 0x3f8
enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define FCR IIR

static struct bench b;
static struct uart uart;
static struct chr chr;
static char sent[256];
static size_t sent_len;
static bool irq_at_write;

static void chr_write(struct chr *c, const u8 *data, size_t len)
{
    (void)c;
    ck_assert_uint_le(sent_len + len, sizeof(sent));
    memcpy(sent + sent_len, data, len);
    sent_len += len;
    irq_at_write = b.level[4];
}

static const struct chr_ops chr_ops = {.write = chr_write};

static void out(unsigned reg, u8 value)
{
    outb(&b, (u16)(BASE + reg), value);
}

static u8 in(unsigned reg)
{
    return inb(&b, (u16)(BASE + reg));
}

static void type(const char *text, size_t len)
{
    chr.receive(chr.opaque, (const u8 *)text, len);
}

static void setup(void)
{
    bench_init(&b);
    chr = (struct chr){.ops = &chr_ops};
    sent_len = 0;
    uart_init(&uart, &b.bus, BASE, bench_irq(&b, 4), &b.clock, &chr);
}

/* 115200 baud, 8N1: a character takes 10 bits, 86.8 us. */
static void open_port(u8 fcr, u8 ier)
{
    out(LCR, 0x83);
    out(0, 1);
    out(1, 0);
    out(LCR, 0x03);
    out(FCR, fcr);
    out(MCR, 0x0b);
    out(IER, ier);
}

START_TEST(test_reset_values)
{
    static const u8 values[8] = {0x00, 0x00, 0x01, 0x00, 0x00, 0x60, 0xb0, 0x00};

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned reg = 0; reg < 8; reg++)
            ck_assert_uint_eq(in(reg), values[reg]);
        ck_assert(!b.level[4]);
        open_port(0xc1, 0x0f);
        out(SCR, 0x5a);
        type("abc", 3);
        out(DATA, 'x');
        uart_reset(&uart);
    }
}
END_TEST

/* Register, what is written, what reads back; with DLAB as said. */
START_TEST(test_registers)
{
    static const struct {
        u8 lcr, reg, write, read;
    } rows[] = {
        {0x03, IER, 0xff, 0x0f}, {0x80, IER, 0xa5, 0xa5}, {0x80, DATA, 0x5a, 0x5a},
        {0x03, IER, 0x00, 0x00}, {0x80, IER, 0x12, 0x12}, {0x03, MCR, 0xff, 0x1f},
        {0x03, MCR, 0x00, 0x00}, {0x03, SCR, 0xa5, 0xa5}, {0x80, SCR, 0x5a, 0x5a},
        {0x7f, LCR, 0x3f, 0x3f}, {0x03, LSR, 0xff, 0x60}, {0x03, FCR, 0xc0, 0x01},
        {0x03, FCR, 0x01, 0xc1}, {0x80, FCR, 0x00, 0x01}, {0xbf, FCR, 0x01, 0xc1},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        out(LCR, rows[i].lcr);
        out(rows[i].reg, rows[i].write);
        ck_assert_msg(in(rows[i].reg) == rows[i].read, "row %u", i);
    }
    ck_assert_uint_eq(sent_len, 0);
}
END_TEST

START_TEST(test_output)
{
    open_port(0x01, 0x00);
    for (const char *p = "Hello\n"; *p; p++) {
        ck_assert_uint_eq(in(LSR), 0x60);
        out(DATA, (u8)*p);
    }
    ck_assert_uint_eq(sent_len, 6);
    ck_assert_int_eq(memcmp(sent, "Hello\n", 6), 0);
    out(DATA, 0xff);
    ck_assert_uint_eq((u8)sent[6], 0xff);
}
END_TEST

START_TEST(test_thre)
{
    open_port(0x01, 0x00);
    out(DATA, 'a');
    ck_assert(!b.level[4]);
    out(IER, 0x02); /* enabled while empty: at once */
    ck_assert(b.level[4]);
    ck_assert_uint_eq(in(IIR), 0xc2); /* reading takes it back */
    ck_assert(!b.level[4]);
    ck_assert_uint_eq(in(IIR), 0xc1);
    out(IER, 0x02); /* enabled before: nothing new */
    ck_assert(!b.level[4]);
    out(DATA, 'b');
    ck_assert(b.level[4]);
    ck_assert(!irq_at_write);
    b.rises[4] = 0;
    out(DATA, 'c'); /* every byte is a new edge, after the write */
    ck_assert(!irq_at_write);
    ck_assert(b.level[4]);
    ck_assert_uint_eq(b.rises[4], 1);
    out(IER, 0x00);
    ck_assert(!b.level[4]);
    out(IER, 0x02);
    ck_assert(b.level[4]);
    out(MCR, 0x03); /* OUT2 is the gate to the bus */
    ck_assert(!b.level[4]);
    ck_assert_uint_eq(in(IIR), 0xc2);
}
END_TEST

/* All sources at once: each is named in its turn, and goes away by its own means. */
START_TEST(test_priorities)
{
    open_port(0x41, 0x0f); /* trigger at 4 */
    in(IIR);               /* THRE from the enable */
    type("12345678901234567", 17);
    out(DATA, 'x');
    out(MCR, 0x19); /* loopback without RTS: CTS falls, and rises again after it */
    out(MCR, 0x0b);
    ck_assert_uint_eq(in(IIR), 0xc6);
    ck_assert_uint_eq(in(LSR), 0x63); /* overrun */
    for (unsigned i = 0; i < 13; i++) {
        ck_assert_uint_eq(in(IIR), 0xc4);
        ck_assert_uint_eq(in(DATA), "1234567890123"[i]);
    }
    ck_assert_uint_eq(in(LSR), 0x61);
    ck_assert_uint_eq(in(IIR), 0xc2); /* three are left: below the trigger */
    bench_pass(&b, 400000);
    ck_assert_uint_eq(in(IIR), 0xcc);
    ck_assert_uint_eq(in(DATA), '4');
    ck_assert_uint_eq(in(IIR), 0xc0);
    ck_assert(b.level[4]);
    ck_assert_uint_eq(in(MSR), 0xb1);
    ck_assert(!b.level[4]);
    ck_assert_uint_eq(in(IIR), 0xc1);
}
END_TEST

START_TEST(test_trigger)
{
    static const u8 level[4] = {1, 4, 8, 14};

    open_port((u8)(_i << 6 | 1), 0x01);
    for (unsigned n = 1; n <= 16; n++) {
        ck_assert_uint_eq(chr.can_receive(chr.opaque), 17 - n);
        type("x", 1);
        ck_assert(b.level[4] == (n >= level[_i]));
    }
    ck_assert_uint_eq(chr.can_receive(chr.opaque), 0);
    for (unsigned n = 15; n + 1 > 0; n--) {
        in(DATA);
        ck_assert(b.level[4] == (n >= level[_i]));
    }
    ck_assert_uint_eq(in(LSR), 0x60);
}
END_TEST

/* Four character times without a character or a read: to the nanosecond. */
START_TEST(test_timeout)
{
    static const struct {
        u8 lcr;
        u16 divisor;
        u64 ns;
    } rows[] = {
        {0x03, 1, 347223},      /* 10 bits at 115200 */
        {0x1b, 1, 381945},      /* parity: 11 */
        {0x1f, 1, 416667},      /* two stop bits: 12 */
        {0x00, 1, 243056},      /* 7 */
        {0x03, 12, 4166667},    /* 9600 */
        {0x03, 0, 22755555556}, /* 0 stands for 65536 */
    };
    u64 ns = rows[_i].ns;

    open_port(0xc1, 0x01);
    out(LCR, 0x80);
    out(0, (u8)rows[_i].divisor);
    out(1, (u8)(rows[_i].divisor >> 8));
    out(LCR, rows[_i].lcr);
    type("a", 1);
    bench_pass(&b, ns - 1);
    ck_assert(!b.level[4]);
    type("b", 1); /* starts it anew */
    bench_pass(&b, ns - 1);
    ck_assert(!b.level[4]);
    bench_pass(&b, 1);
    ck_assert(b.level[4]);
    ck_assert_uint_eq(in(IIR), 0xcc);
    ck_assert_uint_eq(in(IIR), 0xcc); /* only a read of the data ends it */
    ck_assert_uint_eq(in(DATA), 'a');
    ck_assert(!b.level[4]);
    bench_pass(&b, ns);
    ck_assert(b.level[4]);
    ck_assert_uint_eq(in(DATA), 'b');
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
    type("c", 1);
    bench_pass(&b, ns);
    out(FCR, 0x03); /* clearing the FIFO ends it, too */
    ck_assert(!b.level[4]);
    ck_assert_uint_eq(in(LSR), 0x60);
}
END_TEST

START_TEST(test_no_fifo)
{
    open_port(0x00, 0x05);
    ck_assert_uint_eq(chr.can_receive(chr.opaque), 1);
    type("a", 1);
    ck_assert_uint_eq(chr.can_receive(chr.opaque), 0);
    ck_assert_uint_eq(in(IIR), 0x04);
    type("b", 1); /* replaces it */
    ck_assert_uint_eq(in(IIR), 0x06);
    ck_assert_uint_eq(in(LSR), 0x63);
    ck_assert_uint_eq(in(LSR), 0x61);
    ck_assert_uint_eq(in(IIR), 0x04);
    ck_assert_uint_eq(in(DATA), 'b');
    ck_assert_uint_eq(in(IIR), 0x01);
    ck_assert_uint_eq(in(DATA), 'b'); /* nothing new */
    bench_pass(&b, 100000000);
    ck_assert_uint_eq(in(IIR), 0x01);
    type("c", 1);
    out(FCR, 0x01); /* switching the FIFO clears it */
    ck_assert_uint_eq(in(LSR), 0x60);
    type("defg", 4);
    out(FCR, 0x00);
    ck_assert_uint_eq(in(LSR), 0x60);
}
END_TEST

START_TEST(test_overrun)
{
    open_port(0x01, 0x04);
    type("0123456789abcdef", 16);
    ck_assert_uint_eq(in(LSR), 0x61);
    type("XY", 2);
    ck_assert_uint_eq(in(IIR), 0xc6);
    ck_assert_uint_eq(in(LSR), 0x63);
    ck_assert_uint_eq(in(LSR), 0x61);
    for (unsigned i = 0; i < 16; i++) /* the FIFO keeps what it has */
        ck_assert_uint_eq(in(DATA), "0123456789abcdef"[i]);
    ck_assert_uint_eq(in(LSR), 0x60);
}
END_TEST

START_TEST(test_break)
{
    open_port(0x01, 0x04);
    type("a", 1);
    chr.send_break(chr.opaque);
    type("b", 1);
    ck_assert_uint_eq(in(LSR), 0xe1); /* an error in the FIFO, not yet at its top */
    ck_assert_uint_eq(in(IIR), 0xc1);
    ck_assert_uint_eq(in(DATA), 'a');
    ck_assert_uint_eq(in(IIR), 0xc6);
    ck_assert_uint_eq(in(LSR), 0xf1);
    ck_assert_uint_eq(in(LSR), 0x61); /* told once */
    ck_assert_uint_eq(in(IIR), 0xc1);
    ck_assert_uint_eq(in(DATA), 0x00);
    ck_assert_uint_eq(in(DATA), 'b');
    ck_assert_uint_eq(in(LSR), 0x60);
}
END_TEST

START_TEST(test_loopback)
{
    /* MCR and the modem lines it becomes: RTS is CTS, DTR is DSR, OUT1 is RI, OUT2 is DCD. */
    static const u8 lines[16] = {0x00, 0x20, 0x10, 0x30, 0x40, 0x60, 0x50, 0x70,
                                 0x80, 0xa0, 0x90, 0xb0, 0xc0, 0xe0, 0xd0, 0xf0};

    open_port(0x01, 0x00);
    for (unsigned mcr = 0; mcr < 16; mcr++) {
        out(MCR, 0x10 | (u8)mcr);
        ck_assert_uint_eq(in(MSR)&0xf0, lines[mcr]);
    }
    out(MCR, 0x10);
    in(MSR);
    out(MCR, 0x1f);
    ck_assert_uint_eq(in(MSR), 0xfb); /* RI tells of its trailing edge only */
    ck_assert_uint_eq(in(MSR), 0xf0);
    out(MCR, 0x10);
    ck_assert_uint_eq(in(MSR), 0x0f);
    out(MCR, 0x18);
    in(MSR);
    out(IER, 0x08);
    out(MCR, 0x1a);
    ck_assert_uint_eq(in(IIR), 0xc0);
    ck_assert(b.level[4]);
    ck_assert_uint_eq(in(MSR), 0x91);
    ck_assert(!b.level[4]);
    ck_assert_uint_eq(chr.can_receive(chr.opaque), 0);
    type("lost", 4);
    chr.send_break(chr.opaque);
    ck_assert_uint_eq(in(LSR), 0x60);
    for (unsigned i = 0; i < 17; i++)
        out(DATA, (u8)('A' + i));
    ck_assert_uint_eq(in(LSR), 0x63);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(in(DATA), 'A' + i);
    out(LCR, 0x00); /* five bits */
    out(DATA, 0xff);
    ck_assert_uint_eq(in(DATA), 0x1f);
    out(LCR, 0x43);
    ck_assert_uint_eq(in(LSR), 0xf1);
    ck_assert_uint_eq(in(DATA), 0x00);
    ck_assert_uint_eq(sent_len, 0);
    out(MCR, 0x0b);
    ck_assert_uint_eq(chr.can_receive(chr.opaque), 16);
}
END_TEST

START_TEST(test_nobody)
{
    bench_init(&b);
    uart_init(&uart, &b.bus, BASE, bench_irq(&b, 4), &b.clock, NULL);
    open_port(0x01, 0x02);
    out(DATA, 'x');
    ck_assert_uint_eq(in(LSR), 0x60);
    ck_assert_uint_eq(in(MSR), 0x00);
    ck_assert_uint_eq(in(IIR), 0xc2);
}
END_TEST

static void drop(struct chr *c, const u8 *data, size_t len)
{
    (void)c, (void)data, (void)len;
}

static size_t room;

static size_t chr_room_now(struct chr *c)
{
    (void)c;
    return room;
}

/* A reader that stalls keeps the transmitter busy; its interrupt comes when there is room for a FIFO again. */
START_TEST(test_reader_stalls)
{
    static const struct chr_ops stall_ops = {.write = chr_write, .room = chr_room_now};

    b.clock.source = CLOCK_HOST;
    chr.ops = &stall_ops;
    room = UART_FIFO + 1;
    open_port(0x01, 0x02);
    in(IIR);
    out(DATA, 'a');
    ck_assert_uint_eq(in(LSR), 0x60);
    ck_assert_uint_eq(in(IIR), 0xc2);

    room = UART_FIFO - 1;
    out(DATA, 'b');
    ck_assert_uint_eq(in(LSR), 0x00);
    ck_assert_uint_eq(in(IIR), 0xc1);
    out(IER, 0); /* the enable finds no empty transmitter */
    out(IER, 2);
    ck_assert_uint_eq(in(IIR), 0xc1);
    chr.can_send(chr.opaque);
    ck_assert_uint_eq(in(LSR), 0x00);
    room = UART_FIFO;
    ck_assert_uint_eq(b.level[4], 0);
    chr.can_send(chr.opaque);
    ck_assert_uint_eq(b.level[4], 1);
    ck_assert_uint_eq(in(LSR), 0x60);
    ck_assert_uint_eq(in(IIR), 0xc2);
    ck_assert_uint_eq(sent_len, 2);

    /* Time by instructions: the guest must not see the host. */
    b.clock.source = CLOCK_INSN;
    room = 0;
    out(DATA, 'c');
    ck_assert_uint_eq(in(LSR), 0x60);
}
END_TEST

START_TEST(test_fuzz)
{
    static const struct chr_ops drop_ops = {.write = drop};
    u64 seed = 31337;

    chr.ops = &drop_ops;
    for (unsigned i = 0; i < 100000; i++) {
        u64 r = bench_random(&seed);

        bench_fuzz(&b, BASE, 8, 10, r);
        if (r & 0x100)
            type("0123456789abcdefghij", r % 20);
        if ((r & 0xf000) == 0)
            chr.send_break(chr.opaque);
    }
    out(LCR, 0);
    out(MCR, 0);
    out(FCR, 0x03);
    ck_assert_uint_eq(chr.can_receive(chr.opaque), 16);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("uart");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, test_reset_values);
    tcase_add_test(tc, test_registers);
    tcase_add_test(tc, test_output);
    tcase_add_test(tc, test_thre);
    tcase_add_test(tc, test_priorities);
    tcase_add_loop_test(tc, test_trigger, 0, 4);
    tcase_add_loop_test(tc, test_timeout, 0, 6);
    tcase_add_test(tc, test_no_fifo);
    tcase_add_test(tc, test_overrun);
    tcase_add_test(tc, test_break);
    tcase_add_test(tc, test_loopback);
    tcase_add_test(tc, test_nobody);
    tcase_add_test(tc, test_reader_stalls);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "uart");
}
