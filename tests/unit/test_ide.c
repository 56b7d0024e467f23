/* Tests of an IDE channel: registers, selection, interrupts, resets, the data port, state, fuzz. */
#include "devices/disk/ide.h"

#include "tests/unit/ide_bench.h"

static struct bench b;
static struct ide_channel ide;
static struct mem_block disk[2];

static void start(bool first, bool second)
{
    bench_init(&b);
    ide_init(&ide, &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide0");
    if (first)
        ata_attach(&ide, 0, mem_block_init(&disk[0], 2000));
    if (second)
        ata_attach(&ide, 1, mem_block_init(&disk[1], 3000));
    ide_reset(&ide);
}

static void setup(void)
{
    start(true, true);
}

/* Signature and status after power-on (1410D, 9.1 and 9.12). */
START_TEST(test_power_on)
{
    for (unsigned i = 0; i < 2; i++) {
        outb(&b, DEVICE, i ? 0x10 : 0);
        ck_assert_uint_eq(inb(&b, COUNT), 1);
        ck_assert_uint_eq(inb(&b, LOW), 1);
        ck_assert_uint_eq(inb(&b, MID), 0);
        ck_assert_uint_eq(inb(&b, HIGH), 0);
        ck_assert_uint_eq(inb(&b, ERROR), 1);
        ck_assert_uint_eq(inb(&b, STATUS), 0x50);
        ck_assert_uint_eq(inb(&b, DEVICE), i ? 0xb0 : 0xa0);
    }
    ck_assert_uint_eq(b.rises[14], 0);
}
END_TEST

/* What is not there, and never busy: a channel without drives, device 0, device 1. */
START_TEST(test_nobody)
{
    bool first = _i == 2, second = _i == 1;
    u8 device = first ? 0x10 : 0x00;

    start(first, second);
    outb(&b, DEVICE, device);
    for (u8 i = 0; i < 4; i++)
        outb(&b, COUNT + i, 0x50 + i);
    ck_assert_uint_eq(inb(&b, STATUS), 0x00);
    ck_assert_uint_eq(inb(&b, CONTROL), 0x00);
    ck_assert_uint_eq(ioport_read(&b.bus, DATA, 2), 0x0000);
    ck_assert_uint_eq(ioport_read(&b.bus, DATA, 4), 0x00000000);
    /* Device 0 answers for device 1 (1410D, 9.16), and nobody for device 0. */
    ck_assert_uint_eq(inb(&b, ERROR), first ? 0x01 : 0x00);
    for (u8 i = 0; i < 4; i++)
        ck_assert_uint_eq(inb(&b, COUNT + i), first ? 0x50 + i : 0x00);
    ck_assert_uint_eq(inb(&b, DEVICE), first ? 0xb0 : 0x00);
    outb(&b, COMMAND, 0xec); /* nobody takes it */
    ck_assert_uint_eq(inb(&b, STATUS), 0x00);
    ck_assert_uint_eq(b.rises[14], 0);
    outb(&b, DEVICE, device ^ 0x10);
    ck_assert_uint_eq(inb(&b, STATUS), first || second ? 0x50 : 0x00);
}
END_TEST

/* A CD-ROM drive's registers are not to be taken for those of a second one. */
START_TEST(test_missing_beside_cd)
{
    bench_init(&b);
    ide_init(&ide, &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide0");
    atapi_attach(&ide, 0, NULL);
    ide_reset(&ide);
    ck_assert_uint_eq(inb(&b, MID), 0x14);
    outb(&b, DEVICE, 0x10);
    outb(&b, COUNT, 0x55);
    for (u8 i = 1; i < 8; i++)
        ck_assert_uint_eq(inb(&b, DATA + i), 0x00);
}
END_TEST

/* A missing device 1's status leaves device 0's interrupt, its data and its reset alone. */
START_TEST(test_missing_device_1)
{
    u8 sector[512];

    start(true, false);
    issue(&b, (struct command){.command = 0x20, .count = 1, .lba = 5, .device = 0xe0});
    outb(&b, DEVICE, 0x10);
    ck_assert(!b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x00);
    ck_assert_uint_eq(ioport_read(&b.bus, DATA, 2), 0x0000);
    ck_assert_uint_eq(ioport_read_block(&b.bus, DATA, sector, 2, 256), 0);
    outb(&b, DEVICE, 0xe0);
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    read_words(&b, sector, 256);
    check_sector(sector, 5);
    outb(&b, CONTROL, 0x04);
    outb(&b, DEVICE, 0x10);
    ck_assert_uint_eq(inb(&b, CONTROL), 0x00);
    outb(&b, CONTROL, 0x00);
    ck_assert_uint_eq(inb(&b, COUNT), 1); /* device 0's signature */
    outb(&b, COMMAND, 0x90);              /* the one command that it hears for device 1 */
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, ERROR), 0x01);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
}
END_TEST

