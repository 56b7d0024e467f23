/* The software TLB's slow paths: walk, fill, and the accesses that no entry can serve.
 *
 * Nothing here relies on an entry that it has just filled: a fill may flush everything
 * (tlb_limit, full logs), so an access goes on with the host or physical address that the walk
 * gave. */
#include "mmu/window.h"

#include <inttypes.h>
#include <string.h>

/* ORDER enum mmu_access: a table's number is made of these two bits, and fits a log item's low
 * three. */
_Static_assert(MMU_WRITE_SUPER == MMU_WRITE && MMU_READ_USER == MMU_USER &&
                   MMU_WRITE_USER == (MMU_WRITE | MMU_USER),
               "enum mmu_access is the bits MMU_WRITE and MMU_USER");

/* Where the bytes of one page's part of an access are. */
struct target {
    u8 *host; /* direct access, or NULL: through phys_read() and phys_write() */
    u64 pa;   /* A20 applied */
};

static bool set_fault(struct mmu *mmu, u32 la, u32 error)
{
    mmu->fault = (struct mmu_fault){.la = la, .error = error};
    log_printf(mmu->log, LOG_mmu, "mmu: fault at %08" PRIx32 " error %02" PRIx32 "\n", la, error);
    return false;
}

/* A write entry for la's page maps the page of pa from now on. */
static void note_write(struct mmu *mmu, u32 la, u64 pa)
{
    u32 *page = &mmu->write_page[pa >> PAGE_SHIFT];

    if (*page != (la >> PAGE_SHIFT) + 1)
        *page = *page ? MMU_MANY : (la >> PAGE_SHIFT) + 1;
}

/* table: MMU_* bits. */
static void set_entry(struct mmu *mmu, u32 table, u32 la, u64 entry, bool global)
{
    u32 item = la >> PAGE_SHIFT << 3 | table;
    u32 limit = mmu->filled.capacity;
    struct mmu_log *filled = global ? &mmu->filled_global : &mmu->filled;

    if (*mmu_logged(mmu, item) == entry)
        return;
    if (unlikely(mmu->tlb_limit != 0) && mmu->tlb_limit < limit)
        limit = mmu->tlb_limit;
    if (unlikely(mmu->filled.count + mmu->filled_global.count >= limit))
        mmu_flush(mmu, true);
    if (unlikely(*mmu_logged(mmu, item) != TLB_INVALID) && !(table & MMU_FETCH)) {
        mmu_new_context(mmu); /* native code may remember the entry that was */
        if (mmu->window)
            window_drop(mmu, la >> PAGE_SHIFT, table & MMU_USER);
    }
    *mmu_logged(mmu, item) = entry;
    filled->item[filled->count++] = item;
}

/* Differences of linear addresses are modulo 4 GiB, as sums are. */
static bool overlap(u32 a, u32 a_len, u32 b, u32 b_len)
{
    return a - b < b_len || b - a < a_len;
}

/* What the physical map does not allow, where it is strict. access: PF_W or PF_I. */
static bool outside(struct mmu *mmu, u32 la, u64 pa, u32 access)
{
    u64 desc = phys_page(mmu->phys, pa);
    u64 lacks = access & PF_I ? PHYS_NO_EXEC : access & PF_W ? PHYS_NO_WRITE : PHYS_NO_READ;
    bool missing = !(desc & (PHYS_RAM | PHYS_ROM | PHYS_MMIO));

    if (!missing && !(desc & PHYS_RAM && desc & lacks))
        return false;
    set_fault(mmu, la, access);
    mmu->fault.outside = missing ? MMU_OUTSIDE_MISSING : MMU_OUTSIDE_RIGHTS;
    mmu->fault.pa = pa;
    return true;
}

bool mmu_page_watched(const struct mmu *mmu, u32 la, bool write)
{
    if (unlikely(mmu->observer != NULL) &&
        mmu->observer->wants(mmu->observer->opaque, la & ~PAGE_MASK, write))
        return true;
    for (unsigned i = 0; i < mmu->watches; i++) {
        const struct mmu_watch *watch = &mmu->watch[i];

        if ((write || watch->reads) && overlap(la & ~PAGE_MASK, PAGE_SIZE, watch->la, watch->len))
            return true;
    }
    return false;
}

