/* What the firmware's tables have in common; see table.h. */
#include "table.h"

void table_copy(void *to, const void *from, u32 len)
{
    u8 *t = to;
    const u8 *f = from;

    while (len--)
        *t++ = *f++;
}

u8 table_checksum(const void *p, u32 len)
{
    const u8 *byte = p;
    u8 sum = 0;

    while (len--)
        sum += *byte++;
    return (u8)-sum;
}
