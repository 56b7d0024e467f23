/* The page-table walker: 2-level, PSE and PAE tables in guest memory to a physical address.
 *
 * Table addresses pass through A20 like any other. A table may lie anywhere, in ROM, in a device or
 * in nothing: every access goes through the physical map. A and D bits are written with
 * phys_store(), so that code in a page-table page is noticed, and only when a bit changes. */
#include "mmu/flat.h"

/* Bits that entries of every format share. (SDM vol. 3A, tables 4-4 to 4-6 and 4-8 to 4-11) */
#define PTE_P  0x001u
#define PTE_RW 0x002u
#define PTE_US 0x004u
#define PTE_A  0x020u
#define PTE_D  0x040u
#define PTE_PS 0x080u
#define PTE_G  0x100u
#define PTE_XD 0x8000000000000000ull

/* Reserved bits of present entries, for 36 physical address bits. */
#define RSVD_PSE   0x003fe000u /* 4 MiB page: bits 13-21 */
#define RSVD_PSE36 0x003e0000u /* with PSE-36: bits 17-21 */
#define RSVD_PAT   0x00000080u /* where there is no PAT: of a 4 KiB page, */
#define RSVD_PAT_L 0x00001000u /* and of a large one */
#define RSVD_PAE   0xfffffff000000000ull
#define RSVD_2M    (RSVD_PAE | 0x001fe000u) /* 2 MiB page: bits 13-20 too */
#define RSVD_PDPTE (RSVD_PAE | 0x000001e6u) /* bits 1-2 and 5-8 too */
#define PAE_FRAME  0x0000000ffffff000ull

/* An entry as it was read, and where from (A20 applied). */
struct entry {
    u64 pa;
    u64 value;
};

/* The entries that translate one address. With a large page, upper and leaf are the same. */
struct path {
    struct entry upper, leaf;
    u64 pa;
    u32 page_size;
};

enum find {
    FIND_OK,
    FIND_ABSENT,
    FIND_RESERVED,
};

static struct entry read32(struct phys *phys, u64 pa)
{
    struct entry e = {.pa = phys_a20(phys, pa)};
    const u8 *host = phys_host(phys, e.pa);

    e.value = likely(host != NULL) ? get32(host) : phys_load(phys, e.pa, 4);
    return e;
}

static struct entry read64(struct phys *phys, u64 pa)
{
    struct entry e = {.pa = phys_a20(phys, pa)};
    const u8 *host = phys_host(phys, e.pa);

    e.value = likely(host != NULL) ? get64(host) : phys_load(phys, e.pa, 8);
    return e;
}

/* 32-bit entries: 4 KiB pages, 4 MiB ones when CR4.PSE is set, without which no bit is reserved. (SDM vol. 3A, 4.3) */
static enum find find_2level(const struct paging *paging, struct phys *phys, u32 la,
                             struct path *path)
{
    struct entry e = read32(phys, (paging->cr3 & ~PAGE_MASK) + (la >> 22) * 4);

    path->upper = path->leaf = e;
    if (!(e.value & PTE_P))
        return FIND_ABSENT;
    if ((e.value & PTE_PS) && (paging->cr4 & CR4_PSE)) {
        if (e.value & ((paging->pse36 ? RSVD_PSE36 : RSVD_PSE) | (paging->pat ? 0 : RSVD_PAT_L)))
            return FIND_RESERVED;
        path->page_size = 4 * MIB;
        path->pa = (e.value & 0xffc00000u) | (la & 0x003fffffu);
        if (paging->pse36)
            path->pa |= (e.value >> 13 & 0xff) << 32;
        return FIND_OK;
    }
    e = read32(phys, (e.value & ~(u64)PAGE_MASK) + (la >> 12 & 0x3ff) * 4);
    path->leaf = e;
    if (!(e.value & PTE_P))
        return FIND_ABSENT;
    if ((e.value & RSVD_PAT) && !paging->pat && (paging->cr4 & CR4_PSE))
        return FIND_RESERVED;
    path->page_size = PAGE_SIZE;
    path->pa = (e.value & ~(u64)PAGE_MASK) | (la & PAGE_MASK);
    return FIND_OK;
}

/* 64-bit entries below the four cached PDPTEs; CR4.PSE does not matter. (SDM vol. 3A, 4.4) */
static enum find find_pae(const struct paging *paging, struct phys *phys, u32 la, struct path *path)
{
    u64 pdpte = paging->pdpte[la >> 30], allowed = paging->nx ? PTE_XD : 0;
    struct entry e;

    if (!(pdpte & PTE_P))
        return FIND_ABSENT;
    e = read64(phys, (pdpte & PAE_FRAME) + (la >> 21 & 0x1ff) * 8);
    path->upper = path->leaf = e;
    if (!(e.value & PTE_P))
        return FIND_ABSENT;
    if (e.value & (e.value & PTE_PS ? RSVD_2M : RSVD_PAE) & ~allowed)
        return FIND_RESERVED;
    if (e.value & PTE_PS) {
        if ((e.value & RSVD_PAT_L) && !paging->pat)
            return FIND_RESERVED;
        path->page_size = 2 * MIB;
        path->pa = (e.value & PAE_FRAME & ~(u64)0x1fffff) | (la & 0x1fffffu);
        return FIND_OK;
    }
    e = read64(phys, (e.value & PAE_FRAME) + (la >> 12 & 0x1ff) * 8);
    path->leaf = e;
    if (!(e.value & PTE_P))
        return FIND_ABSENT;
    if ((e.value & RSVD_PAE & ~allowed) || ((e.value & RSVD_PAT) && !paging->pat))
        return FIND_RESERVED;
    path->page_size = PAGE_SIZE;
    path->pa = (e.value & PAE_FRAME) | (la & PAGE_MASK);
    return FIND_OK;
}

