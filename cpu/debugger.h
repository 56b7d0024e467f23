/* Breakpoints and watchpoints of a debugger outside of the guest, which the guest cannot see.
 *
 * They are in linear memory, like those of DR0-7, and use the same machinery: code breakpoints are compiled into the
 * blocks that have an instruction there, data is watched by the MMU. Nothing is in guest memory, and neither DR6 nor
 * #DB tells of a hit: the run loop comes back with CPU_STOP_KICK, and `hit` says why. */
#ifndef PAGEWALK_DEBUGGER_H
#define PAGEWALK_DEBUGGER_H

#include "mmu/mmu.h"

struct cpu;

/* ORDER: as gdb numbers its Z packets. */
enum debugger_kind {
    DEBUGGER_SOFT, /* both stop in front of an instruction; the debugger tells them apart */
    DEBUGGER_HARD,
    DEBUGGER_WRITE, /* these stop behind the instruction that makes the access */
    DEBUGGER_READ,
    DEBUGGER_ACCESS,
    DEBUGGER_KINDS
};

struct debugger_point {
    enum debugger_kind kind;
    u32 la, len;
};

#define DEBUGGER_WATCHES   28         /* watchpoints at a time */
#define DEBUGGER_WATCH_MAX (64 * KIB) /* bytes of one */

struct debugger {
    struct debugger_point *point;
    unsigned points, capacity;
    unsigned codes; /* how many of them are on code */
    bool stepping;  /* one instruction is run: no breakpoint on code is seen */
    bool holds_irq; /* no interrupt is taken */
    bool hit;       /* the guest has stopped at */
    struct debugger_point hit_point;
};

/* 0, also when it is there already; -EINVAL: no such range; -ENOSPC: too many watchpoints; -ENOMEM. Between runs of the
 * CPU only, like the next two. */
int debugger_insert(struct cpu *cpu, enum debugger_kind kind, u32 la, u32 len);
/* 0 or -ENOENT. */
int debugger_remove(struct cpu *cpu, enum debugger_kind kind, u32 la, u32 len);
/* Removes all. */
void debugger_clear(struct cpu *cpu);

/* For debug.c: appends the watchpoints to `count` watches, numbered from first_bit on, and returns how many there
 * are then. *reads: some of them look for reads. */
unsigned debugger_watches(const struct cpu *cpu, struct mmu_watch *watch, unsigned count,
                          unsigned first_bit, bool *reads);
/* Watchpoints of these bits, counted from 0, were hit. */
void debugger_watch_hit(struct cpu *cpu, u32 bits);

/* A breakpoint on code at this linear address; NULL. */
const struct debugger_point *debugger_code_at(const struct cpu *cpu, u32 la);
/* Whether such a one is what has stopped the guest. */
static inline bool debugger_on_code(enum debugger_kind kind)
{
    return kind <= DEBUGGER_HARD;
}

static inline bool debugger_stopped_at_code(const struct debugger *d)
{
    return d->hit && debugger_on_code(d->hit_point.kind);
}

/* Stops the guest in front of the current instruction. */
_Noreturn void debugger_stop(struct cpu *cpu, const struct debugger_point *point);

#endif
