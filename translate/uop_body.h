/* What the bodies of micro-ops are written in, beside what their reader defines: see uop_body.def. */
/* clang-format off */
#ifndef PAGEWALK_UOP_BODY_H
#define PAGEWALK_UOP_BODY_H

#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/seglimit.h"
#include "translate/uop.h"

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

/* A macro for the three sizes: its last argument. */
#define SIZES(macro, ...) macro(__VA_ARGS__, 8) macro(__VA_ARGS__, 16) macro(__VA_ARGS__, 32)

/* The lazy state of a producer. */
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
/* That of INC and DEC, beside the operation before, which keeps CF. */
#define LAZY_BESIDE(kind, n, result)                                                               \
    do {                                                                                           \
        ((u8 *)&cpu->lazy.op)[LAZY_STEP_SHIFT / 8] = LAZY_##kind##n;                               \
        cpu->lazy.step = (result);                                                                 \
    } while (0)

/* Loads and stores: what the TLB knows is accessed in line, all else by the reader's *_SLOW. */
#define LOAD_AS(name, n, size, ...)                                                                \
    UOP(name)                                                                                      \
    {                                                                                              \
        u32 la = EA;                                                                               \
        const T_##n *p = FIND_READ(la, BYTES_##n);                                                 \
        T_##n v = likely(p != NULL) ? *p : (T_##n)LOAD_SLOW(la, BYTES_##n);                        \
        D(size) = __VA_ARGS__ v;                                                                   \
        NEXT;                                                                                      \
    }
#define LOAD(n) LOAD_AS(ld##n, n, n, )
#define LOAD_WRITE_AS(n)                                                                            \
    UOP(ldw##n)                                                                                    \
    {                                                                                              \
        u32 la = EA;                                                                               \
        const T_##n *p = FIND_WRITE(la, BYTES_##n);                                                \
        D(n) = likely(p != NULL) ? *p : (T_##n)LOAD_WRITE_SLOW(la, BYTES_##n);                     \
        NEXT;                                                                                      \
    }
#define LOAD_WRITE(n) LOAD_WRITE_AS(n)
#define STORE(name, n, value)                                                                      \
    UOP(name##n)                                                                                   \
    {                                                                                              \
        u32 la = EA;                                                                               \
        T_##n *p = FIND_WRITE(la, BYTES_##n);                                                      \
        if (likely(p != NULL))                                                                     \
            *p = (T_##n)(value);                                                                   \
        else                                                                                       \
            STORE_SLOW(la, (T_##n)(value), BYTES_##n);                                             \
        NEXT;                                                                                      \
    }

#endif
