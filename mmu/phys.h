/* The guest-physical map: RAM, ROM and MMIO ranges, with dirty and code bits per page, and A20.
 *
 * Every 4 KiB page of the 4 GiB space has one 64-bit descriptor: the host address of its first byte
 * (page-aligned, 0 when the page is not memory) with the PHYS_* bits in the low twelve. Addresses
 * at and above 4 GiB answer like unassigned ones: reads are all ones, writes vanish. */
#ifndef PAGEWALK_PHYS_H
#define PAGEWALK_PHYS_H

#include "mmu/address.h"
#include "mmu/host/base.h"
#include "mmu/host/hostmem.h"
#include "mmu/host/log.h"
#include "mmu/host/stats.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  0xfffu

enum {
    PHYS_RAM = 1 << 0,   /* readable and writable memory */
    PHYS_ROM = 1 << 1,   /* readable memory; writes vanish */
    PHYS_MMIO = 1 << 2,  /* a device answers; range index in bits 6..11 */
    PHYS_DIRTY = 1 << 3, /* written since phys_clear_dirty() */
    PHYS_CODE = 1 << 4,  /* stores must be told to who listens for it; see phys_set_code() */
    PHYS_SPLIT = 1 << 5, /* no PHYS_RAM: stores go to the shadow RAM, which reads do not see */
    /* No PHYS_MMIO: written since phys_clear_written(). For another who looks, at other times; whoever sets the one
     * sets both. */
    PHYS_WRITTEN = 1 << 6,
    PHYS_STORED = PHYS_DIRTY | PHYS_WRITTEN,
    /* Of RAM, where the map is strict: */
    PHYS_NO_READ = 1 << 7,
    PHYS_NO_WRITE = 1 << 8,
    PHYS_NO_EXEC = 1 << 9,
};
#define PHYS_RIGHTS     (PHYS_NO_READ | PHYS_NO_WRITE | PHYS_NO_EXEC)
#define PHYS_MMIO_SHIFT 6
#define PHYS_MMIO_MAX   64

struct phys_mmio_ops {
    u32 (*read)(void *opaque, u32 offset, unsigned size); /* size 1, 2 or 4 */
    void (*write)(void *opaque, u32 offset, u32 value, unsigned size);
};

struct phys_mmio {
    u64 base, size;
    const struct phys_mmio_ops *ops;
    void *opaque;
    u32 pages; /* that have this range's number; 0: it may be given to another */
};

/* RAM that lies under other things, page by page seen or not: see phys_set_shadow(). */
#define PHYS_SHADOW_MAX   64 /* pages */
#define PHYS_SHADOW_READ  0x01
#define PHYS_SHADOW_WRITE 0x02
struct phys_shadow {
    u64 base, size; /* 0: there is none */
    u8 *ram;
    u64 below
        [PHYS_SHADOW_MAX];    /* descriptor of what is there when the RAM is not: ROM or nothing */
    u8 mode[PHYS_SHADOW_MAX]; /* PHYS_SHADOW_* */
};

/* A page of a device's that the processor decodes by itself, in front of whatever lies there. */
#define PHYS_FRONTS 2
struct phys_front {
    bool on;
    u64 pa;
    u64 below; /* descriptor of what lies there */
};

/* Host memory in one piece: what phys_add_*() made, at pa, or what a device took (pa is PHYS_NOWHERE). */
struct phys_piece {
    u64 offset, size; /* in struct hostmem */
    u64 pa;
};
#define PHYS_NOWHERE UINT64_MAX
#define PHYS_PIECES  64u /* at most */

/* Somebody who is told of stores to the pages that have a bit. */
struct phys_listener {
    u64 bit; /* PHYS_CODE */
    /* Called BEFORE bytes of such a page change, by whatever means (guest store, DMA, loader). */
    void (*store)(void *opaque, u32 pa, u32 len);
    /* A bit for each byte of such a page (514 bytes), whose stores must be told; others may go by unseen. It
     * may change, and holds until mmu_unmap_write() of the page. NULL: all must be told. May be NULL itself. */
    const u8 *(*bytes)(void *opaque, u32 pa);
    void *opaque;
};
#define PHYS_LISTENERS 4