/* Both drives hear writes; HOB shows what was written before, until something is written. */
START_TEST(test_registers)
{
    for (u8 i = 0; i < 4; i++) {
        outb(&b, COUNT + i, 0x10 + i);
        outb(&b, COUNT + i, 0x20 + i);
    }
    for (unsigned drive = 0; drive < 2; drive++) {
        outb(&b, DEVICE, drive ? 0xf5 : 0xe5);
        ck_assert_uint_eq(inb(&b, DEVICE), drive ? 0xf5 : 0xe5);
        for (u8 i = 0; i < 4; i++)
            ck_assert_uint_eq(inb(&b, COUNT + i), 0x20 + i);
        outb(&b, CONTROL, 0x80);
        for (u8 i = 0; i < 4; i++)
            ck_assert_uint_eq(inb(&b, COUNT + i), 0x10 + i);
    }
    outb(&b, LOW, 0x33); /* clears HOB */
    ck_assert_uint_eq(inb(&b, COUNT), 0x20);
    ck_assert_uint_eq(inb(&b, LOW), 0x33);
    ioport_write(&b.bus, COUNT, 0x44434241, 4); /* as bytes */
    ck_assert_uint_eq(ioport_read(&b.bus, COUNT, 4), 0x44434241);
    ck_assert_uint_eq(ioport_read(&b.bus, LOW, 2), 0x4342);
    ck_assert_uint_eq(ioport_read(&b.bus, STATUS, 2), 0xff50); /* 0x1f8 is nobody's */
}
END_TEST

START_TEST(test_interrupt)
{
    issue(&b, (struct command){.command = 0x10});
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, CONTROL), 0x50); /* the alternate status leaves it */
    ck_assert(b.level[14]);
    outb(&b, CONTROL, 0x02); /* nIEN */
    ck_assert(!b.level[14]);
    outb(&b, CONTROL, 0x00);
    ck_assert(b.level[14]);
    outb(&b, DEVICE, 0x10); /* the other device's line */
    ck_assert(!b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    outb(&b, DEVICE, 0x00);
    ck_assert(b.level[14]);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert(!b.level[14]);
    outb(&b, CONTROL, 0x02);
    issue(&b, (struct command){.command = 0x10});
    ck_assert(!b.level[14]);
    outb(&b, CONTROL, 0x00); /* kept, and seen now */
    ck_assert(b.level[14]);
    issue(&b, (struct command){.command = 0x30, .count = 1, .device = 0xe0}); /* takes it away */
    ck_assert(!b.level[14]);
}
END_TEST

