/* The page-table walker: 2-level, PSE, PAE; WP, U/S, accessed and dirty bits; error codes.
 * A function of the paging state, the physical map and the address: it knows no CPU and raises
 * nothing. (Intel SDM vol. 3A, 4.3-4.8.) */
#ifndef PAGEWALK_WALK_H
#define PAGEWALK_WALK_H

#include "mmu/phys.h"

/* Control-register bits that paging depends on, at their architectural positions. */
#define CR0_PE  0x00000001u
#define CR0_WP  0x00010000u
#define CR0_PG  0x80000000u
#define CR4_PSE 0x00000010u
#define CR4_PAE 0x00000020u
#define CR4_PGE 0x00000080u

/* #PF error code bits. (SDM vol. 3A, 4.7) */
#define PF_P    0x01u /* protection violation, not a missing page */
#define PF_W    0x02u /* the access was a write */
#define PF_U    0x04u /* the access was a user one */
#define PF_RSVD 0x08u /* a reserved bit was set */
#define PF_I    0x10u /* the access was an instruction fetch; with NX and PAE only */

struct flat;

struct paging {
    u32 cr0, cr3, cr4; /* only the bits above count in cr0 and cr4 */
    u64 pdpte[4];      /* PAE: loaded by mmu_load_pdptes(), as the CPU caches them (SDM 4.4.1) */
    bool nx;           /* EFER.NXE: bit 63 of a PAE entry forbids fetches */
    bool pat;          /* the PAT's bits of entries are there, else reserved; they do nothing */
    bool pse36;        /* 4 MiB pages take address bits 32-39 from bits 13-20 */
    const struct flat *flat; /* with paging off: memory is flat (flat.h); NULL: all is allowed */
};

struct walk {
    u64 pa;                   /* physical address of la itself, A20 not yet applied */
    u32 page_size;            /* 4 KiB, 2 MiB or 4 MiB */
    bool writable;            /* a write at this privilege is allowed (WP taken into account) */
    bool user;                /* user accesses are allowed (reads at least) */
    bool user_writable;       /* user writes are allowed */
    bool supervisor_writable; /* supervisor writes are allowed (R/W, or CR0.WP clear) */
    bool global;              /* G, when CR4.PGE is set */
    bool dirty;               /* the leaf's D bit is set (now) */
};

/* Translates la for an access by user or supervisor, read or write, setting A and (for a write) D
 * bits in the guest's tables exactly as hardware does: only when the access is allowed.
 * Returns true and *out, or false and *error (the #PF error code). */
bool walk_page(const struct paging *paging, struct phys *phys, u32 la, bool write, bool user,
               struct walk *out, u32 *error);

/* The same for an instruction fetch. */
bool walk_fetch(const struct paging *paging, struct phys *phys, u32 la, bool user, struct walk *out,
                u32 *error);

/* The same without touching A and D bits and without checking rights, for debuggers and logs. */
bool walk_peek(const struct paging *paging, struct phys *phys, u32 la, struct walk *out);

/* The entries that a walk for la reads, from above, until one is not present or maps a page; for logs. Returns how many:
 * 0 with paging off. PAE's first is the processor's copy, named with where it was loaded from. */
#define WALK_ENTRIES 3
struct walk_entry {
    const char *name;
    u64 pa, value;
};
unsigned walk_trace(const struct paging *paging, struct phys *phys, u32 la,
                    struct walk_entry entry[WALK_ENTRIES]);

/* Loads the four PDPTEs at CR3 into paging. Returns false when a present one has reserved bits set
 * (the caller raises #GP(0)); then paging is unchanged. (SDM vol. 3A, 4.4.1) */
bool walk_load_pdptes(struct paging *paging, struct phys *phys, u32 cr3);

#endif