struct phys {
    u64 *page;          /* 2^20 descriptors (hostmem_sparse) */
    u64 ram_size;       /* bytes of RAM in all */
    struct hostmem mem; /* RAM, ROM and what is taken, each with a page without rights behind it */
    u64 mem_used;       /* bytes at its start, */
    u64 mem_left;       /* and of the capacity */
    struct phys_piece piece[PHYS_PIECES];
    unsigned pieces;
    u32 a20_mask; /* 0xffffffff, or 0xffefffff while A20 is off */
    /* The processor's accesses to nothing, and to RAM without the right, are mmu_faults that say so (struct
     * mmu_fault); else nothing reads as all ones, and RAM has all rights. */
    bool strict;
    struct phys_mmio mmio[PHYS_MMIO_MAX];
    unsigned mmio_count;
    struct phys_shadow shadow;
    struct phys_front front[PHYS_FRONTS];
    struct phys_listener listener[PHYS_LISTENERS];
    unsigned listeners;
    void (*wrote)(void *opaque); /* behind a store to a device; may be NULL */
    void *wrote_opaque;
    void (*code_set)(void *opaque, u64 pa, bool on); /* phys_set_code() was called; may be NULL */
    void *code_opaque;
    struct log *log;
    struct stats *stats;
};

/* Reserves host memory for `capacity` bytes of RAM and ROM together. 0 or -errno. */
int phys_init(struct phys *phys, u64 capacity, struct log *log, struct stats *stats);
/* The same without memory of its own: descriptors only. */
int phys_init_bare(struct phys *phys, struct log *log, struct stats *stats);
void phys_free(struct phys *phys);

/* Adds to and takes from the list of listeners; BUG when there are too many. */
void phys_listen(struct phys *phys, const struct phys_listener *listener);
void phys_unlisten(struct phys *phys, const void *opaque);

/* Put memory or a device at [pa, pa + size); page-aligned, within 4 GiB; later calls replace earlier
 * ones. 0 or -errno (-ENOMEM past the capacity, -EINVAL when misaligned). */
int phys_add_ram(struct phys *phys, u64 pa, u64 size);
int phys_add_rom(struct phys *phys, u64 pa, u64 size, const void *data, u64 data_len);
int phys_add_alias(struct phys *phys, u64 pa, u64 target, u64 size);
int phys_add_mmio(struct phys *phys, u64 pa, u64 size, const struct phys_mmio_ops *ops,
                  void *opaque);

/* For memory that moves (a PCI card's, say): takes size bytes that lie nowhere yet, or NULL past the
 * capacity; they are not counted in ram_size. */
u8 *phys_take(struct phys *phys, u64 size);
/* Puts whole pages of taken memory at [pa, pa + size) as RAM; they may lie at other addresses as well,
 * each with dirty and code bits of its own. Marks them clean. 0 or -EINVAL. */
int phys_map_ram(struct phys *phys, u64 pa, u8 *host, u64 size);
int phys_map_rom(struct phys *phys, u64 pa, u8 *host, u64 size); /* likewise, but stores vanish */
/* The same with host memory that is the caller's, page-aligned, which stays until the pages are removed. rights:
 * PHYS_NO_*. Not in maps of machines that are saved, nor where windows are used. */
int phys_lend_ram(struct phys *phys, u64 pa, u8 *host, u64 size, u64 rights);
/* Changes rights of such memory; what else is there stays as it is. Also for memory whose bytes somebody is about to
 * change, or has changed, without phys_write(): who listens is told. */
int phys_set_rights(struct phys *phys, u64 pa, u64 size, u64 rights);
/* Nothing lies at [pa, pa + size) any more. 0 or -EINVAL.
 * After any change of a map in use the caller must flush every MMU on it. */
int phys_remove(struct phys *phys, u64 pa, u64 size);

/* Puts shadow RAM under [pa, pa + size), seen nowhere yet: what lies there or is added later (ROM, not RAM
 * or MMIO) stays in front of it. Once only. 0 or -errno (-EINVAL too when it has more pages than there can be). */
