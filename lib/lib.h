/* What the files of the public library share: a handle. */
#ifndef PAGEWALK_LIB_H
#define PAGEWALK_LIB_H

#include <pthread.h>

#include "cpu/cpu.h"
#include "cpu/cpuid.h"
#include "pagewalk.h"
#include "translate/translate.h"

#define PUBLIC __attribute__((visibility("default")))

struct hook {
    unsigned id, kinds; /* kinds 0: removed */
    u32 begin, end;
    pagewalk_hook_fn *fn;
    void *user;
};

struct io {
    struct pagewalk *pw;
    pagewalk_io_read *read;
    pagewalk_io_write *write;
    void *user;
    u32 parts; /* maps that are it */
};

/* A range of whole pages with one kind of memory. */
struct map {
    u32 address;
    u64 size;
    unsigned rights;
    u8 *host;      /* NULL: a device */
    bool own;      /* host is the library's */
    struct io *io; /* or NULL */
};

struct host_range {
    u8 *start;
    u64 size;
};

#define DEFERRED 32
struct deferred {
    enum pagewalk_reg reg;
    u8 bytes[16];
};

struct pagewalk {
    struct cpu *cpu;
    struct phys phys;
    struct stats stats;
    struct log log;
    struct cpu_model model;
    /* Sorted by address; they do not meet. */
    struct map *map;
    unsigned maps, map_capacity;
    struct host_range *freed; /* memory that goes when the run ends */
    unsigned frees, free_capacity;
    struct hook *hook; /* in the order of their making */
    unsigned hooks, hook_capacity, next_id, kinds;
    struct mmu_observer observer;
    bool holes; /* hooks were removed within a hook */
    /* The hook that runs: of the state between instructions, within one, or while one is translated. */
    enum { IN_NONE, IN_BETWEEN, IN_ACCESS, IN_TRANSLATE } in;
    unsigned depth;
    bool changed; /* a hook has changed what the block that runs may rely on */
    bool skip;    /* the hooks of the instruction at skip_la were called already */
    u32 skip_la;
    struct deferred deferred[DEFERRED];
    unsigned defers;
    /* The run. */
    bool running;
    volatile bool stop;
    bool time_over, reached;
    u64 deadline; /* ns; 0: none */
    u64 until;
    bool until_armed;
    u8 irq_vector;
    int error;
    enum pagewalk_end end;
    struct pagewalk_fault_info fault;
    pthread_t stack_thread; /* whose stack ends at stack_low */
    u8 *stack_low, *stack_high;
};

/* hook.c: what the CPU calls. */
void hook_init(struct pagewalk *pw);
/* Behind a hook's return, and a device's: what it asked for. */
void hook_settle(struct pagewalk *pw);
/* Nothing may be changed: a block is being translated. */
static inline bool lib_busy(const struct pagewalk *pw)
{
    return pw->in == IN_TRANSLATE;
}

/* map.c */
void map_free_all(struct pagewalk *pw);
void map_free_late(struct pagewalk *pw);

/* reg.c: at once. 0 or an error. */
int reg_put(struct pagewalk *pw, enum pagewalk_reg reg, const u8 *bytes);

/* Makes room for one more; false: no memory. */
bool lib_grow(void **list, unsigned count, unsigned *capacity, size_t each);

#endif
