/* The layout of the software TLB, and how C looks in it.
 *
 * A table has one 8-byte entry for each of the 2^20 guest pages; there is one for each of read/write x
 * supervisor/user, so permission is which table is looked in:
 *
 *     entry = host page address - guest page address     host address = entry + la
 *     entry = TLB_INVALID = 0                            take the slow path
 *
 * A table for data has TLB_PLANES planes of which only the first is ever filled. The low bits of la that a
 * naturally aligned access has clear are rotated in front of its page number, so that a misaligned
 * access looks into a plane where nothing is valid: one look-up tests validity and alignment. Tables for
 * instruction fetch have one plane. */
#ifndef PAGEWALK_TLB_H
#define PAGEWALK_TLB_H

#include "mmu/phys.h"

#define TLB_PAGES   (1u << 20)
#define TLB_PLANES  4u /* for sizes up to 4 */
#define TLB_TABLE   (TLB_PLANES * TLB_PAGES)
#define TLB_INVALID 0ull
#define TLB_NEVER   1ull /* what no entry is: for who compares with one that is not known */

/* Which table: an access's kind. */
enum mmu_access {
    MMU_READ_SUPER = 0,
    MMU_WRITE_SUPER = 1,
    MMU_READ_USER = 2,
    MMU_WRITE_USER = 3,
};
#define MMU_WRITE 1u
#define MMU_USER  2u

struct tlb {
    u64 data[4][TLB_TABLE];  /* by enum mmu_access */
    u64 fetch[2][TLB_PAGES]; /* by whether CPL is 3 */
};

static always_inline void *tlb_host(u64 entry, u32 la)
{
    return (void *)(uintptr_t)(entry + la);
}

/* The entry of a page: desc is the descriptor of the memory that la is to be in. */
static inline u64 tlb_entry(u64 desc, u32 la)
{
    return (desc & ~(u64)PAGE_MASK) - (la & ~PAGE_MASK);
}

/* Where a table for data has the entry for an access: in its first plane when la is aligned. Operands above
 * 4 bytes have that tested up to 4. */
static always_inline u32 tlb_slot(u32 la, unsigned size)
{
    unsigned low = size == 1 ? 0 : size == 2 ? 1 : 2; /* bits that alignment wants clear */

    return low ? (la >> low | la << (32 - low)) >> (PAGE_SHIFT - low) : la >> PAGE_SHIFT;
}

/* The host address of an access of size bytes; NULL: not aligned, or its page is not valid. */
static always_inline void *tlb_find(const u64 *data, u32 la, unsigned size)
{
    u64 entry = data[tlb_slot(la, size)];
    void *host = tlb_host(entry, la);

    if (unlikely(entry == TLB_INVALID || (size > 4 && la & (size - 1))))
        return NULL;
    if (!host)
        __builtin_unreachable(); /* so that callers need not look again */
    return host;
}

/* The host address of la by the entry of its page, good up to the page's end; NULL: not valid. For every kind
 * of table. */
static always_inline void *tlb_find_page(const u64 *table, u32 la)
{
    u64 entry = table[la >> PAGE_SHIFT];

    return unlikely(entry == TLB_INVALID) ? NULL : tlb_host(entry, la);
}

#endif
