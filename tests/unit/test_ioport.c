/* Tests of the port bus: splitting, overlapping ranges, absent devices, and its reports. */
#include <signal.h>

#include "tests/unit/dev_bench.h"

static struct ioport_bus bus;
static char seen[256];

static u32 note_read(void *opaque, u16 offset, unsigned size)
{
    size_t len = strlen(seen);

    snprintf(seen + len, sizeof(seen) - len, "%sr%u@%x ", (const char *)opaque, size, offset);
    return 0xa3a2a1a0u + offset * 0x01010101u; /* wider than asked for: the bus must cut it */
}

static void note_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    size_t len = strlen(seen);

    snprintf(seen + len, sizeof(seen) - len, "%sw%u@%x=%x ", (const char *)opaque, size, offset,
             value);
}

static const struct ioport_ops byte_ops = {note_read, note_write, 1};
static const struct ioport_ops word_ops = {note_read, note_write, 2};
static const struct ioport_ops long_ops = {note_read, note_write, 4};
static const struct ioport_ops silent_ops = {NULL, NULL, 4};

static char byte_name[] = "b", word_name[] = "w", long_name[] = "l";

static void setup(void)
{
    ioport_init(&bus, NULL);
    ioport_add(&bus, 0x100, 8, &byte_ops, byte_name, "bytes");
    ioport_add(&bus, 0x200, 8, &word_ops, word_name, "words");
    ioport_add(&bus, 0x300, 8, &long_ops, long_name, "longs");
    ioport_add(&bus, 0x400, 8, &silent_ops, NULL, "silent");
    ioport_ignore(&bus, 0x500, 8, "ignored");
    ioport_add(&bus, 0xfffe, 2, &byte_ops, byte_name, "top");
    ioport_add(&bus, 0x000, 1, &byte_ops, byte_name, "bottom");
    ioport_add(&bus, 0x108, 1, &word_ops, word_name, "next to bytes");
    seen[0] = 0;
}

static const struct {
    u16 port;
    unsigned size;
    u32 value;
    const char *reads, *writes; /* of 0x44332211 */
} accesses[] = {
    {0x100, 1, 0xa0, "br1@0 ", "bw1@0=11 "},
    {0x102, 2, 0xa3a2, "br1@2 br1@3 ", "bw1@2=11 bw1@3=22 "},
    {0x104, 4, 0xa7a6a5a4, "br1@4 br1@5 br1@6 br1@7 ", "bw1@4=11 bw1@5=22 bw1@6=33 bw1@7=44 "},
    {0x201, 1, 0xa1, "wr1@1 ", "ww1@1=11 "},
    {0x200, 2, 0xa1a0, "wr2@0 ", "ww2@0=2211 "},
    {0x202, 4, 0xa5a4a3a2, "wr2@2 wr2@4 ", "ww2@2=2211 ww2@4=4433 "},
    {0x300, 4, 0xa3a2a1a0, "lr4@0 ", "lw4@0=44332211 "},
    {0x306, 4, 0xffffa7a6, "lr2@6 ", "lw2@6=2211 "}, /* past the range's end */
    {0x2ff, 2, 0xa0ff, "lr1@0 ", "lw1@0=22 "},
    {0x107, 2, 0xa0a7, "br1@7 wr1@0 ", "bw1@7=11 ww1@0=22 "},
    {0x400, 4, 0xffffffff, "", ""},
    {0x400, 2, 0xffff, "", ""},
    {0x500, 1, 0xff, "", ""},
    {0x600, 1, 0xff, "", ""},
    {0x600, 4, 0xffffffff, "", ""},
    {0xffff, 2, 0xa0a1, "br1@1 br1@0 ", "bw1@1=11 bw1@0=22 "}, /* sixteen address lines */
};

START_TEST(test_access)
{
    ck_assert_uint_eq(ioport_read(&bus, accesses[_i].port, accesses[_i].size), accesses[_i].value);
    ck_assert_str_eq(seen, accesses[_i].reads);
    seen[0] = 0;
    ioport_write(&bus, accesses[_i].port, 0x44332211, accesses[_i].size);
    ck_assert_str_eq(seen, accesses[_i].writes);
}
END_TEST

START_TEST(test_override)
{
    ioport_add(&bus, 0x102, 1, &long_ops, long_name, "later");
    ck_assert_uint_eq(ioport_read(&bus, 0x100, 4), 0xa3a0a1a0);
    ck_assert_str_eq(seen, "br1@0 br1@1 lr1@0 br1@3 ");
}
END_TEST

static unsigned lines(const char *text)
{
    unsigned n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

START_TEST(test_report)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct log log = {.mask = LOG_unassigned, .out = out};

    bus.log = &log;
    for (unsigned i = 0; i < 3; i++) {
        ioport_read(&bus, 0x600, 4);
        ioport_read(&bus, 0x600, 1);
        ioport_write(&bus, 0x600, 1, 2);
        ioport_read(&bus, 0x500, 2);     /* ignored: the board knows */
        ioport_write(&bus, 0x400, 0, 4); /* a device that does not listen */
        ioport_write(&bus, 0xfff0, 0x5a, 1);
    }
    fflush(out);
    ck_assert_uint_eq(lines(text), 2);
    ck_assert_ptr_nonnull(strstr(text, "0600"));
    ck_assert_ptr_nonnull(strstr(text, "fff0"));
    log.mask = LOG_ioport;
    ioport_write(&bus, 0x100, 0x5a, 1);
    fflush(out);
    ck_assert_uint_eq(lines(text), 3);
    ck_assert_ptr_nonnull(strstr(text, "bytes"));
    fclose(out);
    free(text);
}
END_TEST

START_TEST(test_full)
{
    while (bus.ranges < IOPORT_RANGES)
        ioport_add(&bus, (u16)(0x1000 + bus.ranges), 1, &byte_ops, byte_name, "more");
    ck_assert_uint_eq(ioport_read(&bus, 0x1000 + IOPORT_RANGES - 1, 1), 0xa0);
    ioport_add(&bus, 0x2000, 1, &byte_ops, byte_name, "too many"); /* aborts */
}
END_TEST

START_TEST(test_remove)
{
    unsigned before = bus.ranges;

    for (unsigned i = 0; i < 1000; i++) {
        u16 base = (u16)(i % 2 ? 0x100 : 0x3000 + i);

        ioport_add(&bus, base, 1, &long_ops, long_name, "moving");
        seen[0] = 0;
        ioport_read(&bus, base, 1);
        ck_assert_str_eq(seen, "lr1@0 ");
        ioport_remove(&bus, base, 1, long_name);
        seen[0] = 0;
        ioport_read(&bus, base, 1);
        ck_assert_str_eq(seen, i % 2 ? "br1@0 " : ""); /* back to whom it was taken from */
    }
    ck_assert_uint_eq(bus.ranges, before);
    ck_assert_uint_eq(ioport_read(&bus, 0x200, 2), 0xa1a0);
}
END_TEST

START_TEST(test_remove_wrong)
{
    ioport_remove(&bus, 0x101, 1, byte_name); /* nobody added it: aborts */
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ioport");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, test_access, 0, ARRAY_SIZE(accesses));
    tcase_add_test(tc, test_override);
    tcase_add_test(tc, test_report);
    tcase_add_test_raise_signal(tc, test_full, SIGABRT);
    tcase_add_test(tc, test_remove);
    tcase_add_test_raise_signal(tc, test_remove_wrong, SIGABRT);
    return bench_main(tc, "ioport");
}
