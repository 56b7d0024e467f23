/* A bench for the floppy controller: a fake bus with DMA into fake memory, disks that are memory,
 * and the dialogues of commands, interrupts and results. */
#ifndef PAGEWALK_TEST_FDC_BENCH_H
#define PAGEWALK_TEST_FDC_BENCH_H

#include "devices/disk/fdc.h"

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

static inline int memory_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct memory_disk *disk = (struct memory_disk *)block;

    memcpy(data, disk->data + sector * BLOCK_SECTOR, count * BLOCK_SECTOR);
    return disk->error;
}

static inline int memory_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct memory_disk *disk = (struct memory_disk *)block;

    if (!disk->error)
        memcpy(disk->data + sector * BLOCK_SECTOR, data, count * BLOCK_SECTOR);
    return disk->error;
}

static const struct block_ops memory_ops = {.read = memory_read, .write = memory_write};

static struct bench b;
static struct dma dma;
static struct log quiet;
static struct stats stats;
static struct phys phys;
static struct fdc fdc;
static struct memory_disk disks[2];
static char text[256];

static inline u8 pattern(u32 sector, unsigned i)
{
    return (u8)(sector * 13 + sector / 18 + i * 3);
}

static inline void fill(struct memory_disk *disk, u64 sectors)
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
static inline void start(u64 sectors_a, u64 sectors_b)
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

static inline void send(const u8 *bytes, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        ck_assert_uint_eq(inb(&b, MSR) & 0xc0, 0x80);
        outb(&b, FIFO, bytes[i]);
    }
}

#define SEND(...) send((const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))

/* The result phase as text; "" when there is none. */
static inline const char *result(void)
{
    size_t len = 0;

    text[0] = 0;
    while ((inb(&b, MSR) & 0xd0) == 0xd0 && len < sizeof(text) - 4)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%02x", len ? " " : "",
                                inb(&b, FIFO));
    return text;
}

static inline const char *sense(void)
{
    SEND(0x08);
    return result();
}

/* Reset ended, rate set, motors on, no polling results left, heads at 0, change lines quiet. */
static inline void ready(u8 rate)
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

static inline void setup(void)
{
    start(2880, 0);
    ready(0);
}

static inline void teardown(void)
{
    phys_free(&phys);
    memset(&phys, 0, sizeof(phys));
    for (unsigned i = 0; i < 2; i++) {
        free(disks[i].data);
        disks[i].data = NULL;
    }
}

enum { TO_MEMORY = 0x46, FROM_MEMORY = 0x4a, CHECK = 0x42 };

static inline void program_dma(u8 mode, u32 len)
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
static inline const char *wait_result(void)
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

static inline void check_memory(u32 sector, u32 len)
{
    u8 byte;

    for (u32 i = 0; i < len; i++) {
        phys_read(&phys, BUF + i, &byte, 1);
        ck_assert_msg(byte == pattern(sector + i / BLOCK_SECTOR, i % BLOCK_SECTOR), "byte %u", i);
    }
    phys_read(&phys, BUF + len, &byte, 1);
    ck_assert_uint_eq(byte, 0);
}

static inline void fill_memory(u8 value, u32 len)
{
    for (u32 i = 0; i < len; i++) {
        u8 byte = (u8)(value + i % 251);

        phys_write(&phys, BUF + i, &byte, 1);
    }
}

#endif
