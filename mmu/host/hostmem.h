/* Host memory for guest RAM and for large sparse tables.
 *
 * What an access beyond such a mapping would hit is nobody's: pages without any rights lie on both sides. */
#ifndef PAGEWALK_HOSTMEM_H
#define PAGEWALK_HOSTMEM_H

#include "mmu/host/base.h"

#define HOST_PAGE 4096u

/* Guest memory in one memfd, so that a back end can map pieces of it again elsewhere. */
struct hostmem {
    u8 *base;
    u64 size; /* bytes, whole pages */
    int fd;
};

/* Both return 0 or -errno. Memory is zero and untouched until used. */
int hostmem_init(struct hostmem *mem, u64 size);
void hostmem_free(struct hostmem *mem);
/* Takes all rights from the page at `offset`. 0 or -errno. */
int hostmem_guard(struct hostmem *mem, u64 offset);

/* size bytes, whole pages, of address space without rights and with a guard on both sides, for MAP_FIXED: near
 * `at` only there, or anywhere (NULL). NULL: it is taken. */
void *hostmem_reserve(void *at, u64 size);
void hostmem_unreserve(void *p, u64 size);

/* Zeroed, lazily backed, page-aligned memory (not shared); NULL when the host has none left. */
void *hostmem_sparse(u64 size);
void hostmem_sparse_free(void *p, u64 size);

/* Makes [p, p + size), whole pages inside a hostmem_sparse() block, all zeros without memory behind it, and
 * memory come in small pages there. 0 or -errno. */
int hostmem_clear(void *p, u64 size);

#endif
