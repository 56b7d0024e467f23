/* Host memory for guest RAM and for large sparse tables.
 *
 * What an access beyond such a mapping would hit is nobody's: pages without any rights lie on both sides. */
#ifndef PAGEWALK_HOSTMEM_H
#define PAGEWALK_HOSTMEM_H

#include "mmu/host/base.h"

#define HOSTMEM_LOANS 16

/* Bytes of a page of the host's: 4096, or more. "Whole pages" are those below. */
u64 hostmem_page(void);
/* What size bytes take with a guard behind them. */
u64 hostmem_guarded(u64 size);

/* Guest memory in one memfd, so that a back end can map pieces of it again elsewhere. */
struct hostmem {
    u8 *base;
    u64 size; /* bytes, whole pages */
    int fd;
    struct hostmem_loan { /* where the pages of another file lie in front of the memfd's */
        u64 offset, size;
    } loan[HOSTMEM_LOANS];
    unsigned loans;
};

/* Both return 0 or -errno. Memory is zero and untouched until used. */
int hostmem_init(struct hostmem *mem, u64 size);
void hostmem_free(struct hostmem *mem);
/* Takes all rights from the page at `offset`. 0 or -errno. */
int hostmem_guard(struct hostmem *mem, u64 offset);

/* size bytes of memory at `offset` are those of a file at `from`, without being read: a page is copied when it is written.
 * The file must stay as it is. What was there before is gone, also on an error. size may end within a page; where `from` is
 * none's beginning, bytes are read at once. 0 or -errno. */
int hostmem_lend(struct hostmem *mem, u64 offset, u64 size, int fd, u64 from);
/* Memory is in the memfd alone again, with the contents that it has. 0 or -errno. */
int hostmem_settle(struct hostmem *mem);
/* Memory at `offset` becomes zeros, in the memfd. 0 or -errno. */
int hostmem_zero(struct hostmem *mem, u64 offset, u64 size);
/* How many bytes from `offset` on, at most size, are either all zeros that were never touched (*data false: they need not
 * be read) or anything. */
u64 hostmem_extent(const struct hostmem *mem, u64 offset, u64 size, bool *data);

/* size bytes, whole pages, of address space without rights and with a guard on both sides, for MAP_FIXED: near
 * `at` only there, or anywhere (NULL). NULL: it is taken. */
void *hostmem_reserve(void *at, u64 size);
void hostmem_unreserve(void *p, u64 size);

/* Zeroed, lazily backed, page-aligned memory (not shared); NULL when the host has none left. */
void *hostmem_sparse(u64 size);
void hostmem_sparse_free(void *p, u64 size);

/* Asks the host for huge pages there, which it may not have. */
void hostmem_wish_huge(void *p, u64 size);

/* Makes [p, p + size) inside a hostmem_sparse() block all zeros, without memory behind its whole pages, and memory come in
 * small pages there. 0 or -errno. */
int hostmem_clear(void *p, u64 size);

#endif