static void report_watches(struct mmu *mmu, u32 la, u32 len, bool write)
{
    u32 bits = 0;

    for (unsigned i = 0; i < mmu->watches; i++) {
        const struct mmu_watch *watch = &mmu->watch[i];

        if ((write ? !watch->reads_only : watch->reads) && overlap(la, len, watch->la, watch->len))
            bits |= watch->bits;
    }
    if (bits)
        mmu->watch_hit(mmu->watch_opaque, bits);
}

static u64 mixed_key(const struct mmu *mmu, u32 la, enum mmu_access access)
{
    return mmu->context >> MMU_CONTEXT_COUNT << MMU_CONTEXT_COUNT | (la & ~PAGE_MASK) | access;
}

/* What is known of a store to a page of code and data; NULL. */
static const struct mmu_mixed *find_mixed(const struct mmu *mmu, u32 la, enum mmu_access access)
{
    const struct mmu_mixed *mixed = &mmu->mixed[(la >> PAGE_SHIFT) % MMU_MIXED];

    return mixed->key == mixed_key(mmu, la, access) ? mixed : NULL;
}

/* The bytes of the page whose stores must be told, when those of others need not be; else NULL. */
static const u8 *code_bytes(const struct phys *phys, u64 pa)
{
    for (unsigned i = 0; i < phys->listeners; i++)
        if (phys->listener[i].bit == PHYS_CODE && phys->listener[i].bytes)
            return phys->listener[i].bytes(phys->listener[i].opaque, (u32)pa);
    return NULL;
}

static void set_mixed(struct mmu *mmu, u32 la, enum mmu_access access, u64 entry, u64 pa)
{
    const u8 *code = code_bytes(mmu->phys, pa);

    if (!code)
        return;
    mmu->phys->page[pa >> PAGE_SHIFT] |= PHYS_STORED;
    mmu->mixed[(la >> PAGE_SHIFT) % MMU_MIXED] =
        (struct mmu_mixed){mixed_key(mmu, la, access), entry, code, pa & ~(u64)PAGE_MASK};
}

/* Whether any of up to 8 bytes at la, in one page, is code. */
static bool has_code(const struct mmu_mixed *mixed, u32 la, unsigned size)
{
    u16 bits;

    memcpy(&bits, mixed->code + ((la & PAGE_MASK) >> 3), sizeof(bits));
    return bits >> (la & 7) & ((1u << size) - 1);
}

static void note_large(struct mmu *mmu, u32 la, const struct walk *walk)
{
    if (walk->page_size > PAGE_SIZE)
        mmu->large[la >> 27] |= 1u << (la >> 22 & 31);
}

/* Enters what a successful walk for this access allows, in the tables of its own privilege. */
static void fill(struct mmu *mmu, u32 la, enum mmu_access access, const struct walk *walk, u64 pa)
{
    enum mmu_access reads = (enum mmu_access)(access & MMU_USER);
    enum mmu_access writes = (enum mmu_access)(reads | MMU_WRITE);
    u64 *desc = &mmu->phys->page[pa >> PAGE_SHIFT];
    u64 entry = tlb_entry(*desc, la);
    bool may_write =
        (*desc & (PHYS_RAM | PHYS_NO_WRITE)) == PHYS_RAM && !mmu_page_watched(mmu, la, true);
    bool can_write = may_write && !(*desc & PHYS_CODE), can_mix = may_write && !can_write;
    bool can_read = !(*desc & PHYS_NO_READ) && !mmu_page_watched(mmu, la, false);

    note_large(mmu, la, walk);
    if (access & MMU_WRITE) {
        if (can_read)
            set_entry(mmu, reads, la, entry, walk->global);
        if (can_write) {
            *desc |= PHYS_STORED;
            note_write(mmu, la, pa);
            set_entry(mmu, writes, la, entry, walk->global);
        } else if (can_mix) {
            set_mixed(mmu, la, access, entry, pa);
        }
    } else {
        /* A read may open the page to writes where the write itself would change no D or dirty
         * bit. The entry that was asked for goes last: under a tlb_limit of one it is the one to
         * stay. */
        if (can_write && walk->writable && walk->dirty && (*desc & PHYS_STORED) == PHYS_STORED) {
            note_write(mmu, la, pa);
            set_entry(mmu, writes, la, entry, walk->global);
        }
        if (can_read)
            set_entry(mmu, reads, la, entry, walk->global);
    }
}