START_TEST(test_soft_reset)
{
    u8 sector[512];

    issue(&b, (struct command){.command = 0x20, .count = 2, .lba = 9, .device = 0xf0});
    read_words(&b, sector, 10);
    outb(&b, CONTROL, 0x04);
    ck_assert(inb(&b, STATUS) & 0x80);
    ck_assert(!b.level[14]);
    outb(&b, COUNT, 0x77); /* busy: not taken */
    outb(&b, COMMAND, 0x10);
    outb(&b, CONTROL, 0x00);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert_uint_eq(inb(&b, DEVICE), 0xa0); /* device 0 again */
    ck_assert_uint_eq(inb(&b, COUNT), 1);
    ck_assert_uint_eq(inb(&b, ERROR), 1);
    ck_assert_uint_eq(ioport_read(&b.bus, DATA, 2), 0xffff);
    outb(&b, DEVICE, 0x10);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert_uint_eq(inb(&b, LOW), 1);
    ck_assert_uint_eq(b.rises[14], 1);
}
END_TEST

START_TEST(test_diagnose)
{
    outb(&b, DEVICE, 0x10);
    outb(&b, LOW, 0x99);
    outb(&b, COMMAND, 0x90);
    ck_assert(b.level[14]); /* device 0's */
    ck_assert_uint_eq(inb(&b, DEVICE), 0xa0);
    ck_assert_uint_eq(inb(&b, ERROR), 1);
    ck_assert_uint_eq(inb(&b, LOW), 1);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert(!b.level[14]);
}
END_TEST

/* A sector by single accesses of 2 and 4 bytes, and by blocks of all lengths: the same bytes, and the same
 * point at which the next interrupt comes. */
START_TEST(test_data_port)
{
    u8 data[1024];
    unsigned size = _i % 2 ? 4 : 2;
    u32 left = 1024 / size, step = (u32)_i / 2, done = 0;

    issue(&b, (struct command){.command = 0x20, .count = 2, .lba = 100, .device = 0xe0});
    ck_assert_uint_eq(b.rises[14], 1);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    while (left) {
        u32 n = 0, before = done * size;

        if (step) {
            n = ioport_read_block(&b.bus, DATA, data + done * size, size,
                                  step < left ? step : left);
            ck_assert_uint_gt(n, 0);
            ck_assert_uint_le(before % 512 + n * size, 512); /* never past the interrupt */
        } else {
            u32 value = ioport_read(&b.bus, DATA, size);

            memcpy(data + done * size, &value, size);
            n = 1;
        }
        done += n;
        left -= n;
        ck_assert_uint_eq(b.rises[14], done * size >= 512 ? 2 : 1);
        if (done * size == 512)
            ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    }
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    check_sector(data, 100);
    check_sector(data + 512, 101);
    ck_assert_uint_eq(ioport_read_block(&b.bus, DATA, data, size, 1), 0);
    ck_assert_uint_eq(ioport_read_block(&b.bus, COUNT, data, 1, 1), 0);
}
END_TEST

/* Block writes, and a doubleword whose halves belong to different sectors. */
START_TEST(test_data_write)
{
    u8 data[1024];

    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (u8)(i ^ i >> 7);
    issue(&b, (struct command){.command = 0x30, .count = 2, .lba = 7, .device = 0xe0});
    ck_assert_uint_eq(b.rises[14], 0); /* the first block is asked for without one */
    ck_assert_uint_eq(ioport_write_block(&b.bus, DATA, data, 2, 255), 255);
    ioport_write(&b.bus, DATA, get32(data + 510), 4);
    ck_assert_uint_eq(b.rises[14], 1);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    ck_assert_uint_eq(ioport_write_block(&b.bus, DATA, data + 514, 2, 1000), 255);
    ck_assert_uint_eq(b.rises[14], 2);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert_mem_eq(disk[0].data[7], data, 1024);
    ck_assert_uint_eq(ioport_write_block(&b.bus, DATA, data, 2, 1000), 0);
}
END_TEST

/* While every access is traced, none goes by blocks. */
START_TEST(test_traced)
{
    struct log log = {.mask = LOG_ioport, .out = tmpfile()};
    u8 data[512];

    ck_assert_ptr_nonnull(log.out);
    issue(&b, (struct command){.command = 0xec, .device = 0xa0});
    b.bus.log = &log;
    ck_assert_uint_eq(ioport_read_block(&b.bus, DATA, data, 2, 256), 0);
    log.mask = 0;
    ck_assert_uint_eq(ioport_read_block(&b.bus, DATA, data, 2, 256), 256);
    fclose(log.out);
}
END_TEST

