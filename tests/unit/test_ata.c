/* Tests of an ATA disk: IDENTIFY data, addresses of all kinds, every command, errors. */
#include "devices/disk/ata.h"

#include "tests/unit/ide_bench.h"

static struct bench b;
static struct ide_channel ide;
static struct mem_block disk;

static void start(u64 sectors)
{
    bench_init(&b);
    ide_init(&ide, &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide0");
    ata_attach(&ide, 0, mem_block_init(&disk, sectors));
    ide_reset(&ide);
}

static void setup(void)
{
    start(20 * 16 * 63 + 5);
}

static u16 identity[256];

static void identify(void)
{
    issue(&b, (struct command){.command = 0xec, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    read_words(&b, identity, 256);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
}

/* Ends in this status (without the interrupt, which is taken) and error. */
static void check_end(u8 status, u8 error)
{
    ck_assert_uint_eq(inb(&b, STATUS), status);
    ck_assert_uint_eq(inb(&b, ERROR), error);
}

static void done(u8 command, u8 feature, u8 count)
{
    issue(&b,
          (struct command){.command = command, .feature = feature, .count = count, .device = 0xe0});
    ck_assert(b.level[14]);
    check_end(0x50, 0);
}

static void aborted(u8 command, u8 feature, u8 count)
{
    issue(&b,
          (struct command){.command = command, .feature = feature, .count = count, .device = 0xe0});
    ck_assert(b.level[14]);
    check_end(0x51, 0x04);
}

static const struct {
    unsigned word;
    u16 value;
} words[] = {
    {0, 0x0040},  {1, 20},      {3, 16},      {6, 63},      {47, 0x8010}, {49, 0x2f00},
    {53, 0x0007}, {54, 20},     {55, 16},     {56, 63},     {57, 20160},  {58, 0},
    {59, 0x0110}, {60, 20165},  {61, 0},      {63, 0x0407}, {64, 3},      {80, 0x00fe},
    {82, 0x7069}, {83, 0x7400}, {84, 0x4003}, {85, 0x7069}, {86, 0x3400}, {87, 0x4003},
    {88, 0x003f}, {93, 0x600b}, {100, 20165}, {101, 0},     {102, 0},     {103, 0},
};

START_TEST(test_identify)
{
    u8 sum = 0;

    identify();
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
        if (identity[words[i].word] != words[i].value)
            ck_abort_msg("word %u is %04x", words[i].word, identity[words[i].word]);
    ck_assert_mem_eq(&identity[27], "APEGAWKLH RADDSI K", 18);
    ck_assert_uint_eq(identity[255] & 0xff, 0xa5);
    for (unsigned i = 0; i < 512; i++)
        sum += ((u8 *)identity)[i];
    ck_assert_uint_eq(sum, 0);
}
END_TEST

/* Sizes at which the fields that count sectors are at their limits. */
static const struct {
    u64 sectors;
    u16 cylinders;
    u32 lba28;
} sizes[] = {
    {1, 1, 1},
    {1008, 1, 1008},
    {16383ull * 1008, 16383, 16383 * 1008},
    {16384ull * 1008, 16383, 16384 * 1008},
    {0x0fffffff, 16383, 0x0fffffff},
    {0x10000000, 16383, 0x0fffffff},
    {0x123456789ab, 16383, 0x0fffffff},
};

START_TEST(test_sizes)
{
    start(sizes[_i].sectors);
    identify();
    ck_assert_uint_eq(identity[1], sizes[_i].cylinders);
    ck_assert_uint_eq(identity[60] | (u32)identity[61] << 16, sizes[_i].lba28);
    ck_assert_uint_eq(get64(&identity[100]), sizes[_i].sectors);
    issue(&b, (struct command){.command = 0xf8, .device = 0xe0}); /* READ NATIVE MAX */
    ck_assert_uint_eq(get_lba28(&b),
                      sizes[_i].sectors > 0x10000000 ? 0x0fffffff : sizes[_i].sectors - 1);
    issue(&b, (struct command){.command = 0x27, .device = 0xe0, .ext = true});
    ck_assert_uint_eq(get_lba28(&b) & 0xffffff, (sizes[_i].sectors - 1) & 0xffffff);
    outb(&b, CONTROL, 0x80);
    ck_assert_uint_eq(get_lba28(&b) & 0xffffff, (sizes[_i].sectors - 1) >> 24);
}
END_TEST

static const struct {
    u8 read, write;
    bool ext;
    unsigned per_block; /* sectors */
} forms[] = {
    {0x20, 0x30, false, 1},  {0x21, 0x31, false, 1}, {0x20, 0x3c, false, 1},
    {0xc4, 0xc5, false, 16}, {0x24, 0x34, true, 1},  {0x29, 0x39, true, 16},
};

/* Reads and writes of 1 to 40 sectors in every PIO form: contents, blocks, interrupts, registers. */
START_TEST(test_pio)
{
    static u8 data[40 * 512];
    unsigned per_block = forms[_i].per_block;

    for (unsigned n = 1; n <= 40; n += 13) {
        unsigned blocks = (n + per_block - 1) / per_block;

        b.rises[14] = 0;
        issue(&b, (struct command){.command = forms[_i].read,
                                   .count = (u16)n,
                                   .lba = 1234,
                                   .device = 0xe0,
                                   .ext = forms[_i].ext});
        for (unsigned i = 0; i < n; i++) {
            ck_assert_uint_eq(b.rises[14], i / per_block + 1);
            ck_assert_uint_eq(inb(&b, STATUS), 0x58);
            read_words(&b, data, 256);
            check_sector(data, 1234 + i);
        }
        ck_assert_uint_eq(inb(&b, STATUS), 0x50);
        ck_assert_uint_eq(b.rises[14], blocks);
        ck_assert_uint_eq(get_lba28(&b), 1234 + n - 1);
        ck_assert_uint_eq(inb(&b, COUNT), 0);

        b.rises[14] = 0;
        memset(data, (int)n, sizeof(data));
        issue(&b, (struct command){.command = forms[_i].write,
                                   .count = (u16)n,
                                   .lba = 20,
                                   .device = 0xe0,
                                   .ext = forms[_i].ext});
        for (unsigned i = 0; i < n; i++) {
            ck_assert_uint_eq(b.rises[14], i / per_block);
            ck_assert_uint_eq(inb(&b, STATUS), 0x58);
            write_words(&b, data + i * 512, 256);
        }
        ck_assert_uint_eq(b.rises[14], blocks);
        ck_assert_uint_eq(inb(&b, STATUS), 0x50);
        ck_assert_mem_eq(disk.data[20], data, n * 512);
        ck_assert(!disk.changed[20 + n]);
    }
}
END_TEST

/* A count of 0 is 256 sectors, or 65536. */
START_TEST(test_count_zero)
{
    u8 data[512];

    start(70000);
    issue(&b, (struct command){.command = 0x20, .device = 0xe0});
    for (unsigned i = 0; i < 256; i++) {
        ck_assert_uint_eq(inb(&b, STATUS), 0x58);
        read_words(&b, data, 256);
    }
    check_sector(data, 255);
    ck_assert_uint_eq(inb(&b, STATUS), 0x50);
    issue(&b, (struct command){.command = 0x42, .device = 0xe0, .ext = true}); /* VERIFY */
    check_end(0x50, 0);
    ck_assert_uint_eq(disk.block.reads, 256 + 65536);
    ck_assert_uint_eq(get_lba28(&b), 65535);
}
END_TEST

/* CHS in the disk's own translation and in others. */
static const struct {
    u8 heads, track; /* 0: not set */
    u16 cylinder;
    u8 head, sector;
    i64 lba; /* -1: no such sector */
} places[] = {
    {0, 0, 0, 0, 1, 0},           {0, 0, 0, 0, 0, -1},        {0, 0, 0, 0, 63, 62},
    {0, 0, 0, 0, 64, -1},         {0, 0, 0, 1, 1, 63},        {0, 0, 1, 0, 1, 1008},
    {0, 0, 19, 15, 63, 20159},    {0, 0, 20, 0, 1, -1},       {0, 0, 0xffff, 0, 1, -1},
    {4, 17, 0, 3, 17, 67},        {4, 17, 1, 0, 1, 68},       {4, 17, 0, 4, 1, -1},
    {4, 17, 0, 0, 18, -1},        {4, 17, 295, 3, 17, 20127}, {4, 17, 296, 0, 1, -1},
    {16, 255, 3, 15, 255, 16319},
};

START_TEST(test_chs)
{
    u8 data[512];

    if (places[_i].heads)
        issue(&b, (struct command){.command = 0x91,
                                   .count = places[_i].track,
                                   .device = (u8)(0xa0 | (places[_i].heads - 1))});
    issue(&b, (struct command){.command = 0x20,
                               .count = 1,
                               .lba = places[_i].sector | (u32)places[_i].cylinder << 8,
                               .device = 0xa0 | places[_i].head});
    if (places[_i].lba < 0) {
        check_end(0x51, 0x10);
        return;
    }
    read_words(&b, data, 256);
    check_sector(data, (u64)places[_i].lba);
    ck_assert_uint_eq(inb(&b, LOW), places[_i].sector);
    ck_assert_uint_eq(inb(&b, MID) | inb(&b, HIGH) << 8, places[_i].cylinder);
    ck_assert_uint_eq(inb(&b, DEVICE), 0xa0 | places[_i].head);
    if (places[_i].heads) {
        identify();
        ck_assert_uint_eq(identity[54], 20165 / (places[_i].heads * places[_i].track));
        ck_assert_uint_eq(identity[55], places[_i].heads);
        ck_assert_uint_eq(identity[56], places[_i].track);
        ck_assert_uint_eq(identity[3], 16); /* the default stays */
    }
}
END_TEST

START_TEST(test_beyond_lba28)
{
    u8 data[512];
    u64 lba = 0x123456780f;

    start(0x2000000000);
    issue(&b,
          (struct command){.command = 0x24, .count = 1, .lba = lba, .device = 0xe0, .ext = true});
    read_words(&b, data, 256);
    check_sector(data, lba);
    issue(&b, (struct command){
                  .command = 0x34, .count = 1, .lba = lba + 1, .device = 0xe0, .ext = true});
    write_words(&b, data, 256);
    ck_assert_uint_eq(disk.last_write, lba + 1);
    ck_assert_mem_eq(disk.written, data, 512);
    ck_assert_uint_eq(get_lba28(&b) & 0xffffff, (lba + 1) & 0xffffff);
    outb(&b, CONTROL, 0x80);
    ck_assert_uint_eq(get_lba28(&b) & 0xffffff, lba >> 24);
}
END_TEST

/* Ranges that leave the disk: nothing is done, and the first address that is not there is told. */
START_TEST(test_out_of_range)
{
    static const u8 commands[] = {0x20, 0x30, 0x40, 0xc4, 0xc5, 0xc8, 0xca};

    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        issue(&b,
              (struct command){.command = commands[i], .count = 6, .lba = 20160, .device = 0xe0});
        check_end(0x51, 0x10);
        ck_assert_uint_eq(get_lba28(&b), 20165);
        ck_assert_uint_eq(inb(&b, COUNT), 1);
        issue(&b, (struct command){
                      .command = commands[i], .count = 1, .lba = 0xfffffff, .device = 0xe0});
        check_end(0x51, 0x10);
    }
    ck_assert_uint_eq(disk.block.reads + disk.block.writes, 0);
    issue(&b, (struct command){
                  .command = 0x24, .count = 1, .lba = 0xffffffffffff, .device = 0xe0, .ext = true});
    check_end(0x51, 0x10);
}
END_TEST

/* A sector that the host cannot read, and a write that it cannot do. */
START_TEST(test_host_errors)
{
    static u8 data[16 * 512];

    disk.bad = 105;
    issue(&b, (struct command){.command = 0xc4, .count = 20, .lba = 100, .device = 0xe0});
    check_end(0x51, 0x40);
    ck_assert(!b.level[14]);
    ck_assert_uint_eq(get_lba28(&b), 105);
    ck_assert_uint_eq(inb(&b, COUNT), 15);
    issue(&b, (struct command){.command = 0x20, .count = 20, .lba = 104, .device = 0xe0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x58);
    read_words(&b, data, 256); /* the good one first */
    check_sector(data, 104);
    ck_assert(b.level[14]);
    check_end(0x51, 0x40);
    ck_assert_uint_eq(get_lba28(&b), 105);
    issue(&b, (struct command){.command = 0x40, .count = 200, .lba = 0, .device = 0xe0});
    check_end(0x51, 0x40);
    ck_assert_uint_eq(get_lba28(&b), 105);

    disk.write_error = -ENOSPC;
    issue(&b, (struct command){.command = 0x30, .count = 2, .lba = 50, .device = 0xe0});
    write_words(&b, data, 256);
    ck_assert(b.level[14]);
    check_end(0x51, 0x04);
    ck_assert_uint_eq(get_lba28(&b), 50);
    ck_assert_uint_eq(inb(&b, COUNT), 2);
    aborted(0xe7, 0, 0); /* FLUSH CACHE */
    disk.write_error = 0;
    disk.block.read_only = true;
    aborted(0x30, 0, 1);
    aborted(0xca, 0, 1);
    done(0xe7, 0, 0);
}
END_TEST

START_TEST(test_multiple)
{
    static const u8 good[] = {1, 2, 4, 8, 16}, bad[] = {3, 5, 17, 32, 64, 128, 255};

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        done(0xc6, 0, good[i]);
        identify();
        ck_assert_uint_eq(identity[59], 0x0100 | good[i]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
        aborted(0xc6, 0, bad[i]);
    identify();
    ck_assert_uint_eq(identity[59], 0x0110);
    done(0xc6, 0, 0);
    identify();
    ck_assert_uint_eq(identity[59], 0);
    aborted(0xc4, 0, 1);
    aborted(0xc5, 0, 1);
    outb(&b, CONTROL, 0x04);
    outb(&b, CONTROL, 0x00);
    identify();
    ck_assert_uint_eq(identity[59], 0x0110);
}
END_TEST

START_TEST(test_features)
{
    static const struct {
        u8 mode;
        u16 word63, word88; /* 0: refused */
    } modes[] = {
        {0x22, 0x0407, 0x003f}, {0x20, 0x0107, 0x003f}, {0x42, 0x0007, 0x043f},
        {0x45, 0x0007, 0x203f}, {0x0c, 0x0007, 0x203f}, {0x00, 0x0007, 0x203f},
        {0x46, 0, 0},           {0x23, 0, 0},           {0x12, 0, 0},
        {0x0d, 0, 0},           {0x80, 0, 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        if (!modes[i].word63) {
            aborted(0xef, 0x03, modes[i].mode);
            continue;
        }
        done(0xef, 0x03, modes[i].mode);
        identify();
        ck_assert_uint_eq(identity[63], modes[i].word63);
        ck_assert_uint_eq(identity[88], modes[i].word88);
    }
    done(0xef, 0x82, 0); /* write cache off */
    done(0xef, 0x55, 0); /* look-ahead off */
    identify();
    ck_assert_uint_eq(identity[85], 0x7009);
    done(0xef, 0x02, 0);
    done(0xef, 0xaa, 0);
    identify();
    ck_assert_uint_eq(identity[85], 0x7069);
    aborted(0xef, 0x05, 0x80); /* advanced power management */
    /* Settings outlive SRST after 0x66. */
    done(0xc6, 0, 4);
    done(0xef, 0x66, 0);
    outb(&b, CONTROL, 0x04);
    outb(&b, CONTROL, 0x00);
    identify();
    ck_assert_uint_eq(identity[59], 0x0104);
    done(0xef, 0xcc, 0);
    outb(&b, CONTROL, 0x04);
    outb(&b, CONTROL, 0x00);
    identify();
    ck_assert_uint_eq(identity[59], 0x0110);
    ck_assert_uint_eq(identity[88], 0x203f); /* modes stay either way */
}
END_TEST

START_TEST(test_others)
{
    static const u8 power[] = {0xe0, 0x94, 0xe2, 0x96, 0xe6, 0x99};
    static const u8 idle[] = {0xe1, 0x95, 0xe3, 0x97};
    static const u8 unknown[] = {0x00, 0x08, 0x22, 0x32, 0x92, 0xa0, 0xa1, 0xb0, 0xb1, 0xf1,
                                 0xf5, 0xf9, 0x37, 0xcc, 0x87, 0xc0, 0xff, 0x01, 0xda};
    u8 data[512];

    for (unsigned i = 0; i < 16; i++)
        done((u8)(0x10 + i), 0, 0); /* RECALIBRATE */
    for (unsigned i = 0; i < ARRAY_SIZE(power); i++) {
        done(power[i], 0, 0);
        done(i % 2 ? 0x98 : 0xe5, 0, 0x55);
        ck_assert_uint_eq(inb(&b, COUNT), 0x00);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(idle); i++) {
        done(idle[i], 0, 0);
        done(0xe5, 0, 0x55);
        ck_assert_uint_eq(inb(&b, COUNT), 0x80);
    }
    done(0x40, 0, 1); /* VERIFY: active again */
    done(0xe5, 0, 0);
    ck_assert_uint_eq(inb(&b, COUNT), 0xff);
    for (unsigned i = 0; i < ARRAY_SIZE(unknown); i++)
        aborted(unknown[i], 0, 1);
    done(0xe7, 0, 0);
    done(0xea, 0, 0);
    ck_assert_uint_eq(disk.flushes, 2);
    issue(&b, (struct command){.command = 0x70, .lba = 20164, .device = 0xe0}); /* SEEK */
    check_end(0x50, 0);
    issue(&b, (struct command){.command = 0x7f, .lba = 20165, .device = 0xe0});
    check_end(0x51, 0x10);
    aborted(0x91, 0, 0);
    for (unsigned i = 0; i < 512; i++)
        data[i] = (u8)(i * 3);
    issue(&b, (struct command){.command = 0xe8, .device = 0xe0}); /* WRITE BUFFER, READ BUFFER */
    write_words(&b, data, 256);
    check_end(0x50, 0);
    issue(&b, (struct command){.command = 0xe4, .device = 0xe0});
    memset(data, 0, sizeof(data));
    read_words(&b, data, 256);
    ck_assert_uint_eq(data[511], (u8)(511 * 3));
    check_end(0x50, 0);
    ck_assert_uint_eq(disk.block.writes, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ata");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_identify);
    tcase_add_loop_test(tc, test_sizes, 0, ARRAY_SIZE(sizes));
    tcase_add_loop_test(tc, test_pio, 0, ARRAY_SIZE(forms));
    tcase_add_test(tc, test_count_zero);
    tcase_add_loop_test(tc, test_chs, 0, ARRAY_SIZE(places));
    tcase_add_test(tc, test_beyond_lba28);
    tcase_add_test(tc, test_out_of_range);
    tcase_add_test(tc, test_host_errors);
    tcase_add_test(tc, test_multiple);
    tcase_add_test(tc, test_features);
    tcase_add_test(tc, test_others);
    return bench_main(tc, "ata");
}
