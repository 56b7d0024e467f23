/* A digest of the guest's RAM that costs little when little has changed. */
#ifndef PAGEWALK_PC_DIGEST_H
#define PAGEWALK_PC_DIGEST_H

#include "mmu/mmu.h"

/* One hash for each page, kept until the page is written. A page of zeros counts as nothing, so the
 * digest does not depend on which pages were ever touched. */
struct pc_digest {
    u64 *page; /* by page number; 0 for a page of zeros */
    u64 pages;
    u64 sum;      /* of every page's hash, mixed with its place */
    bool unknown; /* pages may have changed that are not marked: all are hashed once more */
};

/* For RAM below `end` that is all zeros but for pages marked dirty. 0 or -ENOMEM. */
int pc_digest_init(struct pc_digest *digest, u64 end);
void pc_digest_free(struct pc_digest *digest);

/* Digest of RAM now. Clears the dirty bits that it has seen, in the map and in the MMU. */
u64 pc_digest_ram(struct pc_digest *digest, struct mmu *mmu);

/* The same, and changes nothing: every page written since the last pc_digest_ram() is hashed each time. */
u64 pc_digest_peek(const struct pc_digest *digest, const struct phys *phys);
/* Those pages and their hashes. */
void pc_digest_written(const struct pc_digest *digest, const struct phys *phys,
                       void (*page)(void *opaque, u64 pa, u64 hash), void *opaque);

#endif
