/* The debug console and isa-debug-exit: what comes out, and random accesses of every size beside a model. Neither
 * has state to save. */
#include "devices/chipset/debug_exit.h"
#include "devices/serial/debugcon.h"
#include "tests/unit/dev_bench.h"

#define CONSOLE 0xe9
#define EXIT    0x501
#define ROUNDS  20000

static struct bench bench;
static struct debugcon console;
static struct debug_exit leaver;
static FILE *out;
static char *text;
static size_t length;
static unsigned exits;
static int status;

static void quit(void *opaque, int code)
{
    ck_assert_ptr_eq(opaque, &leaver);
    exits++;
    status = code;
}

static void setup(void)
{
    bench_init(&bench);
    out = open_memstream(&text, &length);
    debugcon_init(&console, &bench.bus, CONSOLE, out);
    debug_exit_init(&leaver, &bench.bus, EXIT, 4, quit, &leaver);
    exits = 0;
}

static void teardown(void)
{
    fclose(out);
    free(text);
}

START_TEST(test_console)
{
    const char *say = "hello\n";

    ck_assert_uint_eq(ioport_read(&bench.bus, CONSOLE, 1), 0xe9);
    for (const char *p = say; *p; p++)
        ioport_write(&bench.bus, CONSOLE, (u8)*p, 1);
    ck_assert_uint_eq(length, 6); /* a line's end writes it out */
    ck_assert_mem_eq(text, say, 6);
    ioport_write(&bench.bus, CONSOLE, 'x', 1);
    ck_assert_uint_eq(length, 6);
    debugcon_reset(&console);
    ck_assert_uint_eq(length, 7);
}
END_TEST

START_TEST(test_exit)
{
    ck_assert_uint_eq(ioport_read(&bench.bus, EXIT, 4), 0);
    ck_assert_uint_eq(exits, 0);
    for (unsigned value = 0; value < 256; value++) {
        ioport_write(&bench.bus, EXIT + value % 4, value, 1);
        ck_assert_uint_eq(exits, value + 1);
        ck_assert_int_eq(status, (int)((2 * value + 1) % 256));
    }
    ioport_write(&bench.bus, EXIT, 0x12345610, 4); /* one access, one exit */
    ck_assert_uint_eq(exits, 257);
    ck_assert_int_eq(status, 0x21);
}
END_TEST

/* Accesses at and around both: the console takes the byte that is its port's, an exit any that starts in it. */
START_TEST(test_random)
{
    u32 seed = 12345, bytes = 0;
    u8 *said = malloc(ROUNDS);

    for (unsigned i = 0; i < ROUNDS; i++) {
        u32 r = seed = seed * 1103515245u + 12345u, value = (seed = seed * 1103515245u + 12345u);
        unsigned size = 1u << (r >> 8) % 3, before = exits;
        u16 port = (u16)((r >> 16 & 1 ? CONSOLE : EXIT) - 3 + (r >> 20) % 8);

        if (r >> 31) {
            ioport_read(&bench.bus, port, size);
            ck_assert_uint_eq(exits, before);
            continue;
        }
        ioport_write(&bench.bus, port, value, size);
        if (port <= CONSOLE && CONSOLE < port + size)
            said[bytes++] = (u8)(value >> 8 * (CONSOLE - port));
        if (port >= EXIT && port < EXIT + 4) {
            ck_assert_uint_gt(exits, before);
            ck_assert_int_eq(status & 1, 1);
            ck_assert(status >= 0 && status < 256);
        }
    }
    debugcon_reset(&console);
    ck_assert_uint_eq(length, bytes);
    ck_assert_mem_eq(text, said, bytes);
    ck_assert_uint_gt(exits, ROUNDS / 20);
    free(said);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debug_ports");
    TCase *tc = tcase_create("debug_ports");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_console);
    tcase_add_test(tc, test_exit);
    tcase_add_test(tc, test_random);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
