/* A CPU with device memory and a counting port, and what string instructions are called with. */
#ifndef PAGEWALK_TESTS_STRING_RIG_H
#define PAGEWALK_TESTS_STRING_RIG_H

#include <check.h>
#include <string.h>

#include "cpu/helper_arg.h"
#include "tests/unit/flat_cpu.h"

#define MEMORY  0x40000u /* bytes of RAM that the model mirrors */
#define MMIO    0x30000u /* one page of device memory inside it */
#define IO_PORT 0x1f0u

static struct flat_cpu flat;
static struct cpu *cpu;
static u8 *model;                    /* MEMORY bytes */
static u8 device[4096];              /* behind MMIO */
static u32 device_accesses, kick_at; /* cpu_kick() at this many accesses */
static u64 seed = 0x853c49e6748fea9b;

static inline u32 below(u32 n)
{
    return (u32)(test_random(&seed) >> 33) % n;
}

static inline void device_touched(void)
{
    if (++device_accesses == kick_at)
        cpu_kick(cpu);
}

static inline u32 device_read(void *opaque, u32 offset, unsigned size)
{
    u32 value = 0;

    (void)opaque;
    device_touched();
    memcpy(&value, device + (offset & PAGE_MASK), size);
    return value;
}

static inline void device_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    (void)opaque;
    device_touched();
    memcpy(device + (offset & PAGE_MASK), &value, size);
}

static const struct phys_mmio_ops device_ops = {device_read, device_write};

/* A port that counts: reads give 1, 2, 3...; the last write is kept. */
static u32 port_reads, port_writes, port_last, port_size;

static inline u32 port_in(void *opaque, u16 port, unsigned size)
{
    (void)opaque;
    expect_eq(port, IO_PORT);
    port_size = size;
    device_touched();
    return ++port_reads;
}

static inline void port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    (void)opaque;
    expect_eq(port, IO_PORT);
    port_size = size;
    port_last = value;
    port_writes++;
    device_touched();
}

/* The same port by blocks: up to an element that kicks, and no further than its 64 words reach. */

static u32 blocks;

static inline u32 block_left(u32 count, u32 done)
{
    u32 left = 64 - done % 64;

    if (kick_at > device_accesses && left > kick_at - device_accesses)
        left = kick_at - device_accesses;
    blocks++;
    return count < left ? count : left;
}

static inline u32 port_in_block(void *opaque, u16 port, void *data, unsigned size, u32 count)
{
    u32 n = block_left(count, port_reads);

    for (u32 i = 0; i < n; i++) {
        u32 value = port_in(opaque, port, size);

        memcpy((u8 *)data + i * size, &value, size);
    }
    return n;
}

static inline u32 port_out_block(void *opaque, u16 port, const void *data, unsigned size, u32 count)
{
    u32 n = block_left(count, port_writes);

    for (u32 i = 0; i < n; i++) {
        u32 value = 0;

        memcpy(&value, (const u8 *)data + i * size, size);
        port_out(opaque, port, value, size);
    }
    return n;
}

static inline void setup(void)
{
    static const struct cpu_hooks hooks = {.port_in = port_in, .port_out = port_out};

    cpu = flat_cpu_open(&flat, &hooks);
    model = calloc(1, MEMORY);
    if (model == NULL || phys_add_mmio(&flat.phys, MMIO, PAGE_SIZE, &device_ops, NULL))
        abort();
    for (u32 i = 0; i < MEMORY; i += 8)
        put64(model + i, test_random(&seed));
    for (u32 i = 0; i < MEMORY; i += PAGE_SIZE)
        if (i != MMIO)
            phys_write(&flat.phys, i, model + i, PAGE_SIZE);
    memcpy(device, model + MMIO, PAGE_SIZE);
    kick_at = device_accesses = port_reads = port_writes = 0;
}

static inline void teardown(void)
{
    free(model);
    flat_cpu_close(&flat);
}

struct state {
    u32 eax, ecx, esi, edi;
    u32 flags;
};

static inline void put_state(const struct state *s)
{
    cpu->r[R_EAX] = s->eax;
    cpu->r[R_ECX] = s->ecx;
    cpu->r[R_ESI] = s->esi;
    cpu->r[R_EDI] = s->edi;
    flags_set(cpu, s->flags);
    cpu_update_mode(cpu);
}

static inline u32 immediate(u32 size, u32 mask, u32 rep, enum sreg seg)
{
    return string_arg_pack((struct string_arg){size, mask == 0xffff ? 2 : 4, rep, seg});
}

/* Identity-maps 4 MiB with page tables at 0x80000, page 0x22000 missing and 0x24000 read-only. */
static inline void enable_paging(void)
{
    for (u32 i = 0; i < 1024; i++) {
        u8 pte[4];

        put32(pte, i << 12 | (i == 0x22 ? 0 : i == 0x24 ? 1 : 3));
        phys_write(&flat.phys, 0x81000 + 4 * i, pte, 4);
    }
    phys_write(&flat.phys, 0x80000, "\x03\x10\x08\x00", 4);
    cpu->cr0 |= CR0_PG | CR0_WP;
    cpu->cr3 = 0x80000;
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true))
        abort();
}

#endif
