/* Tests of bus master IDE: registers, both directions, tables of all shapes, status, state, fuzz. */
#include "devices/disk/ide_dma.h"

#include "tests/unit/ide_bench.h"

#define BAR     0xc000
#define CMD     BAR
#define BM      (BAR + 2)
#define TABLE   (BAR + 4)
#define RAM     (1 * MIB)
#define TABLE_A 0x1000u /* where tests put their table */
#define LAST    0x80000000u

static struct bench b;
static struct pci_bus bus;
static struct log log_off = {0};
static struct stats stats;
static struct phys phys;
static struct ide_channel ide[2];
static struct ide_dma dma;
static struct mem_block disk;

static void config_write(u8 reg, u32 value, unsigned size)
{
    ioport_write(&b.bus, 0xcf8, 0x80000000 | 9u << 8 | (reg & ~3u), 4);
    ioport_write(&b.bus, (u16)(0xcfc + (reg & 3)), value, size);
}

static u32 config_read(u8 reg, unsigned size)
{
    ioport_write(&b.bus, 0xcf8, 0x80000000 | 9u << 8 | (reg & ~3u), 4);
    return ioport_read(&b.bus, (u16)(0xcfc + (reg & 3)), size);
}

static void machine(void)
{
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
}

static void setup(void)
{
    ck_assert_int_eq(phys_init(&phys, RAM, &log_off, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM), 0);
    machine();
    config_write(0x20, BAR, 4);
    config_write(0x04, 0x05, 2);
}

static void teardown(void)
{
    phys_free(&phys);
}

static void descriptor(u32 at, u32 address, u32 count)
{
    u8 d[8];

    put32(d, address);
    put32(d + 4, count);
    phys_write(&phys, at, d, 8);
}

static void begin(bool to_memory, u32 table)
{
    ioport_write(&b.bus, TABLE, table, 4);
    outb(&b, BM, 0x06);
    outb(&b, CMD, to_memory ? 0x09 : 0x01);
}

static void read_dma(u16 count, u32 lba)
{
    issue(&b, (struct command){.command = 0xc8, .count = count, .lba = lba, .device = 0xe0});
}

static void soft_reset(void)
{
    outb(&b, CONTROL, 0x04);
    outb(&b, CONTROL, 0x00);
}

static void check_memory(u32 pa, u64 sector, u32 sectors)
{
    u8 data[512];

    for (u32 i = 0; i < sectors; i++) {
        phys_read(&phys, pa + i * 512, data, 512);
        check_sector(data, sector + i);
    }
}

static u8 byte_at(u32 pa)
{
    u8 value;

    phys_read(&phys, pa, &value, 1);
    return value;
}

START_TEST(test_config)
{
    ck_assert_uint_eq(config_read(0x00, 4), 0x70108086);
    ck_assert_uint_eq(config_read(0x08, 4) >> 8, 0x010180);
    ck_assert_uint_eq(config_read(0x20, 4), BAR | 1);
    ck_assert_uint_eq(config_read(0x40, 4), 0x80008000);
    ck_assert_uint_eq(config_read(0x3d, 1), 0);
    config_write(0x20, 0xffffffff, 4);
    ck_assert_uint_eq(config_read(0x20, 4) & 0xffff, 0xfff1); /* 16 ports */
    ck_assert_uint_eq(inb(&b, BM), 0xff);                     /* moved away */
    config_write(0x20, BAR, 4);
    ck_assert_uint_eq(inb(&b, BM), 0x00);
    config_write(0x04, 0, 2);
    ck_assert_uint_eq(inb(&b, BM), 0xff);
}
END_TEST

