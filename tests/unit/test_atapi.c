/* Tests of an ATAPI CD-ROM drive: the PACKET protocol, sense data, every command, the tray. */
#include "devices/disk/atapi.h"

#include "tests/unit/ide_bench.h"

#define SECTORS 1000u /* of 2048 bytes */

static struct bench b;
static struct ide_channel ide;
static struct mem_block disc;
static u8 answer[90000];
static char moves[8]; /* of the tray: 'o' and 'c', the first ones */

static void tray_moved(void *opaque, const struct ide_drive *drive)
{
    size_t n = strlen(opaque);

    ck_assert_ptr_eq(drive, &ide.drive[0]);
    if (n + 1 < sizeof(moves))
        memcpy(moves + n, drive->atapi.open ? "o" : "c", 2);
}

/* Those since the last look. */
static bool moved(const char *expected)
{
    bool is = strcmp(moves, expected) == 0;

    moves[0] = '\0';
    return is;
}

static void start(bool with_disc, u64 sectors)
{
    bench_init(&b);
    ide_init(&ide, &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide1");
    atapi_attach(&ide, 0, with_disc ? mem_block_init(&disc, sectors) : NULL);
    disc.block.read_only = true;
    ide.tray_moved = tray_moved;
    ide.tray_opaque = moves;
    ide_reset(&ide);
    ck_assert(moved(""));
}

/* Sends a packet with this byte count limit; returns the bytes of the answer, or -(sense key << 4) of the
 * error register. Checks the protocol on the way. */
static i32 packet(const u8 cdb[12], u16 limit)
{
    u32 len = 0;
    unsigned rises;

    outb(&b, DEVICE, 0xa0);
    outb(&b, FEATURE, 0);
    outb(&b, MID, (u8)limit);
    outb(&b, HIGH, (u8)(limit >> 8));
    inb(&b, STATUS);
    rises = b.rises[14];
    outb(&b, COMMAND, 0xa0);
    ck_assert_uint_eq(inb(&b, COUNT) & 3, 1); /* the packet, to the drive */
    ck_assert_uint_eq(inb(&b, STATUS), 0x48);
    ck_assert_uint_eq(b.rises[14], rises);
    write_words(&b, cdb, 6);
    for (;;) {
        u8 status;
        u32 n;

        ck_assert_uint_eq(b.rises[14], ++rises);
        status = inb(&b, STATUS);
        ck_assert(!b.level[14]);
        if (!(status & 0x08)) {
            ck_assert_uint_eq(inb(&b, COUNT) & 3, 3);
            if (!(status & 0x01)) {
                ck_assert_uint_eq(status, 0x40);
                return (i32)len;
            }
            ck_assert_uint_eq(status, 0x41);
            ck_assert_uint_eq(inb(&b, ERROR) & 0x0f, 0x04);
            return -(inb(&b, ERROR) & 0xf0);
        }
        ck_assert_uint_eq(status, 0x48);
        ck_assert_uint_eq(inb(&b, COUNT) & 3, 2);
        n = inb(&b, MID) | (u32)inb(&b, HIGH) << 8;
        ck_assert_uint_gt(n, 0);
        if (limit & ~1)
            ck_assert_uint_le(n, limit & ~1u);
        read_words(&b, answer + len, (n + 1) / 2);
        len += n;
    }
}

#define PACKET(...) packet((const u8[12]){__VA_ARGS__}, 0xfffe)

/* Fails with this key, and then the sense data has key, ASC and ASCQ. */
static void fails(i32 result, u8 key, u16 asc)
{
    ck_assert_int_eq(result, -(key << 4));
    ck_assert_int_eq(PACKET(0x03, 0, 0, 0, 18), 18);
    ck_assert_uint_eq(answer[0], 0x70);
    ck_assert_uint_eq(answer[2], key);
    ck_assert_uint_eq(answer[7], 10);
    ck_assert_uint_eq(get_be16(answer + 12), asc);
    ck_assert_int_eq(PACKET(0x03, 0, 0, 0, 18), 18); /* and is gone */
    ck_assert_uint_eq(answer[2], 0);
}

static void setup(void)
{
    start(true, SECTORS * 4);
    fails(PACKET(0x00), 6, 0x2900); /* power on */
}

START_TEST(test_signature)
{
    u16 identity[256];

    start(true, 400);
    ck_assert_uint_eq(inb(&b, STATUS), 0);
    ck_assert_uint_eq(inb(&b, COUNT), 1);
    ck_assert_uint_eq(inb(&b, LOW), 1);
    ck_assert_uint_eq(inb(&b, MID), 0x14);
    ck_assert_uint_eq(inb(&b, HIGH), 0xeb);
    for (unsigned i = 0; i < 2; i++) {
        issue(&b, (struct command){.command = i ? 0x20 : 0xec, .device = 0xa0});
        ck_assert_uint_eq(inb(&b, STATUS), 0x41);
        ck_assert_uint_eq(inb(&b, ERROR), 0x04);
        ck_assert_uint_eq(inb(&b, MID), 0x14);
        ck_assert_uint_eq(inb(&b, HIGH), 0xeb);
    }
    issue(&b, (struct command){.command = 0xa1, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x48);
    read_words(&b, identity, 256);
    ck_assert_uint_eq(inb(&b, STATUS), 0x40);
    ck_assert_uint_eq(identity[0], 0x85c0);
    ck_assert_uint_eq(identity[49], 0x0f00);
    ck_assert_uint_eq(identity[63], 0x0407);
    ck_assert_uint_eq(identity[82], 0x4218);
    ck_assert_uint_eq(identity[88], 0x0007);
    ck_assert_uint_eq(identity[125], 0xfffe);
    outb(&b, DEVICE, 0xa0);
    outb(&b, COMMAND, 0x08); /* DEVICE RESET */
    ck_assert_uint_eq(inb(&b, STATUS), 0);
    ck_assert_uint_eq(inb(&b, ERROR), 1);
    ck_assert_uint_eq(inb(&b, HIGH), 0xeb);
    ck_assert(!b.level[14]);
    issue(&b, (struct command){.command = 0xef, .feature = 3, .count = 0x42, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x40);
    issue(&b, (struct command){.command = 0xef, .feature = 3, .count = 0x43, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, STATUS), 0x41);
    issue(&b, (struct command){.command = 0xa0, .feature = 2, .device = 0xa0}); /* overlap */
    ck_assert_uint_eq(inb(&b, STATUS), 0x41);
    issue(&b, (struct command){.command = 0xe5, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, COUNT), 0xff);
    issue(&b, (struct command){.command = 0xc8, .device = 0xa0});
    ck_assert_uint_eq(inb(&b, ERROR), 0x04);
}
END_TEST

/* A unit attention is told once, to the first command but for those that may not wait. */
START_TEST(test_attention)
{
    start(true, 400);
    ck_assert_int_eq(PACKET(0x12, 0, 0, 0, 36), 36);
    ck_assert_int_eq(PACKET(0x25), -0x60);
    ck_assert_int_eq(PACKET(0x25), 8);
    start(true, 400);
    ck_assert_int_eq(PACKET(0x03, 0, 0, 0, 18), 18); /* by REQUEST SENSE itself */
    ck_assert_uint_eq(answer[2], 6);
    ck_assert_uint_eq(answer[12], 0x29);
    ck_assert_int_eq(PACKET(0x00), 0);
}
END_TEST

/* READ(10), READ(12) and READ CD under byte count limits of all kinds. */
static const u16 limits[] = {0, 1, 2, 3, 512, 2047, 2048, 2049, 4096, 0x8000, 0xfffe, 0xffff};

START_TEST(test_read)
{
    static const struct {
        u8 cdb[12];
        u32 lba, count;
    } reads[] = {
        {{0x28, 0, 0, 0, 0, 10, 0, 0, 1}, 10, 1},
        {{0x28, 0, 0, 0, 3, 0xd0, 0, 0, 24}, 976, 24},
        {{0xa8, 0, 0, 0, 0, 0, 0, 0, 0, 33}, 0, 33},
        {{0xbe, 0, 0, 0, 0, 5, 0, 0, 2, 0x10}, 5, 2},
        {{0xb9, 8 & 0, 0, 0, 2, 5, 0, 2, 7, 0x10}, 5, 2},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(reads); i++) {
        ck_assert_int_eq(packet(reads[i].cdb, limits[_i]), (i32)reads[i].count * 2048);
        for (u32 n = 0; n < reads[i].count * 4; n++)
            check_sector(answer + n * 512, reads[i].lba * 4 + n);
    }
}
END_TEST

START_TEST(test_read_limits)
{
    ck_assert_int_eq(PACKET(0x28), 0); /* no sectors */
    ck_assert_int_eq(PACKET(0x28, 0, 0, 0, 0x03, 0xe8), 0);
    fails(PACKET(0x28, 0, 0, 0, 0x03, 0xe9), 5, 0x2100);
    fails(PACKET(0x28, 0, 0, 0, 0x03, 0xe8, 0, 0, 1), 5, 0x2100);
    fails(PACKET(0xa8, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff), 5, 0x2100);
    fails(PACKET(0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1), 5, 0x2100);
    fails(PACKET(0x2b, 0, 0, 0, 0x03, 0xe8), 5, 0x2100);
    ck_assert_int_eq(PACKET(0x2b, 0, 0, 0, 0x03, 0xe7), 0);
    fails(PACKET(0xb9, 0, 0, 0, 1, 74, 0, 2, 0, 0x10), 5, 0x2100); /* before address 0 */
    fails(PACKET(0xb9, 0, 0, 0, 4, 0, 0, 3, 0, 0x10), 5, 0x2100);
    fails(PACKET(0xbe, 0x04, 0, 0, 0, 0, 0, 0, 1, 0x10), 5, 0x6400); /* CD-DA */
    fails(PACKET(0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0xf9), 5, 0x2400);    /* reserved */
    fails(PACKET(0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 1), 5, 0x2400);
    ck_assert_int_eq(PACKET(0xbe, 0, 0, 0, 0, 0, 0, 0, 1), 0); /* nothing of it */
    disc.bad = 43;
    fails(PACKET(0x28, 0, 0, 0, 0, 10, 0, 0, 1), 3, 0x1100);
    ck_assert_int_eq(PACKET(0x28, 0, 0, 0, 0, 11, 0, 0, 1), 2048);
}
END_TEST

/* READ CD's sync and header: MSF in BCD, mode 1. */
START_TEST(test_read_cd)
{
    static const u8 sync[12] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};

    ck_assert_int_eq(PACKET(0xbe, 0, 0, 0, 0x03, 0xb4, 0, 0, 2, 0xb0), 2 * 2064);
    ck_assert_mem_eq(answer, sync, 12);
    ck_assert_uint_eq(get_be32(answer + 12), 0x00144801); /* 948 + 150 = 14 * 75 + 48 */
    check_sector(answer + 16, 0x3b4 * 4);
    ck_assert_uint_eq(get_be32(answer + 2064 + 12), 0x00144901);
}
END_TEST

/* a * 2^power in the field of ECMA-130's annex A. */
static u8 times(u8 a, unsigned power)
{
    for (; power; power--)
        a = (u8)(a << 1 ^ (a & 0x80 ? 0x1d : 0));
    return a;
}

/* A code word whose two check sums are not zero aborts. */
static void check_word(const u8 *words, unsigned half, unsigned first, unsigned step, unsigned len,
                       unsigned parity, unsigned next)
{
    u8 sum = 0, weighted = 0;

    for (unsigned i = 0; i < len + 2; i++) {
        unsigned word = i < len ? (first + i * step) % 1118 : i == len ? parity : next;
        u8 value = words[2 * word + half];

        sum ^= value;
        weighted ^= times(value, len + 1 - i);
    }
    ck_assert_uint_eq(sum, 0);
    ck_assert_uint_eq(weighted, 0);
}

/* A whole sector: the CRC over itself is zero, and so are the check sums of both parities; and other parts in their
 * order. */
START_TEST(test_read_raw)
{
    u32 crc = 0;

    ck_assert_int_eq(PACKET(0xbe, 0, 0, 0, 0x03, 0xb4, 0, 0, 2, 0xf8), 2 * 2352);
    check_sector(answer + 16, 0x3b4 * 4);
    ck_assert_uint_eq(get_be32(answer + 2352 + 12), 0x00144901);
    for (unsigned i = 0; i < 2068; i++) /* bit by bit, the lowest first */
        for (unsigned bit = 0; bit < 8; bit++) {
            bool out = (crc ^ answer[i] >> bit) & 1;

            crc = crc >> 1 ^ (out ? 0xd8018001u : 0);
        }
    ck_assert_uint_eq(crc, 0);
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned n = 0; n < 43; n++)
            check_word(answer + 12, half, n, 43, 24, 1032 + n, 1075 + n);
        for (unsigned n = 0; n < 26; n++)
            check_word(answer + 12, half, 43 * n, 44, 43, 1118 + n, 1144 + n);
    }
    ck_assert_int_eq(PACKET(0xbe, 0, 0, 0, 0, 5, 0, 0, 1, 0x1a), 2048 + 288 + 294);
    check_sector(answer, 20);
    for (unsigned i = 2048 + 288; i < 2048 + 288 + 294; i++)
        ck_assert_uint_eq(answer[i], 0);
    fails(PACKET(0xbe, 0, 0, 0, 0, 5, 0, 0, 1, 0x16), 5, 0x2400);
    fails(PACKET(0xbe, 4, 0, 0, 0, 5, 0, 0, 1, 0xf8), 5,
          0x6400); /* audio, of which there is none */
}
END_TEST

