/* The whole machine in saved states, but for the bytes of memory and of disks (pc_snapshot.h). */
#ifndef PAGEWALK_PC_STATE_H
#define PAGEWALK_PC_STATE_H

#include "devices/base/state.h"

struct pc;

/* Between slices of the guest, while its time stands still (clock_pause()) and no timer is due (clock_run()). After
 * loading, state_wrong() tells whether all is well; if not, the machine is neither what it was nor what it should be. */
void pc_state(struct pc *pc, struct state *state);

/* The same without what kind of machine it is and its disks: for a state that only this machine loads. */
void pc_state_parts(struct pc *pc, struct state *state);

/* Its first part: what kind of machine it is, and its disks. For pc_state_fits(). */
void pc_state_kind(struct pc *pc, struct state *state);

/* Before loading: whether this machine is of the kind that was saved, and its disks are what they were. If not, the
 * reason in one line. Nothing is changed. */
bool pc_state_fits(struct pc *pc, const void *data, size_t len, char *why, size_t why_len);

/* The disks, each with what is there: size, time of the last change. Loading only compares. (pc_state_media.c) */
void pc_media_state(struct pc *pc, struct state *state, char *why, size_t why_len);
#define PC_MEDIA 6 /* PC_DRIVES and PC_FLOPPIES */
struct block *pc_medium(const struct pc *pc, unsigned n);
/* What a medium keeps over its image until the end (-snapshot), to be saved with the machine; NULL: it does not. */
/* Tells two images apart by their sizes and times, and those below them; 0: it is in no file. */
u64 pc_medium_stamp(const struct block *block);
struct block *pc_medium_overlay(const struct pc *pc, unsigned n);

#endif