START_TEST(test_registers)
{
    for (u16 c = 0; c < 16; c += 8) {
        ioport_write(&b.bus, TABLE + c, 0x12345677, 4);
        ck_assert_uint_eq(ioport_read(&b.bus, TABLE + c, 4), 0x12345674);
        ioport_write(&b.bus, TABLE + c + 2, 0xabcd, 2);
        ck_assert_uint_eq(ioport_read(&b.bus, TABLE + c, 4), 0xabcd5674);
        outb(&b, BM + c, 0xff); /* what can be set: the notes on the drives */
        ck_assert_uint_eq(inb(&b, BM + c), 0x60);
        outb(&b, CMD + c, 0xf8);
        ck_assert_uint_eq(inb(&b, CMD + c), 0x08);
        outb(&b, CMD + c, 0x01);
        ck_assert_uint_eq(inb(&b, BM + c), 0x61); /* active, waiting for the drive */
        outb(&b, CMD + c, 0x00);
        ck_assert_uint_eq(inb(&b, BM + c), 0x60);
        ck_assert_uint_eq(inb(&b, CMD + c + 1), 0);
    }
}
END_TEST

/* Reads 200 sectors into pieces of these sizes, started before or after the command. */
static const u32 pieces[] = {512, 2, 20, 1000, 65536, 30000};

START_TEST(test_read)
{
    u32 piece = pieces[_i / 2], total = 200 * 512, at = 0;
    u32 first = piece == 2 ? 0x10000 : TABLE_A, table = first;

    for (; at < total; at += piece, table += 8) {
        u32 n = total - at < piece ? total - at : piece;

        descriptor(table, 0x80000 + at, (n & 0xffff) | (at + n == total ? LAST : 0));
    }
    if (_i % 2) {
        read_dma(200, 5000);
        ck_assert_uint_eq(inb(&b, CONTROL), 0x58); /* ready to move */
        begin(true, first);
    } else {
        begin(true, first);
        ck_assert_uint_eq(inb(&b, BM), 0x01);
        read_dma(200, 5000);
    }
    if (piece == 2) { /* more than a table can have */
        ck_assert_uint_eq(inb(&b, BM), 0x02);
        ck_assert(!b.level[14]);
        return;
    }
    ck_assert(b.level[14]);
    ck_assert_uint_eq(b.rises[14], 1);
    ck_assert_uint_eq(inb(&b, BM), 0x04);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert_uint_eq(inb(&b, BM), 0x04); /* stays until it is cleared */
    outb(&b, BM, 0x04);
    ck_assert_uint_eq(inb(&b, BM), 0x00);
    check_memory(0x80000, 5000, 200);
    ck_assert_uint_eq(byte_at(0x80000 + total), 0);
    ck_assert_uint_eq(get_lba28(&b), 5199);
    outb(&b, CMD, 0);
}
END_TEST

START_TEST(test_write)
{
    u8 data[3 * 512];

    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (u8)(i * 11 >> 3);
    phys_write(&phys, 0x20000, data, sizeof(data));
    descriptor(TABLE_A, 0x20000, 100);
    descriptor(TABLE_A + 8, 0x20000 + 100, (sizeof(data) - 100) | LAST);
    begin(false, TABLE_A);
    issue(&b,
          (struct command){.command = 0x35, .count = 3, .lba = 33, .device = 0xe0, .ext = true});
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, BM), 0x04);
    ck_assert_mem_eq(disk.data[33], data, sizeof(data));
    ck_assert(!disk.changed[36]);
}
END_TEST

/* Which side had more, by the three bits. (Programming Interface, 3.1) */
START_TEST(test_lengths)
{
    descriptor(TABLE_A, 0x20000, 1024); /* the table has more */
    descriptor(TABLE_A + 8, 0x30000, 1024 | LAST);
    begin(true, TABLE_A);
    read_dma(2, 10);
    ck_assert_uint_eq(inb(&b, BM), 0x05);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert_uint_eq(byte_at(0x30000), 0);
    outb(&b, CMD, 0);
    ck_assert_uint_eq(inb(&b, BM), 0x04);

    descriptor(TABLE_A, 0x20000, 512 | LAST); /* the drive has more: no interrupt */
    begin(true, TABLE_A);
    read_dma(2, 20);
    ck_assert_uint_eq(inb(&b, BM), 0x00);
    ck_assert(!b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    check_memory(0x20000, 20, 1);
    outb(&b, CMD, 0); /* the guest gives it more */
    descriptor(TABLE_A, 0x20200, 512 | LAST);
    begin(true, TABLE_A);
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, BM), 0x04);
    check_memory(0x20000, 20, 2);
}
END_TEST

