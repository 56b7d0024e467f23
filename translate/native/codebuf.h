/* What engines that make native code share: the buffer that it is in, and whose code is where in it. */
#ifndef PAGEWALK_CODEBUF_H
#define PAGEWALK_CODEBUF_H

#include "translate/block.h"

struct codebuf {
    u8 *rw, *rx;
    u64 size;
    u64 trimmed; /* bytes at the start that codebuf_advance() has unmapped from rw */
    u64 present; /* bytes at the start whose pages it has brought in */
};

/* private: one mapping, writable and executable, of which a child by fork() gets a copy. 0 or -errno. */
int codebuf_init(struct codebuf *buf, u64 size, bool private);
void codebuf_free(struct codebuf *buf);
/* The first `used` bytes hold code, and more is coming behind them. What is written seldom from now on need not be
 * mapped twice: a later write faults its page in again. What comes next is there already: one call brings the pages of
 * many blocks, where each would cost a fault. A host that cannot do this has the faults. */
void codebuf_advance(struct codebuf *buf, u64 used);

#define CODEBUF_SIZE      (160ull * MIB)
#define CODEBUF_BLOCK_MAX (128u * KIB) /* more than the code of any one block */

/* Whose code is where: code_map.c. Offsets are from the start of the buffer. */
struct code_place {
    struct block *block; /* NULL: it is gone */
    u32 start, size;
};
struct code_map {
    struct code_place *place;
    u32 first, count, capacity; /* number of the oldest; a power of two */
};

/* Where the oldest code of a living block is, or NULL. */
const struct code_place *code_map_oldest(struct code_map *map);
/* The newest block's code is at [start, start + size). */
void code_map_add(struct code_map *map, struct block *block, u32 start, u32 size);
/* The block is about to be freed. */
void code_map_forget(struct code_map *map, const struct block *block);
/* The block whose code is executed at pc, or NULL; insn: see engine->find(). Changes nothing: signal handlers may
 * call it. */
struct block *code_map_find(const struct code_map *map, const struct codebuf *buf, u64 pc,
                            unsigned *insn);
/* Whether a block's code is certain to fit at *p, which goes back to `first` at the buffer's end: see
 * engine->code_fits(). */
bool code_map_fits(struct code_map *map, const struct codebuf *buf, u8 *first, u8 **p);
void code_map_free(struct code_map *map);

#endif
