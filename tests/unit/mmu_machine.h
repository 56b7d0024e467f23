/* A small machine for the tests of the MMU: RAM, a ROM page, a device page and one MMU, with
 * helpers for 2-level tables at fixed places. */
#ifndef PAGEWALK_TEST_MMU_MACHINE_H
#define PAGEWALK_TEST_MMU_MACHINE_H

#include <check.h>
#include <string.h>

#include "mmu/mmu.h"

#define RAM_SIZE (4u * MIB)
#define DEV_BASE 0xfee00000u
#define ROM_BASE 0xfff00000u
#define DIR      0x1000u
#define TABLE    0x2000u   /* maps 0 to 4 MiB */
#define HIGH     0x3000u   /* maps the last 4 MiB */
#define DATA     0x100000u /* page n of la is at DATA + n pages, unless a test says otherwise */

struct machine {
    struct log log;
    struct stats stats;
    struct phys phys;
    struct mmu *mmu;
    u32 dev[1024];
    unsigned code_calls;
};

static inline u32 dev_read(void *opaque, u32 offset, unsigned size)
{
    struct machine *m = opaque;
    u32 value = 0;

    memcpy(&value, (u8 *)m->dev + offset, size);
    return value;
}

static inline void dev_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct machine *m = opaque;

    memcpy((u8 *)m->dev + offset, &value, size);
}

static const struct phys_mmio_ops dev_ops = {dev_read, dev_write};

static inline void make_machine(struct machine *m)
{
    memset(m, 0, sizeof(*m));
    ck_assert_int_eq(phys_init(&m->phys, RAM_SIZE + PAGE_SIZE, &m->log, &m->stats), 0);
    ck_assert_int_eq(phys_add_ram(&m->phys, 0, RAM_SIZE), 0);
    ck_assert_int_eq(phys_add_rom(&m->phys, ROM_BASE, PAGE_SIZE, "ROM image", 9), 0);
    ck_assert_int_eq(phys_add_mmio(&m->phys, DEV_BASE, PAGE_SIZE, &dev_ops, m), 0);
    m->mmu = hostmem_sparse(sizeof(*m->mmu));
    ck_assert_ptr_nonnull(m->mmu);
    ck_assert_int_eq(mmu_init(m->mmu, &m->phys, &m->log, &m->stats), 0);
}

static inline void free_machine(struct machine *m)
{
    mmu_free(m->mmu);
    hostmem_sparse_free(m->mmu, sizeof(*m->mmu));
    phys_free(&m->phys);
}

static inline void put_pte(struct machine *m, u32 page, u32 pte)
{
    phys_store(&m->phys, (page >> 10 ? HIGH : TABLE) + (page & 1023) * 4, pte, 4);
}

static inline u32 get_pte(struct machine *m, u32 page)
{
    return (u32)phys_load(&m->phys, (page >> 10 ? HIGH : TABLE) + (page & 1023) * 4, 4);
}

/* 2-level paging: page n at DATA + n pages for the first 256, and the last page at DATA + 255. */
static inline void start_paging(struct machine *m, u32 cr0, u32 cr4)
{
    phys_store(&m->phys, DIR, TABLE | 7, 4);
    phys_store(&m->phys, DIR + 0xffc, HIGH | 7, 4);
    for (u32 i = 0; i < 256; i++)
        put_pte(m, i, (DATA + i * PAGE_SIZE) | 7);
    put_pte(m, 0xfffff, (DATA + 255 * PAGE_SIZE) | 7);
    ck_assert(mmu_set_paging(m->mmu, CR0_PG | cr0, DIR, cr4, true));
}

/* Not ck_assert in here: these run millions of times, and ck_assert writes on success as well. */
static inline u64 load(struct machine *m, u32 la, unsigned size, enum mmu_access access)
{
    u64 value;

    if (!mmu_load(m->mmu, la, size, access, &value))
        ck_abort_msg("load at %x faults: %x", la, m->mmu->fault.error);
    return value;
}

static inline void store(struct machine *m, u32 la, u64 value, unsigned size,
                         enum mmu_access access)
{
    if (!mmu_store(m->mmu, la, value, size, access))
        ck_abort_msg("store at %x faults: %x", la, m->mmu->fault.error);
}

#endif
