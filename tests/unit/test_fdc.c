/* Tests of the floppy controller on a fake bus, with DMA into fake memory and disks that are memory: every
 * command with its result bytes, resets and interrupts, programmed transfers, the change line, formats and
 * rates, saved state; and random accesses of which nothing may fall outside guest RAM.
 * Expectations: Intel 82077AA datasheet (290166), sections 5 and 6. */
#include "devices/fdc.h"

#include <errno.h>

#include "tests/unit/dev_bench.h"

#define RAM (1u * MIB)
#define BUF 0x10000u /* where DMA goes */
#define MS  1000000ull

enum { DOR = 0x3f2, TDR = 0x3f3, MSR = 0x3f4, FIFO = 0x3f5, DIR = 0x3f7 };

/* A disk in memory. */
struct memory_disk {
    struct block block;
    u8 *data;
    int error; /* what the next accesses end with */
};

static int memory_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct memory_disk *disk = (struct memory_disk *)block;

    memcpy(data, disk->data + sector * BLOCK_SECTOR, count * BLOCK_SECTOR);
    return disk->error;
}

static int memory_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct memory_disk *disk = (struct memory_disk *)block;

    if (!disk->error)
        memcpy(disk->data + sector * BLOCK_SECTOR, data, count * BLOCK_SECTOR);
    return disk->error;
}

static const struct block_ops memory_ops = {memory_read, memory_write, NULL, NULL};

static struct bench b;
static struct dma dma;
static struct log quiet;
static struct stats stats;
static struct phys phys;
static struct fdc fdc;
static struct memory_disk disks[2];
static char text[256];

static u8 pattern(u32 sector, unsigned i)
{
    return (u8)(sector * 13 + sector / 18 + i * 3);
}

static void fill(struct memory_disk *disk, u64 sectors)
{
    free(disk->data);
    disk->block = (struct block){.ops = &memory_ops, .sectors = sectors};
    disk->error = 0;
    disk->data = malloc(sectors * BLOCK_SECTOR);
    for (u32 s = 0; s < sectors; s++)
        for (unsigned i = 0; i < BLOCK_SECTOR; i++)
            disk->data[s * BLOCK_SECTOR + i] = pattern(s, i);
}

/* Drives with images of so many sectors; 0: none. */
static void start(u64 sectors_a, u64 sectors_b)
{
    struct block *blocks[2] = {NULL, NULL};

    bench_init(&b);
    if (phys.page)
        phys_free(&phys);
    ck_assert_int_eq(phys_init(&phys, RAM, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM), 0);
    dma_init(&dma, &b.bus, &phys);
    if (sectors_a) {
        fill(&disks[0], sectors_a);
        blocks[0] = &disks[0].block;
    }
    if (sectors_b) {
        fill(&disks[1], sectors_b);
        blocks[1] = &disks[1].block;
    }
    fdc_init(&fdc, &b.bus, 0x3f0, &b.clock, bench_irq(&b, 6), &dma, 2, blocks);
}

static void send(const u8 *bytes, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        ck_assert_uint_eq(inb(&b, MSR) & 0xc0, 0x80);
        outb(&b, FIFO, bytes[i]);
    }
}

#define SEND(...) send((const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))

/* The result phase as text; "" when there is none. */
static const char *result(void)
{
    size_t len = 0;

    text[0] = 0;
    while ((inb(&b, MSR) & 0xd0) == 0xd0 && len < sizeof(text) - 4)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%02x", len ? " " : "",
                                inb(&b, FIFO));
    return text;
}

static const char *sense(void)
{
    SEND(0x08);
    return result();
}

/* Reset ended, rate set, motors on, no polling results left, heads at 0, change lines quiet. */
static void ready(u8 rate)
{
    outb(&b, DOR, 0x3c);
    bench_pass(&b, 10 * MS);
    for (unsigned i = 0; i < 4; i++)
        sense();
    outb(&b, DIR, rate);
    SEND(0x03, 0xdf, 0x02);
    SEND(0x13, 0x00, 0x07, 0x00);
    for (unsigned i = 0; i < 2; i++) {
        SEND(0x0f, (u8)i, 1);
        bench_pass(&b, 10 * MS);
        sense();
        SEND(0x07, (u8)i);
        bench_pass(&b, 10 * MS);
        sense();
    }
    b.rises[6] = 0;
}

static void setup(void)
{
    start(2880, 0);
    ready(0);
}

