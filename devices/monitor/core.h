/* ELF cores: the headers of a file with memory and one processor's registers. */
#ifndef PAGEWALK_MONITOR_CORE_H
#define PAGEWALK_MONITOR_CORE_H

#include "mmu/host/base.h"

#define CORE_REGISTERS 17
#define CORE_PAGE      4096u

struct core_segment {
    u64 la, pa, size;
    u64 offset; /* in the file */
};

/* Writes them. The first `ram` segments are what the file has, one behind the other, each at the offset that it is given
 * here; the others lie in these by their physical address, and where there are any, only they have headers. reg: as struct user_regs_struct of i386. 0 or -errno. */
int core_headers(int fd, struct core_segment *segment, unsigned segments, unsigned ram,
                 const u32 reg[CORE_REGISTERS]);
/* All of it. 0 or -errno. */
int core_write(int fd, const void *data, size_t len);

#endif
