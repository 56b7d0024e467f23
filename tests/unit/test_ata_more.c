/* Tests of what an ATA disk has beyond sectors: SMART, TRIM, its write cache, and an identity that the user gives it. */
#include "tests/unit/ide_bench.h"

#define SECTORS 20165u

static struct bench b;
static struct ide_channel ide;
static struct mem_block disk;
static u16 identity[256];
static u64 discarded[8][2];
static unsigned discards;

static int discard(struct block *block, u64 sector, u64 count)
{
    (void)block;
    ck_assert_uint_lt(discards, ARRAY_SIZE(discarded));
    discarded[discards][0] = sector;
    discarded[discards++][1] = count;
    return 0;
}

static void start(bool write_through, const struct ide_identity *named)
{
    static struct block_ops ops;
    struct block *block = mem_block_init(&disk, SECTORS);

    discards = 0;
    ops = *block->ops;
    ops.discard = discard;
    block->ops = &ops;
    block->write_through = write_through;
    block->trims = true;
    bench_init(&b);
    ide_init(&ide, &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide0");
    ata_attach(&ide, 0, block);
    if (named)
        ide_name(&ide.drive[0], named);
    ide_reset(&ide);
}

static void setup(void)
{
    start(false, NULL);
}

static void identify(void)
{
    issue(&b, (struct command){.command = 0xec, .device = 0xa0});
    read_words(&b, identity, 256);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
}

/* SMART's commands have their key in the upper address registers. */
static u8 smart(u8 feature, u8 low)
{
    issue(&b, (struct command){.command = 0xb0,
                               .feature = feature,
                               .lba = 0xc24f00 | low,
                               .count = 1,
                               .device = 0xa0});
    return inb(&b, STATUS);
}

static void read_sum(u8 *data)
{
    u8 sum = 0;

    read_words(&b, data, 256);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    for (unsigned i = 0; i < 512; i++)
        sum += data[i];
    ck_assert_uint_eq(sum, 0);
}

START_TEST(test_smart)
{
    u8 data[512];

    ck_assert_uint_eq(smart(0xda, 0), 0x50); /* well */
    ck_assert_uint_eq(inb(&b, MID), 0x4f);
    ck_assert_uint_eq(inb(&b, HIGH), 0xc2);
    ck_assert_uint_eq(smart(0xd0, 0), 0x58);
    read_sum(data);
    ck_assert_uint_eq(data[2], 1); /* the first attribute, and a value above its threshold */
    ck_assert_uint_eq(data[5], 100);
    ck_assert_uint_eq(smart(0xd1, 0), 0x58);
    read_sum(data);
    ck_assert_uint_eq(data[2], 1);
    ck_assert_uint_lt(data[3], 100);
    /* A short self-test is in the log. */
    ck_assert_uint_eq(smart(0xd5, 6), 0x58);
    read_sum(data);
    ck_assert_uint_eq(data[508], 0);
    ck_assert_uint_eq(smart(0xd4, 1), 0x50);
    ck_assert_uint_eq(smart(0xd5, 6), 0x58);
    read_sum(data);
    ck_assert_uint_eq(data[2], 1);
    ck_assert_uint_eq(data[508], 1);
    ck_assert_uint_eq(smart(0xd4, 5), 0x51); /* no such test, no such log, no such command */
    ck_assert_uint_eq(smart(0xd5, 0x30), 0x51);
    ck_assert_uint_eq(smart(0xdb, 0), 0x51);
    ck_assert_uint_eq(inb(&b, ERROR), 0x04);
    identify();
    ck_assert_uint_eq(identity[85] & 1, 1);
    ck_assert_uint_eq(smart(0xd9, 0), 0x50); /* off: all but ENABLE is refused */
    identify();
    ck_assert_uint_eq(identity[85] & 1, 0);
    ck_assert_uint_eq(smart(0xda, 0), 0x51);
    ck_assert_uint_eq(smart(0xd8, 0), 0x50);
    ck_assert_uint_eq(smart(0xda, 0), 0x50);
    /* Without the key. */
    issue(&b, (struct command){.command = 0xb0, .feature = 0xda, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x51);
}
END_TEST

/* The host adapter's part: these ranges are in the buffer. */
static u8 trim(const u64 *entries, unsigned count)
{
    struct ide_drive *drive = &ide.drive[0];

    issue(&b,
          (struct command){.command = 0x06, .feature = 1, .count = 1, .device = 0xe0, .ext = true});
    ck_assert_int_eq(drive->phase, IDE_DMA_OUT);
    ck_assert_uint_eq(drive->end, 512);
    memset(drive->buffer, 0, 512);
    for (unsigned i = 0; i < count; i++)
        put64(drive->buffer + 8 * i, entries[i]);
    ide_moved(drive, 512);
    return inb(&b, STATUS);
}

#define RANGE(sector, count) ((u64)(count) << 48 | (sector))

START_TEST(test_trim)
{
    ck_assert_uint_eq(trim((u64[]){RANGE(8, 16), 0, RANGE(SECTORS - 1, 1)}, 3), 0x50);
    ck_assert_uint_eq(discards, 2);
    ck_assert_uint_eq(discarded[0][0], 8);
    ck_assert_uint_eq(discarded[0][1], 16);
    ck_assert_uint_eq(discarded[1][0], SECTORS - 1);
    /* One that goes beyond the end: none is done. */
    ck_assert_uint_eq(trim((u64[]){RANGE(8, 16), RANGE(SECTORS - 1, 2)}, 2), 0x51);
    ck_assert_uint_eq(discards, 2);
    disk.block.trims = false; /* by the user's wish: accepted, and nothing happens */
    ck_assert_uint_eq(trim((u64[]){RANGE(8, 16)}, 1), 0x50);
    ck_assert_uint_eq(discards, 2);
    for (unsigned feature = 0; feature < 2; feature++) { /* no TRIM; no ranges */
        issue(&b, (struct command){.command = 0x06,
                                   .feature = (u16)feature,
                                   .count = !feature,
                                   .device = 0xe0,
                                   .ext = true});
        ck_assert_uint_eq(inb(&b, STATUS), 0x51);
    }
    identify();
    ck_assert_uint_eq(identity[169] & 1, 1);
    ck_assert_uint_eq(identity[105], 1);
}
END_TEST

static void write_two(void)
{
    static const u8 data[512];

    issue(&b, (struct command){.command = 0x30, .lba = 5, .count = 2, .device = 0xe0});
    write_words(&b, data, 256);
    write_words(&b, data, 256);
    ck_assert_uint_eq(inb(&b, STATUS) & 0x89, 0);
}

static void set_features(u8 feature)
{
    issue(&b, (struct command){.command = 0xef, .feature = feature, .device = 0xe0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
}

START_TEST(test_write_cache)
{
    write_two();
    ck_assert_uint_eq(disk.flushes, 0);
    set_features(0x82);
    ck_assert_uint_eq(disk.flushes, 1); /* what is in it */
    write_two();
    ck_assert_uint_eq(disk.flushes, 2); /* once a command */
    set_features(0x02);
    write_two();
    ck_assert_uint_eq(disk.flushes, 2);
    start(true, NULL); /* cache=writethrough */
    identify();
    ck_assert_uint_eq(identity[85] & 0x20, 0);
    write_two();
    ck_assert_uint_eq(disk.flushes, 1);
    set_features(0x02);
    write_two();
    ck_assert_uint_eq(disk.flushes, 1);
    /* A flush that fails is a write that fails. */
    set_features(0x82);
    disk.write_error = -EIO;
    issue(&b, (struct command){.command = 0x30, .lba = 5, .count = 1, .device = 0xe0});
    write_words(&b, identity, 256);
    ck_assert_uint_eq(inb(&b, STATUS), 0x51);
}
END_TEST

START_TEST(test_named)
{
    static const struct ide_identity named = {.serial = "AB12",
                                              .model = "ST 1",
                                              .firmware = "9.9",
                                              .wwn = 0x5000c50012345678,
                                              .rotation_rate = 1,
                                              .geometry = {40, 8, 32}};
    u8 data[512];

    start(false, &named);
    identify();
    ck_assert_mem_eq(&identity[10], "BA21  ", 6);
    ck_assert_mem_eq(&identity[27], "TS1   ", 6);
    ck_assert_mem_eq(&identity[23], ".9 9", 4);
    ck_assert_uint_eq(identity[1], 40);
    ck_assert_uint_eq(identity[3], 8);
    ck_assert_uint_eq(identity[6], 32);
    ck_assert_uint_eq(identity[54], 40);
    ck_assert_uint_eq(identity[108], 0x5000);
    ck_assert_uint_eq(identity[111], 0x5678);
    ck_assert_uint_eq(identity[87], 0x4103);
    ck_assert_uint_eq(identity[217], 1);
    ck_assert_uint_eq(identity[60], SECTORS); /* the size is the image's */
    /* Cylinder 1, head 2, sector 3 of that. */
    issue(&b, (struct command){.command = 0x20, .lba = 0x000103, .count = 1, .device = 0xa2});
    read_words(&b, data, 256);
    check_sector(data, (1 * 8 + 2) * 32 + 2);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ata_more");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, test_smart);
    tcase_add_test(tc, test_trim);
    tcase_add_test(tc, test_write_cache);
    tcase_add_test(tc, test_named);
    return bench_main(tc, "ata_more");
}