static void teardown(void)
{
    phys_free(&phys);
    memset(&phys, 0, sizeof(phys));
    for (unsigned i = 0; i < 2; i++) {
        free(disks[i].data);
        disks[i].data = NULL;
    }
}

enum { TO_MEMORY = 0x46, FROM_MEMORY = 0x4a, CHECK = 0x42 };

static void program_dma(u8 mode, u32 len)
{
    outb(&b, 0x0a, 0x06);
    outb(&b, 0x0c, 0);
    outb(&b, 0x0b, mode);
    outb(&b, 0x04, (u8)BUF);
    outb(&b, 0x04, (u8)(BUF >> 8));
    outb(&b, 0x81, (u8)(BUF >> 16));
    outb(&b, 0x05, (u8)(len - 1));
    outb(&b, 0x05, (u8)((len - 1) >> 8));
    outb(&b, 0x0a, 0x02);
}

/* Runs the command that was sent to its result. */
static const char *wait_result(void)
{
    unsigned rises = b.rises[6];

    ck_assert(!b.level[6]);
    bench_pass(&b, 100 * MS);
    ck_assert(b.level[6]);
    ck_assert_uint_eq(b.rises[6], rises + 1);
    ck_assert_uint_eq(inb(&b, MSR) & 0xf0, 0xd0);
    inb(&b, MSR);
    result();
    ck_assert(!b.level[6]);
    return text;
}

static void check_memory(u32 sector, u32 len)
{
    u8 byte;

    for (u32 i = 0; i < len; i++) {
        phys_read(&phys, BUF + i, &byte, 1);
        ck_assert_msg(byte == pattern(sector + i / BLOCK_SECTOR, i % BLOCK_SECTOR), "byte %u", i);
    }
    phys_read(&phys, BUF + len, &byte, 1);
    ck_assert_uint_eq(byte, 0);
}

static void fill_memory(u8 value, u32 len)
{
    for (u32 i = 0; i < len; i++) {
        u8 byte = (u8)(value + i % 251);

        phys_write(&phys, BUF + i, &byte, 1);
    }
}

