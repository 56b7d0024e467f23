/* Record and replay: everything that enters a machine from outside, at its instruction and time, in a file; and the same
 * machine again from that file.
 *
 * Under CLOCK_INSN a machine is a function of what enters it. All of that comes in the board's poll and goes through
 * the doors here: bytes and breaks on serial ports, keys and mouse, frames and links of networks, media, ports that the
 * monitor touches, reset, power and NMI buttons, the end. In between are digests, so that a replay that goes another way is told at once. What a script types is the command line's, and not in the
 * file. */
#ifndef PAGEWALK_REPLAY_H
#define PAGEWALK_REPLAY_H

#include "devices/input/input.h"
#include "mmu/host/base.h"

struct block;
struct pc_medium;
struct net_door;
struct pc;
struct replay;

/* From the file's start; each takes the descriptor over. NULL with one line in err. */
struct replay *replay_record(int fd, i64 rtc_base, u64 digest_every, char *err, size_t err_len);
struct replay *replay_play(int fd, char *err, size_t err_len);
/* In memory only: for history.h. NULL: no memory. */
struct replay *replay_keep(i64 rtc_base);
/* Writes what is left. 0 or -errno. NULL is nothing. */
int replay_close(struct replay *replay);

/* Of a recording: where the RTC starts, and how many instructions are between two digests. */
i64 replay_rtc_base(const struct replay *replay);
u64 replay_digest_every(const struct replay *replay);

/* For the board, when its devices are there: puts the doors in. */
void replay_attach(struct pc *pc);
/* Whether nothing may enter but from the file. */
bool replay_plays(const struct pc *pc);

/* Whether a recording or a replay is under way: nothing else may make another machine of this one. */
bool replay_begun(const struct pc *pc);

/* Doors of what is no stream. True: it may happen now. */
enum replay_button { REPLAY_RESET, REPLAY_NMI, REPLAY_POWER };
bool replay_button(struct pc *pc, enum replay_button button);

/* A door for frames of a back end: what passes it is written down. */
void replay_net_door(struct pc *pc, struct net_door *door);
/* The link of a card, as the monitor sets it. */
void replay_set_link(struct pc *pc, unsigned card, bool up);
/* The monitor reads a port (value NULL) or writes it. True: it may. */
bool replay_port(struct pc *pc, u16 port, unsigned size, const u32 *value);
/* A medium goes into a drive, or the one there is taken out (block and medium NULL). True: it may. */
bool replay_medium(struct pc *pc, unsigned unit, const struct block *block,
                   const struct pc_medium *medium, bool force);

/* For the run loop. Before the first slice: 0, or -1 when the file is of another machine, which was said. */
int replay_begin(struct pc *pc);
/* At the top of each turn: what enters here. */
void replay_turn(struct pc *pc);
/* Whether something enters before the next instruction: behind a digest there may be more. */
bool replay_is_due(const struct pc *pc);
/* After the board has polled: what was recorded goes out, when it is much or REPLAY_LATE_NS have passed since the last time. */
void replay_polled(struct pc *pc);
/* The machine may do nothing for longer than that: it goes out. */
void replay_rests(struct pc *pc);
#define REPLAY_LATE_NS 10000000u
/* A debugger's step holds interrupts back: whether it may, here. It is noted, since the guest's way depends on it. */
bool replay_hold(struct pc *pc);
/* Whether it did when this was recorded: the next instruction is run alone, and none is taken in front of it. */
bool replay_holds(struct pc *pc);

/* replay_past.c. The past of the machine (history.h): what has entered is kept from replay_begin() on. */
size_t replay_entered(const struct pc *pc);        /* so much, where the machine is; */
void replay_rewind(struct pc *pc, size_t entered); /* where it is now; */
bool replay_waits(const struct pc *pc);            /* more enters in its past; */
bool replay_lacks(const struct pc *pc);            /* something of it could not be kept; */
void replay_forget(struct pc *pc);                 /* that never does. */
void replay_forget_past(struct pc *pc);            /* The past begins here, */
void replay_forget_first(struct pc *pc, size_t n); /* or behind so many of what has entered. */
u64 replay_bytes(const struct pc *pc);             /* of host memory */

/* "recording", "replaying"; NULL: neither, in a file. */
const char *replay_doing(const struct pc *pc);

/* Instructions until something enters; UINT64_MAX. */
u64 replay_insns_until(struct pc *pc);
/* When, in the guest's time, something comes to a CPU that has halted; UINT64_MAX: nothing does at this instruction. A key
 * that the monitor holds is let go by a timer, which a replayed machine does not have. */
u64 replay_ns_next(struct pc *pc);
/* Whether something is still to enter. */
bool replay_comes(struct pc *pc);
void replay_digest(struct pc *pc, u64 cpu, u64 ram);
/* The run is over. */
void replay_end(struct pc *pc);

#define REPLAY_DIGESTS      100000000u /* instructions between two, unless the user says otherwise */
#define REPLAY_STATUS_OTHER 1          /* it went another way */
#define REPLAY_STATUS_UNFIT 2          /* it is of another machine */

#endif
