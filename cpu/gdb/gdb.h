/* The remote serial protocol of gdb: packets in, packets out, registers and memory of one CPU.
 *
 * It knows a CPU and its memory, and no machine: whoever owns one runs and stops it, by struct gdb_ops, and tells
 * gdb_stopped(). Bytes come in by gdb_receive(), between runs of the CPU only. Whatever they are, they can change the
 * guest and nothing else. ("Debugging with GDB", appendix E) */
#ifndef PAGEWALK_GDB_H
#define PAGEWALK_GDB_H

#include "cpu/cpu.h"

#define GDB_PACKET 16384u /* bytes of a packet's contents, either way */

/* qemu.sstep, QEMU's word for what a single step leaves out. */
#define GDB_STEP_ENABLE  1u
#define GDB_STEP_NOIRQ   2u /* interrupts wait */
#define GDB_STEP_NOTIMER 4u /* time stands still */

struct gdb_ops {
    void (*send)(void *opaque, const void *data, size_t len);
    void (*resume)(void *opaque,
                   bool step);    /* the machine runs, for one instruction or until stopped */
    void (*stop)(void *opaque);   /* Ctrl-C: stop it, and say gdb_stopped() */
    void (*detach)(void *opaque); /* the debugger leaves: it runs */
    void (*kill)(void *opaque);   /* it ends */
    /* The machine goes back, by one instruction or to a point, and gdb_stopped() is said; false: it cannot. */
    bool (*reverse)(void *opaque, bool step);
    void (*wrote)(void *opaque); /* a register or memory was changed */
    /* A `monitor` command; what it says goes to out. */
    void (*command)(void *opaque, const char *line, FILE *out);
    /* How much of len could be read, and whether all could be written; NULL, both: as cpu/peek.h has it. */
    size_t (*peek)(void *opaque, u64 addr, u8 *data, size_t len);
    bool (*poke)(void *opaque, u64 addr, const u8 *data, size_t len);
    /* Threads, numbered from 1; NULL, all three: there is one. The CPU of one, or NULL. */
    struct cpu *(*thread_cpu)(void *opaque, u32 thread);
    /* The first thread with a number above that; 0: there is none. */
    u32 (*next_thread)(void *opaque, u32 thread);
    /* What it does when all go on, before resume(): it goes on with that signal, or stays where it is. */
    void (*thread_goes)(void *opaque, u32 thread, bool goes, bool step, u8 signal);
};

enum gdb_stop {
    GDB_STOP_INTERRUPT,
    GDB_STOP_STEP,
    GDB_STOP_POINT,
    GDB_STOP_BEGINNING, /* there is nothing earlier to go back to, */
    GDB_STOP_END,       /* or nothing more to come */
};

struct gdb_conditions;

/* The program's file, with its symbols: a debugger that was given none reads it by the protocol. */
struct gdb_file {
    int fd;
    const char *name; /* absolute, of at most so many bytes: */
};
#define GDB_FILE_NAME 4096u

struct gdb {
    struct cpu *cpu; /* of the thread that is looked at */
    u32 thread;
    const struct gdb_ops *ops;
    void *opaque;
    unsigned step;    /* GDB_STEP_* */
    u8 signal;        /* that it goes on with, as gdb numbers them; 0: none */
    u32 offset;       /* where the program lies, from where its file says */
    const void *auxv; /* the program's auxiliary vector, if it has one */
    size_t auxv_len;
    const struct gdb_file *file; /* NULL: there is none to read */
    u64 file_opens;              /* and not closed again */
    bool phys_memory;            /* addresses are physical */
    bool no_ack;
    bool running;                      /* a stop is to be reported */
    bool reverses;                     /* the machine can go back */
    struct gdb_conditions *conditions; /* of breakpoints */
    char last_stop[64];

    enum { GDB_IDLE, GDB_DATA, GDB_SUM_HIGH, GDB_SUM_LOW } state;
    u8 sum, sum_high;
    bool too_long;
    size_t in_len, out_len, sent_len;
    u8 in[GDB_PACKET + 1];
    u8 out[GDB_PACKET];
    u8 sent[GDB_PACKET * 2 +
            4]; /* the last packet as it went out, for when it is asked for again */
};

/* The thread that what comes next is about. False: there is no such one. */
bool gdb_select(struct gdb *gdb, u32 thread);
void gdb_init(struct gdb *gdb, struct cpu *cpu, const struct gdb_ops *ops, void *opaque);
/* A debugger has connected, or the connection is gone: what the last one had set is forgotten. */
void gdb_reset(struct gdb *gdb);
void gdb_receive(struct gdb *gdb, const u8 *data, size_t len);
/* The machine has stopped. GDB_STOP_POINT: at cpu->debugger.hit_point. */
void gdb_stopped(struct gdb *gdb, enum gdb_stop why);
/* Whether the debugger wants to stop there: a breakpoint may have a condition. */
bool gdb_wants(struct gdb *gdb, const struct debugger_point *point);
/* For the guest there is this signal, by gdb's number. */
void gdb_stopped_by(struct gdb *gdb, u8 signal);
/* The program ends with this status, or by this signal. */
void gdb_exited(struct gdb *gdb, int status);
void gdb_killed(struct gdb *gdb, u8 signal);

#endif
