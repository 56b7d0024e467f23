/* Accesses to guest-physical addresses: bulk, and of one datum.
 *
 * Devices see naturally aligned accesses of 1, 2 or 4 bytes only: anything else is split, low address first, as the
 * bus does. */
#include "mmu/phys_part.h"

#include <inttypes.h>
#include <string.h>

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
    mmio = phys->mmio[phys_mmio_number(desc)];
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
    mmio = phys->mmio[phys_mmio_number(desc)];
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
        phys_tell_store(phys, desc, pa, len);
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
