/* Host page faults that are part of the plan: in generated code, on memory that it reaches by the GS segment.
 *
 * Whoever has such code puts a struct fault_head right below the address that GS has while it runs. So a fault tells by
 * GS whose it is, whatever machine or thread it is of, and the handler needs no state but that. Any other fault is a bug:
 * it gets a line on standard error, and ends the process as BUG() would, or as the handler of before would have it. */
#ifndef PAGEWALK_FAULT_H
#define PAGEWALK_FAULT_H

#include "mmu/host/base.h"

struct fault_head {
    u64 magic; /* FAULT_MAGIC */
    /* Called on the signal's own stack. pc: where the fault was, and where to go on. address: what was accessed, 0 when the
     * host does not tell. False: it is none of ours. Only what is async-signal-safe may be called. */
    bool (*handle)(void *opaque, u64 *pc, u64 address, bool write);
    void *opaque;
};
#define FAULT_MAGIC 0x6b6c617765676170ull

/* Whether this host lets programs change GS by themselves. (SDM vol. 3A, 2.5: CR4.FSGSBASE) */
bool fault_has_gs(void);

/* Catches SIGSEGV from now on, on an alternate stack of this thread's. Once for a process is enough. 0 or -errno. */
int fault_catch(void);

#endif
