/* Unaligned big-endian access: SCSI, images, network protocols. */
#ifndef PAGEWALK_BE_H
#define PAGEWALK_BE_H

#include "mmu/host/base.h"

static inline u16 get_be16(const void *p)
{
    return __builtin_bswap16(get16(p));
}

static inline u32 get_be32(const void *p)
{
    return __builtin_bswap32(get32(p));
}

static inline u64 get_be64(const void *p)
{
    return __builtin_bswap64(get64(p));
}

static inline void put_be16(void *p, u16 v)
{
    put16(p, __builtin_bswap16(v));
}

static inline void put_be32(void *p, u32 v)
{
    put32(p, __builtin_bswap32(v));
}

static inline void put_be64(void *p, u64 v)
{
    put64(p, __builtin_bswap64(v));
}

#endif
