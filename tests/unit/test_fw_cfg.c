/* Tests of fw_cfg. Expectations: QEMU's docs/specs/fw_cfg.txt. */
#include "devices/chipset/fw_cfg.h"

#include <errno.h>

#include "tests/unit/dev_bench.h"

#define RAM     (1u * MIB)
#define PLACE   0x2000u /* of descriptors */
#define TARGET  0x8000u
#define NOTHING 0x10000000u

static struct bench b;
static struct fw_cfg cfg;
static struct phys phys;
static struct log quiet;
static struct stats stats;
static const u8 content[] = "the quick brown fox";

static void setup(void)
{
    bench_init(&b);
    ck_assert_int_eq(phys_init(&phys, RAM, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM), 0);
    fw_cfg_init(&cfg, &b.bus, &phys);
}

static void teardown(void)
{
    phys_free(&phys);
}

static void choose(u16 key)
{
    ioport_write(&b.bus, 0x510, key, 2);
}

static u64 get(unsigned bytes)
{
    u64 value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (u64)inb(&b, 0x511) << (i * 8);
    return value;
}

/* Starts a transfer; returns what it leaves in the descriptor. */
static u32 dma(u32 control, u32 length, u64 address)
{
    u8 bytes[16];

    put32(bytes, __builtin_bswap32(control));
    put32(bytes + 4, __builtin_bswap32(length));
    put64(bytes + 8, __builtin_bswap64(address));
    phys_write(&phys, PLACE, bytes, sizeof(bytes));
    ioport_write(&b.bus, 0x514, 0, 4);
    ioport_write(&b.bus, 0x518, __builtin_bswap32(PLACE), 4);
    phys_read(&phys, PLACE, bytes, 4);
    return __builtin_bswap32(get32(bytes));
}

/* Keys of a PC alone, beside those of all machines, and what lies around them. */
START_TEST(test_pc_keys)
{
    fw_cfg_number(&cfg, FW_CFG_IRQ0_OVERRIDE, 0x01020304, 4);
    fw_cfg_number(&cfg, FW_CFG_UUID, 0x55, 1);
    choose(0x8002);
    ck_assert_uint_eq(get(4), 0x01020304);
    ck_assert_uint_eq(get(4), 0);
    for (unsigned key = 0x7ff0; key < 0x8010; key++) {
        choose((u16)key);
        ck_assert_uint_eq(get(4), key == 0x8002 ? 0x01020304 : 0);
    }
    choose(FW_CFG_UUID);
    ck_assert_uint_eq(get(2), 0x55);
}
END_TEST

START_TEST(test_keys)
{
    fw_cfg_number(&cfg, FW_CFG_CPUS, 0x1234, 2);
    fw_cfg_number(&cfg, FW_CFG_RAM_SIZE, 0x123456789abcdefull, 8);
    ck_assert_uint_eq(get(4), get32("QEMU")); /* what is selected at reset */
    choose(FW_CFG_ID);
    ck_assert_uint_eq(get(4), 3);
    ck_assert_uint_eq(get(4), 0);
    choose(FW_CFG_CPUS);
    ck_assert_uint_eq(get(4), 0x1234);
    choose(FW_CFG_RAM_SIZE);
    ck_assert_uint_eq(get(8), 0x123456789abcdefull);
    choose(FW_CFG_RAM_SIZE); /* from its beginning again */
    ck_assert_uint_eq(get(1), 0xef);
    choose(FW_CFG_UUID); /* nobody gave one */
    ck_assert_uint_eq(get(8), 0);
    choose(0x8003);
    ck_assert_uint_eq(get(8), 0);
    choose(0xffff);
    ck_assert_uint_eq(get(8), 0);
}
END_TEST

START_TEST(test_selector_width)
{
    choose(FW_CFG_ID);
    outb(&b, 0x510, 0); /* half a selector is none */
    outb(&b, 0x511, 0);
    ck_assert_uint_eq(get(4), 3);
}
END_TEST

START_TEST(test_files)
{
    u8 entry[64];

    choose(FW_CFG_DIRECTORY);
    ck_assert_uint_eq(get(4), 0);
    ck_assert_int_eq(fw_cfg_file(&cfg, "opt/one", content, sizeof(content)), 0);
    ck_assert_int_eq(fw_cfg_file(&cfg, "opt/two", NULL, 0), 0);
    ck_assert_int_eq(fw_cfg_file(&cfg, "opt/one", content, 1), -EEXIST);
    choose(FW_CFG_DIRECTORY);
    ck_assert_uint_eq(__builtin_bswap32((u32)get(4)), 2);
    for (unsigned i = 0; i < sizeof(entry); i++)
        entry[i] = (u8)get(1);
    ck_assert_uint_eq(__builtin_bswap32(get32(entry)), sizeof(content));
    ck_assert_uint_eq(__builtin_bswap16(get16(entry + 4)), 0x20);
    ck_assert_uint_eq(get16(entry + 6), 0);
    ck_assert_str_eq((char *)entry + 8, "opt/one");
    choose(0x20);
    for (unsigned i = 0; i < sizeof(content); i++)
        ck_assert_uint_eq(get(1), content[i]);
    ck_assert_uint_eq(get(1), 0);
    choose(0x21);
    ck_assert_uint_eq(get(1), 0);
}
END_TEST

