/* A physical map with RAM, a ROM with an alias and a device, and what its code hook saw. */
#ifndef PAGEWALK_TESTS_PHYS_RIG_H
#define PAGEWALK_TESTS_PHYS_RIG_H

#include <check.h>
#include <string.h>

#include "mmu/phys.h"

#define RAM_SIZE  (1u * MIB)
#define ROM_BASE  0xfffe0000u
#define ROM_SIZE  0x20000u
#define ROM_ALIAS 0x000e0000u
#define DEV_BASE  0x00200000u
#define NOTHING   0x10000000u

/* A device that remembers its accesses and answers with the offset. */
struct device {
    struct {
        bool write;
        u32 offset, value;
        unsigned size;
    } access[16];
    unsigned count;
};

static inline u32 device_read(void *opaque, u32 offset, unsigned size)
{
    struct device *d = opaque;

    d->access[d->count].write = false;
    d->access[d->count].offset = offset;
    d->access[d->count++].size = size;
    return 0xa5000000u | offset;
}

static inline void device_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct device *d = opaque;

    d->access[d->count].write = true;
    d->access[d->count].offset = offset;
    d->access[d->count].value = value;
    d->access[d->count++].size = size;
}

static const struct phys_mmio_ops device_ops = {device_read, device_write};

static struct log quiet;
static struct stats stats;
static struct phys phys;
static struct device device;

/* What the code hook saw: the page's first byte at that moment, to prove that it came before. */
static struct {
    unsigned calls;
    u32 pa, len;
    u8 before;
} hook;

static inline void code_hook(void *opaque, u32 pa, u32 len)
{
    ck_assert_ptr_eq(opaque, &hook);
    hook.calls++;
    hook.pa = pa;
    hook.len = len;
    hook.before = *phys_host(&phys, pa);
}

static inline void setup(void)
{
    static u8 rom[ROM_SIZE];

    for (unsigned i = 0; i < ROM_SIZE; i++)
        rom[i] = (u8)(i * 7);
    ck_assert_int_eq(phys_init(&phys, RAM_SIZE + ROM_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM_SIZE), 0);
    ck_assert_int_eq(phys_add_rom(&phys, ROM_BASE, ROM_SIZE, rom, ROM_SIZE), 0);
    ck_assert_int_eq(phys_add_alias(&phys, ROM_ALIAS, ROM_BASE, ROM_SIZE), 0);
    ck_assert_int_eq(phys_add_mmio(&phys, DEV_BASE, 0x2000, &device_ops, &device), 0);
    phys_listen(&phys, &(struct phys_listener){PHYS_CODE, code_hook, NULL, &hook});
    memset(&device, 0, sizeof(device));
    memset(&hook, 0, sizeof(hook));
    memset(&stats, 0, sizeof(stats));
}

static inline void teardown(void)
{
    phys_free(&phys);
}

#endif