/* READ DATA and its kin: what comes back, and which sectors came into memory. */
static const struct {
    u8 command[9];
    u8 cylinder; /* the heads' */
    u32 dma_len;
    const char *expect;
    u32 sector, bytes;
} reads[] = {
    /* Ended by the terminal count. */
    {{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 512, "00 00 00 00 00 02 02", 0, 512},
    {{0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff}, 0, 1024, "00 00 00 01 00 01 02", 16, 1024},
    {{0x46, 4, 0, 1, 5, 2, 18, 0x1b, 0xff}, 0, 512, "04 00 00 00 01 06 02", 22, 512},
    {{0x46, 4, 3, 1, 18, 2, 18, 0x1b, 0xff}, 3, 512, "04 00 00 04 01 01 02", 143, 512},
    {{0xc6, 0, 3, 0, 17, 2, 18, 0x1b, 0xff}, 3, 1024, "00 00 00 03 01 01 02", 124, 1024},
    {{0xc6, 0, 3, 0, 17, 2, 18, 0x1b, 0xff}, 3, 2048, "04 00 00 03 01 03 02", 124, 2048},
    {{0xc6, 4, 3, 1, 18, 2, 18, 0x1b, 0xff}, 3, 512, "04 00 00 04 00 01 02", 143, 512},
    {{0xe6, 0, 79, 0, 1, 2, 18, 0x1b, 0xff}, 79, 18432, "04 00 00 50 00 01 02", 2844, 18432},
    {{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 100, "00 00 00 00 00 02 02", 0, 100},
    /* By the end of the cylinder. */
    {{0x46, 0, 0, 0, 18, 2, 18, 0x1b, 0xff}, 0, 1024, "40 80 00 01 00 01 02", 17, 512},
    {{0xc6, 4, 0, 1, 18, 2, 18, 0x1b, 0xff}, 0, 1024, "44 80 00 01 00 01 02", 35, 512},
    /* Not there. */
    {{0x46, 0, 0, 0, 19, 2, 19, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 13 02", 0, 0},
    {{0x46, 0, 0, 0, 18, 2, 19, 0x1b, 0xff}, 0, 1024, "40 04 00 00 00 13 02", 17, 512},
    {{0x46, 0, 0, 0, 0, 2, 18, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 00 02", 0, 0},
    {{0x46, 0, 0, 1, 1, 2, 18, 0x1b, 0xff}, 0, 512, "40 04 00 00 01 01 02", 0, 0},
    {{0x46, 0, 0, 0, 1, 3, 18, 0x1b, 0xff}, 0, 512, "40 04 00 00 00 01 03", 0, 0},
    {{0x46, 0, 5, 0, 1, 2, 18, 0x1b, 0xff}, 4, 512, "40 04 10 05 00 01 02", 0, 0},
    {{0x06, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 512, "40 01 00 00 00 01 02", 0, 0}, /* FM */
    {{0x46, 0, 80, 0, 1, 2, 18, 0x1b, 0xff}, 80, 512, "40 01 00 50 00 01 02", 0, 0},
    /* READ DELETED DATA of sectors that are not: the first one, or with SK none. */
    {{0x4c, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 1024, "00 00 40 00 00 01 02", 0, 512},
    {{0x6c, 0, 0, 0, 17, 2, 18, 0x1b, 0xff}, 0, 512, "40 80 40 01 00 01 02", 0, 0},
    /* READ TRACK: from the index hole on, whatever R says. */
    {{0x42, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, 0, 1024, "00 00 00 00 00 03 02", 0, 1024},
    {{0x42, 0, 0, 0, 1, 2, 2, 0x1b, 0xff}, 0, 2048, "40 80 00 00 00 03 02", 0, 1024},
    {{0x42, 0, 0, 0, 7, 2, 18, 0x1b, 0xff}, 0, 1024, "40 04 00 00 00 09 02", 0, 1024},
};

START_TEST(test_read)
{
    SEND(0x0f, 0, reads[_i].cylinder);
    bench_pass(&b, 20 * MS);
    sense();
    program_dma(TO_MEMORY, reads[_i].dma_len);
    send(reads[_i].command, 9);
    ck_assert_uint_eq(inb(&b, MSR), 0x10);
    ck_assert_str_eq(wait_result(), reads[_i].expect);
    check_memory(reads[_i].sector, reads[_i].bytes);
    ck_assert_uint_eq(inb(&b, MSR), 0x80);
    ck_assert_uint_eq(inb(&b, 0x08) & 0xf0, 0); /* no request is left */
}
END_TEST

START_TEST(test_write)
{
    u8 sector[BLOCK_SECTOR];

    fill_memory(0x80, 1024);
    program_dma(FROM_MEMORY, 700); /* the second sector's rest: zeros */
    SEND(0x45, 4, 0, 1, 3, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "04 00 00 00 01 05 02");
    phys_read(&phys, BUF, sector, BLOCK_SECTOR);
    ck_assert_mem_eq(disks[0].data + 20 * BLOCK_SECTOR, sector, BLOCK_SECTOR);
    phys_read(&phys, BUF + BLOCK_SECTOR, sector, BLOCK_SECTOR);
    memset(sector + 700 - BLOCK_SECTOR, 0, 2 * BLOCK_SECTOR - 700);
    ck_assert_mem_eq(disks[0].data + 21 * BLOCK_SECTOR, sector, BLOCK_SECTOR);
    ck_assert_uint_eq(disks[0].data[22 * BLOCK_SECTOR], pattern(22, 0));

    /* Deleted sectors, for as long as they are not written again. */
    program_dma(FROM_MEMORY, 512);
    SEND(0x49, 0, 0, 0, 2, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 03 02");
    program_dma(TO_MEMORY, 1024);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff); /* stops at it */
    ck_assert_str_eq(wait_result(), "00 00 40 00 00 02 02");
    program_dma(TO_MEMORY, 1024);
    SEND(0x66, 0, 0, 0, 1, 2, 18, 0x1b, 0xff); /* passes it over */
    ck_assert_str_eq(wait_result(), "00 00 40 00 00 04 02");
    phys_read(&phys, BUF + BLOCK_SECTOR, sector, 1);
    ck_assert_uint_eq(sector[0], pattern(2, 0));
    program_dma(TO_MEMORY, 512);
    SEND(0x4c, 0, 0, 0, 2, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 03 02");
    program_dma(FROM_MEMORY, 512);
    SEND(0x45, 0, 0, 0, 2, 2, 18, 0x1b, 0xff);
    wait_result();
    program_dma(TO_MEMORY, 1024);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 03 02");
}
END_TEST

/* What stops a transfer. */
START_TEST(test_errors)
{
    program_dma(TO_MEMORY, 512);
    outb(&b, 0x0a, 0x06); /* the channel does not answer */
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 10 00 00 00 01 02");
    program_dma(TO_MEMORY, 512);
    disks[0].error = -EIO;
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 20 20 00 00 01 02");
    program_dma(FROM_MEMORY, 512);
    SEND(0x45, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 20 20 00 00 01 02");
    disks[0].error = 0;
    disks[0].block.read_only = true;
    SEND(0x45, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 02 00 00 00 01 02");
    SEND(0x4d, 0, 2, 18, 0x50, 0xf6);
    ck_assert_str_eq(wait_result(), "40 02 00 00 00 00 02");
    ck_assert_uint_eq(disks[0].data[0], pattern(0, 0));
    outb(&b, DIR, 2); /* another disk's rate */
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "40 01 00 00 00 01 02");
    /* Without a turning disk nothing happens until a reset. */
    outb(&b, DOR, 0x0c);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    bench_pass(&b, 5000 * MS);
    ck_assert_uint_eq(inb(&b, MSR), 0x10);
    ck_assert(!b.level[6]);
    outb(&b, DOR, 0x08);
    ck_assert_uint_eq(inb(&b, MSR), 0);
    outb(&b, DOR, 0x1c);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, MSR), 0x80);
}
END_TEST

START_TEST(test_format)
{
    for (unsigned r = 1; r <= 18; r++) {
        u8 id[4] = {2, 1, (u8)(19 - r), 2}; /* in any order */

        phys_write(&phys, BUF + 4 * (r - 1), id, 4);
    }
    SEND(0x0f, 4, 2);
    bench_pass(&b, 10 * MS);
    sense();
    program_dma(FROM_MEMORY, 72);
    SEND(0x4d, 4, 2, 18, 0x54, 0xf6);
    wait_result();
    ck_assert_msg(strncmp(text, "04 00 00 ", 9) == 0, "%s", text);
    for (unsigned i = 0; i < 18 * BLOCK_SECTOR; i++)
        ck_assert_uint_eq(disks[0].data[90 * BLOCK_SECTOR + i], 0xf6);
    ck_assert_uint_eq(disks[0].data[90 * BLOCK_SECTOR - 1], pattern(89, 511));
    ck_assert_uint_eq(disks[0].data[108 * BLOCK_SECTOR], pattern(108, 0));
    /* What the image cannot hold. */
    SEND(0x4d, 4, 2, 9, 0x54, 0xe5);
    wait_result();
    ck_assert_msg(strncmp(text, "44 02 00 ", 9) == 0, "%s", text);
    SEND(0x4d, 4, 3, 18, 0x54, 0xe5);
    wait_result();
    ck_assert_msg(strncmp(text, "44 02 00 ", 9) == 0, "%s", text);
    program_dma(FROM_MEMORY, 72);
    SEND(0x4d, 0, 2, 18, 0x54, 0xe5); /* IDs of head 1 */
    wait_result();
    ck_assert_msg(strncmp(text, "40 02 00 ", 9) == 0, "%s", text);
    ck_assert_uint_eq(disks[0].data[72 * BLOCK_SECTOR], pattern(72, 0));
    SEND(0x0e);
    result();
    ck_assert_msg(strncmp(text + 18, "12", 2) == 0, "%s", text);
}
END_TEST

START_TEST(test_verify_scan)
{
    static const struct {
        u8 command[9];
        const char *expect;
    } rows[] = {
        {{0x56, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, "00 00 00 01 00 01 02"},
        {{0xd6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}, "04 00 00 01 00 01 02"},
        {{0x56, 0x80, 0, 0, 1, 2, 18, 0x1b, 4}, "00 00 00 00 00 05 02"},
        {{0xd6, 0x80, 0, 0, 17, 2, 18, 0x1b, 4}, "04 00 00 00 01 03 02"},
        {{0x56, 0x80, 0, 0, 17, 2, 18, 0x1b, 4}, "40 80 00 01 00 01 02"},
        {{0x56, 0, 0, 0, 1, 2, 19, 0x1b, 0xff}, "40 04 00 00 00 13 02"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        send(rows[i].command, 9);
        ck_assert_msg(strcmp(wait_result(), rows[i].expect) == 0, "row %u: %s", i, text);
    }

    /* SCAN for sector 3's bytes, from 1 on; the host brings them for each sector. */
    for (unsigned i = 0; i < 18; i++)
        phys_write(&phys, BUF + i * BLOCK_SECTOR, disks[0].data + 2 * BLOCK_SECTOR, BLOCK_SECTOR);
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x51, 0, 0, 0, 1, 2, 18, 0x1b, 1);
    ck_assert_str_eq(wait_result(), "00 00 08 00 00 03 02");
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x51, 0, 0, 0, 4, 2, 18, 0x1b, 1);
    ck_assert_str_eq(wait_result(), "00 00 04 01 00 01 02");
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x51, 0, 0, 0, 2, 2, 18, 0x1b, 2); /* every second one: not that */
    ck_assert_str_eq(wait_result(), "00 00 04 01 00 01 02");
    memset(disks[0].data + 5 * BLOCK_SECTOR, 0x00, BLOCK_SECTOR);
    memset(disks[0].data + 7 * BLOCK_SECTOR, 0xfe, BLOCK_SECTOR);
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x59, 0, 0, 0, 4, 2, 18, 0x1b, 1); /* low or equal */
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 06 02");
    program_dma(FROM_MEMORY, 18 * BLOCK_SECTOR);
    SEND(0x5d, 0, 0, 0, 4, 2, 18, 0x1b, 1); /* high or equal */
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 08 02");
}
END_TEST

/* Commands without sectors. */
START_TEST(test_control)
{
    static const struct {
        u8 command[4];
        u8 len;
        const char *expect;
    } rows[] = {
        {{0x10}, 1, "90"},
        {{0x18}, 1, "80"}, /* PART ID is a later chip's */
        {{0x00}, 1, "80"},
        {{0x87}, 1, "80"},
        {{0x08}, 1, "80"}, /* nothing to sense */
        {{0x14}, 1, "00"},
        {{0x94}, 1, "10"},
        {{0x04, 0x00}, 2, "38"},
        {{0x04, 0x04}, 2, "3c"},
        {{0x04, 0x01}, 2, "29"}, /* not there */
        {{0x13, 0x00, 0x57, 0x00}, 4, ""},
        {{0x03, 0xaf, 0x1e}, 3, ""},
        {{0x12, 0x8f}, 2, ""},
        {{0x12, 0x30}, 2, ""},
        {{0x0e}, 1, "00 00 00 00 af 1e 00 8c 57 00"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        send(rows[i].command, rows[i].len);
        ck_assert_msg(strcmp(result(), rows[i].expect) == 0, "row %u: %s", i, text);
        ck_assert_uint_eq(inb(&b, MSR), 0x80);
    }
    ck_assert_uint_eq(b.rises[6], 0);
    /* A software reset leaves SPECIFY's; and under LOCK what CONFIGURE set but for seeks and polling. */
    outb(&b, MSR, 0x80);
    bench_pass(&b, MS);
    for (unsigned i = 0; i < 4; i++)
        sense();
    SEND(0x0e);
    ck_assert_str_eq(result(), "00 00 00 00 af 1e 00 8c 07 00");
    SEND(0x14);
    result();
    outb(&b, DOR, 0);
    outb(&b, DOR, 0x0c);
    bench_pass(&b, MS);
    for (unsigned i = 0; i < 4; i++)
        sense();
    SEND(0x0e);
    ck_assert_str_eq(result(), "00 00 00 00 af 1e 00 0c 20 00");
}
END_TEST

START_TEST(test_seek)
{
    SEND(0x0f, 0x04, 40);
    ck_assert_uint_eq(inb(&b, MSR), 0x81);
    bench_pass(&b, MS);
    ck_assert(!b.level[6]);
    bench_pass(&b, 100 * MS);
    ck_assert(b.level[6]);
    ck_assert_uint_eq(inb(&b, MSR), 0x81); /* until it is sensed */
    ck_assert_str_eq(sense(), "20 28");    /* H is always 0 */
    ck_assert(!b.level[6]);
    ck_assert_uint_eq(inb(&b, MSR), 0x80);
    ck_assert_str_eq(sense(), "80");
    SEND(0x8f, 0, 5); /* relative, outwards */
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 23");
    SEND(0xcf, 0, 6);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 29");
    SEND(0x8f, 0, 50);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "70 f7");
    SEND(0x07, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 00");
    SEND(0x07, 1); /* a drive that is not there has no track 0 */
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "71 00");
    /* Two at once: the interrupt comes again for the second. */
    SEND(0x0f, 1, 10);
    SEND(0x0f, 0, 10);
    ck_assert_uint_eq(inb(&b, MSR), 0x83);
    b.rises[6] = 0;
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 0a");
    ck_assert(b.level[6]);
    ck_assert_uint_eq(b.rises[6], 2);
    ck_assert_str_eq(sense(), "21 0a");
    ck_assert(!b.level[6]);
    /* 80 tracks out: once is not enough. */
    SEND(0x0f, 0, 83);
    bench_pass(&b, 100 * MS);
    sense();
    SEND(0x07, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "70 00");
    SEND(0x07, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sense(), "20 00");
    /* Implied. */
    SEND(0x13, 0x00, 0x47, 0x00);
    program_dma(TO_MEMORY, 512);
    SEND(0x46, 0, 7, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "20 00 00 07 00 02 02");
    check_memory(252, 512);
    program_dma(TO_MEMORY, 512);
    SEND(0x46, 0, 7, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 07 00 02 02");
}
END_TEST

START_TEST(test_reset)
{
    static const char *const polled[] = {"c0 00", "c1 00", "c2 00", "c3 00", "80"};

    start(2880, 0);
    ck_assert_uint_eq(inb(&b, MSR), 0);
    ck_assert_uint_eq(inb(&b, DOR), 0);
    outb(&b, FIFO, 0x10); /* nobody listens */
    outb(&b, DOR, 0x0c);
    bench_pass(&b, 100 * MS);
    for (unsigned n = 0; n < 3; n++) {
        ck_assert(b.level[6]);
        ck_assert_uint_eq(b.rises[6], n + 1);
        for (unsigned i = 0; i < ARRAY_SIZE(polled); i++) {
            ck_assert_str_eq(sense(), polled[i]);
            ck_assert(!b.level[6]);
        }
        if (n == 0) {
            outb(&b, MSR, 0x80); /* the DSR's */
        } else {
            outb(&b, DOR, 0x08);
            bench_pass(&b, 100 * MS);
            ck_assert(!b.level[6]);
            outb(&b, DOR, 0x0c);
        }
        ck_assert(!b.level[6]);
        bench_pass(&b, 100 * MS);
    }
    /* The gate. */
    outb(&b, DOR, 0x04);
    ck_assert(!b.level[6]);
    outb(&b, DOR, 0x0c);
    ck_assert(b.level[6]);
    outb(&b, TDR, 0xfe);
    ck_assert_uint_eq(inb(&b, TDR), 0xfe);
    outb(&b, TDR, 0x01);
    ck_assert_uint_eq(inb(&b, TDR), 0xfd);
    fdc_reset(&fdc);
    ck_assert(!b.level[6]);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
}
END_TEST

/* The change line: up from power-on until a step with a disk in the drive. */
START_TEST(test_change)
{
    start(2880, 0);
    outb(&b, DOR, 0x1c);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, DIR), 0xff);
    SEND(0x07, 0); /* no step: the heads are at 0 */
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, DIR), 0xff);
    SEND(0x0f, 0, 1);
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, DIR), 0x7f);
    outb(&b, DOR, 0x0d);
    ck_assert_uint_eq(inb(&b, DIR), 0x7f); /* no drive */
    start(0, 720);
    outb(&b, DOR, 0x3c);
    bench_pass(&b, MS);
    SEND(0x0f, 0, 1);
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, DIR), 0xff); /* empty */
    ck_assert_int_eq(fdc_drive_type(&fdc, 0), FLOPPY_TYPE_1440K);
    ck_assert_int_eq(fdc_drive_type(&fdc, 1), FLOPPY_TYPE_360K);
    ck_assert_int_eq(fdc_drive_type(&fdc, 2), FLOPPY_TYPE_NONE);
}
END_TEST