/* What keeps a transfer from beginning: not a master, the other direction, no start. */
START_TEST(test_waiting)
{
    descriptor(TABLE_A, 0x20000, 512 | LAST);
    config_write(0x04, 0x01, 2);
    begin(true, TABLE_A);
    read_dma(1, 10);
    ck_assert_uint_eq(inb(&b, BM), 0x01);
    ck_assert_uint_eq(byte_at(0x20000), 0);
    config_write(0x04, 0x05, 2);
    ck_assert_uint_eq(inb(&b, BM), 0x04);
    check_memory(0x20000, 10, 1);
    outb(&b, CMD, 0);
    inb(&b, STATUS);
    begin(false, TABLE_A);
    read_dma(1, 11);
    ck_assert_uint_eq(inb(&b, BM), 0x01);
    outb(&b, CMD, 0x09); /* the direction cannot change under way */
    ck_assert_uint_eq(inb(&b, CMD), 0x01);
    soft_reset(); /* ends the command */
    outb(&b, CMD, 0x00);
    begin(true, TABLE_A);
    ck_assert_uint_eq(inb(&b, BM), 0x01);
    check_memory(0x20000, 10, 1);
}
END_TEST

/* Tables and pieces outside RAM, and tables without an end. */
START_TEST(test_hostile)
{
    begin(true, 0xfffffffc);
    read_dma(0, 0);
    ck_assert_uint_eq(inb(&b, BM) & 0x01, 0);
    outb(&b, CMD, 0);
    soft_reset();
    for (u32 i = 0; i < 8192;
         i++) /* all of 64 KiB, none the last; each 2 bytes at the end of memory */
        descriptor(0x10000 + i * 8, i & 1 ? 0xfffffffe : RAM - 1, 2);
    begin(true, 0x18000);
    issue(&b, (struct command){.command = 0x25, .count = 0, .device = 0xe0, .ext = true});
    ck_assert_uint_eq(inb(&b, BM), 0x02);
    outb(&b, CMD, 0);
    soft_reset();
    descriptor(TABLE_A, RAM - 512, 0); /* 64 KiB of which only 512 bytes are there */
    descriptor(TABLE_A + 8, 0xffff0000, LAST);
    begin(true, TABLE_A);
    read_dma(255, 100);
    check_memory(RAM - 512, 100, 1);
    outb(&b, CMD, 0);
    descriptor(0x2fff8, 0x40000, 0x200); /* a table wraps within its 64 KiB */
    descriptor(0x20000, 0x40200, 0x200 | LAST);
    soft_reset();
    begin(true, 0x2fff8);
    read_dma(2, 40);
    ck_assert_uint_eq(inb(&b, BM), 0x04);
    check_memory(0x40000, 40, 2);
}
END_TEST

/* An error of the disk in the middle: an interrupt, and the status says active until it is stopped. */
START_TEST(test_error)
{
    disk.bad = 300;
    descriptor(TABLE_A, 0x20000, 0);
    descriptor(TABLE_A + 8, 0x30000, LAST);
    begin(true, TABLE_A);
    read_dma(200, 150); /* the second block of 128 sectors has it */
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, BM), 0x05);
    ck_assert_uint_eq(inb(&b, STATUS), 0x51);
    ck_assert_uint_eq(inb(&b, ERROR), 0x40);
    ck_assert_uint_eq(get_lba28(&b), 300);
}
END_TEST

