/* Bodies of the interpreter's loads and stores: a TLB hit is done in line, everything else in memory.c.
 *
 * For run() in interp.c, which has the TLB's tables for the current privilege in read_table and write_table. */
/* clang-format off */
#ifndef PAGEWALK_INTERP_MEMORY_H
#define PAGEWALK_INTERP_MEMORY_H

#include "translate/block.h"
#include "translate/interp/operands.h"

/* Any access; #PF is raised as of micro-op u. load_write: of a read-modify-write, whose store must not fault. */
u32 interp_load_slow(struct translator *tr, const struct uop *u, u32 la, unsigned size, enum mmu_access access);
u32 interp_load_write_slow(struct translator *tr, const struct uop *u, u32 la, unsigned size,
                           enum mmu_access access);
void interp_store_slow(struct translator *tr, const struct uop *u, u32 la, u32 value, unsigned size,
                       enum mmu_access access);

#define LOAD_AS(name, n, dest, ...)                                                                \
    do_##name:                                                                                     \
    {                                                                                              \
        u32 la = EA;                                                                               \
        const T_##n *p = tlb_find(read_table, la, BYTES_##n);                                      \
        T_##n v = likely(p != NULL)                                                                \
                      ? *p                                                                         \
                      : (T_##n)interp_load_slow(tr, u, la, BYTES_##n, read_access);                \
        dest(u->d) = __VA_ARGS__ v;                                                                \
        NEXT;                                                                                      \
    }
#define LOAD(n) LOAD_AS(ld##n, n, R##n, )
#define LOAD_WRITE(n)                                                                              \
    do_ldw##n:                                                                                     \
    {                                                                                              \
        u32 la = EA;                                                                               \
        const T_##n *p = tlb_find(write_table, la, BYTES_##n);                                     \
        D(n) = likely(p != NULL)                                                                   \
                   ? *p                                                                            \
                   : (T_##n)interp_load_write_slow(tr, u, la, BYTES_##n, write_access);            \
        NEXT;                                                                                      \
    }
#define STORE(name, n, value)                                                                      \
    do_##name##n:                                                                                  \
    {                                                                                              \
        u32 la = EA;                                                                               \
        T_##n *p = tlb_find(write_table, la, BYTES_##n);                                           \
        if (likely(p != NULL))                                                                     \
            *p = (T_##n)(value);                                                                   \
        else                                                                                       \
            interp_store_slow(tr, u, la, (T_##n)(value), BYTES_##n, write_access);                 \
        NEXT;                                                                                      \
    }

#endif
