/* The parallel port and its printer. Expectations: IBM PC AT Technical Reference, "Printer adapter". */
#include "devices/serial/parallel.h"
#include "tests/unit/dev_bench.h"

#define BASE 0x378
#define IRQ  7

/* A printer that keeps what it gets and can be out of paper. */
static struct {
    struct chr chr;
    char text[100];
    size_t len, room;
} printer;
static struct bench b;
static struct parallel port;

static void printer_write(struct chr *chr, const u8 *data, size_t len)
{
    ck_assert_ptr_eq(chr, &printer.chr);
    for (size_t i = 0; i < len; i++)
        printer.text[printer.len++ % sizeof(printer.text)] = (char)data[i];
}

static size_t printer_room(struct chr *chr)
{
    (void)chr;
    return printer.room;
}

static const struct chr_ops printer_ops = {.write = printer_write, .room = printer_room};

static void setup(void)
{
    bench_init(&b);
    memset(&printer, 0, sizeof(printer));
    printer.chr.ops = &printer_ops;
    printer.room = 100;
    parallel_init(&port, &b.bus, BASE, bench_irq(&b, IRQ), &printer.chr);
}

START_TEST(test_registers)
{
    ck_assert_uint_eq(inb(&b, BASE), 0);
    ck_assert_uint_eq(inb(&b, BASE + 1), 0xdf); /* ready, no ACK, paper, selected, no error */
    ck_assert_uint_eq(inb(&b, BASE + 2), 0xcc);
    outb(&b, BASE, 0x5a);
    ck_assert_uint_eq(inb(&b, BASE), 0x5a);
    outb(&b, BASE + 1, 0); /* read-only */
    ck_assert_uint_eq(inb(&b, BASE + 1), 0xdf);
    outb(&b, BASE + 2, 0x0c | 0x12);
    ck_assert_uint_eq(inb(&b, BASE + 2), 0xde);
    ck_assert_uint_eq(printer.len, 0);
}
END_TEST

START_TEST(test_prints)
{
    for (const char *c = "ok\n"; *c; c++) {
        outb(&b, BASE, (u8)*c);
        outb(&b, BASE + 2, 0x0d);
        ck_assert_uint_eq(inb(&b, BASE + 1) & 0x80, 0); /* busy while STROBE is active */
        outb(&b, BASE + 2, 0x0d);                       /* still the same stroke */
        outb(&b, BASE + 2, 0x0c);
        ck_assert_uint_eq(inb(&b, BASE + 1) & 0x80, 0x80);
    }
    ck_assert_uint_eq(printer.len, 3);
    ck_assert_mem_eq(printer.text, "ok\n", 3);
    ck_assert_uint_eq(b.rises[IRQ], 0);
    outb(&b, BASE + 2, 0x1c);
    outb(&b, BASE + 2, 0x1d); /* with the interrupt */
    ck_assert_uint_eq(b.rises[IRQ], 1);
    ck_assert(!b.level[IRQ]);
}
END_TEST

START_TEST(test_not_ready)
{
    outb(&b, BASE + 2, 0x08); /* INIT is active */
    ck_assert_uint_eq(inb(&b, BASE + 1) & 0x80, 0);
    outb(&b, BASE + 2, 0x09);
    ck_assert_uint_eq(printer.len, 0);
    outb(&b, BASE + 2, 0x0c);
    printer.room = 0;
    ck_assert_uint_eq(inb(&b, BASE + 1) & 0x80, 0);
    printer.room = 1;
    ck_assert_uint_eq(inb(&b, BASE + 1) & 0x80, 0x80);
}
END_TEST

START_TEST(test_state)
{
    struct state save, load;

    outb(&b, BASE, 0x77);
    outb(&b, BASE + 2, 0x1e);
    state_init_save(&save);
    parallel_state(&port, &save);
    ck_assert(!save.failed);
    parallel_reset(&port);
    ck_assert_uint_eq(inb(&b, BASE), 0);
    ck_assert_uint_eq(inb(&b, BASE + 2), 0xcc);
    state_init_load(&load, save.data, save.len);
    parallel_state(&port, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(inb(&b, BASE), 0x77);
    ck_assert_uint_eq(inb(&b, BASE + 2), 0xde);
    state_free(&save);
}
END_TEST

START_TEST(test_fuzz)
{
    bench_fuzz(&b, BASE, 3, 200000, 99);
    ck_assert_uint_gt(printer.len, 1000);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("parallel");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, test_registers);
    tcase_add_test(tc, test_prints);
    tcase_add_test(tc, test_not_ready);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "parallel");
}