/* Every format: the last sector at its rate, none at another one. */
START_TEST(test_formats)
{
    static const struct {
        u16 sectors;
        u8 cylinders, heads, spt, rate, type;
    } rows[] = {
        {320, 40, 1, 8, 2, 1},   {360, 40, 1, 9, 2, 1},   {640, 40, 2, 8, 2, 1},
        {720, 40, 2, 9, 2, 1},   {1440, 80, 2, 9, 2, 4},  {2400, 80, 2, 15, 0, 2},
        {2880, 80, 2, 18, 0, 4}, {3360, 80, 2, 21, 0, 4}, {3444, 82, 2, 21, 0, 4},
        {5760, 80, 2, 36, 3, 5},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        u8 c = rows[i].cylinders - 1, h = rows[i].heads - 1, spt = rows[i].spt;
        char expect[64];

        start(rows[i].sectors, 0);
        ck_assert_int_eq(fdc_drive_type(&fdc, 0), rows[i].type);
        for (u8 rate = 0; rate < 4; rate++) {
            ready(rate);
            SEND(0x0f, 0, c);
            bench_pass(&b, 20 * MS);
            sense();
            program_dma(TO_MEMORY, 512);
            SEND(0x46, (u8)(h << 2), c, h, spt, 2, spt, 0x1b, 0xff);
            if (rate == rows[i].rate)
                snprintf(expect, sizeof(expect), "%02x 00 00 %02x %02x 01 02", h << 2, c + 1, h);
            else
                snprintf(expect, sizeof(expect), "%02x 01 00 %02x %02x %02x 02", 0x40 | h << 2, c,
                         h, spt);
            ck_assert_msg(strcmp(wait_result(), expect) == 0, "row %u rate %u: %s", i, rate, text);
            if (rate == rows[i].rate)
                check_memory(rows[i].sectors - 1u, 512);
        }
    }
    ck_assert_ptr_null(floppy_format_find(2881));
    ck_assert_ptr_null(floppy_format_find(0));
}
END_TEST