START_TEST(test_atapi)
{
    static const u8 cdb[12] = {0x28, 0, 0, 0, 0, 10, 0, 0, 40};
    static const u8 sense[12] = {0x03, 0, 0, 0, 18};

    for (unsigned i = 0; i < 2; i++) {
        descriptor(TABLE_A, 0x20000, i ? 0x8000 : 18);
        descriptor(TABLE_A + 8, 0x28000, (i ? 0xc000 : 2) | LAST);
        ioport_write(&b.bus, TABLE + 8, TABLE_A, 4);
        outb(&b, BM + 8, 6);
        outb(&b, CMD + 8, 9);
        outb(&b, 0x171, 1);
        outb(&b, 0x177, 0xa0);
        for (unsigned k = 0; k < 6; k++)
            ioport_write(&b.bus, 0x170, get16((i ? cdb : sense) + 2 * k), 2);
        ck_assert_uint_eq(b.rises[15], 1);
        ck_assert_uint_eq(inb(&b, BM + 8), i ? 0x04 : 0x05);
        ck_assert_uint_eq(inb(&b, 0x172) & 3, 3);
        ck_assert_uint_eq(inb(&b, 0x177), 0x40);
        b.rises[15] = 0;
        outb(&b, CMD + 8, 0);
        if (!i) {
            ck_assert_uint_eq(byte_at(0x20000), 0x70);
            ck_assert_uint_eq(byte_at(0x2000c), 0x29);
        }
    }
    check_memory(0x20000, 40, 160);
}
END_TEST

/* Saved while the drive waits for more memory. */
START_TEST(test_state)
{
    struct state save, load;

    descriptor(TABLE_A, 0x20000, 700 | LAST);
    begin(true, TABLE_A);
    read_dma(3, 60);
    outb(&b, CMD, 0);
    descriptor(TABLE_A, 0x20000 + 700, (1536 - 700) | LAST);
    state_init_save(&save);
    pci_bus_state(&bus, &save);
    ide_state(&ide[0], &save);
    ide_state(&ide[1], &save);
    ide_dma_state(&dma, &save);
    ck_assert(!save.failed);
    machine();
    state_init_load(&load, save.data, save.len);
    pci_bus_state(&bus, &load);
    ide_state(&ide[0], &load);
    ide_state(&ide[1], &load);
    ide_dma_state(&dma, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(ioport_read(&b.bus, TABLE, 4), TABLE_A);
    outb(&b, CMD, 9);
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, BM), 0x04);
    check_memory(0x20000, 60, 3);
    state_free(&load);
    state_free(&save);
}
END_TEST

/* Random tables, ports and commands; memory beyond RAM, if it were touched, is the sanitizer's. */
START_TEST(test_fuzz)
{
    u64 seed = 99 + (u64)_i;

    for (unsigned i = 0; i < 2000; i++) {
        u64 r = bench_random(&seed);

        for (u32 k = 0; k < 8; k++) {
            u64 d = bench_random(&seed);

            descriptor(TABLE_A + 8 * k, d & 1 ? (u32)(d >> 8) : (u32)(d >> 8) % RAM,
                       ((u32)(d >> 40) & (d & 2 ? 0x3fff : 0xffff)) | (d & 12 ? 0 : LAST));
        }
        begin(r & 1, r & 6 ? TABLE_A : (u32)(r >> 16));
        issue(&b, (struct command){.command = r & 8 ? 0xc8 : 0xca,
                                   .count = (u16)(r >> 30),
                                   .lba = (r >> 40) % 90000,
                                   .device = 0xe0});
        outb(&b, CMD, (u8)(r >> 12));
        if ((r >> 13 & 7) == 0)
            bench_fuzz(&b, BAR, 16, 20, r | 1);
        if ((r >> 20 & 7) == 0)
            bench_fuzz(&b, 0x1f0, 8, 20, r | 1);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ide_dma");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_config);
    tcase_add_test(tc, test_registers);
    tcase_add_loop_test(tc, test_read, 0, 2 * ARRAY_SIZE(pieces));
    tcase_add_test(tc, test_write);
    tcase_add_test(tc, test_lengths);
    tcase_add_test(tc, test_waiting);
    tcase_add_test(tc, test_hostile);
    tcase_add_test(tc, test_error);
    tcase_add_test(tc, test_atapi);
    tcase_add_test(tc, test_state);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "ide_dma");
}