int phys_add_shadow(struct phys *phys, u64 pa, u64 size);
/* Whether loads and stores in [pa, pa + size), within the shadowed range, go to the shadow RAM; those that
 * do not go to what is in front of it:
 *     neither      ROM: loads read it, stores vanish
 *     write only   loads read the ROM, stores change the RAM unseen: how a BIOS copies itself
 *     read only    loads read the RAM, stores vanish
 *     both         RAM
 * Returns whether anything changed: then the caller must flush every MMU on this map. */
bool phys_set_shadow(struct phys *phys, u64 pa, u64 size, bool read, bool write);

/* pa as it comes to memory: bit 20 is 0 while A20 is off. */
static inline u64 phys_a20(const struct phys *phys, u64 pa)
{
    return pa & ~(u64)(u32)~phys->a20_mask;
}

/* The caller must flush every MMU on this map after A20 changed; phys_set_a20 returns whether it did. */
bool phys_set_a20(struct phys *phys, bool on);

/* Puts a device's page at pa in front of memory and devices, which go on changing behind it; of two at one place the
 * higher number is seen. ops NULL: takes it away. Returns whether the map changed: then the caller must flush every MMU on
 * it. BUG when pa is no page below 4 GiB, or when there are too many devices. */
bool phys_set_front(struct phys *phys, unsigned number, u64 pa, const struct phys_mmio_ops *ops,
                    void *opaque);

/* Copies between host and guest memory, any length, A20 not applied (DMA and loaders see the bus).
 * Stores mark pages dirty and are told to listeners. MMIO in the way is accessed by 1, 2 or 4 bytes. */
void phys_read(struct phys *phys, u64 pa, void *buf, u64 len);
void phys_write(struct phys *phys, u64 pa, const void *buf, u64 len);

/* Like phys_write, but ROM is written too: for ROM images and tests. */
void phys_poke(struct phys *phys, u64 pa, const void *buf, u64 len);

/* Whether [pa, pa + len) is RAM all through. */
bool phys_is_ram(const struct phys *phys, u64 pa, u64 len);

/* Access of 1, 2, 4 or 8 bytes within one page; A20 already applied by the caller. */
u64 phys_load(struct phys *phys, u64 pa, unsigned size);
void phys_store(struct phys *phys, u64 pa, u64 value, unsigned size);

/* The descriptor of the page that holds pa: 0 for nothing there. */
static inline u64 phys_page(const struct phys *phys, u64 pa)
{
    return likely(pa >> 32 == 0) ? phys->page[pa >> PAGE_SHIFT] : 0;
}

/* Host address of guest-physical pa when RAM or ROM is there, else NULL. Valid to the page's end. */
static inline u8 *phys_host(const struct phys *phys, u64 pa)
{
    u64 page = phys_page(phys, pa);

    if (!(page & (PHYS_RAM | PHYS_ROM)))
        return NULL;
    return (u8 *)(uintptr_t)(page & ~(u64)PAGE_MASK) + (pa & PAGE_MASK);
}

/* Sets or clears PHYS_CODE. After setting it the caller must call mmu_unmap_write() on every MMU. */
void phys_set_code(struct phys *phys, u64 pa, bool on);

/* All bytes of memory are about to be others: tells who listens. */
void phys_changes(struct phys *phys);
/* All but those at [pa, pa + size). */
void phys_changes_beside(struct phys *phys, u64 pa, u64 size);
/* A page of a piece that has an address becomes other bytes (NULL: zeros), whatever lies in front of it. */
void phys_put_page(struct phys *phys, const struct phys_piece *piece, u64 at, const u8 *data);

/* The map's part of saved states: which pages are dirty. After what decides where memory lies. (phys_state.c) */
struct state;
void phys_state(struct phys *phys, struct state *state);

/* Clears PHYS_DIRTY in [pa, pa + size); the caller then calls mmu_unmap_write() for each page. */
void phys_clear_dirty(struct phys *phys, u64 pa, u64 size);
/* Clears PHYS_WRITTEN everywhere; the caller has taken the write entries out of every MMU on the map (mmu_flush_writes()). */
void phys_clear_written(struct phys *phys);

#endif
