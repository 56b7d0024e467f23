/* The guest-physical map: page descriptors, bulk and single accesses, dirty and code bits.
 *
 * Devices see naturally aligned accesses of 1, 2 or 4 bytes only: anything else is split, low
 * address first, as the bus does. Dirty and code bits belong to an address, not to the memory
 * behind it: a store through an alias of RAM is not noticed at the address that it aliases. So the
 * board aliases ROM, and display memory, whose adapter looks at every place that it has. */
#include "mmu/phys.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PHYS_PAGES (1u << (32 - PAGE_SHIFT))
#define PHYS_END   (1ull << 32)
#define DESC_BYTES (PHYS_PAGES * sizeof(u64))

int phys_init(struct phys *phys, u64 capacity, struct log *log, struct stats *stats)
{
    int err;

    *phys = (struct phys){.a20_mask = 0xffffffffu, .log = log, .stats = stats};
    phys->mem_left = (capacity + PAGE_MASK) & ~(u64)PAGE_MASK;
    err = phys->mem_left ? hostmem_init(&phys->mem, phys->mem_left + PHYS_PIECES * PAGE_SIZE)
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

static bool range_ok(u64 pa, u64 size)
{
    return size > 0 && ((pa | size) & PAGE_MASK) == 0 && pa < PHYS_END && size <= PHYS_END - pa;
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

/* Bytes of a page with descriptor desc are about to change. */
static void tell_store(struct phys *phys, u64 desc, u64 pa, u64 len)
{
    if (desc & PHYS_CODE) {
        phys->stats->smc_store++;
        log_printf(phys->log, LOG_smc, "smc: %" PRIu64 " bytes at %08" PRIx64 "\n", len, pa);
    }
    for (unsigned i = 0; i < phys->listeners; i++)
        if (desc & phys->listener[i].bit)
            phys->listener[i].store(phys->listener[i].opaque, (u32)pa, (u32)len);
}

static unsigned mmio_number(u64 desc)
{
    return desc >> PHYS_MMIO_SHIFT & (PHYS_MMIO_MAX - 1);
}

/* The shadow RAM's page at pa, or PHYS_SHADOW_MAX where there is none. */
static u64 shadow_page(const struct phys *phys, u64 pa)
{
    u64 offset = pa - phys->shadow.base;

    return offset < phys->shadow.size ? offset >> PAGE_SHIFT : PHYS_SHADOW_MAX;
}

static u64 shadow_desc(const struct phys_shadow *shadow, u64 n)
{
    u64 ram = (u64)(uintptr_t)(shadow->ram + n * PAGE_SIZE);

    switch (shadow->mode[n]) {
    case 0: return shadow->below[n];
    case PHYS_SHADOW_WRITE: return shadow->below[n] | PHYS_SPLIT;
    case PHYS_SHADOW_READ: return ram | PHYS_ROM;
    case PHYS_SHADOW_READ | PHYS_SHADOW_WRITE: return ram | PHYS_RAM | PHYS_STORED;
    }
    BUG("shadow mode %u", shadow->mode[n]);
}

/* The descriptor of what lies at pa behind the fronts from `number` on. */
static u64 *behind_front(struct phys *phys, u64 pa, unsigned number)
{
    for (unsigned i = number; i < PHYS_FRONTS; i++)
        if (phys->front[i].on && phys->front[i].pa == (pa & ~(u64)PAGE_MASK))
            return &phys->front[i].below;
    return &phys->page[pa >> PAGE_SHIFT];
}

/* Replaces the descriptor of the page at pa, and with it, in general, the bytes there. */
static void set_page(struct phys *phys, u64 pa, u64 desc)
{
    u64 *page = behind_front(phys, pa, 0);
    u64 n = shadow_page(phys, pa);

    if (n != PHYS_SHADOW_MAX) {
        BUG_ON(desc & (PHYS_RAM | PHYS_MMIO));
        phys->shadow.below[n] = desc;
        desc = shadow_desc(&phys->shadow, n);
    }
    if (*page & PHYS_CODE)
        tell_store(phys, *page, pa, PAGE_SIZE);
    if (*page & PHYS_MMIO)
        phys->mmio[mmio_number(*page)].pages--;
    if (desc & PHYS_MMIO)
        phys->mmio[mmio_number(desc)].pages++;
    *page = desc;
}

static bool meets_shadow(const struct phys *phys, u64 pa, u64 size)
{
    return pa < phys->shadow.base + phys->shadow.size && phys->shadow.base < pa + size;
}

u8 *phys_take(struct phys *phys, u64 size)
{
    u8 *host = phys->mem.base + phys->mem_used;

    if (size == 0 || size & PAGE_MASK || size > phys->mem_left || phys->pieces == PHYS_PIECES ||
        size + PAGE_SIZE > phys->mem.size - phys->mem_used ||
        hostmem_guard(&phys->mem, phys->mem_used + size) < 0)
        return NULL;
    phys->piece[phys->pieces++] = (struct phys_piece){phys->mem_used, size, PHYS_NOWHERE};
    phys->mem_used += size + PAGE_SIZE;
    phys->mem_left -= size;
    return host;
}

static void put_memory(struct phys *phys, u64 pa, const u8 *host, u64 size, u64 bits)
{
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        set_page(phys, pa + i, (u64)(uintptr_t)(host + i) | bits);
}

static int map_taken(struct phys *phys, u64 pa, const u8 *host, u64 size, u64 bits)
{
    u64 at = (u64)(host - phys->mem.base);

    if (!range_ok(pa, size) || meets_shadow(phys, pa, size) || at & PAGE_MASK ||
        at > phys->mem_used || size > phys->mem_used - at)
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
    if (!range_ok(pa, size) || (uintptr_t)host & PAGE_MASK)
        return -EINVAL;
    put_memory(phys, pa, host, size, PHYS_RAM | rights);
    return 0;
}

int phys_set_rights(struct phys *phys, u64 pa, u64 size, u64 rights)
{
    if (!range_ok(pa, size))
        return -EINVAL;
    for (u64 i = 0; i < size; i += PAGE_SIZE) {
        u64 desc = phys_page(phys, pa + i);

        if (desc & PHYS_RAM)
            set_page(phys, pa + i, (desc & ~(u64)(PHYS_RIGHTS | PHYS_CODE)) | rights);
    }
    return 0;
}

int phys_remove(struct phys *phys, u64 pa, u64 size)
{
    if (!range_ok(pa, size))
        return -EINVAL;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        set_page(phys, pa + i, 0);
    return 0;
}

/* Takes size bytes of host memory and puts them at pa. 0 or -errno. */
static int add_memory(struct phys *phys, u64 pa, u64 size, u64 bits, u8 **host)
{
    if (!range_ok(pa, size) || ((bits & PHYS_RAM) && meets_shadow(phys, pa, size)))
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
    if (!range_ok(pa, size) || !range_ok(target, size))
        return -EINVAL;
    /* A device's offset is counted from its base, which an alias would not share. */
    for (u64 i = 0; i < size; i += PAGE_SIZE) {
        if (!phys_host(phys, target + i) ||
            ((phys_page(phys, target + i) & PHYS_RAM) && meets_shadow(phys, pa, size)))
            return -EINVAL;
    }
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        set_page(phys, pa + i,
                 phys_page(phys, target + i) & ~(u64)(PHYS_STORED | PHYS_CODE | PHYS_SPLIT));
    return 0;
}

/* Gives a device's range a number; its pages keep theirs when it has one. -ENOMEM when none is free. */
static int number_mmio(struct phys *phys, u64 pa, u64 size, const struct phys_mmio_ops *ops,
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

    if (!range_ok(pa, size) || meets_shadow(phys, pa, size))
        return -EINVAL;
    n = number_mmio(phys, pa, size, ops, opaque);
    if (n < 0)
        return n;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        set_page(phys, pa + i, PHYS_MMIO | (u64)n << PHYS_MMIO_SHIFT);
    return 0;
}

static void remove_front(struct phys *phys, unsigned number)
{
    struct phys_front *front = &phys->front[number];
    u64 *page;

    front->on = false;
    page = behind_front(phys, front->pa, number + 1);
    phys->mmio[mmio_number(*page)].pages--;
    *page = front->below;
}

bool phys_set_front(struct phys *phys, unsigned number, u64 pa, const struct phys_mmio_ops *ops,
                    void *opaque)
{
    struct phys_front *front = &phys->front[number];
    u64 *page;
    int n;

    BUG_ON(number >= PHYS_FRONTS || (ops && !range_ok(pa, PAGE_SIZE)));
    if (front->on == (ops != NULL) && (!ops || front->pa == pa))
        return false;
    if (front->on)
        remove_front(phys, number);
    if (!ops)
        return true;
    n = number_mmio(phys, pa, PAGE_SIZE, ops, opaque);
    BUG_ON(n < 0);
    page = behind_front(phys, pa, number + 1);
    if (*page & PHYS_CODE)
        tell_store(phys, *page, pa, PAGE_SIZE);
    *front = (struct phys_front){true, pa, *page & ~(u64)PHYS_CODE};
    *page = PHYS_MMIO | (u64)n << PHYS_MMIO_SHIFT;
    phys->mmio[n].pages++;
    return true;
}

int phys_add_shadow(struct phys *phys, u64 pa, u64 size)
{
    if (!range_ok(pa, size) || size > PHYS_SHADOW_MAX * PAGE_SIZE || phys->shadow.size)
        return -EINVAL;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        if (phys_page(phys, pa + i) & (PHYS_RAM | PHYS_MMIO))
            return -EINVAL;
    phys->shadow.ram = phys_take(phys, size);
    if (!phys->shadow.ram)
        return -ENOMEM;
    phys->piece[phys->pieces - 1].pa = pa;
    for (u64 i = 0; i < size; i += PAGE_SIZE)
        phys->shadow.below[i >> PAGE_SHIFT] =
            phys_page(phys, pa + i) & ~(u64)(PHYS_STORED | PHYS_CODE);
    phys->shadow.base = pa;
    phys->shadow.size = size;
    return 0;
}

bool phys_set_shadow(struct phys *phys, u64 pa, u64 size, bool read, bool write)
{
    u8 mode = (u8)((read ? PHYS_SHADOW_READ : 0) | (write ? PHYS_SHADOW_WRITE : 0));
    bool changed = false;

    BUG_ON(!range_ok(pa, size));
    for (u64 i = 0; i < size; i += PAGE_SIZE) {
        u64 n = shadow_page(phys, pa + i);

        BUG_ON(n == PHYS_SHADOW_MAX);
        if (phys->shadow.mode[n] == mode)
            continue;
        changed = true;
        phys->shadow.mode[n] = mode;
        set_page(phys, pa + i, phys->shadow.below[n]);
    }
    return changed;
}

bool phys_set_a20(struct phys *phys, bool on)
{
    u32 mask = on ? 0xffffffffu : 0xffefffffu;
    bool changed = phys->a20_mask != mask;

    phys->a20_mask = mask;
    return changed;
}

/* The widest aligned access at pa that len bytes allow. */
static unsigned piece_size(u64 pa, u64 len)
{
    if ((pa & 3) == 0 && len >= 4)
        return 4;
    return (pa & 1) == 0 && len >= 2 ? 2 : 1;
}

/* Reads len bytes, within one page, where there is no memory. */
static void device_read(struct phys *phys, u64 pa, u8 *buf, u64 len)
{
    u64 desc = phys_page(phys, pa);
    struct phys_mmio mmio; /* a copy: a device may change the map, yet an access is all its own */

    if (!(desc & PHYS_MMIO)) {
        log_printf(phys->log, LOG_unassigned,
                   "unassigned: read of %" PRIu64 " bytes at %08" PRIx64 "\n", len, pa);
        memset(buf, 0xff, len);
        return;
    }
    mmio = phys->mmio[mmio_number(desc)];
    while (len > 0) {
        unsigned n = piece_size(pa, len);
        u32 value = mmio.ops->read(mmio.opaque, (u32)(pa - mmio.base), n);

        phys->stats->mmio++;
        memcpy(buf, &value, n);
        pa += n;
        buf += n;
        len -= n;
    }
}

/* The same for writes; ROM and unseen shadow RAM come here too. */
static void device_write(struct phys *phys, u64 pa, const u8 *buf, u64 len)
{
    u64 desc = phys_page(phys, pa);
    struct phys_mmio mmio;

    if (desc & PHYS_SPLIT) {
        memcpy(phys->shadow.ram + (pa - phys->shadow.base), buf, len);
        return;
    }
    if (!(desc & PHYS_MMIO)) {
        log_printf(phys->log, LOG_unassigned,
                   "unassigned: write of %" PRIu64 " bytes at %08" PRIx64 "%s\n", len, pa,
                   desc & PHYS_ROM ? " (ROM)" : "");
        return;
    }
    mmio = phys->mmio[mmio_number(desc)];
    while (len > 0) {
        unsigned n = piece_size(pa, len);
        u32 value = 0;

        memcpy(&value, buf, n);
        phys->stats->mmio++;
        mmio.ops->write(mmio.opaque, (u32)(pa - mmio.base), value, n);
        pa += n;
        buf += n;
        len -= n;
    }
    if (phys->wrote)
        phys->wrote(phys->wrote_opaque);
}

/* The host address to write len bytes at pa (within one page) through, listeners told
 * and the page marked dirty; NULL when none of `kinds` is there. */
static u8 *open_write(struct phys *phys, u64 pa, u64 len, u64 kinds)
{
    u64 desc = phys_page(phys, pa);

    if (unlikely(!(desc & kinds)))
        return NULL;
    if (unlikely(desc & PHYS_CODE))
        tell_store(phys, desc, pa, len);
    phys->page[pa >> PAGE_SHIFT] |= PHYS_STORED;
    return phys_host(phys, pa);
}

/* How much of [pa, pa + len) lies in the page of pa, or all of it from 4 GiB on: nothing is
 * there. */
static u64 first_part(u64 pa, u64 len)
{
    u64 in_page = PAGE_SIZE - (pa & PAGE_MASK);

    return len < in_page || pa >= PHYS_END ? len : in_page;
}

void phys_read(struct phys *phys, u64 pa, void *buf, u64 len)
{
    u8 *p = buf;

    while (len > 0) {
        u64 n = first_part(pa, len);
        const u8 *host = phys_host(phys, pa);

        if (host)
            memcpy(p, host, n);
        else
            device_read(phys, pa, p, n);
        pa += n;
        p += n;
        len -= n;
    }
}

static void write_kinds(struct phys *phys, u64 pa, const void *buf, u64 len, u64 kinds)
{
    const u8 *p = buf;

    while (len > 0) {
        u64 n = first_part(pa, len);
        u8 *host = open_write(phys, pa, n, kinds);

        if (host)
            memcpy(host, p, n);
        else
            device_write(phys, pa, p, n);
        pa += n;
        p += n;
        len -= n;
    }
}

void phys_write(struct phys *phys, u64 pa, const void *buf, u64 len)
{
    write_kinds(phys, pa, buf, len, PHYS_RAM);
}

void phys_poke(struct phys *phys, u64 pa, const void *buf, u64 len)
{
    write_kinds(phys, pa, buf, len, PHYS_RAM | PHYS_ROM);
}

bool phys_is_ram(const struct phys *phys, u64 pa, u64 len)
{
    if (len == 0)
        return true;
    if (pa >= PHYS_END || len > PHYS_END - pa)
        return false;
    for (u64 page = pa >> PAGE_SHIFT; page <= (pa + len - 1) >> PAGE_SHIFT; page++) {
        if (!(phys->page[page] & PHYS_RAM))
            return false;
    }
    return true;
}

u64 phys_load(struct phys *phys, u64 pa, unsigned size)
{
    const u8 *host = phys_host(phys, pa);
    u64 value = 0;

    if (likely(host != NULL))
        memcpy(&value, host, size);
    else
        device_read(phys, pa, (u8 *)&value, size);
    return value;
}

void phys_store(struct phys *phys, u64 pa, u64 value, unsigned size)
{
    u8 *host = open_write(phys, pa, size, PHYS_RAM);

    if (likely(host != NULL))
        memcpy(host, &value, size);
    else
        device_write(phys, pa, (const u8 *)&value, size);
}

void phys_set_code(struct phys *phys, u64 pa, bool on)
{
    if (!(phys_page(phys, pa) & (PHYS_RAM | PHYS_ROM)))
        return;
    if (on)
        phys->page[pa >> PAGE_SHIFT] |= PHYS_CODE;
    else
        phys->page[pa >> PAGE_SHIFT] &= ~(u64)PHYS_CODE;
    if (phys->code_set)
        phys->code_set(phys->code_opaque, pa, on);
}

static void change_pages(struct phys *phys, u64 pa, u64 end)
{
    for (; pa < end; pa += PAGE_SIZE)
        if (phys_page(phys, pa) & PHYS_CODE)
            tell_store(phys, phys_page(phys, pa), pa, PAGE_SIZE);
}

void phys_changes(struct phys *phys)
{
    change_pages(phys, 0, PHYS_END);
}

void phys_changes_beside(struct phys *phys, u64 pa, u64 size)
{
    change_pages(phys, 0, pa);
    change_pages(phys, pa + size, PHYS_END);
}

void phys_put_page(struct phys *phys, const struct phys_piece *piece, u64 at, const u8 *data)
{
    u64 desc = phys_page(phys, piece->pa + at);
    u8 *host = phys->mem.base + piece->offset + at;

    if (desc & PHYS_CODE)
        tell_store(phys, desc, piece->pa + at, PAGE_SIZE);
    if (data)
        memcpy(host, data, PAGE_SIZE);
    else
        memset(host, 0, PAGE_SIZE);
}

void phys_clear_dirty(struct phys *phys, u64 pa, u64 size)
{
    u64 end = pa < PHYS_END && size < PHYS_END - pa ? pa + size : PHYS_END;

    for (u64 i = pa & ~(u64)PAGE_MASK; i < end; i += PAGE_SIZE)
        phys->page[i >> PAGE_SHIFT] &= ~(u64)PHYS_DIRTY;
}

void phys_clear_written(struct phys *phys)
{
    for (unsigned i = 0; i < phys->pieces; i++) {
        const struct phys_piece *piece = &phys->piece[i];

        if (piece->pa == PHYS_NOWHERE)
            continue;
        for (u64 at = 0; at < piece->size; at += PAGE_SIZE) {
            u64 *desc = &phys->page[(piece->pa + at) >> PAGE_SHIFT];

            if (!(*desc & PHYS_MMIO))
                *desc &= ~(u64)PHYS_WRITTEN;
        }
    }
}