/* What a disc without audio says to players. */
START_TEST(test_audio)
{
    fails(PACKET(0x45, 0, 0, 0, 0, 0, 0, 0, 10), 5, 0x6400);
    fails(PACKET(0x47, 0, 0, 0, 2, 0, 0, 4, 0), 5, 0x6400);
    fails(PACKET(0xa5, 0, 0, 0, 0, 0, 0, 0, 0, 10), 5, 0x6400);
    fails(PACKET(0x4b, 0, 0, 0, 0, 0, 0, 0, 1), 5, 0x2c00);
    ck_assert_int_eq(PACKET(0x4e), 0);
    ck_assert_int_eq(PACKET(0x42, 0, 0x40, 1, 0, 0, 0, 0, 99), 16);
    ck_assert_uint_eq(answer[1], 0x15);
    ck_assert_int_eq(PACKET(0x44, 2, 0, 0, 0x03, 0xb4, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[0], 1);
    ck_assert_uint_eq(get_be32(answer + 4), 0x00000e30); /* 00:14.48 */
    fails(PACKET(0x44, 0, 0, 0, 0x03, 0xe8, 0, 0, 8), 5, 0x2100);
}
END_TEST

/* An image whose size is no multiple of 2048. */
START_TEST(test_odd_size)
{
    start(true, 4 * 9 + 1);
    PACKET(0x00);
    ck_assert_int_eq(PACKET(0x25), 8);
    ck_assert_uint_eq(get_be32(answer), 9);
    ck_assert_int_eq(PACKET(0x28, 0, 0, 0, 0, 8, 0, 0, 2), 4096);
    check_sector(answer + 2048, 36);
    for (unsigned i = 2560; i < 4096; i++)
        ck_assert_uint_eq(answer[i], 0);
}
END_TEST

/* Answers as bytes: what the command asks for and what it gets. */
static const struct {
    u8 cdb[12];
    int len;
    u8 data[60];
} answers[] = {
    {{0x25}, 8, {0, 0, 0x03, 0xe7, 0, 0, 0x08, 0}},
    {{0x12, 0, 0, 0, 5}, 5, {0x05, 0x80, 0, 0x21, 31}},
    /* READ TOC: tracks by LBA, by MSF, lead-out only, cut; session; raw */
    {{0x43, 0, 0, 0, 0, 0, 0, 0, 99}, 20, {0, 18, 1, 1,    0,    0x14, 1, 0, 0,    0,
                                           0, 0,  0, 0x14, 0xaa, 0,    0, 0, 0x03, 0xe8}},
    {{0x43, 2, 0, 0, 0, 0, 1, 0, 99}, 20, {0, 18, 1, 1,    0,    0x14, 1, 0, 0,  0,
                                           2, 0,  0, 0x14, 0xaa, 0,    0, 0, 15, 25}},
    {{0x43, 0, 0, 0, 0, 0, 0xaa, 0, 99}, 12, {0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 0, 0x03, 0xe8}},
    {{0x43, 0, 0, 0, 0, 0, 0, 0, 4}, 4, {0, 18, 1, 1}},
    {{0x43, 0, 1, 0, 0, 0, 0, 0, 99}, 12, {0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0}},
    {{0x43, 0, 0, 0, 0, 0, 0, 0, 99, 0x40}, 12, {0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0}},
    {{0x43, 0, 2, 0, 0, 0, 0, 0, 99},
     48,
     {0, 46, 1, 1,    1, 0x14, 0, 0xa0, 0, 0, 0, 0,  1,  0, 0,    1, 0x14, 0, 0xa1, 0, 0, 0, 0, 1,
      0, 0,  1, 0x14, 0, 0xa2, 0, 0,    0, 0, 0, 15, 25, 1, 0x14, 0, 1,    0, 0,    0, 0, 0, 2, 0}},
    {{0x5a, 0, 0x0d, 0, 0, 0, 0, 0, 99},
     16,
     {0, 14, 1, 0, 0, 0, 0, 0, 0x0d, 6, 0, 0, 0, 60, 0, 75}},
    {{0x5a, 0, 0x41, 0, 0, 0, 0, 0, 99}, 16, {0, 14, 1, 0, 0, 0, 0, 0, 0x01, 6}},
    {{0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 1}, 1, {0}},
    {{0x4a, 1, 0, 0, 0x10, 0, 0, 0, 99}, 8, {0, 6, 4, 0x10, 0, 2, 0, 0}},
    {{0x4a, 1, 0, 0, 0x02, 0, 0, 0, 99}, 4, {0, 2, 0x80, 0x10}},
    {{0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8}, 8, {0, 0, 0, 0, 0, 1, 0, 0}},
    {{0x51, 0, 0, 0, 0, 0, 0, 0, 34}, 34, {0,   32,  0x0e, 1,   1,   1,   1,   0x20,
                                           0,   0,   0,    0,   0,   0,   0,   0,
                                           255, 255, 255,  255, 255, 255, 255, 255}},
    {{0x42, 2, 0x40, 1, 0, 0, 0, 0, 99}, 16, {0, 0x15, 0, 12, 1, 0x14, 1, 1}},
    {{0x42, 2, 0, 0, 0, 0, 0, 0, 99}, 4, {0, 0x15, 0, 0}},
    {{0x46, 2, 0, 0x10, 0, 0, 0, 0, 99}, 20, {0, 0, 0, 16, 0, 0, 0, 8, 0, 0x10,
                                              1, 8, 0, 0,  8, 0, 0, 1, 0, 0}},
    {{0x46, 2, 0x12, 0x34, 0, 0, 0, 0, 99}, 8, {0, 0, 0, 4, 0, 0, 0, 8}},
    {{0x46, 0, 0, 0, 0, 0, 0, 0, 8}, 8, {0, 0, 0, 56, 0, 0, 0, 8}},
    {{0x46, 0, 0, 0, 0, 0, 0, 0, 99}, 60, {0, 0, 0, 56, 0, 0, 0, 8, 0, 0, 3, 4, 0, 8, 1, 0}},
};

START_TEST(test_answers)
{
    u8 first = answers[_i].cdb[0];
    size_t checked = (size_t)answers[_i].len < 24 || first == 0x43 ? (size_t)answers[_i].len : 16;

    ck_assert_int_eq(packet(answers[_i].cdb, 0xfffe), answers[_i].len);
    ck_assert_mem_eq(answer, answers[_i].data, checked);
}
END_TEST

START_TEST(test_refused)
{
    fails(PACKET(0x12, 1, 0, 0, 36), 5, 0x2400);
    fails(PACKET(0x43, 0, 0, 0, 0, 0, 2, 0, 99), 5, 0x2400);
    fails(PACKET(0x43, 0, 3, 0, 0, 0, 0, 0, 99), 5, 0x2400);
    fails(PACKET(0x5a, 0, 0x0e, 0, 0, 0, 0, 0, 99), 5, 0x2400);
    fails(PACKET(0x5a, 0, 0xc1, 0, 0, 0, 0, 0, 99), 5, 0x3900);
    fails(PACKET(0x46, 3, 0, 0, 0, 0, 0, 0, 99), 5, 0x2400);
    fails(PACKET(0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8), 5, 0x2400);
    fails(PACKET(0x42, 0, 0x40, 2, 0, 0, 0, 0, 99), 5, 0x2400);
    fails(PACKET(0x2a, 0, 0, 0, 0, 0, 0, 0, 1), 5, 0x2000); /* WRITE(10) */
    fails(PACKET(0xff), 5, 0x2000);
    ck_assert_int_eq(PACKET(0xbb, 0, 0xff, 0xff), 0); /* SET CD SPEED */
    ck_assert_int_eq(PACKET(0x43), 0);                /* no room for an answer: none */
}
END_TEST

START_TEST(test_tray)
{
    ck_assert_int_eq(PACKET(0x1e, 0, 0, 0, 1), 0); /* locked */
    ck_assert_int_eq(PACKET(0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 99), 28);
    ck_assert_uint_eq(answer[8 + 6], 0x2b);
    fails(PACKET(0x1b, 0, 0, 0, 2), 5, 0x5302);
    ck_assert_int_eq(PACKET(0x1e), 0);
    ck_assert(moved(""));
    ck_assert_int_eq(PACKET(0x1b, 0, 0, 0, 2), 0); /* out */
    ck_assert_int_eq(PACKET(0x1b, 0, 0, 0, 2), 0);
    ck_assert(moved("o"));
    ck_assert_int_eq(PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[4], 3);
    ck_assert_uint_eq(answer[5], 1);
    fails(PACKET(0x00), 2, 0x3a02);
    fails(PACKET(0x28, 0, 0, 0, 0, 0, 0, 0, 1), 2, 0x3a02);
    ck_assert_int_eq(PACKET(0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[1], 0x10);
    ck_assert_int_eq(PACKET(0x1b, 0, 0, 0, 3), 0); /* and in */
    ck_assert(moved("c"));
    ck_assert_int_eq(PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[4], 2);
    ck_assert_uint_eq(answer[5], 2);
    fails(PACKET(0x00), 6, 0x2800);
    ck_assert_int_eq(PACKET(0x00), 0);
    ck_assert_int_eq(PACKET(0x1b, 0, 0, 0, 0), 0); /* the motor only */
    ck_assert_int_eq(PACKET(0x00), 0);
    start(false, 0);
    PACKET(0x00);
    fails(PACKET(0x00), 2, 0x3a01);
    fails(PACKET(0x25), 2, 0x3a01);
    ck_assert_int_eq(PACKET(0x46, 1, 0, 0, 0, 0, 0, 0, 99),
                     40); /* nothing current but what always is */
    ck_assert_int_eq(PACKET(0x5a, 0, 0x01, 0, 0, 0, 0, 0, 99), 16);
    ck_assert_uint_eq(answer[2], 0x70);
}
END_TEST

/* Another disc by the user's wish, with the tray locked, open, and in the middle of a read. */
START_TEST(test_other_disc)
{
    static struct mem_block other;
    struct ide_drive *drive = &ide.drive[0];

    mem_block_init(&other, 400);
    ck_assert_int_eq(atapi_insert(drive, &other.block, false), 0);
    ck_assert_int_eq(PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[4], 2); /* new media */
    ck_assert_uint_eq(answer[5], 2);
    fails(PACKET(0x25), 6, 0x2800);
    ck_assert_int_eq(PACKET(0x25), 8);
    ck_assert_uint_eq(get_be32(answer), 99);
    ck_assert(moved("oc"));
    /* Locked: the guest is asked, unless it is by force. */
    ck_assert_int_eq(PACKET(0x1e, 0, 0, 0, 1), 0);
    ck_assert_int_eq(atapi_insert(drive, NULL, false), -EBUSY);
    ck_assert_int_eq(PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[4], 1);
    ck_assert_int_eq(PACKET(0x00), 0);
    ck_assert(moved(""));
    ck_assert_int_eq(atapi_insert(drive, NULL, true), 0);
    ck_assert(moved("o"));
    ck_assert_int_eq(PACKET(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(answer[4], 3);
    ck_assert_uint_eq(answer[5], 1);
    fails(PACKET(0x00), 2, 0x3a02);
    ck_assert_int_eq(PACKET(0x1b, 0, 0, 0, 3),
                     0); /* the guest closes the tray, with nothing in it */
    fails(PACKET(0x00), 2, 0x3a01);
    ck_assert_int_eq(atapi_insert(drive, &other.block, false), 0); /* nothing is locked in */
    fails(PACKET(0x00), 6, 0x2800);
    ck_assert_int_eq(PACKET(0x1e), 0);
    /* Into a tray that the guest has opened: it closes. */
    ck_assert_int_eq(PACKET(0x1b, 0, 0, 0, 2), 0);
    moved("");
    ck_assert_int_eq(atapi_insert(drive, &disc.block, false), 0);
    ck_assert(moved("c"));
    fails(PACKET(0x00), 6, 0x2800);
    ck_assert_int_eq(PACKET(0x25), 8);
    ck_assert_uint_eq(get_be32(answer), SECTORS - 1);
    /* Behind its buffer a read finds another disc, or none. */
    for (unsigned i = 0; i < 2; i++) {
        static const u8 cdb[12] = {0x28, 0, 0, 0, 3, 0, 0, 0, 100};

        ck_assert_int_eq(atapi_insert(drive, &disc.block, false), 0);
        PACKET(0x00);
        outb(&b, FEATURE, 0);
        outb(&b, MID, 0);
        outb(&b, HIGH, 0x80);
        outb(&b, COMMAND, 0xa0);
        write_words(&b, cdb, 6);
        ck_assert_uint_eq(inb(&b, STATUS), 0x48);
        ck_assert_int_eq(atapi_insert(drive, i ? NULL : &other.block, false), 0);
        for (unsigned n = 0; n < 10 && inb(&b, STATUS) & 0x08; n++)
            read_words(&b, answer, (inb(&b, MID) | (u32)inb(&b, HIGH) << 8) / 2);
        ck_assert_uint_eq(inb(&b, STATUS), 0x41);
        ck_assert_uint_eq(inb(&b, ERROR) >> 4, 2);
        moved("");
    }
}
END_TEST

/* An odd length: the last word has a byte of padding. */
START_TEST(test_odd_length)
{
    ck_assert_int_eq(packet((const u8[12]){0x12, 0, 0, 0, 35}, 16), 35);
    ck_assert_mem_eq(answer + 8, "PAGEWALKCD-ROM          1.0", 27);
    ck_assert_int_eq(packet((const u8[12]){0x12, 0, 0, 0, 1}, 16), 1);
}
END_TEST

/* Saves in the middle of an answer, and of a packet. */
START_TEST(test_state)
{
    static const u8 cdb[12] = {0x28, 0, 0, 0, 0, 20, 0, 0, 40};
    struct state save, load;

    outb(&b, DEVICE, 0xa0);
    outb(&b, FEATURE, 0);
    outb(&b, MID, 0);
    outb(&b, HIGH, 8); /* 2048 */
    outb(&b, COMMAND, 0xa0);
    write_words(&b, cdb, _i ? 6 : 3);
    if (_i)
        read_words(&b, answer, 1500);
    state_init_save(&save);
    ide_state(&ide, &save);
    ck_assert(!save.failed);
    start(true, SECTORS * 4);
    state_init_load(&load, save.data, save.len);
    ide_state(&ide, &load);
    ck_assert(!load.failed);
    if (!_i)
        write_words(&b, cdb + 6, 3);
    read_words(&b, answer + (_i ? 3000 : 0), 40960 - (_i ? 1500 : 0));
    for (unsigned i = 0; i < 160; i++)
        check_sector(answer + i * 512, 80 + i);
    ck_assert_uint_eq(inb(&b, STATUS), 0x40);
    ck_assert_uint_eq(inb(&b, COUNT) & 3, 3);
    start(false, 0); /* without the disc that state cannot be */
    state_init_load(&load, save.data, save.len);
    ide_state(&ide, &load);
    ck_assert_int_eq(load.failed, _i);
    bench_fuzz(&b, DATA, 1, 4000, 5);
    state_free(&load);
    state_free(&save);
}
END_TEST

/* Random packets with real opcodes, answers read by random amounts. */
START_TEST(test_fuzz)
{
    static const u8 opcodes[] = {0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x2b, 0x42, 0x43,
                                 0x46, 0x4a, 0x51, 0x5a, 0xa8, 0xb9, 0xbb, 0xbd, 0xbe};
    u64 seed = 31337 + (u64)_i;

    for (unsigned i = 0; i < 3000; i++) {
        u64 r = bench_random(&seed);
        u8 cdb[12];

        for (unsigned k = 0; k < 12; k++)
            cdb[k] = bench_random(&seed) & 1 ? 0 : (u8)bench_random(&seed);
        cdb[0] = opcodes[r % ARRAY_SIZE(opcodes)];
        outb(&b, DEVICE, 0xa0);
        outb(&b, FEATURE, r >> 20 & 1);
        outb(&b, MID, (u8)(r >> 24));
        outb(&b, HIGH, (u8)(r >> 32));
        outb(&b, COMMAND, 0xa0);
        write_words(&b, cdb, 6);
        for (unsigned k = 0; k < 20 && inb(&b, CONTROL) & 8; k++)
            if (!ioport_read_block(&b.bus, DATA, answer, 2, (u32)bench_random(&seed) & 0x7fff))
                ioport_read(&b.bus, DATA, 2);
        if ((r >> 40 & 15) == 0)
            bench_fuzz(&b, 0x1f0, 8, 50, r | 1);
        if ((r >> 44 & 63) == 0) {
            outb(&b, CONTROL, 4);
            outb(&b, CONTROL, 0);
        }
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("atapi");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_signature);
    tcase_add_test(tc, test_attention);
    tcase_add_loop_test(tc, test_read, 0, ARRAY_SIZE(limits));
    tcase_add_test(tc, test_read_limits);
    tcase_add_test(tc, test_read_cd);
    tcase_add_test(tc, test_odd_size);
    tcase_add_loop_test(tc, test_answers, 0, ARRAY_SIZE(answers));
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_tray);
    tcase_add_test(tc, test_other_disc);
    tcase_add_test(tc, test_read_raw);
    tcase_add_test(tc, test_audio);
    tcase_add_test(tc, test_odd_length);
    tcase_add_loop_test(tc, test_state, 0, 2);
    tcase_add_loop_test(tc, test_fuzz, 0, 4);
    return bench_main(tc, "atapi");
}
