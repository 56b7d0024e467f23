/* The parts of the run loop; for pc_run.c and its neighbours alone. */
#ifndef PAGEWALK_PC_RUN_H
#define PAGEWALK_PC_RUN_H

#include "devices/board/pc_board.h"

#define RUN_NS_PER_S 1000000000ull
#define RUN_POLL_NS  1000000u /* CLOCK_HOST: between polls, and the longest slice */

/* pc_wait.c. Everything that comes from outside and goes there, at its time; the ports' back ends alone. */
bool run_poll_due(const struct pc *pc);
void run_poll(struct pc *pc);
void run_poll_chrs(struct pc *pc);
/* Sleeps until there is input from a back end (with input) or from the user, or output that waits can go out, or ns
 * have passed, or a screen that is looked at must be drawn. */
void run_sleep(struct pc *pc, bool input, u64 ns);
/* Whether input can come by a port. */
bool run_input_comes(const struct pc *pc);
/* Output that nobody takes, where the guest cannot be told to wait: the debug console knows no busy, and
 * under CLOCK_INSN the guest must not see the host. */
bool run_output_stalls(const struct pc *pc);
/* Waits, while nothing enters the machine by its ports and the guest's own polls stay where they are. */
void run_wait_apart(struct pc *pc);
/* A guest whose instructions are ahead of the speed that was asked for has waited a while: true, and look again. */
bool run_paced(struct pc *pc);
/* One turn of a machine that pc_stop() holds; that has stopped for good, its last screen there until the user ends
 * it; whose disk's host has failed. */
void run_held(struct pc *pc);
void run_stand(struct pc *pc);
void run_paused(struct pc *pc);

/* pc_points.c. What is due at this instruction, each once; the digest at the machine's end. */
void run_save(struct pc *pc);
void run_digest(struct pc *pc);
void run_last_digest(struct pc *pc);

/* pc_ends.c. What stopped the machine on one line, after the guest's own output. */
void run_say(struct pc *pc, const char *what);
/* Somebody would miss a machine that is halted for good. */
bool run_is_looked_at(const struct pc *pc);
void run_halt_for_good(struct pc *pc);
void run_report_triple_fault(struct pc *pc);
void run_panic(struct pc *pc);
/* The machine has ended: what it printed goes out, and it may be run again. Its status. */
int run_ended(struct pc *pc);

#endif
