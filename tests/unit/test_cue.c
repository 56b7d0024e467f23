/* Discs of several tracks and sessions: .cue files, and what a drive says of them. */
#include <unistd.h>

#include "devices/block/cd.h"
#include "devices/disk/atapi.h"
#include "tests/unit/ide_bench.h"

static struct bench b;
static struct ide_channel ide;
static char dir[] = "/tmp/test_cue.XXXXXX", err[600];
static u8 answer[70000];

static char *in_dir(const char *name)
{
    static char path[100];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

/* A file of sectors of `size` bytes, of which each has its number in its first byte, and in byte 18 `submode`. */
static void bin(const char *name, unsigned count, unsigned size, u8 submode)
{
    FILE *file = fopen(in_dir(name), "wb");

    for (unsigned i = 0; i < count; i++)
        for (unsigned at = 0; at < size; at++)
            fputc(at == 18 && submode ? submode : at == 0 ? (int)i : (int)(at % 251), file);
    fclose(file);
}

static struct block *open_cue(const char *text)
{
    FILE *file = fopen(in_dir("a.cue"), "w");

    fputs(text, file);
    fclose(file);
    return block_open(in_dir("a.cue"), BLOCK_READ_ONLY | BLOCK_DISC, err, sizeof(err));
}

/* The answer's length, or -(sense key << 4 | the lowest bits of the sense code). */
static int packet(const u8 cdb[12])
{
    int len = 0;

    outb(&b, DEVICE, 0xa0);
    outb(&b, FEATURE, 0);
    outb(&b, MID, 0xfe);
    outb(&b, HIGH, 0xff);
    outb(&b, COMMAND, 0xa0);
    write_words(&b, cdb, 6);
    for (;;) {
        u8 status = inb(&b, STATUS);
        u32 n;

        if (!(status & 0x08))
            return status & 1 ? -(int)((u32)ide.drive[0].atapi.key << 16 |
                                       (u32)ide.drive[0].atapi.asc << 8 | ide.drive[0].atapi.ascq)
                              : len;
        n = inb(&b, MID) | (u32)inb(&b, HIGH) << 8;
        read_words(&b, answer + len, (n + 1) / 2);
        len += (int)n;
    }
}

#define PACKET(...) packet((const u8[12]){__VA_ARGS__})

static void insert(struct block *block)
{
    ck_assert_msg(block != NULL, "%s", err);
    bench_init(&b);
    ide_init(&ide, &b.bus, 0x1f0, 0x3f6, bench_irq(&b, 14), "ide1");
    atapi_attach(&ide, 0, block);
    ide_reset(&ide);
    PACKET(0x00); /* power on */
}

/* Data, then two tracks of audio of which the second has a pregap in the file, then a second session of mode 2. */
static const char mixed[] = "CATALOG 1234567890123\r\n"
                            "FILE \"a.bin\" BINARY\r\n"
                            "  TRACK 01 MODE1/2352\r\n"
                            "    INDEX 01 00:00:00\r\n"
                            "  TRACK 02 AUDIO\r\n"
                            "    PREGAP 00:02:00\r\n"
                            "    FLAGS DCP\r\n"
                            "    INDEX 01 00:00:20\r\n"
                            "  TRACK 03 AUDIO\r\n"
                            "    INDEX 00 00:00:30\r\n"
                            "    INDEX 01 00:00:35\r\n"
                            "REM SESSION 02\r\n"
                            "FILE c:\\discs\\b.bin BINARY\r\n"
                            "  TRACK 04 MODE2/2336\r\n"
                            "    INDEX 01 00:00:00\r\n";

#define TRACK2  (20 + 150)
#define TRACK3  (TRACK2 + 15)
#define END1    (TRACK2 + 20)
#define TRACK4  (END1 + 11400)
#define END2    (TRACK4 + 8)
#define BE32(x) (u8)((x) >> 24), (u8)((x) >> 16), (u8)((x) >> 8), (u8)(x)
#define MSF(x)  ((x) + 150) / 4500, ((x) + 150) / 75 % 60, ((x) + 150) % 75

START_TEST(toc)
{
    static const u8 tracks[] = {0, 42,   1,    4, /* first, last */
                                0, 0x14, 1,    0, BE32(0),      0, 0x10, 2, 0, BE32(TRACK2),
                                0, 0x10, 3,    0, BE32(TRACK3), 0, 0x14, 4, 0, BE32(TRACK4),
                                0, 0x14, 0xaa, 0, BE32(END2)};
    static const u8 session[] = {0, 10, 1, 2, 0, 0x14, 4, 0, 0, MSF(TRACK4)};
    static const u8 raw2[] = {0,         46,   1,    2, /* of session 2 */
                              2,         0x14, 0,    0xa0, 0,    0,    0, 0, 4, 0x20,
                              0,         2,    0x14, 0,    0xa1, 0,    0, 0, 0, 4,
                              0,         0,    2,    0x14, 0,    0xa2, 0, 0, 0, 0,
                              MSF(END2), 2,    0x14, 0,    4,    0,    0, 0, 0, MSF(TRACK4)};
    struct block *block;

    bin("a.bin", 40, 2352, 0);
    bin("b.bin", 8, 2336, 0);
    block = open_cue(mixed);
    insert(block);
    ck_assert_int_eq(PACKET(0x43, 0, 0, 0, 0, 0, 0, 0, 99), sizeof(tracks));
    ck_assert_mem_eq(answer, tracks, sizeof(tracks));
    ck_assert_int_eq(PACKET(0x43, 0, 0, 0, 0, 0, 3, 0, 99), 28);
    ck_assert_uint_eq(answer[6], 3);
    ck_assert_int_lt(PACKET(0x43, 0, 0, 0, 0, 0, 5, 0, 99), 0);
    ck_assert_int_eq(PACKET(0x43, 2, 1, 0, 0, 0, 0, 0, 99), sizeof(session));
    ck_assert_mem_eq(answer, session, sizeof(session));
    ck_assert_int_eq(PACKET(0x43, 0, 2, 0, 0, 0, 2, 0, 99), sizeof(raw2));
    ck_assert_mem_eq(answer, raw2, sizeof(raw2));
    /* A0 to A2, three tracks and B0 of the first session, too */
    ck_assert_int_eq(PACKET(0x43, 0, 2, 0, 0, 0, 1, 0, 200), sizeof(raw2) + 7 * 11);
    ck_assert_uint_eq(answer[4 + 6 * 11 + 3], 0xb0);
    ck_assert_mem_eq(answer + 4 + 6 * 11 + 4, ((const u8[]){MSF(TRACK4)}), 3);
    ck_assert_int_eq(PACKET(0x51, 0, 0, 0, 0, 0, 0, 0, 34), 34);
    ck_assert_mem_eq(answer + 2, ((const u8[]){0x0e, 1, 2, 4, 4, 0x20, 0x20}), 7);
    ck_assert_int_eq(PACKET(0x25), 8);
    ck_assert_uint_eq(get_be32(answer), END2 - 1);
    block_close(block);
}
END_TEST

#define LBA(x)     BE32((u32)(x))
#define ILLEGAL    (-0x056400)
#define UNREADABLE (-0x031100)

START_TEST(sectors)
{
    struct block *block;

    bin("a.bin", 40, 2352, 0);
    bin("b.bin", 8, 2336, 0);
    block = open_cue(mixed);
    insert(block);
    /* data, as it is in the file */
    ck_assert_int_eq(PACKET(0x28, 0, LBA(7), 0, 0, 2), 4096);
    ck_assert_uint_eq(answer[2048 + 5], 21);
    ck_assert_int_eq(PACKET(0xbe, 0, LBA(7), 0, 0, 2, 0xf8), 4704);
    ck_assert_uint_eq(answer[2352], 8);
    ck_assert_int_eq(PACKET(0xbe, 2 << 2, LBA(7), 0, 0, 1, 0x20), 4);
    ck_assert_int_eq(PACKET(0xbe, 4 << 2, LBA(7), 0, 0, 1, 0xf8), ILLEGAL);
    /* a pregap that no file has, audio, and one that the file has */
    ck_assert_int_eq(PACKET(0xbe, 1 << 2, LBA(30), 0, 0, 1, 0x10), 2352);
    ck_assert_uint_eq(answer[100], 0);
    ck_assert_int_eq(PACKET(0xbe, 1 << 2, LBA(TRACK2), 0, 0, 20, 0xf8), 20 * 2352);
    ck_assert_uint_eq(answer[0], 20);
    ck_assert_uint_eq(answer[19 * 2352], 39);
    ck_assert_int_eq(PACKET(0xbe, 2 << 2, LBA(TRACK2), 0, 0, 1, 0xf8), ILLEGAL);
    ck_assert_int_eq(PACKET(0x28, 0, LBA(TRACK2), 0, 0, 1), ILLEGAL);
    ck_assert_int_eq(PACKET(0x44, 0, LBA(TRACK2), 0, 0, 8), ILLEGAL);
    /* players: no sound, but no error where there is audio */
    ck_assert_int_eq(PACKET(0x45, 0, LBA(TRACK2), 0, 0, 9), 0);
    ck_assert_int_eq(PACKET(0x47, 0, 0, MSF(TRACK3), 0, 5, 0), 0);
    ck_assert_int_eq(PACKET(0x45, 0, LBA(3), 0, 0, 9), ILLEGAL);
    /* between the sessions, and over the end of one */
    ck_assert_int_eq(PACKET(0xbe, 0, LBA(END1), 0, 0, 1, 0xf8), UNREADABLE);
    ck_assert_int_eq(PACKET(0x28, 0, LBA(TRACK4 - 1), 0, 0, 2), UNREADABLE);
    /* mode 2, form 1: the subheader is the file's first eight bytes */
    ck_assert_int_eq(PACKET(0xbe, 0, LBA(TRACK4 + 3), 0, 0, 1, 0xf8), 2352);
    ck_assert_mem_eq(answer + 12, ((const u8[]){0x02, 0x36, 0x43, 2, 3, 1, 2, 3}), 8);
    ck_assert_int_eq(PACKET(0xbe, 4 << 2, LBA(TRACK4 + 3), 0, 0, 1, 0x50), 2056);
    ck_assert_uint_eq(answer[0], 3);
    ck_assert_int_eq(PACKET(0xbe, 3 << 2, LBA(TRACK4 + 3), 0, 0, 1, 0x10), 2336);
    ck_assert_int_eq(PACKET(0xbe, 5 << 2, LBA(TRACK4 + 3), 0, 0, 1, 0x10), ILLEGAL);
    ck_assert_int_eq(PACKET(0x28, 0, LBA(TRACK4 + 3), 0, 0, 1), 2048);
    ck_assert_uint_eq(answer[0], 8);
    ck_assert_int_eq(PACKET(0x44, 0, LBA(TRACK4), 0, 0, 8), 8);
    ck_assert_uint_eq(answer[0], 2);
    block_close(block);

    bin("a.bin", 3, 2352, 0x20); /* form 2 */
    block = open_cue("FILE a.bin BINARY\nTRACK 1 MODE2/2352\nINDEX 1 0:0:0\n");
    insert(block);
    ck_assert_int_eq(PACKET(0xbe, 5 << 2, LBA(1), 0, 0, 2, 0xf8), 2 * 2352);
    ck_assert_int_eq(PACKET(0xbe, 5 << 2, LBA(1), 0, 0, 1, 0x18), 2328);
    ck_assert_int_eq(PACKET(0xbe, 4 << 2, LBA(1), 0, 0, 1, 0x10), ILLEGAL);
    block_close(block);
}
END_TEST

/* Sectors of 2048 bytes get what is around them: the sum over sector and EDC is zero. */
START_TEST(finished)
{
    struct block *block;
    u32 crc = 0;

    bin("a.bin", 3, 2048, 0);
    block = open_cue("\xef\xbb\xbf"
                     "FILE a.bin BINARY\nTRACK 1 MODE2/2048\nINDEX 1 0:0:0\n");
    insert(block);
    ck_assert_int_eq(PACKET(0xbe, 4 << 2, LBA(2), 0, 0, 1, 0xf8), 2352);
    ck_assert_mem_eq(answer + 12, ((const u8[]){0, 2, 2, 2, 0, 0, 8, 0, 0, 0, 8, 0, 2, 1}), 14);
    for (unsigned i = 16; i < 2076; i++) /* bit by bit, the lowest first */
        for (unsigned bit = 0; bit < 8; bit++) {
            bool out = (crc ^ answer[i] >> bit) & 1;

            crc = crc >> 1 ^ (out ? 0xd8018001u : 0);
        }
    ck_assert_uint_eq(crc, 0);
    block_close(block);
}
END_TEST

static const struct {
    const char *text, *error;
} wrong[] = {
    {"", "line 1: there is no track"},
    {"TRACK 1 AUDIO\n", "line 1: TRACK before any FILE"},
    {"FILE x.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:0:0\n", "x.bin': No such file or directory"},
    {"FILE x.wav WAVE\n", "line 1: only BINARY files"},
    {"FILE\n", "line 1: FILE needs the name"},
    {"FILE /etc/ BINARY\n", "line 1: FILE needs the name"},
    {"FILE \"a.bin BINARY\n", "line 1: only BINARY"},
    {"FILE a.bin BINARY\nTRACK 2 AUDIO\nTRACK 2 AUDIO\n", "line 3: tracks are numbered"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nTRACK 2 AUDIO\n", "line 3: track 1 has no INDEX 01"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\n", "the last track has no INDEX 01"},
    {"FILE a.bin BINARY\nTRACK 1 MODE7/1\n", "line 2: no such kind of track"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:60:0\n", "line 3: INDEX needs"},
    {"INDEX 1 0:0:0\n", "line 1: INDEX needs"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nPREGAP 1\n", "line 3: a gap needs"},
    {"REM SESSION 3\n", "line 1: sessions are numbered"},
    {"REM SESSION 2\r\nFILE a.bin BINARY\r\nTRACK 1 AUDIO\r\n", "line 3: a session before this"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:0:0\nREM SESSION 2\nREM SESSION 3\nTRACK 2 "
     "AUDIO\n",
     "line 6: a session before this"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:0:3\n", "track 1 is not in"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:0:1\nTRACK 2 AUDIO\nINDEX 1 0:0:1\n",
     "track 1 is not in"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:0:0\nTRACK 2 AUDIO\nINDEX 1 0:0:5\n",
     "track 1 is not in"},
    {"FILE a.bin BINARY\nTRACK 1 AUDIO\nINDEX 1 0:0:0\nPOSTGAP 99:59:74\n", "more than a disc"},
};

START_TEST(refused)
{
    bin("a.bin", 3, 2352, 0);
    ck_assert(open_cue(wrong[_i].text) == NULL);
    ck_assert_msg(strstr(err, wrong[_i].error) && !strchr(err, '\n'), "%s", err);
}
END_TEST

static void setup(void)
{
    strcpy(dir + sizeof(dir) - 7, "XXXXXX");
    ck_assert(mkdtemp(dir) != NULL);
}

static void teardown(void)
{
    unlink(in_dir("a.bin"));
    unlink(in_dir("b.bin"));
    unlink(in_dir("a.cue"));
    rmdir(dir);
}

int main(void)
{
    TCase *tc = tcase_create("cue");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, toc);
    tcase_add_test(tc, sectors);
    tcase_add_test(tc, finished);
    tcase_add_loop_test(tc, refused, 0, ARRAY_SIZE(wrong));
    return bench_main(tc, "cue");
}