/* Saves in the middle of a transfer; another channel goes on where this one was. */
START_TEST(test_state)
{
    struct state save, load;
    u8 data[1024];

    issue(&b, (struct command){
                  .command = _i ? 0x34 : 0x24, .count = 2, .lba = 50, .device = 0xf0, .ext = true});
    inb(&b, STATUS);
    if (_i)
        write_words(&b, data, 100);
    else
        read_words(&b, data, 100);
    state_init_save(&save);
    ide_state(&ide, &save);
    ck_assert(!save.failed);
    start(true, true);
    state_init_load(&load, save.data, save.len);
    ide_state(&ide, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(inb(&b, DEVICE), 0xf0);
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    if (_i) {
        memset(data, 0xee, sizeof(data));
        write_words(&b, data, 412);
        ck_assert(disk[1].changed[50] && disk[1].changed[51] && !disk[1].changed[52]);
        ck_assert_uint_eq(disk[1].data[51][511], 0xee);
    } else {
        read_words(&b, data + 200, 412);
        check_sector(data + 512, 51);
    }
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    ck_assert_uint_eq(inb(&b, LOW), 51);
    state_free(&load);
    state_free(&save);
}
END_TEST

/* Damaged states: whatever is in them, later accesses stay inside the drive (the sanitizers watch). */
START_TEST(test_state_damaged)
{
    struct state save, load;
    u64 seed = 77;

    issue(&b, (struct command){.command = 0xc4, .count = 20, .lba = 50, .device = 0xe0});
    ioport_read(&b.bus, DATA, 4);
    state_init_save(&save);
    ide_state(&ide, &save);
    for (unsigned i = 0; i < 400; i++) {
        u64 r = bench_random(&seed);
        /* One of the drive's fields: they stand around the two buffers of 64 KiB. */
        size_t at = 20 + (r >> 8) % 40 + (r & 1 ? 65536 : 0) + (r & 2 ? 65536 : 0);
        u8 old = save.data[at];

        save.data[at] = (u8)(r >> 32);
        start(true, true);
        state_init_load(&load, save.data, save.len);
        ide_state(&ide, &load);
        bench_fuzz(&b, DATA, 1, 3000, r | 1);
        state_free(&load);
        save.data[at] = old;
    }
    state_free(&save);
}
END_TEST

START_TEST(test_fuzz)
{
    u64 seed = 4711 + (u64)_i;

    for (unsigned i = 0; i < 300; i++) {
        u64 r = bench_random(&seed);

        bench_fuzz(&b, 0x1f0, 8, 300, r | 1);
        bench_fuzz(&b, DATA, 1, 600, r | 2);
        outb(&b, CONTROL, r >> 20 & 7 ? 0 : (u8)(r >> 32));
        if ((r >> 40 & 15) == 0)
            disk[0].bad = r >> 50;
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ide");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_power_on);
    tcase_add_loop_test(tc, test_nobody, 0, 3);
    tcase_add_test(tc, test_missing_device_1);
    tcase_add_test(tc, test_missing_beside_cd);
    tcase_add_test(tc, test_registers);
    tcase_add_test(tc, test_interrupt);
    tcase_add_test(tc, test_soft_reset);
    tcase_add_test(tc, test_diagnose);
    tcase_add_loop_test(tc, test_data_port, 0, 20);
    tcase_add_test(tc, test_data_write);
    tcase_add_test(tc, test_traced);
    tcase_add_loop_test(tc, test_state, 0, 2);
    tcase_add_test(tc, test_state_damaged);
    tcase_add_loop_test(tc, test_fuzz, 0, 8);
    return bench_main(tc, "ide");
}
