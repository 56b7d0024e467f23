/* The guest-physical map: what lies at which page. */
#include "mmu/phys_part.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PHYS_PAGES (1u << (32 - PAGE_SHIFT))
#define DESC_BYTES (PHYS_PAGES * sizeof(u64))

int phys_init(struct phys *phys, u64 capacity, struct log *log, struct stats *stats)
{
    int err;

    *phys = (struct phys){.a20_mask = 0xffffffffu, .log = log, .stats = stats};
    phys->mem_left = (capacity + PAGE_MASK) & ~(u64)PAGE_MASK;
    err = phys->mem_left
              ? hostmem_init(&phys->mem, phys->mem_left + PHYS_PIECES * hostmem_guarded(1))
              : -EINVAL;
    if (err)
        return err;
    phys->page = hostmem_sparse(DESC_BYTES);
    if (!phys->page) {
        hostmem_free(&phys->mem);
        return -ENOMEM;
    }
    return 0;
}

int phys_init_bare(struct phys *phys, struct log *log, struct stats *stats)
{
    *phys = (struct phys){.a20_mask = 0xffffffffu, .log = log, .stats = stats};
    phys->mem.fd = -1;
    phys->page = hostmem_sparse(DESC_BYTES);
    return phys->page ? 0 : -ENOMEM;
}

void phys_free(struct phys *phys)
{
    hostmem_free(&phys->mem);
    hostmem_sparse_free(phys->page, DESC_BYTES);
    phys->page = NULL;
}

void phys_listen(struct phys *phys, const struct phys_listener *listener)
{
    BUG_ON(phys->listeners == PHYS_LISTENERS);
    phys->listener[phys->listeners++] = *listener;
}

void phys_unlisten(struct phys *phys, const void *opaque)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < phys->listeners; i++)
        if (phys->listener[i].opaque != opaque)
            phys->listener[kept++] = phys->listener[i];
    phys->listeners = kept;
}

void phys_tell_store(struct phys *phys, u64 desc, u64 pa, u64 len)
{
    if (desc & PHYS_CODE) {
        phys->stats->smc_store++;
        log_printf(phys->log, LOG_smc, "smc: %" PRIu64 " bytes at %08" PRIx64 "\n", len, pa);
    }
    for (unsigned i = 0; i < phys->listeners; i++)
        if (desc & phys->listener[i].bit)
            phys->listener[i].store(phys->listener[i].opaque, (u32)pa, (u32)len);
}

u8 *phys_take(struct phys *phys, u64 size)
{
    u8 *host = phys->mem.base + phys->mem_used;
    u64 guarded = hostmem_guarded(size);

    if (size == 0 || size & PAGE_MASK || size > phys->mem_left || phys->pieces == PHYS_PIECES ||
        guarded > phys->mem.size - phys->mem_used ||
        hostmem_guard(&phys->mem, phys->mem_used + guarded - hostmem_page()) < 0)
        return NULL;
    phys->piece[phys->pieces++] = (struct phys_piece){phys->mem_used, size, PHYS_NOWHERE};
    phys->mem_used += guarded;
    phys->mem_left -= size;
    return host;
}

static void put_memory(struct phys *phys, u64 pa, const u8 *host, u64 size, u64 bits)
{
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        phys_set_page(phys, pa + i, (u64)(uintptr_t)(host + i) | bits);
}

/* Whether one piece has it all. */
static bool is_taken(const struct phys *phys, u64 at, u64 size)
{
    for (unsigned i = 0; i < phys->pieces; i++) {
        const struct phys_piece *piece = &phys->piece[i];

        if (at - piece->offset <= piece->size && size <= piece->size - (at - piece->offset))
            return true;
    }
    return false;
}

static int map_taken(struct phys *phys, u64 pa, const u8 *host, u64 size, u64 bits)
{
    u64 at = (u64)(host - phys->mem.base);

    if (!phys_range_ok(pa, size) || phys_meets_shadow(phys, pa, size) || at & PAGE_MASK ||
        !is_taken(phys, at, size))
        return -EINVAL;
    put_memory(phys, pa, host, size, bits);
    return 0;
}

int phys_map_ram(struct phys *phys, u64 pa, u8 *host, u64 size)
{
    return map_taken(phys, pa, host, size, PHYS_RAM);
}

int phys_map_rom(struct phys *phys, u64 pa, u8 *host, u64 size)
{
    return map_taken(phys, pa, host, size, PHYS_ROM);
}

