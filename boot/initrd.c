/* Initrd placement: as high as it may be, where no kernel of any age will unpack itself over it. */
#include "boot/initrd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "size[KMGTPE]" as the kernel's memparse() reads it; *rest is where it stopped. */
static u64 parse_size(const char *text, const char **rest)
{
    static const char units[] = "KMGTPE";
    char *end;
    u64 value = strtoull(text, &end, 0);

    if (*end) {
        const char *unit = strchr(units, *end & ~0x20);

        if (unit && *unit) {
            unsigned shift = 10 * (unsigned)(unit - units + 1);

            value = value > UINT64_MAX >> shift ? UINT64_MAX : value << shift;
            end++;
        }
    }
    *rest = end;
    return value;
}

u64 initrd_mem_limit(const char *cmdline)
{
    u64 limit = UINT64_MAX;
    const char *p = cmdline;

    while ((p = strstr(p, "mem=")) != NULL) {
        bool word = p == cmdline || p[-1] == ' ';

        p += 4;
        if (word && *p >= '0' && *p <= '9') {
            u64 value = parse_size(p, &p);

            /* mem=nn@ss names a range, which is not a limit. */
            if ((*p == '\0' || *p == ' ') && value)
                limit = value;
        }
    }
    return limit;
}

int initrd_place(const struct ram_map *map, u64 size, u64 last, const struct ram_span *kernel,
                 unsigned kernel_spans, u32 *address)
{
    u64 at;
    int r;

    if (last > UINT32_MAX)
        last = UINT32_MAX;
    r = ram_place_top(map, size, MIB, last, kernel, kernel_spans, &at);
    if (r < 0)
        return r;
    *address = (u32)at;
    return 0;
}