/* Why the TLB had nothing for an access whose walk succeeded, before it is filled. */
static void count_miss(struct mmu *mmu, u32 la, enum mmu_access access, u64 desc)
{
    struct stats *stats = mmu->stats;
    u32 page = la >> PAGE_SHIFT;

    if (!(desc & PHYS_RAM) && (access & MMU_WRITE || !(desc & PHYS_ROM)))
        stats->miss_device++;
    else if (access & MMU_WRITE && desc & PHYS_CODE)
        stats->miss_code++;
    else if (access & MMU_WRITE && mmu->tlb.data[access & MMU_USER][page] != TLB_INVALID)
        stats->miss_write++;
    else
        stats->miss_fill++;
}

static bool resolve_miss(struct mmu *mmu, u32 la, enum mmu_access access, struct target *out)
{
    const struct mmu_mixed *mixed = access & MMU_WRITE ? find_mixed(mmu, la, access) : NULL;
    struct walk walk;
    u32 error;
    u64 desc;

    if (mixed) {
        *out = (struct target){.pa = mixed->pa + (la & PAGE_MASK)};
        return true;
    }
    mmu->stats->tlb_miss++;
    if (unlikely(mmu->page_misses != NULL))
        mmu->page_misses[la >> PAGE_SHIFT]++;
    if (!walk_page(&mmu->paging, mmu->phys, la, access & MMU_WRITE, access & MMU_USER, &walk,
                   &error)) {
        mmu->stats->miss_fault++;
        return set_fault(mmu, la, error);
    }
    *out = (struct target){.pa = phys_a20(mmu->phys, walk.pa)};
    if (unlikely(mmu->phys->strict) && outside(mmu, la, out->pa, access & MMU_WRITE ? PF_W : 0))
        return false;
    desc = phys_page(mmu->phys, out->pa);
    count_miss(mmu, la, access, desc);
    if (!(desc & (PHYS_RAM | PHYS_ROM)))
        return true;
    fill(mmu, la, access, &walk, out->pa);
    if (!(access & MMU_WRITE)) {
        out->host = phys_host(mmu->phys, out->pa);
    } else if ((desc & (PHYS_RAM | PHYS_CODE)) ==
               PHYS_RAM) { /* a watched page, too, has no entry */
        mmu->phys->page[out->pa >> PAGE_SHIFT] |= PHYS_STORED;
        out->host = phys_host(mmu->phys, out->pa);
    }
    return true;
}

/* Translates la for this access, A and D bits included, and fills. False: fault in mmu->fault. */
static inline bool resolve(struct mmu *mmu, u32 la, enum mmu_access access, struct target *out)
{
    u8 *host = tlb_find_page(mmu->tlb.data[access], la);

    if (host) { /* valid: a misaligned access, or a part of a crossing one */
        *out = (struct target){.host = host};
        return true;
    }
    return resolve_miss(mmu, la, access, out);
}

/* memcpy() for the lengths of most accesses, without a call. */
static void copy(void *to, const void *from, u32 len)
{
    switch (len) {
    case 1: memcpy(to, from, 1); break;
    case 2: memcpy(to, from, 2); break;
    case 4: memcpy(to, from, 4); break;
    case 8: memcpy(to, from, 8); break;
    default: memcpy(to, from, len);
    }
}

static void read_part(struct mmu *mmu, const struct target *from, void *buf, u32 len)
{
    if (from->host)
        copy(buf, from->host, len);
    else
        phys_read(mmu->phys, from->pa, buf, len);
}

static void write_part(struct mmu *mmu, const struct target *to, const void *buf, u32 len)
{
    if (to->host)
        copy(to->host, buf, len);
    else
        phys_write(mmu->phys, to->pa, buf, len);
}