int phys_lend_ram(struct phys *phys, u64 pa, u8 *host, u64 size, u64 rights)
{
    if (!phys_range_ok(pa, size) || (uintptr_t)host & PAGE_MASK)
        return -EINVAL;
    put_memory(phys, pa, host, size, PHYS_RAM | rights);
    return 0;
}

int phys_set_rights(struct phys *phys, u64 pa, u64 size, u64 rights)
{
    if (!phys_range_ok(pa, size))
        return -EINVAL;
    for (u64 i = 0; i < size; i += PAGE_SIZE) {
        u64 desc = phys_page(phys, pa + i);

        if (desc & PHYS_RAM)
            phys_set_page(phys, pa + i, (desc & ~(u64)(PHYS_RIGHTS | PHYS_CODE)) | rights);
    }
    return 0;
}

int phys_remove(struct phys *phys, u64 pa, u64 size)
{
    if (!phys_range_ok(pa, size))
        return -EINVAL;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        phys_set_page(phys, pa + i, 0);
    return 0;
}

/* Takes size bytes of host memory and puts them at pa. 0 or -errno. */
static int add_memory(struct phys *phys, u64 pa, u64 size, u64 bits, u8 **host)
{
    if (!phys_range_ok(pa, size) || ((bits & PHYS_RAM) && phys_meets_shadow(phys, pa, size)))
        return -EINVAL;
    *host = phys_take(phys, size);
    if (!*host)
        return -ENOMEM;
    phys->piece[phys->pieces - 1].pa = pa;
    put_memory(phys, pa, *host, size, bits);
    return 0;
}

int phys_add_ram(struct phys *phys, u64 pa, u64 size)
{
    u8 *host;
    int err = add_memory(phys, pa, size, PHYS_RAM, &host);

    if (err == 0)
        phys->ram_size += size;
    return err;
}

int phys_add_rom(struct phys *phys, u64 pa, u64 size, const void *data, u64 data_len)
{
    u8 *host;
    int err;

    if (data_len > size)
        return -EINVAL;
    err = add_memory(phys, pa, size, PHYS_ROM, &host);
    if (err == 0 && data_len > 0)
        memcpy(host, data, data_len);
    return err;
}

int phys_add_alias(struct phys *phys, u64 pa, u64 target, u64 size)
{
    if (!phys_range_ok(pa, size) || !phys_range_ok(target, size))
        return -EINVAL;
    /* A device's offset is counted from its base, which an alias would not share. */
    for (u64 i = 0; i < size; i += PAGE_SIZE) {
        if (!phys_host(phys, target + i) ||
            ((phys_page(phys, target + i) & PHYS_RAM) && phys_meets_shadow(phys, pa, size)))
            return -EINVAL;
    }
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        phys_set_page(phys, pa + i,
                      phys_page(phys, target + i) & ~(u64)(PHYS_STORED | PHYS_CODE | PHYS_SPLIT));
    return 0;
}

int phys_number_mmio(struct phys *phys, u64 pa, u64 size, const struct phys_mmio_ops *ops,
                     void *opaque)
{
    unsigned n = 0;
    u32 pages;

    while (n < phys->mmio_count && !(phys->mmio[n].base == pa && phys->mmio[n].size == size &&
                                     phys->mmio[n].ops == ops && phys->mmio[n].opaque == opaque))
        n++;
    if (n == phys->mmio_count) /* a new range: the first number that no page has */
        for (n = 0; n < phys->mmio_count && phys->mmio[n].pages;)
            n++;
    if (n == PHYS_MMIO_MAX)
        return -ENOMEM;
    if (n == phys->mmio_count)
        phys->mmio_count++;
    pages = phys->mmio[n].pages;
    phys->mmio[n] = (struct phys_mmio){pa, size, ops, opaque, pages};
    return (int)n;
}

int phys_add_mmio(struct phys *phys, u64 pa, u64 size, const struct phys_mmio_ops *ops,
                  void *opaque)
{
    int n;

    if (!phys_range_ok(pa, size) || phys_meets_shadow(phys, pa, size))
        return -EINVAL;
    n = phys_number_mmio(phys, pa, size, ops, opaque);
    if (n < 0)
        return n;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        phys_set_page(phys, pa + i, PHYS_MMIO | (u64)n << PHYS_MMIO_SHIFT);
    return 0;
}

bool phys_set_a20(struct phys *phys, bool on)
{
    u32 mask = on ? 0xffffffffu : 0xffefffffu;
    bool changed = phys->a20_mask != mask;

    phys->a20_mask = mask;
    return changed;
}
