/* A digest of the guest's RAM that costs little when little has changed.
 *
 * Only pages with PHYS_DIRTY set are hashed again. Clearing the bit makes the write entries of the TLB
 * invalid, so the next store to the page is seen. Dropping TLB entries is always allowed by the
 * architecture, and the digest is a function of memory's content alone. */
#include "devices/board/pc_digest.h"

#include <errno.h>
#include <string.h>

/* With more dirty pages than this, one whole flush is cheaper than a search of the log for each. */
#define DIGEST_UNMAP_MAX 8

#define DISPLAY_BASE 0xa0000u
#define DISPLAY_END  0xc0000u

int pc_digest_init(struct pc_digest *digest, u64 end)
{
    memset(digest, 0, sizeof(*digest));
    digest->pages = end >> PAGE_SHIFT;
    digest->page = hostmem_sparse(digest->pages * sizeof(*digest->page));
    return digest->page ? 0 : -ENOMEM;
}

void pc_digest_free(struct pc_digest *digest)
{
    if (digest->page)
        hostmem_sparse_free(digest->page, digest->pages * sizeof(*digest->page));
    digest->page = NULL;
}

/* Spreads every bit of x over the word (a bijection: multiply by odd, xor with a shift). */
static u64 digest_mix(u64 x)
{
    x = (x ^ x >> 32) * 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 29) * 0xd1b54a32d192ed03ull;
    return x ^ x >> 32;
}

/* 0 for a page of zeros, never 0 for another. */
static u64 digest_page(const u8 *data)
{
    /* Four lanes, so that multiplications overlap. */
    u64 lane[4] = {1, 2, 3, 4};
    u64 any = 0;
    u64 hash;

    for (unsigned i = 0; i < PAGE_SIZE; i += 32) {
        for (unsigned j = 0; j < 4; j++) {
            u64 word = get64(data + i + 8 * j);

            any |= word;
            lane[j] = (lane[j] ^ word) * 0x9e3779b97f4a7c15ull;
            lane[j] ^= lane[j] >> 31;
        }
    }
    if (!any)
        return 0;
    hash = digest_mix(lane[0]) + 3 * digest_mix(lane[1]) + 5 * digest_mix(lane[2]) +
           7 * digest_mix(lane[3]);
    return hash ? hash : 1;
}

static u64 digest_place(u64 hash, u64 page)
{
    return hash ? digest_mix(hash + page * 0xa0761d6478bd642full) : 0;
}

static bool digest_was_written(const struct pc_digest *digest, const struct phys *phys, u64 pa)
{
    u64 desc = phys_page(phys, pa);

    return (desc & PHYS_RAM) && (desc & PHYS_DIRTY || digest->unknown) &&
           (pa < DISPLAY_BASE ||
            pa >= DISPLAY_END); /* display memory at times: its dirty bits are the adapter's */
}

void pc_digest_written(const struct pc_digest *digest, const struct phys *phys,
                       void (*page)(void *opaque, u64 pa, u64 hash), void *opaque)
{
    for (u64 pa = 0; pa < digest->pages << PAGE_SHIFT; pa += PAGE_SIZE)
        if (digest_was_written(digest, phys, pa))
            page(opaque, pa, digest_page(phys_host(phys, pa)));
}

struct peek {
    const struct pc_digest *digest;
    u64 sum;
};

static void peek_page(void *opaque, u64 pa, u64 hash)
{
    struct peek *peek = opaque;
    u64 page = pa >> PAGE_SHIFT;

    peek->sum += digest_place(hash, page) - digest_place(peek->digest->page[page], page);
}

u64 pc_digest_peek(const struct pc_digest *digest, const struct phys *phys)
{
    struct peek peek = {digest, digest->sum};

    pc_digest_written(digest, phys, peek_page, &peek);
    return peek.sum;
}

u64 pc_digest_ram(struct pc_digest *digest, struct mmu *mmu)
{
    struct phys *phys = mmu->phys;
    unsigned dirty = 0;

    for (u64 page = 0; page < digest->pages; page++) {
        u64 pa = page << PAGE_SHIFT;
        u64 hash;

        if (!digest_was_written(digest, phys, pa))
            continue;
        hash = digest_page(phys_host(phys, pa));
        digest->sum -= digest_place(digest->page[page], page);
        digest->sum += digest_place(hash, page);
        digest->page[page] = hash;
        if (!(phys_page(phys, pa) & PHYS_DIRTY))
            continue;
        phys_clear_dirty(phys, pa, PAGE_SIZE);
        if (++dirty <= DIGEST_UNMAP_MAX)
            mmu_unmap_write(mmu, pa);
    }
    digest->unknown = false;
    if (dirty > DIGEST_UNMAP_MAX)
        mmu_flush(mmu, true);
    return digest->sum;
}
