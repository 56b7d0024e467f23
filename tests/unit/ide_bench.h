/* A bench for IDE drives: sectors in memory, a channel at its usual ports, and commands in one call. */
#ifndef PAGEWALK_TEST_IDE_BENCH_H
#define PAGEWALK_TEST_IDE_BENCH_H

#include <errno.h>

#include "devices/disk/ata.h"
#include "devices/disk/atapi.h"
#include "tests/unit/dev_bench.h"

#define NO_SECTOR (~0ull)

/* Sectors that are made from their numbers until they are written; only the first KEPT can be. */
#define KEPT 4096u

struct mem_block {
    struct block block;
    u64 bad;         /* a sector that cannot be read */
    int write_error; /* what a write fails with; 0: none does */
    unsigned flushes;
    u64 last_write;  /* of more than KEPT sectors: where, */
    u8 written[512]; /* and its first sector */
    bool changed[KEPT];
    u8 data[KEPT][512];
};

static inline u8 mem_pattern(u64 sector, unsigned i)
{
    return (u8)(sector * 31 + (sector >> 8) * 7 + (sector >> 28) + i * 5 + (i >> 8) * 3);
}

static inline int mem_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct mem_block *m = container_of(block, struct mem_block, block);

    for (u32 n = 0; n < count; n++, sector++) {
        u8 *to = (u8 *)data + n * 512;

        if (sector == m->bad)
            return -EIO;
        if (sector < KEPT && m->changed[sector])
            memcpy(to, m->data[sector], 512);
        else
            for (unsigned i = 0; i < 512; i++)
                to[i] = mem_pattern(sector, i);
    }
    return 0;
}

static inline int mem_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct mem_block *m = container_of(block, struct mem_block, block);

    if (m->write_error)
        return m->write_error;
    m->last_write = sector;
    memcpy(m->written, data, 512);
    for (u32 n = 0; n < count && sector + n < KEPT; n++) {
        m->changed[sector + n] = true;
        memcpy(m->data[sector + n], (const u8 *)data + n * 512, 512);
    }
    return 0;
}

static inline int mem_flush(struct block *block)
{
    struct mem_block *m = container_of(block, struct mem_block, block);

    m->flushes++;
    return m->write_error;
}

static inline void mem_close(struct block *block)
{
    (void)block;
}

static inline struct block *mem_block_init(struct mem_block *m, u64 sectors)
{
    static const struct block_ops ops = {
        .read = mem_read, .write = mem_write, .flush = mem_flush, .close = mem_close};

    memset(m, 0, sizeof(*m));
    m->block.ops = &ops;
    m->block.sectors = sectors;
    m->bad = m->last_write = NO_SECTOR;
    return &m->block;
}

#define DATA    0x1f0
#define FEATURE 0x1f1
#define ERROR   0x1f1
#define COUNT   0x1f2
#define LOW     0x1f3
#define MID     0x1f4
#define HIGH    0x1f5
#define DEVICE  0x1f6
#define COMMAND 0x1f7
#define STATUS  0x1f7
#define CONTROL 0x3f6

/* What a command needs in the registers; LBA48 has its high bytes in the upper halves. */
struct command {
    u8 command;
    u16 feature, count;
    u64 lba;
    u8 device; /* without LBA bits 24-27 */
    bool ext;
};

static inline void issue(struct bench *b, struct command c)
{
    outb(b, DEVICE, c.ext ? c.device : (u8)(c.device | (c.lba >> 24 & 0x0f)));
    if (c.ext) {
        outb(b, FEATURE, (u8)(c.feature >> 8));
        outb(b, COUNT, (u8)(c.count >> 8));
        outb(b, LOW, (u8)(c.lba >> 24));
        outb(b, MID, (u8)(c.lba >> 32));
        outb(b, HIGH, (u8)(c.lba >> 40));
    }
    outb(b, FEATURE, (u8)c.feature);
    outb(b, COUNT, (u8)c.count);
    outb(b, LOW, (u8)c.lba);
    outb(b, MID, (u8)(c.lba >> 8));
    outb(b, HIGH, (u8)(c.lba >> 16));
    outb(b, COMMAND, c.command);
}

static inline void read_words(struct bench *b, void *data, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        put16((u8 *)data + 2 * i, (u16)ioport_read(&b->bus, DATA, 2));
}

static inline void write_words(struct bench *b, const void *data, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        ioport_write(&b->bus, DATA, get16((const u8 *)data + 2 * i), 2);
}

static inline void check_sector(const u8 *data, u64 sector)
{
    for (unsigned i = 0; i < 512; i++)
        if (data[i] != mem_pattern(sector, i))
            ck_abort_msg("sector %llu: byte %u is %02x", (unsigned long long)sector, i, data[i]);
}

/* Address registers as LBA28 has them. */
static inline u32 get_lba28(struct bench *b)
{
    return inb(b, LOW) | (u32)inb(b, MID) << 8 | (u32)inb(b, HIGH) << 16 |
           (u32)(inb(b, DEVICE) & 0x0f) << 24;
}

#endif