/* READ ID: the IDs pass one after the other. */
START_TEST(test_read_id)
{
    unsigned seen = 0;

    SEND(0x0f, 4, 9);
    bench_pass(&b, 10 * MS);
    sense();
    for (unsigned i = 0; i < 200; i++) {
        unsigned c, h, r, n;

        SEND(0x4a, 4);
        wait_result();
        ck_assert_int_eq(sscanf(text, "04 00 00 %x %x %x %x", &c, &h, &r, &n), 4);
        ck_assert(c == 9 && h == 1 && n == 2 && r >= 1 && r <= 18);
        seen |= 1u << r;
        bench_pass(&b, 7 * MS);
    }
    ck_assert_uint_eq(seen, 0x7fffe);
    outb(&b, DIR, 3);
    SEND(0x4a, 4);
    ck_assert_str_eq(wait_result(), "44 01 00 00 00 00 00");
}
END_TEST

/* Without DMA: through the FIFO, an interrupt for each chunk, no end but that of the cylinder. */
START_TEST(test_pio)
{
    static const struct {
        u8 config;
        unsigned chunk;
    } rows[] = {{0x00, 15}, {0x07, 8}, {0x0e, 1}, {0x0f, 1}, {0x20, 1}};
    u8 byte;

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned chunks = (BLOCK_SECTOR + rows[i].chunk - 1) / rows[i].chunk;

        SEND(0x03, 0xdf, 0x03);
        SEND(0x13, 0x00, rows[i].config, 0x00);
        b.rises[6] = 0;
        SEND(0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff);
        ck_assert_uint_eq(inb(&b, MSR), 0x30);
        for (unsigned n = 0; n < 2 * BLOCK_SECTOR; n++) {
            bench_pass(&b, 10 * MS);
            ck_assert_uint_eq(inb(&b, MSR), 0xf0);
            ck_assert(b.level[6]);
            ck_assert_uint_eq(inb(&b, FIFO), pattern(16 + n / BLOCK_SECTOR, n % BLOCK_SECTOR));
        }
        bench_pass(&b, 10 * MS);
        ck_assert_uint_eq(b.rises[6], 2 * chunks + 1);
        ck_assert_str_eq(result(), "40 80 00 01 00 01 02");
    }
    SEND(0x45, 0, 0, 0, 18, 2, 18, 0x1b, 0xff);
    for (unsigned n = 0; n < BLOCK_SECTOR; n++) {
        bench_pass(&b, 10 * MS);
        ck_assert_uint_eq(inb(&b, MSR), 0xb0);
        outb(&b, FIFO, (u8)(n * 5));
    }
    bench_pass(&b, 10 * MS);
    ck_assert_str_eq(result(), "40 80 00 01 00 01 02");
    for (unsigned n = 0; n < BLOCK_SECTOR; n++)
        ck_assert_uint_eq(disks[0].data[17 * BLOCK_SECTOR + n], (u8)(n * 5));
    phys_read(&phys, BUF, &byte, 1);
    ck_assert_uint_eq(byte, 0);
}
END_TEST

