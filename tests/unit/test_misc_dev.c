/* Tests of the debug console and isa-debug-exit; and random accesses to the whole set of devices on
 * one bus. */
#include "devices/chipset/debug_exit.h"
#include "devices/serial/debugcon.h"
#include "devices/chipset/dma.h"
#include "devices/input/kbc.h"
#include "devices/chipset/pic.h"
#include "devices/chipset/pit.h"
#include "devices/chipset/port92.h"
#include "devices/chipset/rtc.h"
#include "devices/serial/uart.h"

#include "tests/unit/dev_bench.h"

static struct bench b;
static struct dma dma;

static void setup(void)
{
    bench_init(&b);
    dma_init(&dma, &b.bus, NULL); /* nobody transfers */
}

START_TEST(test_debugcon)
{
    struct debugcon debugcon;
    char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);

    debugcon_init(&debugcon, &b.bus, 0x402, stream);
    ck_assert_uint_eq(inb(&b, 0x402), 0xe9);
    outb(&b, 0x402, 'h');
    outb(&b, 0x402, 'i');
    outb(&b, 0x402, '\n');
    ck_assert_str_eq(text, "hi\n"); /* a line's end writes it out */
    outb(&b, 0x402, 0xff);
    debugcon_reset(&debugcon);
    ck_assert_uint_eq(len, 4);
    ck_assert_uint_eq((u8)text[3], 0xff);
    fclose(stream);
    free(text);
}
END_TEST

static int exit_status;

static void quit(void *opaque, int status)
{
    (void)opaque;
    exit_status = status;
}

START_TEST(test_debug_exit)
{
    static const struct {
        u32 value;
        unsigned size;
        int status;
    } rows[] = {
        {0, 1, 1},      {1, 1, 3},      {0x10, 1, 0x21}, {0x7f, 1, 0xff},       {0x80, 1, 1},
        {0xff, 1, 255}, {0x121, 2, 67}, {0x2a, 4, 85},   {0xffffffff, 4, 0xff},
    };
    struct debug_exit debug_exit;

    debug_exit_init(&debug_exit, &b.bus, 0xf4, 4, quit, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        exit_status = -1;
        ioport_write(&b.bus, 0xf4, rows[i].value, rows[i].size);
        ck_assert_msg(exit_status == rows[i].status, "row %u: %d", i, exit_status);
    }
    ck_assert_uint_eq(inb(&b, 0xf4), 0);
}
END_TEST

static void intr(void *opaque, bool level)
{
    *(bool *)opaque = level;
}

static void ignore_bool(void *opaque, bool on)
{
    (void)opaque, (void)on;
}

static void ignore(void *opaque)
{
    (void)opaque;
}

/* The whole board's ports at random, with interrupts acknowledged: a million accesses. */
START_TEST(test_fuzz_all)
{
    static const u16 bases[][2] = {{0x00, 16}, {0x20, 2}, {0x40, 4},  {0x60, 5},  {0x70, 2},
                                   {0x80, 32}, {0xa0, 2}, {0xc0, 32}, {0x3f8, 8}, {0x4d0, 2}};
    static struct pic pic;
    static struct pit pit;
    static struct rtc rtc;
    static struct kbc kbc;
    static struct port92 port92;
    static struct uart uart;
    bool level = false;
    u64 seed = 20240229;

    pic_init(&pic, &b.bus, intr, &level);
    pit_init(&pit, &b.bus, 0x40, &b.clock, (struct irq){pic_set_irq, &pic, 0});
    rtc_init(&rtc, &b.bus, 0x70, &b.clock, (struct irq){pic_set_irq, &pic, 8}, 1000000000);
    kbc_init(&kbc, &b.bus, &b.clock, (struct irq){pic_set_irq, &pic, 1},
             (struct irq){pic_set_irq, &pic, 12}, ignore_bool, ignore, NULL);
    port92_init(&port92, &b.bus, ignore_bool, ignore, NULL);
    uart_init(&uart, &b.bus, 0x3f8, (struct irq){pic_set_irq, &pic, 4}, &b.clock, NULL);
    for (unsigned i = 0; i < 100000; i++) {
        u64 r = bench_random(&seed);

        bench_fuzz(&b, bases[r % 10][0], bases[r % 10][1], 10, r);
        if (level && r & 0x400)
            pic_ack(&pic);
        if (level != pic.level)
            ck_abort_msg("INTR is %d", level);
    }
    pic_reset(&pic);
    pit_reset(&pit);
    rtc_reset(&rtc);
    kbc_reset(&kbc);
    port92_reset(&port92);
    uart_reset(&uart);
    dma_reset(&dma);
    ck_assert(!level);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX); /* nobody is left with a timer */
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("misc_dev");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, test_debugcon);
    tcase_add_test(tc, test_debug_exit);
    tcase_add_test(tc, test_fuzz_all);
    return bench_main(tc, "misc_dev");
}
