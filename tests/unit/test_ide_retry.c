/* Tests of requests that wait for the host: what stops, what is tried again, and that nothing is lost or done twice. */
#include "devices/disk/ide_dma.h"

#include "tests/unit/ide_bench.h"

#define BAR     0xc000
#define RAM     (1 * MIB)
#define TABLE   0x1000u
#define DATA_AT 0x10000u
#define LAST    0x80000000u

static struct bench b;
static struct pci_bus bus;
static struct log log_off = {0};
static struct stats stats;
static struct phys phys;
static struct ide_channel ide[2];
static struct ide_dma dma;
static struct mem_block disk;
static unsigned told, stops;
static int stop_error;
static bool stop_write;

static void on_error(void *opaque, const struct block *block, bool write, int error,
                     enum block_fate fate)
{
    ck_assert_ptr_eq(opaque, &disk);
    ck_assert_ptr_eq(block, &disk.block);
    told++;
    stops += fate == BLOCK_WAITING;
    stop_write = write;
    stop_error = error;
}

static void setup(void)
{
    ck_assert_int_eq(phys_init(&phys, RAM, &log_off, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM), 0);
    bench_init(&b);
    pci_bus_init(&bus, &b.bus);
    ide_init(&ide[0], &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide0");
    ide_init(&ide[1], &b.bus, 0x170, 0x376, bench_irq(&b, 15), "ide1");
    ata_attach(&ide[0], 0, mem_block_init(&disk, 100000));
    atapi_attach(&ide[1], 0, &disk.block);
    ide_dma_init(&dma, &bus, PCI_DEVFN(1, 1), &b.bus, &phys, ide);
    pci_bus_reset(&bus);
    ide_reset(&ide[0]);
    ide_reset(&ide[1]);
    ide_dma_reset(&dma);
    ioport_write(&b.bus, 0xcf8, 0x80000920, 4);
    ioport_write(&b.bus, 0xcfc, BAR, 4);
    ioport_write(&b.bus, 0xcf8, 0x80000904, 4);
    ioport_write(&b.bus, 0xcfc, 0x05, 2);
    disk.block.on_write_error = BLOCK_ENOSPC;
    disk.block.on_read_error = BLOCK_STOP;
    block_on_error(&disk.block, on_error, &disk);
    stops = 0;
}

static void teardown(void)
{
    phys_free(&phys);
}

static void fill(u8 *data, unsigned sectors, u8 seed)
{
    for (unsigned i = 0; i < sectors * 512; i++)
        data[i] = (u8)(i * 3 + i / 512 * 11 + seed);
}

static void check_disk(u64 sector, const u8 *data, unsigned sectors)
{
    u8 back[512];

    for (unsigned i = 0; i < sectors; i++) {
        ck_assert_int_eq(block_read(&disk.block, sector + i, back, 1), 0);
        if (memcmp(back, data + i * 512, 512) != 0)
            ck_abort_msg("sector %llu differs", (unsigned long long)sector + i);
    }
}

/* It waits: busy, no interrupt, and one more stop than before. */
static void waits(unsigned line, u16 status, unsigned count, bool write, int error)
{
    ck_assert_uint_eq(stops, count);
    ck_assert_int_eq(stop_error, error);
    ck_assert(stop_write == write);
    ck_assert(!b.level[line]);
    ck_assert_uint_eq(inb(&b, status), IDE_BSY);
}

static void ends_well(unsigned line, u16 status)
{
    ck_assert(b.level[line]);
    ck_assert_uint_eq(inb(&b, status) & (IDE_BSY | IDE_DRQ | IDE_ERR | IDE_DRDY), IDE_DRDY);
}

START_TEST(test_pio_write)
{
    u8 data[3 * 512];

    fill(data, 3, 1);
    issue(&b, (struct command){.command = 0x30, .count = 3, .lba = 10, .device = 0xe0});
    write_words(&b, data, 256);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    disk.write_error = -ENOSPC;
    write_words(&b, data + 512, 256);
    waits(14, STATUS, 1, true, -ENOSPC);
    ide_retry(&ide[0]); /* still full */
    waits(14, STATUS, 2, true, -ENOSPC);
    disk.write_error = 0;
    ide_retry(&ide[0]);
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    write_words(&b, data + 1024, 256);
    ends_well(14, STATUS);
    check_disk(10, data, 3);
    ck_assert_uint_eq(disk.block.writes, 3);
    ide_retry(&ide[0]); /* nothing waits any more */
    ck_assert_uint_eq(disk.block.writes, 3);
    ck_assert_uint_eq(stops, 2);
}
END_TEST

static void table(u32 bytes)
{
    u8 d[8];
    u32 at = TABLE, address = DATA_AT;

    while (bytes) {
        u32 n = bytes < 0x8000 ? bytes : 0x8000;

        put32(d, address);
        put32(d + 4, n | (n == bytes ? LAST : 0));
        phys_write(&phys, at, d, 8);
        at += 8;
        address += n;
        bytes -= n;
    }
}

static void begin(u16 registers, bool to_memory)
{
    ioport_write(&b.bus, registers + 4, TABLE, 4);
    outb(&b, registers + 2, 0x06);
    outb(&b, registers, to_memory ? 0x09 : 0x01);
}

START_TEST(test_dma_write)
{
    static u8 data[300 * 512];

    fill(data, 200, 7);
    phys_write(&phys, DATA_AT, data, 200 * 512);
    table(200 * 512);
    disk.write_error = -ENOSPC;
    issue(&b, (struct command){.command = 0xca, .count = 200, .lba = 20, .device = 0xe0});
    begin(BAR, false);
    waits(14, STATUS, 1, true, -ENOSPC);
    disk.write_error = 0;
    ide_retry(&ide[0]);
    ck_assert_uint_eq(inb(&b, BAR + 2) & 0x07, 0x04);
    ends_well(14, STATUS);
    check_disk(20, data, 200);
    ck_assert_uint_eq(disk.block.writes, 200);
}
END_TEST

/* The second of the drive's buffers cannot be read at first. */
START_TEST(test_dma_read)
{
    u8 data[512];

    table(200 * 512);
    disk.bad = 30 + 150;
    issue(&b, (struct command){.command = 0xc8, .count = 200, .lba = 30, .device = 0xe0});
    begin(BAR, true);
    waits(14, STATUS, 1, false, -EIO);
    disk.bad = NO_SECTOR;
    ide_retry(&ide[0]);
    ck_assert_uint_eq(inb(&b, BAR + 2) & 0x07, 0x04);
    ends_well(14, STATUS);
    for (u32 i = 0; i < 200; i++) {
        phys_read(&phys, DATA_AT + i * 512, data, 512);
        check_sector(data, 30 + i);
    }
    ck_assert_uint_eq(disk.block.reads, 200);
}
END_TEST

START_TEST(test_pio_read)
{
    u8 data[512];

    disk.bad = 40;
    issue(&b, (struct command){.command = 0x20, .count = 2, .lba = 40, .device = 0xe0});
    waits(14, STATUS, 1, false, -EIO);
    disk.bad = 41;
    ide_retry(&ide[0]);
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    read_words(&b, data, 256);
    check_sector(data, 40);
    waits(14, STATUS, 2, false, -EIO);
    disk.bad = NO_SECTOR;
    ide_retry(&ide[0]);
    ck_assert(b.level[14]);
    read_words(&b, data, 256);
    check_sector(data, 41);
}
END_TEST

START_TEST(test_verify_and_flush)
{
    disk.bad = 500;
    issue(&b,
          (struct command){.command = 0x42, .count = 600, .lba = 100, .device = 0x40, .ext = true});
    waits(14, STATUS, 1, false, -EIO);
    disk.bad = NO_SECTOR;
    ide_retry(&ide[0]);
    ends_well(14, STATUS);
    disk.write_error = -ENOSPC;
    issue(&b, (struct command){.command = 0xe7, .device = 0xe0});
    waits(14, STATUS, 2, true, -ENOSPC);
    disk.write_error = 0;
    ide_retry(&ide[0]);
    ends_well(14, STATUS);
    ck_assert_uint_eq(disk.flushes, 2);
}
END_TEST

/* A reset forgets what waits. */
START_TEST(test_reset)
{
    disk.write_error = -ENOSPC;
    issue(&b, (struct command){.command = 0xe7, .device = 0xe0});
    ck_assert_uint_eq(stops, 1);
    ide_reset(&ide[0]);
    ide_retry(&ide[0]);
    ck_assert_uint_eq(disk.flushes, 1);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
}
END_TEST

/* READ (10) of 40 sectors from 10 on: more than a buffer. */
static void read_cd(bool by_dma)
{
    static const u8 packet[12] = {0x28, 0, 0, 0, 0, 10, 0, 0, 40};

    ioport_write(&b.bus, 0x171, by_dma, 1);
    ioport_write(&b.bus, 0x174, 0x00, 1);
    ioport_write(&b.bus, 0x175, 0x08, 1); /* 2048 bytes a block */
    ioport_write(&b.bus, 0x177, 0xa0, 1);
    for (unsigned i = 0; i < 12; i += 2)
        ioport_write(&b.bus, 0x170, get16(packet + i), 2);
}

START_TEST(test_cd_dma)
{
    u8 data[512];

    ide[1].drive[0].atapi.attention = 0;
    table(40 * 2048);
    disk.bad = 40 + 140;
    read_cd(true);
    begin(BAR + 8, true);
    waits(15, 0x177, 1, false, -EIO);
    disk.bad = NO_SECTOR;
    ide_retry(&ide[1]);
    ends_well(15, 0x177);
    for (u32 i = 0; i < 160; i++) {
        phys_read(&phys, DATA_AT + i * 512, data, 512);
        check_sector(data, 40 + i);
    }
}
END_TEST

START_TEST(test_cd_pio)
{
    u8 data[512];

    ide[1].drive[0].atapi.attention = 0;
    disk.bad = 40 + 140;
    read_cd(false);
    for (u32 i = 0; i < 160; i++) {
        if (i == 128) { /* the second buffer */
            waits(15, 0x177, 1, false, -EIO);
            disk.bad = NO_SECTOR;
            ide_retry(&ide[1]);
        }
        if (i % 4 == 0)
            ck_assert_uint_eq(inb(&b, 0x177) & (IDE_BSY | IDE_DRQ), IDE_DRQ);
        for (unsigned n = 0; n < 512; n += 2)
            put16(data + n, (u16)ioport_read(&b.bus, 0x170, 2));
        check_sector(data, 40 + i);
    }
    ends_well(15, 0x177);
}
END_TEST

static const struct {
    enum block_on_error on_error;
    int error;
    enum block_fate fate;
} fates[] = {
    {BLOCK_REPORT, -ENOSPC, BLOCK_FAILED},  {BLOCK_REPORT, -EIO, BLOCK_FAILED},
    {BLOCK_IGNORE, -ENOSPC, BLOCK_PASSED},  {BLOCK_IGNORE, -EIO, BLOCK_PASSED},
    {BLOCK_STOP, -ENOSPC, BLOCK_WAITING},   {BLOCK_STOP, -EIO, BLOCK_WAITING},
    {BLOCK_ENOSPC, -ENOSPC, BLOCK_WAITING}, {BLOCK_ENOSPC, -EDQUOT, BLOCK_WAITING},
    {BLOCK_ENOSPC, -EIO, BLOCK_FAILED},     {BLOCK_ENOSPC, -EFBIG, BLOCK_FAILED},
    {BLOCK_STOP, -EROFS, BLOCK_FAILED},     {BLOCK_STOP, -EPERM, BLOCK_FAILED},
    {BLOCK_IGNORE, -EINVAL, BLOCK_FAILED},
};

START_TEST(test_fate)
{
    for (unsigned write = 0; write < 2; write++) {
        disk.block.on_write_error = write ? fates[_i].on_error : BLOCK_REPORT;
        disk.block.on_read_error = write ? BLOCK_REPORT : fates[_i].on_error;
        told = stops = 0;
        ck_assert_int_eq(block_failed(&disk.block, write, fates[_i].error), fates[_i].fate);
        ck_assert_uint_eq(stops, fates[_i].fate == BLOCK_WAITING);
        /* of the host's errors, whatever becomes of them, and none of the guest's own */
        ck_assert_uint_eq(told, fates[_i].error != -EROFS && fates[_i].error != -EPERM &&
                                    fates[_i].error != -EINVAL);
    }
    block_on_error(&disk.block, NULL, NULL); /* a board that cannot stop */
    ck_assert_int_ne(block_failed(&disk.block, true, fates[_i].error), BLOCK_WAITING);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ide_retry");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_pio_write);
    tcase_add_test(tc, test_dma_write);
    tcase_add_test(tc, test_dma_read);
    tcase_add_test(tc, test_pio_read);
    tcase_add_test(tc, test_verify_and_flush);
    tcase_add_test(tc, test_reset);
    tcase_add_test(tc, test_cd_dma);
    tcase_add_test(tc, test_cd_pio);
    tcase_add_loop_test(tc, test_fate, 0, ARRAY_SIZE(fates));
    return bench_main(tc, "ide_retry");
}
