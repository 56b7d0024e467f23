/* Stencils: the host code of micro-ops with holes in it. tools/dyngen makes them from the object of templates.c. */
#ifndef PAGEWALK_STENCIL_H
#define PAGEWALK_STENCIL_H

#include "translate/tmpl/patch.h"

/* What a hole is filled with: an index of the array of values. */
enum stencil_symbol {
#define HOLE(name) HOLE_##name,
#define CONT(name) CONT_##name,
#define CALL(name) CALL_##name,
#include "translate/tmpl/symbols.def"
#undef HOLE
#undef CONT
#undef CALL
    STENCIL_SYMBOLS
};

struct patch {
    u16 offset; /* in the code */
    u8 kind;    /* enum patch_kind */
    u8 symbol;  /* enum stencil_symbol */
    i32 addend;
};

/* The code runs on behind its end. A template that does nothing has none. */
struct stencil {
    const char *name; /* the template's, without t_ */
    const u8 *code;
    u32 size;
    const struct patch *patch;
    u32 patches;
};

/* In the order of the object's symbol table. */
extern const struct stencil stencils[];
extern const u32 stencil_count;

/* Writes a stencil to DST, which is executed at EXEC, with VALUE[symbol] in its holes; returns its size. 0: a value does not fit, or
 * a branch does not reach. */
u32 stencil_emit(u8 *dst, u64 exec, const struct stencil *stencil, const u64 *value);

/* Fills the same hole anew, of a stencil that is at DST and EXEC: a jump that is chained. False: it does not fit. */
bool stencil_patch(u8 *dst, u64 exec, const struct patch *patch, u64 value);

/* The next patch of a symbol, from patch number FROM on; NULL: none. */
const struct patch *stencil_find(const struct stencil *stencil, enum stencil_symbol symbol,
                                 u32 from);

/* Whether calls reach TARGET from everywhere in SIZE bytes of code at EXEC. If not, they go by a thunk. */
bool stencil_reaches(u64 exec, u64 size, u64 target);
#define STENCIL_THUNK_MAX PATCH_THUNK_MAX
u32 stencil_thunk(u8 *dst, u64 target);

/* How large a code buffer may be for its branches to reach all of it. */
#if defined(__powerpc64__)
#define STENCIL_BUFFER_MAX (32 * MIB)
#elif defined(__aarch64__)
#define STENCIL_BUFFER_MAX (128 * MIB)
#else
#define STENCIL_BUFFER_MAX (1024 * MIB)
#endif

#endif
