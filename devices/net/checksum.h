/* The Internet checksum (RFC 1071). */
#ifndef PAGEWALK_NET_CHECKSUM_H
#define PAGEWALK_NET_CHECKSUM_H

#include <string.h>

#include "mmu/host/base.h"

/* The sum of 16-bit words as they lie in memory, folded, not inverted; an odd byte counts as if a zero followed. */
static inline u16 checksum_add(u16 start, const u8 *data, size_t len)
{
    u64 sum = start;

    for (; len >= 4; data += 4, len -= 4)
        sum += get32(data);
    if (len >= 2) {
        sum += get16(data);
        data += 2;
        len -= 2;
    }
    if (len)
        sum += *data;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (u16)sum;
}

#endif