/* How many of len bytes at la are in la's page. */
static u32 first_part(u32 la, u32 len)
{
    u32 in_page = PAGE_SIZE - (la & PAGE_MASK);

    return len < in_page ? len : in_page;
}

bool mmu_load_slow(struct mmu *mmu, u32 la, unsigned size, enum mmu_access access, u64 *value)
{
    u32 n = first_part(la, size);
    struct target low, high;
    u64 result = 0;

    mmu->stats->tlb_slow++;
    if (!resolve(mmu, la, access, &low))
        return false;
    /* Both pages are checked before a device sees a read of the first. */
    if (n < size && !resolve(mmu, la_add(la, n), access, &high))
        return false;
    if (unlikely(mmu->observer != NULL))
        mmu->observer->before(mmu->observer->opaque, la, size, false, 0);
    read_part(mmu, &low, &result, n);
    if (n < size)
        read_part(mmu, &high, (u8 *)&result + n, size - n);
    *value = result;
    if (unlikely(mmu->watches))
        report_watches(mmu, la, size, false);
    if (unlikely(mmu->observer != NULL))
        mmu->observer->loaded(mmu->observer->opaque, la, size, result);
    return true;
}

bool mmu_store_slow(struct mmu *mmu, u32 la, u64 value, unsigned size, enum mmu_access access)
{
    u32 n = first_part(la, size);
    const struct mmu_mixed *mixed = n == size ? find_mixed(mmu, la, access) : NULL;
    struct target low, high;

    mmu->stats->tlb_slow++;
    mmu->stats->tlb_slow_store++;
    if (mixed && !has_code(mixed, la, size)) {
        copy(tlb_host(mixed->entry, la), &value, size);
        return true;
    }
    if (!resolve(mmu, la, access, &low))
        return false;
    if (n < size && !resolve(mmu, la_add(la, n), access, &high))
        return false;
    if (unlikely(mmu->observer != NULL))
        mmu->observer->before(mmu->observer->opaque, la, size, true,
                              size < 8 ? value & ((1ull << size * 8) - 1) : value);
    write_part(mmu, &low, &value, n);
    if (n < size)
        write_part(mmu, &high, (u8 *)&value + n, size - n);
    if (unlikely(mmu->watches))
        report_watches(mmu, la, size, true);
    return true;
}

bool mmu_probe(struct mmu *mmu, u32 la, u32 len, enum mmu_access access)
{
    u32 n = first_part(la, len);
    struct target part;

    return resolve(mmu, la, access, &part) &&
           (n == len || resolve(mmu, la_add(la, n), access, &part));
}

void *mmu_host(struct mmu *mmu, u32 la, enum mmu_access access, bool *faulted)
{
    struct target target;

    *faulted = !resolve(mmu, la, access, &target);
    return *faulted || mmu_page_watched(mmu, la, access & MMU_WRITE) ? NULL : target.host;
}

bool mmu_fetch_pa(struct mmu *mmu, u32 la, bool user, u64 *pa)
{
    struct walk walk;
    u32 error;
    u64 desc;

    mmu->stats->tlb_fetch++;
    if (!walk_fetch(&mmu->paging, mmu->phys, la, user, &walk, &error))
        return set_fault(mmu, la, error);
    *pa = phys_a20(mmu->phys, walk.pa);
    if (unlikely(mmu->phys->strict) && outside(mmu, la, *pa, PF_I))
        return false;
    desc = phys_page(mmu->phys, *pa);
    if (desc & (PHYS_RAM | PHYS_ROM)) {
        note_large(mmu, la, &walk);
        set_entry(mmu, MMU_FETCH | (user ? MMU_USER : 0), la, tlb_entry(desc, la), walk.global);
    }
    return true;
}

bool mmu_peek_pa(struct mmu *mmu, u32 la, u64 *pa)
{
    struct walk walk;

    if (!walk_peek(&mmu->paging, mmu->phys, la, &walk))
        return false;
    *pa = phys_a20(mmu->phys, walk.pa);
    return true;
}
