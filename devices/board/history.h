/* A machine's past, in memory: the machine as it was every so many instructions, and what entered it since.
 *
 * A checkpoint has a copy of the pages of memory that were written since the one before (versions.h), of the devices' state,
 * and of what disks had where they are written later (block/past.h). From there the machine does the same again, under
 * CLOCK_INSN, as long as the same enters at the same instructions (replay.h).
 *
 * The TLB is flushed where a checkpoint is or was, whether it is kept or not: so each time that the machine comes along it
 * finds the same. When memory is short checkpoints go, the farther from where the machine is the more of them.
 *
 * While the machine is before the latest instruction that it has ever come to, it is in its past: nothing enters but
 * what did then, and nothing goes out that did already. */
#ifndef PAGEWALK_HISTORY_H
#define PAGEWALK_HISTORY_H

#include "devices/board/versions.h"
#include "mmu/host/state.h"

struct pc;
struct block_past;
struct replay;

#define HISTORY_DISKS 6
#define HISTORY_CHRS  6

struct history_point {
    u64 insns, ns;
    u64 digest;                /* of the CPU, to tell when the machine goes another way */
    u64 written[HISTORY_CHRS]; /* of what it had put out */
    size_t events;             /* that had entered */
    size_t state_len;
    bool own; /* it is no consequence of the one before: somebody has changed the machine here */
    struct versions_list pages;
};

struct history {
    bool on;
    u64 every, limit;
    struct history_point *point; /* in order of instructions */
    unsigned points, room;
    u64 last;                  /* instructions of the one that was passed or gone to last */
    u64 next_at;               /* of the next one */
    bool behind;               /* the machine is in its past */
    u64 front_insns, front_ns; /* when that ends */
    bool changed;              /* somebody has changed the machine since the last instruction */
    struct versions pages;
    struct state scratch; /* where the devices' state is put together */
    struct block_past *disk[HISTORY_DISKS];
    u64 taken, thinned, gone_to;
};

/* 0 or -ENOMEM with nothing changed. every: instructions between two checkpoints; limit: bytes of host memory for them.
 * Under CLOCK_INSN, with a replay that keeps events, and when disks are there. */
int history_init(struct pc *pc, u64 every, u64 limit);
void history_free(struct pc *pc);

/* For the run loop, when timers that are due have run: the checkpoint, when this is its instruction. */
void history_turn(struct pc *pc);
/* At the top of a turn: whether the past ends here. */
void history_look(struct pc *pc);
/* Instructions until the next checkpoint; UINT64_MAX. */
u64 history_insns_until(const struct pc *pc);

/* In its past. */
bool history_is_behind(const struct pc *pc);

/* The last checkpoint before instruction `insns`, or -1. Its place holds until another one is made. */
int history_find(const struct history *history, u64 insns);
/* The machine becomes what it was there; between slices. */
void history_go(struct pc *pc, unsigned number);

/* Somebody has changed the machine or is about to, so that it goes another way from here: what was to come never was. Between
 * slices only. */
void history_change(struct pc *pc);

/* What was before cannot be come to any more: a medium was changed, and the one from before is about to go. Between slices
 * only. */
void history_restart(struct pc *pc);

/* Host memory that is used, in bytes. */
u64 history_bytes(const struct pc *pc);

#endif