START_TEST(test_files_full)
{
    char name[FW_CFG_NAME + 1];

    memset(name, 'x', FW_CFG_NAME);
    name[FW_CFG_NAME] = '\0';
    ck_assert_int_eq(fw_cfg_file(&cfg, name, content, 1), -ENAMETOOLONG);
    for (unsigned i = 0; i < FW_CFG_FILES; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        ck_assert_int_eq(fw_cfg_file(&cfg, name, content, i % sizeof(content)), 0);
    }
    ck_assert_int_eq(fw_cfg_file(&cfg, "more", content, 1), -ENOSPC);
    choose(0x20 + FW_CFG_FILES - 1);
    ck_assert_uint_eq(get(1), content[0]);
}
END_TEST

START_TEST(test_string_input)
{
    u8 got[sizeof(content) + 4];

    fw_cfg_file(&cfg, "opt/one", content, sizeof(content));
    choose(0x20);
    ck_assert_uint_eq(ioport_read_block(&b.bus, 0x511, got, 1, sizeof(got)), sizeof(got));
    ck_assert_mem_eq(got, content, sizeof(content));
    ck_assert_uint_eq(get32(got + sizeof(content)), 0);
    ck_assert_uint_eq(ioport_read_block(&b.bus, 0x510, got, 2, 4), 0);
}
END_TEST

START_TEST(test_dma)
{
    u8 got[64], ones[64];

    memset(ones, 0xff, sizeof(ones));
    phys_write(&phys, TARGET, ones, sizeof(ones));
    fw_cfg_file(&cfg, "opt/one", content, sizeof(content));
    ck_assert_uint_eq(ioport_read(&b.bus, 0x514, 4), get32("QEMU"));
    ck_assert_uint_eq(ioport_read(&b.bus, 0x518, 4), get32(" CFG"));
    ck_assert_uint_eq(inb(&b, 0x515), 'E');

    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, 40, TARGET), 0); /* select, read */
    phys_read(&phys, TARGET, got, sizeof(got));
    ck_assert_mem_eq(got, content, sizeof(content));
    for (unsigned i = sizeof(content); i < sizeof(got); i++)
        ck_assert_uint_eq(got[i], i < 40 ? 0 : 0xff);

    ck_assert_uint_eq(dma(0x20u << 16 | 8, 0, 0), 0); /* select */
    ck_assert_uint_eq(dma(4, 4, 0), 0);               /* skip */
    ck_assert_uint_eq(get(1), content[4]);
    ck_assert_uint_eq(dma(2, 5, TARGET), 0); /* read on */
    phys_read(&phys, TARGET, got, 5);
    ck_assert_mem_eq(got, content + 5, 5);
    ck_assert_uint_eq(dma(0x10, 5, TARGET), 1); /* write */
    ck_assert_uint_eq(dma(4, UINT32_MAX, 0), 0);
    ck_assert_uint_eq(get(1), 0);
    ck_assert_uint_eq(dma(0x7777u << 16 | 8 | 2, 4, TARGET), 0); /* no such key: zeros */
    phys_read(&phys, TARGET, got, 4);
    ck_assert_uint_eq(get32(got), 0);
}
END_TEST

/* To where nothing is, beyond 4 GiB, and over the end: no harm, and the run goes on. */
START_TEST(test_dma_places)
{
    u8 got[4];

    fw_cfg_file(&cfg, "opt/one", content, sizeof(content));
    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, 20, NOTHING), 0);
    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, 20, 1ull << 32), 0);
    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, 20, UINT64_MAX), 0);
    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, UINT32_MAX, 0xfffffff8), 0);
    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, 4, RAM - 2), 0);
    phys_read(&phys, RAM - 2, got, 2);
    ck_assert_mem_eq(got, content, 2);
    ioport_write(&b.bus, 0x514, UINT32_MAX, 4);
    ioport_write(&b.bus, 0x518, UINT32_MAX, 4); /* a descriptor nowhere */
    ioport_write(&b.bus, 0x518, __builtin_bswap32(0xfffffff8), 4);
    ck_assert_uint_eq(dma(0x20u << 16 | 8 | 2, 4, TARGET), 0);
}
END_TEST

START_TEST(test_state)
{
    struct state save, load;

    fw_cfg_file(&cfg, "opt/one", content, sizeof(content));
    choose(0x20);
    get(3);
    ioport_write(&b.bus, 0x514, __builtin_bswap32(7), 4);
    state_init_save(&save);
    fw_cfg_state(&cfg, &save);
    ck_assert(!save.failed);
    fw_cfg_reset(&cfg);
    ck_assert_uint_eq(get(1), 'Q');
    ck_assert_uint_eq(cfg.dma_high, 0);
    state_init_load(&load, save.data, save.len);
    fw_cfg_state(&cfg, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(get(1), content[3]);
    ck_assert_uint_eq(cfg.dma_high, 7);
    /* An offset and a key that no machine has are past the end of nothing. */
    cfg.key = 0xfffe;
    cfg.offset = UINT32_MAX;
    ck_assert_uint_eq(get(2), 0);
    cfg.key = 0x20;
    ck_assert_uint_eq(get(2), 0);
    state_free(&save);
}
END_TEST

START_TEST(test_fuzz)
{
    fw_cfg_file(&cfg, "opt/one", content, sizeof(content));
    bench_fuzz(&b, 0x510, 12, 3000, 4711);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("fw_cfg");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_pc_keys);
    tcase_add_test(tc, test_keys);
    tcase_add_test(tc, test_selector_width);
    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_files_full);
    tcase_add_test(tc, test_string_input);
    tcase_add_test(tc, test_dma);
    tcase_add_test(tc, test_dma_places);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "fw_cfg");
}