/* Saved and loaded at many moments of a programmed read: it goes on to the same end. */
START_TEST(test_state)
{
    SEND(0x03, 0xdf, 0x03);
    SEND(0x0f, 0, 3);
    for (unsigned n = 0; n < 3000; n++) {
        struct state state, loading;
        u8 msr;

        if (n % 7 == 0) {
            u8 was = inb(&b, MSR), dir = inb(&b, DIR);
            bool level = b.level[6];

            state_init_save(&state);
            fdc_state(&fdc, &state);
            ck_assert(!state.failed);
            fdc_reset(&fdc);
            state_init_load(&loading, state.data, state.len);
            fdc_state(&fdc, &loading);
            ck_assert(!loading.failed);
            state_free(&state);
            ck_assert_uint_eq(inb(&b, MSR), was);
            ck_assert_uint_eq(inb(&b, DIR), dir);
            ck_assert_int_eq(b.level[6], level);
        }
        bench_pass(&b, 10000);
        msr = inb(&b, MSR);
        if (n == 200) {
            ck_assert_str_eq(sense(), "20 03");
            SEND(0x46, 0, 3, 0, 18, 2, 18, 0x1b, 0xff);
        } else if (n > 200 && (msr & 0xf0) == 0xf0) {
            static unsigned at;

            ck_assert_uint_eq(inb(&b, FIFO), pattern(125, at++));
        }
    }
    ck_assert_str_eq(result(), "40 80 00 04 00 01 02");
}
END_TEST