static enum find find(const struct paging *paging, struct phys *phys, u32 la, struct path *path)
{
    return paging->cr4 & CR4_PAE ? find_pae(paging, phys, la, path)
                                 : find_2level(paging, phys, la, path);
}

/* What the path grants; `user` is the access's privilege. (SDM vol. 3A, 4.6.1) */
static void fill_walk(const struct paging *paging, const struct path *path, bool user,
                      struct walk *out)
{
    u64 rights = path->upper.value & path->leaf.value;

    out->pa = path->pa;
    out->page_size = path->page_size;
    out->user = rights & PTE_US;
    out->user_writable = (rights & (PTE_US | PTE_RW)) == (PTE_US | PTE_RW);
    out->supervisor_writable = (rights & PTE_RW) || !(paging->cr0 & CR0_WP);
    out->writable = user ? out->user_writable : out->supervisor_writable;
    out->global = (path->leaf.value & PTE_G) && (paging->cr4 & CR4_PGE);
    out->dirty = path->leaf.value & PTE_D;
}

/* With paging off linear addresses are physical and everything is allowed. */
static void fill_off(u32 la, struct walk *out)
{
    *out = (struct walk){
        .pa = la,
        .page_size = PAGE_SIZE,
        .writable = true,
        .user = true,
        .user_writable = true,
        .supervisor_writable = true,
        .dirty = true,
    };
}

/* A and D bits are in the low dword of either format. */
static void set_bits(struct phys *phys, const struct entry *e, u32 bits)
{
    if (~e->value & bits)
        phys_store(phys, e->pa, (u32)e->value | bits, 4);
}

/* access: PF_W, PF_U and PF_I, as in the error code. */
static inline bool walk(const struct paging *paging, struct phys *phys, u32 la, u32 access,
                        struct walk *out, u32 *error)
{
    bool write = access & PF_W, user = access & PF_U;
    struct path path;

    if (!(paging->cr0 & CR0_PG)) {
        if (paging->flat)
            return flat_walk(paging->flat, phys, la, access, out, error);
        fill_off(la, out);
        return true;
    }
    switch (find(paging, phys, la, &path)) {
    case FIND_OK: break;
    case FIND_ABSENT: *error = access; return false;
    case FIND_RESERVED: *error = access | PF_P | PF_RSVD; return false;
    }
    fill_walk(paging, &path, user, out);
    if ((user && !out->user) || (write && !out->writable) ||
        ((access & PF_I) && ((path.upper.value | path.leaf.value) & PTE_XD))) {
        *error = access | PF_P;
        return false;
    }
    /* With a large page the two are one entry: leave the store to the leaf. A page directory that
     * maps itself makes them one location too, and the leaf's store has all bits. */
    if (path.page_size == PAGE_SIZE)
        set_bits(phys, &path.upper, PTE_A);
    set_bits(phys, &path.leaf, PTE_A | (write ? PTE_D : 0));
    out->dirty |= write;
    return true;
}

bool walk_page(const struct paging *paging, struct phys *phys, u32 la, bool write, bool user,
               struct walk *out, u32 *error)
{
    return walk(paging, phys, la, (write ? PF_W : 0) | (user ? PF_U : 0), out, error);
}

bool walk_fetch(const struct paging *paging, struct phys *phys, u32 la, bool user, struct walk *out,
                u32 *error)
{
    bool nx = (paging->nx && (paging->cr4 & CR4_PAE)) || paging->flat;

    return walk(paging, phys, la, (user ? PF_U : 0) | (nx ? PF_I : 0), out, error);
}

bool walk_peek(const struct paging *paging, struct phys *phys, u32 la, struct walk *out)
{
    struct path path;

    if (!(paging->cr0 & CR0_PG)) {
        u32 error;

        if (paging->flat)
            return flat_walk(paging->flat, phys, la, PF_U, out, &error);
        fill_off(la, out);
        return true;
    }
    if (find(paging, phys, la, &path) != FIND_OK)
        return false;
    fill_walk(paging, &path, false, out);
    return true;
}

unsigned walk_trace(const struct paging *paging, struct phys *phys, u32 la,
                    struct walk_entry entry[WALK_ENTRIES])
{
    bool pae = paging->cr4 & CR4_PAE, large = pae || (paging->cr4 & CR4_PSE);
    unsigned count = 0;
    struct path path;
    enum find found;

    if (!(paging->cr0 & CR0_PG))
        return 0;
    if (pae) {
        u64 pdpte = paging->pdpte[la >> 30];

        entry[count++] =
            (struct walk_entry){"PDPTE", (paging->cr3 & ~0x1fu) + (la >> 30) * 8, pdpte};
        if (!(pdpte & PTE_P))
            return count;
    }
    found = find(paging, phys, la, &path);
    entry[count++] = (struct walk_entry){"PDE", path.upper.pa, path.upper.value};
    if ((path.upper.value & PTE_P) && !(large && (path.upper.value & PTE_PS)) &&
        (found != FIND_RESERVED || path.leaf.pa != path.upper.pa))
        entry[count++] = (struct walk_entry){"PTE", path.leaf.pa, path.leaf.value};
    return count;
}

bool walk_load_pdptes(struct paging *paging, struct phys *phys, u32 cr3)
{
    u64 pdpte[4];

    for (unsigned i = 0; i < 4; i++) {
        pdpte[i] = read64(phys, (cr3 & ~0x1fu) + i * 8).value;
        if ((pdpte[i] & PTE_P) && (pdpte[i] & RSVD_PDPTE))
            return false;
    }
    for (unsigned i = 0; i < 4; i++)
        paging->pdpte[i] = pdpte[i];
    return true;
}
