/* Bodies of shifts, rotates and bit instructions, for uop_body.def, with their twins NAME_f that store the flags. */
/* clang-format off */
#ifndef PAGEWALK_UOP_BODY_SHIFT_H
#define PAGEWALK_UOP_BODY_SHIFT_H

#include "translate/uop_body.h"

/* Shifts, in 64 bits so that counts up to 31 do for the small sizes what hardware does. The lazy state
 * keeps the operand as it was before the last one-bit step. */
#define ZERO_EXTENDED(n) (u64)A(n)
#define SIGN_EXTENDED(n) (i64)(S_##n)A(n)
#define SHIFT_BODY(n, extended, op, kind, count, stores)                                           \
    {                                                                                              \
        unsigned c = (count);                                                                      \
        __auto_type v = extended(n);                                                               \
        if (stores)                                                                                \
            LAZY2(kind, n, (T_##n)(v op c), (T_##n)(v op (c - 1)));                                \
        D(n) = (T_##n)(v op c);                                                                    \
        NEXT;                                                                                      \
    }
#define SHIFT(name, extended, op, kind, n)                                                         \
    UOP(name##n)                                                                                   \
        SHIFT_BODY(n, extended, op, kind, IMM, false)                                              \
    UOP(name##n##_f)                                                                               \
        SHIFT_BODY(n, extended, op, kind, IMM, true)                                               \
    UOP(name##v##n)                                                                                \
        SHIFT_BODY(n, extended, op, kind, COUNT, false)                                            \
    UOP(name##v##n##_f)                                                                            \
    {                                                                                              \
        if (!(COUNT)) {                                                                            \
            D(n) = A(n);                                                                           \
            NEXT;                                                                                  \
        }                                                                                          \
        SHIFT_BODY(n, extended, op, kind, COUNT, true)                                             \
    }

/* Rotates: CF is the bit that went round; OF as for a count of one. (SDM vol. 2, RCL/RCR/ROL/ROR) */
#define ROL(v, c, w) ((c) & ((w) - 1) ? (v) << ((c) & ((w) - 1)) | (v) >> ((w) - ((c) & ((w) - 1))) : (v))
#define ROR(v, c, w) ((c) & ((w) - 1) ? (v) >> ((c) & ((w) - 1)) | (v) << ((w) - ((c) & ((w) - 1))) : (v))
#define ROL_FLAGS(r, w) ((r) & 1 ? FL_CF : 0) | (((r) >> ((w) - 1) ^ (r)) & 1 ? FL_OF : 0)
#define ROR_FLAGS(r, w)                                                                            \
    ((r) >> ((w) - 1) & 1 ? FL_CF : 0) | (((r) >> ((w) - 1) ^ (r) >> ((w) - 2)) & 1 ? FL_OF : 0)
#define ROTATE_BODY(n, dir, count, stores)                                                         \
    {                                                                                              \
        unsigned c = (count);                                                                      \
        T_##n v = A(n), r = (T_##n)dir(v, c, n);                                                   \
        if (stores && c)                                                                           \
            flags_put(cpu, FL_CF | FL_OF, dir##_FLAGS(r, n));                                      \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define ROTATE(name, dir, n)                                                                       \
    UOP(name##n)                                                                                   \
        ROTATE_BODY(n, dir, IMM, false)                                                            \
    UOP(name##n##_f)                                                                               \
        ROTATE_BODY(n, dir, IMM, true)                                                             \
    UOP(name##v##n)                                                                                \
        ROTATE_BODY(n, dir, COUNT, false)                                                          \
    UOP(name##v##n##_f)                                                                            \
        ROTATE_BODY(n, dir, COUNT, true)

#define BIT(name, expr, n)                                                                         \
    UOP(name##n)                                                                                   \
    {                                                                                              \
        T_##n v = A(n), m = (T_##n)(1u << (B(n) & (n - 1)));                                       \
        D(n) = (T_##n)(expr);                                                                      \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##n##_f)                                                                               \
    {                                                                                              \
        T_##n v = A(n), m = (T_##n)(1u << (B(n) & (n - 1)));                                       \
        flags_put(cpu, FL_CF, v & m ? FL_CF : 0);                                                  \
        D(n) = (T_##n)(expr);                                                                      \
        NEXT;                                                                                      \
    }
#define BIT_TEST(n)                                                                                \
    UOP(bt##n)                                                                                     \
    {                                                                                              \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(bt##n##_f)                                                                                 \
    {                                                                                              \
        flags_put(cpu, FL_CF, A(n) >> (B(n) & (n - 1)) & 1 ? FL_CF : 0);                           \
        NEXT;                                                                                      \
    }

/* SHLD, SHRD: c is the helper's argument for the count. */
#define DOUBLE_SHIFT(name, helper, count, c, wide)                                                 \
    UOP(name)                                                                                      \
    {                                                                                              \
        unsigned n = (count);                                                                      \
        u64 x = A(32), y = REG_B(32);                                                              \
        D(32) = (u32)(wide);                                                                       \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##_f)                                                                                  \
    {                                                                                              \
        D(32) = helper(cpu, A(32), REG_B(32), c);                                                  \
        NEXT;                                                                                      \
    }

#endif
