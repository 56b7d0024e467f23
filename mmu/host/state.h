/* Saved state: the fields of a part of the machine in a tagged section, written and read by one function.
 *
 * A part has `void x_state(struct x *x, struct state *state)`, which names its section and then each
 * field in turn; whether that saves or loads is the state's business. Integers are little-endian and as
 * wide as the field. A section may grow at its end: fields that a saved section does not have keep the
 * values they have (a reset's), and fields that the reader does not know are skipped. What changes more than
 * that has a higher version. A section that the reader does not know is skipped when it is marked so; else the
 * whole state is refused, as it is when a section is missing (state_wrong()).
 *
 * A damaged or truncated file never makes a part read or write outside its fields: state->failed is
 * set, and the caller gives up on the whole machine. After loading, a part checks what it indexes with. */
#ifndef PAGEWALK_STATE_H
#define PAGEWALK_STATE_H

#include "mmu/host/base.h"

#define STATE_TAG_MAX  15
#define STATE_SECTIONS 256 /* in one state, at most */

struct state {
    bool loading;
    bool failed;
    u8 *data; /* what was saved, or what is loaded from */
    size_t len, room;
    size_t at;                       /* loading: next field; saving: start of the open section */
    size_t end;                      /* loading: end of the open section */
    bool section;                    /* one is open */
    u16 version;                     /* of the open section, when loading */
    char tag[STATE_TAG_MAX + 1];     /* of the section that was opened last, */
    char missing[STATE_TAG_MAX + 1]; /* and of the first that is not there, or "" */
    u64 read[STATE_SECTIONS / 64];   /* loading: a bit for each section that was opened */
};

void state_init_save(struct state *state);
/* The bytes stay the caller's. */
void state_init_load(struct state *state, const void *data, size_t len);
void state_free(struct state *state);
/* Saves anew, in the memory that it has. */
void state_restart(struct state *state);

/* Opens section `tag` (at most STATE_TAG_MAX bytes). False when loading and there is none: the caller
 * leaves the part as it is. */
bool state_begin(struct state *state, const char *tag);
/* The same, with what is not the usual. version: the highest that the part knows, from 1 on; state->version is then the
 * saved one's. A section that is `optional` may be missing, and be unknown to a reader. */
bool state_begin_as(struct state *state, const char *tag, u16 version, bool optional);
void state_end(struct state *state);

/* After loading: what is wrong with it as a whole, in one line, or NULL. */
const char *state_wrong(struct state *state, char *line, size_t len);

void state_u8(struct state *state, u8 *value);
void state_u16(struct state *state, u16 *value);
void state_u32(struct state *state, u32 *value);
void state_u64(struct state *state, u64 *value);
/* So many of them, one behind the other; when loading, those that are there. Returns how many that were. */
u32 state_u32s(struct state *state, u32 *value, u32 count);
void state_bool(struct state *state, bool *value);
void state_bytes(struct state *state, void *bytes, size_t len);
/* Marks a loaded state as impossible (an index out of range, say). */
void state_reject(struct state *state);

#endif
