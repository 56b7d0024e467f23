/* The two machines of a lockstep run: made alike, run alike, compared. Shared by the lockstep*.c files
 * and nobody else. */
#ifndef PAGEWALK_LOCKSTEP_PAIR_H
#define PAGEWALK_LOCKSTEP_PAIR_H

#include "boot/insn_at.h"
#include "boot/lockstep.h"
#include "boot/lockstep_io.h"
#include "devices/board/pc_digest.h"

struct side {
    struct pc *pc;
    struct block *drive[PC_DRIVES]; /* what it writes to the disks, over the images */
    struct block *floppy[PC_FLOPPIES];
    struct lockstep_port port;
    struct lockstep_console console;
    struct pc_digest digest;
    u64 ram; /* digest of RAM at the last checkpoint */
    bool ended;
    int status; /* when ended */
};

struct pair {
    const struct lockstep_config *config;
    struct side side[2];
    u64 at; /* instructions run, or asked for when a machine ended before */
};

/* Makes both, powered off. live: the first is on the user's back ends and records onto the tape; the
 * others replay it. 0, or -errno with one line in err; then there is nothing to close. */
int pair_open(struct pair *pair, const struct lockstep_config *config, struct tape *tape, bool live,
              char *err, size_t err_len);
void pair_close(struct pair *pair);

/* Lets go of the user's back ends: what the machine prints from now on is only counted. */
void side_release(struct side *side);

/* Runs both for so many instructions, or until they end; 0 powers on. */
void pair_run(struct pair *pair, u64 insns);

/* Compares everything, RAM by its digest. Flushes both TLBs, which a guest may notice (a stale entry is
 * legal to use): runs are the same only when their checkpoints are. */
bool pair_checkpoint(struct pair *pair);

/* Compares everything, RAM word by word where it was written since the last checkpoint. Changes
 * nothing. */
bool pair_alike(struct pair *pair);

/* The first 32-bit word at or after pa in which RAM differs, of the pages written since the last
 * checkpoint. */
bool pair_ram_difference(const struct pair *pair, u64 pa, u64 *where);

/* What is compared beside the CPU's registers and RAM. */
enum mark {
    MARK_INSNS,
    MARK_TIME,
    MARK_INTR,
    MARK_SERIAL_BYTES,
    MARK_SERIAL,
    MARK_CONSOLE_BYTES,
    MARK_CONSOLE,
    MARK_ENDED,
    MARK_STATUS,
    MARKS
};
void side_marks(struct side *side, u64 mark[MARKS]);

/* The narrowed-down difference is in one instruction: what was known before it ran. */
struct lockstep_before {
    char *state;            /* cpu_dump() of the first machine */
    char insn[INSN_AT_MAX]; /* the instruction at CS:EIP there: address, bytes, text */
    u64 irq[2], excp[2];
};
void report_before(struct lockstep_before *before, const struct pair *pair);
void report_before_free(struct lockstep_before *before);

/* Both states, and what differs. */
void report_difference(struct pair *pair, FILE *out);

#endif
