/* What is mapped: ranges of memory, the library's or the caller's, and devices. */
#include "lib/lib.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static bool range_ok(u32 address, u64 size)
{
    return size && !((address | size) & PAGE_MASK) && size <= (1ull << 32) - address;
}

/* The number of the first map that ends above address. */
static unsigned first_above(const struct pagewalk *pw, u64 address)
{
    unsigned low = 0, high = pw->maps;

    while (low < high) {
        unsigned mid = (low + high) / 2;

        if (pw->map[mid].address + pw->map[mid].size > address)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

static bool is_free(const struct pagewalk *pw, u32 address, u64 size)
{
    unsigned i = first_above(pw, address);

    return i == pw->maps || pw->map[i].address >= address + size;
}

/* Whether all of it is mapped. */
static bool is_whole(const struct pagewalk *pw, u32 address, u64 size)
{
    u64 at = address, end = address + size;

    for (unsigned i = first_above(pw, at); at < end; i++) {
        if (i == pw->maps || pw->map[i].address > at)
            return false;
        at = pw->map[i].address + pw->map[i].size;
    }
    return true;
}

static u64 phys_rights(unsigned rights)
{
    return (rights & PAGEWALK_READ ? 0 : PHYS_NO_READ) |
           (rights & PAGEWALK_WRITE ? 0 : PHYS_NO_WRITE) |
           (rights & PAGEWALK_EXEC ? 0 : PHYS_NO_EXEC);
}

/* The map is another now: what was looked up in it is forgotten. */
static void flush(struct pagewalk *pw)
{
    mmu_flush(&pw->cpu->mmu, true);
    pw->changed = true;
}

static bool room_for(struct pagewalk *pw, unsigned more)
{
    while (pw->maps + more > pw->map_capacity)
        if (!lib_grow((void **)&pw->map, pw->map_capacity, &pw->map_capacity, sizeof(*pw->map)))
            return false;
    return true;
}

static void insert(struct pagewalk *pw, const struct map *map)
{
    unsigned i = first_above(pw, map->address);

    memmove(pw->map + i + 1, pw->map + i, (pw->maps - i) * sizeof(*map));
    pw->map[i] = *map;
    pw->maps++;
}

static int add_memory(struct pagewalk *pw, u32 address, u64 size, unsigned rights, u8 *host,
                      bool own)
{
    struct map map = {address, size, rights, host, own, NULL};

    if (phys_lend_ram(&pw->phys, address, host, size, phys_rights(rights)) < 0)
        return PAGEWALK_ERR_MAP;
    insert(pw, &map);
    flush(pw);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_map(struct pagewalk *pw, uint32_t address, uint64_t size, unsigned rights)
{
    void *host;

    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (rights & ~PAGEWALK_ALL)
        return PAGEWALK_ERR_ARGUMENT;
    if (!range_ok(address, size) || !is_free(pw, address, size))
        return PAGEWALK_ERR_MAP;
    if (!room_for(pw, 1))
        return PAGEWALK_ERR_MEMORY;
    host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0);
    if (host == MAP_FAILED)
        return PAGEWALK_ERR_MEMORY;
    return add_memory(pw, address, size, rights, host, true);
}

PUBLIC int pagewalk_map_host(struct pagewalk *pw, uint32_t address, uint64_t size, unsigned rights,
                             void *host)
{
    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (rights & ~PAGEWALK_ALL || !host || (uintptr_t)host & PAGE_MASK)
        return PAGEWALK_ERR_ARGUMENT;
    if (!range_ok(address, size) || !is_free(pw, address, size))
        return PAGEWALK_ERR_MAP;
    if (!room_for(pw, 1))
        return PAGEWALK_ERR_MEMORY;
    return add_memory(pw, address, size, rights, host, false);
}

/* A device's functions are called within an access. */
static u32 io_read(void *opaque, u32 offset, unsigned size)
{
    struct io *io = opaque;
    struct pagewalk *pw = io->pw;
    int in = pw->in;
    u32 value = UINT32_MAX;

    pw->in = IN_ACCESS;
    if (io->read)
        value = io->read(pw, offset, size, io->user);
    pw->in = in;
    hook_settle(pw);
    return value;
}

static void io_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct io *io = opaque;
    struct pagewalk *pw = io->pw;
    int in = pw->in;

    pw->in = IN_ACCESS;
    if (io->write)
        io->write(pw, offset, value, size, io->user);
    pw->in = in;
    hook_settle(pw);
}

static const struct phys_mmio_ops io_ops = {io_read, io_write};

PUBLIC int pagewalk_map_io(struct pagewalk *pw, uint32_t address, uint64_t size,
                           pagewalk_io_read *read, pagewalk_io_write *write, void *user)
{
    struct map map = {.address = address, .size = size};

    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (!range_ok(address, size) || !is_free(pw, address, size))
        return PAGEWALK_ERR_MAP;
    map.io = malloc(sizeof(*map.io));
    if (!map.io || !room_for(pw, 1)) {
        free(map.io);
        return PAGEWALK_ERR_MEMORY;
    }
    *map.io = (struct io){pw, read, write, user, 1};
    if (phys_add_mmio(&pw->phys, address, size, &io_ops, map.io) < 0) { /* there are 64 */
        free(map.io);
        return PAGEWALK_ERR_MAP;
    }
    insert(pw, &map);
    flush(pw);
    return PAGEWALK_OK;
}

/* A run may still be using it: an instruction that has begun, or the block that it is in. */
static void free_later(struct pagewalk *pw, u8 *start, u64 size)
{
    pw->freed[pw->frees++] = (struct host_range){start, size};
}

/* The pages of the host's that are in it: others may hold more. */
static void give_back(u8 *start, u64 size)
{
    u64 mask = hostmem_page() - 1, head = -(uintptr_t)start & mask;

    if (size > head && ((size - head) & ~mask))
        munmap(start + head, (size - head) & ~mask);
}

void map_free_late(struct pagewalk *pw)
{
    while (pw->frees) {
        struct host_range *range = &pw->freed[--pw->frees];

        if (range->size)
            give_back(range->start, range->size);
        else
            free(range->start); /* a struct io */
    }
}

void map_free_all(struct pagewalk *pw)
{
    map_free_late(pw);
    for (unsigned i = 0; i < pw->maps; i++) {
        if (pw->map[i].own)
            munmap(pw->map[i].host, pw->map[i].size);
        if (pw->map[i].io && --pw->map[i].io->parts == 0)
            free(pw->map[i].io);
    }
    free(pw->map);
    free(pw->freed);
}

/* A border between maps at address, if that is within one. There is room. */
static void split_at(struct pagewalk *pw, u64 address)
{
    unsigned i = first_above(pw, address);
    struct map upper;
    u64 below;

    if (i == pw->maps || pw->map[i].address >= address)
        return;
    upper = pw->map[i];
    below = address - upper.address;
    pw->map[i].size = below;
    upper.address = (u32)address;
    upper.size -= below;
    if (upper.host)
        upper.host += below;
    if (upper.io)
        upper.io->parts++;
    insert(pw, &upper);
}

/* Splits what crosses the range's ends; first to last (excluded) are the maps of it. */
static int isolate(struct pagewalk *pw, u32 address, u64 size, unsigned *first, unsigned *last)
{
    if (!range_ok(address, size) || !is_whole(pw, address, size))
        return PAGEWALK_ERR_MAP;
    if (!room_for(pw, 2))
        return PAGEWALK_ERR_MEMORY;
    split_at(pw, address);
    split_at(pw, address + size);
    *first = first_above(pw, address);
    *last = first_above(pw, address + size);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_unmap(struct pagewalk *pw, uint32_t address, uint64_t size)
{
    unsigned first, last;
    int err;

    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    err = isolate(pw, address, size, &first, &last);
    if (err)
        return err;
    while (pw->frees + (last - first) > pw->free_capacity)
        if (!lib_grow((void **)&pw->freed, pw->free_capacity, &pw->free_capacity,
                      sizeof(*pw->freed)))
            return PAGEWALK_ERR_MEMORY;
    phys_remove(&pw->phys, address, size);
    for (unsigned i = first; i < last; i++) {
        if (pw->map[i].own)
            free_later(pw, pw->map[i].host, pw->map[i].size);
        if (pw->map[i].io && --pw->map[i].io->parts == 0)
            free_later(pw, (u8 *)pw->map[i].io, 0);
    }
    memmove(pw->map + first, pw->map + last, (pw->maps - last) * sizeof(*pw->map));
    pw->maps -= last - first;
    flush(pw);
    if (!pw->running)
        map_free_late(pw);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_protect(struct pagewalk *pw, uint32_t address, uint64_t size, unsigned rights)
{
    unsigned first, last;
    int err;

    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (rights & ~PAGEWALK_ALL)
        return PAGEWALK_ERR_ARGUMENT;
    err = isolate(pw, address, size, &first, &last);
    if (err)
        return err;
    for (unsigned i = first; i < last; i++)
        pw->map[i].rights = pw->map[i].io ? 0 : rights;
    phys_set_rights(&pw->phys, address, size, phys_rights(rights));
    flush(pw);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_changed(struct pagewalk *pw, uint32_t address, uint64_t size)
{
    u64 end = address + size;

    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (!size || size > (1ull << 32) - address)
        return PAGEWALK_ERR_ARGUMENT;
    for (unsigned i = first_above(pw, address); i < pw->maps && pw->map[i].address < end; i++)
        phys_set_rights(&pw->phys, pw->map[i].address, pw->map[i].size,
                        phys_rights(pw->map[i].rights));
    flush(pw);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_map_at(struct pagewalk *pw, unsigned number, struct pagewalk_map_info *info)
{
    const struct map *map;

    if (number >= pw->maps)
        return PAGEWALK_ERR_ARGUMENT;
    map = &pw->map[number];
    *info = (struct pagewalk_map_info){map->address, map->size, map->rights, map->io != NULL};
    return PAGEWALK_OK;
}

/* The host's bytes at an address, and how many of len lie there in one page; 0: no memory. */
static u64 find_bytes(struct pagewalk *pw, u32 address, bool physical, u64 len, u64 *pa)
{
    u64 in_page = PAGE_SIZE - (address & PAGE_MASK);

    *pa = address;
    if (!physical && !mmu_peek_pa(&pw->cpu->mmu, address, pa))
        return 0;
    if (!(phys_page(&pw->phys, *pa) & PHYS_RAM))
        return 0;
    return len < in_page ? len : in_page;
}

static bool is_memory(struct pagewalk *pw, u32 address, bool physical, u64 len)
{
    u64 pa, part;

    if (len > (1ull << 32) - address)
        return false;
    for (u64 done = 0; done < len; done += part) {
        part = find_bytes(pw, (u32)(address + done), physical, len - done, &pa);
        if (!part)
            return false;
    }
    return true;
}

static int read_memory(struct pagewalk *pw, u32 address, bool physical, u8 *data, u64 len)
{
    u64 pa, part;

    if (!is_memory(pw, address, physical, len))
        return PAGEWALK_ERR_READ_UNMAPPED;
    for (u64 done = 0; done < len; done += part) {
        part = find_bytes(pw, (u32)(address + done), physical, len - done, &pa);
        phys_read(&pw->phys, pa, data + done, part);
    }
    return PAGEWALK_OK;
}

/* What is written may be page tables: where each page is is found out before. */
static int write_memory(struct pagewalk *pw, u32 address, bool physical, const u8 *data, u64 len)
{
    u64 pages = ((address & PAGE_MASK) + len + PAGE_MASK) / PAGE_SIZE, *place, part, n = 0;

    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (!is_memory(pw, address, physical, len))
        return PAGEWALK_ERR_WRITE_UNMAPPED;
    place = malloc((pages + 1) * sizeof(*place));
    if (!place)
        return PAGEWALK_ERR_MEMORY;
    for (u64 done = 0; done < len; done += part)
        part = find_bytes(pw, (u32)(address + done), physical, len - done, &place[n++]);
    for (u64 done = 0, i = 0; done < len; done += part, i++) {
        part = PAGE_SIZE - (place[i] & PAGE_MASK);
        part = part < len - done ? part : len - done;
        phys_write(&pw->phys, place[i], data + done, part);
    }
    free(place);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_read(struct pagewalk *pw, uint32_t address, void *data, size_t size)
{
    return read_memory(pw, address, false, data, size);
}

PUBLIC int pagewalk_write(struct pagewalk *pw, uint32_t address, const void *data, size_t size)
{
    return write_memory(pw, address, false, data, size);
}

PUBLIC int pagewalk_read_physical(struct pagewalk *pw, uint32_t address, void *data, size_t size)
{
    return read_memory(pw, address, true, data, size);
}

PUBLIC int pagewalk_write_physical(struct pagewalk *pw, uint32_t address, const void *data,
                                   size_t size)
{
    return write_memory(pw, address, true, data, size);
}