/* A damaged state is rejected or harmless. */
START_TEST(test_damage)
{
    struct state state, loading;
    u64 seed = 77;

    SEND(0x03, 0xdf, 0x03);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    bench_pass(&b, 10 * MS);
    inb(&b, FIFO);
    state_init_save(&state);
    fdc_state(&fdc, &state);
    for (size_t i = 0; i < state.len; i++) {
        u8 was = state.data[i];

        state.data[i] ^= (u8)(1 + bench_random(&seed) % 255);
        state_init_load(&loading, state.data, state.len);
        fdc_state(&fdc, &loading);
        state.data[i] = was;
        bench_fuzz(&b, 0x3f2, 6, 40, bench_random(&seed));
    }
    state_free(&state);
}
END_TEST

/* Commands at random, complete and not, with DMA at random addresses and memory that ends at 1 MiB. */
START_TEST(test_fuzz)
{
    static const u8 codes[] = {0x42, 0x03, 0x04, 0x45, 0x46, 0xc6, 0xe6, 0x07,
                               0x08, 0x49, 0x4a, 0x4c, 0x4d, 0x0e, 0x0f, 0x8f,
                               0xcf, 0x51, 0x12, 0x13, 0x94, 0x56, 0x59, 0x5d};
    u64 seed = 82077;

    start(2880, 720);
    for (unsigned i = 0; i < 60000; i++) {
        u64 r = bench_random(&seed);

        switch (r & 15) {
        case 0: bench_fuzz(&b, 0x3f2, 6, 20, r); break;
        case 1: bench_fuzz(&b, 0x00, 16, 10, r); break;
        case 2: bench_fuzz(&b, 0x80, 16, 4, r); break;
        case 3: bench_fuzz(&b, 0xc0, 32, 10, r); break;
        case 4: outb(&b, DOR, r & 0x700 ? 0x3c : (u8)(r >> 16)); break;
        case 5: outb(&b, DIR, r & 0x300 ? 0 : (u8)(r >> 16)); break;
        case 6: bench_pass(&b, (r >> 8) % (30 * MS)); break;
        case 7: program_dma(((u8)(r >> 8) & 0xfc) | 2, (u32)(r >> 16) % 20000 + 1); break;
        case 8:
            disks[r >> 8 & 1].error = r & 0xe00 ? 0 : -EIO;
            disks[r >> 8 & 1].block.read_only = !(r & 0xf000);
            outb(&b, 0xd6, 0xc0);
            outb(&b, 0xd4, 0x00);
            outb(&b, 0x08, 0x00);
            break;
        case 9: result(); break;
        default:
            outb(&b, FIFO, codes[(r >> 8) % ARRAY_SIZE(codes)]);
            for (unsigned j = 0; j < 8; j++)
                outb(&b, FIFO, r & 16 ? (u8)(r >> (16 + j)) % 20 : (u8)(r >> (20 + 2 * j)));
        }
    }
    start(2880, 0);
    ready(0);
    program_dma(TO_MEMORY, 512);
    SEND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert_str_eq(wait_result(), "00 00 00 00 00 02 02");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("fdc");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_read, 0, ARRAY_SIZE(reads));
    tcase_add_test(tc, test_write);
    tcase_add_test(tc, test_errors);
    tcase_add_test(tc, test_format);
    tcase_add_test(tc, test_verify_scan);
    tcase_add_test(tc, test_control);
    tcase_add_test(tc, test_seek);
    tcase_add_test(tc, test_reset);
    tcase_add_test(tc, test_change);
    tcase_add_test(tc, test_formats);
    tcase_add_test(tc, test_read_id);
    tcase_add_test(tc, test_pio);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_damage);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "fdc");
}
