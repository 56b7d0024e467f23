/* The board's four serial ports: two on each line of the bus, which reaches the 8259s and the I/O APIC. */
#include <check.h>

#include "devices/board/pc.h"
#include "devices/board/pc_board.h"

#define IER 1
#define MCR 4

static const u16 base[PC_SERIALS] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};

/* THR is empty, so that the port asks as soon as it may, and no more when IER is 0. */
static void ask(struct pc *pc, unsigned port, bool on)
{
    ioport_write(&pc->bus, base[port] + MCR, 0x08, 1); /* OUT2 */
    ioport_write(&pc->bus, base[port] + IER, on ? 0x02 : 0x00, 1);
}

static void check_lines(struct pc *pc, bool irq3, bool irq4)
{
    ck_assert_uint_eq(pc->pic.chip[0].lines & 0x18, irq3 << 3 | irq4 << 4);
    ck_assert_uint_eq(pc->ioapic.lines & 0x18, irq3 << 3 | irq4 << 4);
}

START_TEST(shared_lines)
{
    struct pc_config config = {.ram_size = 2 * MIB, .clock = CLOCK_INSN, .serials = PC_SERIALS};
    char err[200] = "";
    struct pc *pc = pc_new(&config, err, sizeof(err));

    ck_assert_msg(pc != NULL, "%s", err);
    for (unsigned asking = 0; asking < 16; asking++) {
        for (unsigned port = 0; port < PC_SERIALS; port++)
            ask(pc, port, asking >> port & 1);
        check_lines(pc, asking & 0xa, asking & 0x5);
    }
    pc_free(pc);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pc_serial");
    TCase *tc = tcase_create("pc_serial");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_add_test(tc, shared_lines);
    suite_add_tcase(s, tc);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
