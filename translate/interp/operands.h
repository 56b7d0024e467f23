/* How the interpreter's micro-op bodies name things: operands by size, the lazy flags, the way to the next body.
 *
 * For run() in interp.c: `u` is the current micro-op, `file` the register file, `cpu` the CPU. */
/* clang-format off */
#ifndef PAGEWALK_INTERP_OPERANDS_H
#define PAGEWALK_INTERP_OPERANDS_H

#include "cpu/flags.h"
#include "translate/uop.h"

/* Registers by their byte offset. */
#define R8(off)  (*(u8 *)(file + (off)))
#define R16(off) (*(u16 *)(file + (off)))
#define R32(off) (*(u32 *)(file + (off)))

/* Operand types by size. */
#define T_8      u8
#define T_16     u16
#define T_32     u32
#define S_8      i8
#define S_16     i16
#define S_32     i32
#define BYTES_8  1
#define BYTES_16 2
#define BYTES_32 4

#define A(n) R##n(u->a)
#define B(n) ((T_##n)(R##n(u->b) + u->imm))
#define D(n) R##n(u->d)
#define EA   (R32(u->a) + (R32(u->b) << u->scale) + u->imm)

#define LAZY2(kind, n, result, first)                                                              \
    do {                                                                                           \
        cpu->lazy.op = LAZY_##kind##n;                                                             \
        cpu->lazy.res = (result);                                                                  \
        cpu->lazy.a = (first);                                                                     \
    } while (0)
#define LAZY3(kind, n, result, first, second)                                                      \
    do {                                                                                           \
        LAZY2(kind, n, result, first);                                                             \
        cpu->lazy.b = (second);                                                                    \
    } while (0)

#define NEXT                                                                                       \
    do {                                                                                           \
        u++;                                                                                       \
        goto *label[u->op];                                                                        \
    } while (0)

/* A macro for the three sizes: its last argument. */
#define SIZES(macro, ...) macro(__VA_ARGS__, 8) macro(__VA_ARGS__, 16) macro(__VA_ARGS__, 32)

#endif
