/* Tests of the board's NMI: its enables and latches in port 61h, beside the PIT's bits, and its mask in port 70h,
 * beside the RTC's index. */
#include "devices/chipset/nmi.h"

#include "devices/chipset/pit.h"
#include "devices/chipset/rtc.h"
#include "tests/unit/dev_bench.h"

static struct bench b;
static struct nmi nmi;
static struct pit pit;
static struct rtc rtc;

static void setup(void)
{
    bench_init(&b);
    pit_init(&pit, &b.bus, 0x40, &b.clock, bench_irq(&b, 0));
    rtc_init(&rtc, &b.bus, 0x70, &b.clock, bench_irq(&b, 8), 0);
    nmi_init(&nmi, bench_irq(&b, 2));
    pit.nmi = rtc.nmi = &nmi;
}

static u8 status(void)
{
    return inb(&b, 0x61) & 0xcf;
}

/* What is done, and afterwards: port 61h but for bits 4 and 5, and how often the NMI has risen. */
enum act { WRITE_61, WRITE_70, PULSE, RESET };
static const struct {
    enum act act;
    u8 value, status;
    unsigned rises;
    bool level;
} steps[] = {
    {PULSE, NMI_IOCHK, 0x40, 0, false},           /* masked after a reset */
    {WRITE_70, 0x0f, 0x40, 1, true},              /* and comes with the end of the mask */
    {PULSE, NMI_IOCHK, 0x40, 1, true},            /* no second one while it is latched */
    {WRITE_61, 0x00, 0x40, 1, true},              /* writes of 0 clear nothing */
    {WRITE_70, 0x8f, 0x40, 1, false},             /* the mask clears nothing either */
    {WRITE_70, 0x0f, 0x40, 2, true},              /* */
    {WRITE_61, 0x0b, 0x0b, 2, false},             /* disabled, and cleared */
    {PULSE, NMI_IOCHK, 0x0b, 2, false},           /* */
    {WRITE_61, 0x03, 0x03, 2, false},             /* it was not remembered */
    {PULSE, NMI_SERR, 0x83, 3, true},             /* */
    {PULSE, NMI_IOCHK, 0xc3, 3, true},            /* one line for both */
    {WRITE_61, 0x04, 0x44, 3, true},              /* */
    {WRITE_61, 0x08, 0x08, 3, false},             /* */
    {PULSE, NMI_SERR, 0x88, 4, true},             /* each has its own enable */
    {RESET, 0, 0x00, 4, false},                   /* */
    {PULSE, NMI_SERR | NMI_IOCHK, 0xc0, 4, false} /* */
};

START_TEST(test_steps)
{
    for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
        u8 value = steps[i].value;

        switch (steps[i].act) {
        case WRITE_61: outb(&b, 0x61, value); break;
        case WRITE_70: outb(&b, 0x70, value); break;
        case PULSE: nmi_pulse(&nmi, (enum nmi_source)value); break;
        case RESET:
            pit_reset(&pit);
            nmi_reset(&nmi);
            break;
        }
        ck_assert_msg(status() == steps[i].status && b.rises[2] == steps[i].rises &&
                          b.level[2] == steps[i].level,
                      "step %u: port 61h has %02x, %u rises, level %d", i, status(), b.rises[2],
                      b.level[2]);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("nmi");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, test_steps);
    return bench_main(tc, "nmi");
}
