/* Tests of the I/O APIC: registers, edges, levels and their end, masks, modes and destinations. (82093AA, chapter 3) */
#include "devices/chipset/ioapic.h"

#include "tests/unit/dev_bench.h"

static struct ioapic ioapic;
static struct apic_message last;
static unsigned messages;
static bool nobody;

static bool deliver(void *opaque, const struct apic_message *message)
{
    (void)opaque;
    last = *message;
    messages++;
    return !nobody;
}

static const struct ioapic_host host = {deliver, NULL};

static void put(u8 reg, u32 value)
{
    ioapic_ops.write(&ioapic, 0x00, reg, 4);
    ioapic_ops.write(&ioapic, 0x10, value, 4);
}

static u32 get(u8 reg)
{
    ioapic_ops.write(&ioapic, 0x00, reg, 4);
    return ioapic_ops.read(&ioapic, 0x10, 4);
}

static void put_entry(unsigned pin, u64 entry)
{
    put((u8)(0x11 + 2 * pin), (u32)(entry >> 32));
    put((u8)(0x10 + 2 * pin), (u32)entry);
}

static void setup(void)
{
    messages = 0;
    nobody = false;
    ioapic_init(&ioapic, &host);
}

START_TEST(registers)
{
    setup();
    ck_assert_uint_eq(get(1), 0x00170011);
    ck_assert_uint_eq(get(0), 0);
    put(0, ~0u);
    ck_assert_uint_eq(get(0), 0x0f000000);
    ck_assert_uint_eq(get(2), 0x0f000000);
    put(1, 0);
    ck_assert_uint_eq(get(1), 0x00170011);
    for (unsigned i = 0; i < 24; i++) {
        ck_assert_uint_eq(get((u8)(0x10 + 2 * i)), 0x10000);
        ck_assert_uint_eq(get((u8)(0x11 + 2 * i)), 0);
        put_entry(i, ~0ull);
        ck_assert_uint_eq(get((u8)(0x10 + 2 * i)), 0x1afff); /* status and remote IRR: read-only */
        ck_assert_uint_eq(get((u8)(0x11 + 2 * i)), 0xff000000);
    }
    ck_assert_uint_eq(get(0x40), 0);
    put(0x40, ~0u);
    ioapic_ops.write(&ioapic, 0, 0x10, 4);
    ioapic_ops.write(&ioapic, 0x10, 0, 1); /* data is written whole */
    ck_assert_uint_eq(get(0x10), 0x1afff);
    ck_assert_uint_eq(messages, 0);
}
END_TEST

START_TEST(edges)
{
    setup();
    ioapic_set_pin(&ioapic, 4, true); /* masked: lost */
    put_entry(4, 0x0300000000000934ull);
    ck_assert_uint_eq(messages, 0);
    ioapic_set_pin(&ioapic, 4, true); /* no edge */
    ck_assert_uint_eq(messages, 0);
    ioapic_set_pin(&ioapic, 4, false);
    ck_assert_uint_eq(messages, 0);
    ioapic_set_pin(&ioapic, 4, true);
    ck_assert_uint_eq(messages, 1);
    ck_assert(last.vector == 0x34 && last.mode == APIC_LOWEST && last.dest == 3 && last.logical &&
              !last.level);
    ck_assert_uint_eq(get(0x18), 0x934);
    put_entry(5, 0x400); /* an NMI */
    ck_assert(ioapic_has_nmi(&ioapic));
    ioapic_set_pin(&ioapic, 5, true);
    ck_assert_uint_eq(last.mode, APIC_NMI);
    put_entry(5, 0x10400);
    ck_assert(!ioapic_has_nmi(&ioapic));
}
END_TEST

START_TEST(levels)
{
    setup();
    ioapic_set_pin(&ioapic, 10, true);
    put_entry(10, 0x1a050);
    ck_assert_uint_eq(messages, 0);
    put(0x24, 0xa050); /* unmasked */
    ck_assert_uint_eq(messages, 1);
    ck_assert(last.level && last.vector == 0x50 && !last.logical);
    ck_assert_uint_eq(get(0x24), 0xe050);
    ioapic_set_pin(&ioapic, 10, false);
    ioapic_set_pin(&ioapic, 10, true);
    ck_assert_uint_eq(messages, 1); /* not before its end */
    ioapic_eoi(&ioapic, 0x51);
    ck_assert_uint_eq(messages, 1);
    ioapic_eoi(&ioapic, 0x50);
    ck_assert_uint_eq(messages, 2);
    ioapic_set_pin(&ioapic, 10, false);
    ioapic_eoi(&ioapic, 0x50);
    ck_assert_uint_eq(messages, 2);
    ck_assert_uint_eq(get(0x24), 0xa050);
    ioapic_set_pin(&ioapic, 10, true);
    ck_assert_uint_eq(messages, 3);
    put(0x24, 0x12050); /* as an edge it has no remote IRR */
    ck_assert_uint_eq(get(0x24), 0x12050);
    put(0x24, 0xa050);
    ck_assert_uint_eq(messages, 4);
}
END_TEST

START_TEST(retries)
{
    setup();
    nobody = true;
    put_entry(9, 0x8040);
    ioapic_set_pin(&ioapic, 9, true);
    ck_assert_uint_eq(messages, 1);
    ck_assert_uint_eq(get(0x22), 0x8040);
    nobody = false;
    ioapic_retry(&ioapic);
    ck_assert_uint_eq(messages, 2);
    ioapic_retry(&ioapic);
    ck_assert_uint_eq(messages, 2);
}
END_TEST

START_TEST(state)
{
    static struct ioapic other;
    struct state save, load;

    setup();
    put_entry(3, 0x1200000000008043ull);
    ioapic_set_pin(&ioapic, 3, true);
    put(0, 5u << 24);
    state_init_save(&save);
    ioapic_state(&ioapic, &save);
    ioapic_init(&other, &host);
    state_init_load(&load, save.data, save.len);
    ioapic_state(&other, &load);
    ck_assert(!load.failed);
    state_free(&save);
    ck_assert_int_eq(memcmp(other.entry, ioapic.entry, sizeof(other.entry)), 0);
    ck_assert(other.lines == ioapic.lines && other.id == 5);
    ck_assert_uint_eq(messages, 1);
    ioapic_eoi(&other, 0x43);
    ck_assert_uint_eq(messages, 2);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ioapic");

    tcase_add_test(tc, registers);
    tcase_add_test(tc, edges);
    tcase_add_test(tc, levels);
    tcase_add_test(tc, retries);
    tcase_add_test(tc, state);
    return bench_main(tc, "ioapic");
}
