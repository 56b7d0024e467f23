/* Bodies of moves, arithmetic and logic, for uop_body.def: most macros make a micro-op and its twin NAME_f, which stores
 * the lazy flags. */
/* clang-format off */
#ifndef PAGEWALK_UOP_BODY_ALU_H
#define PAGEWALK_UOP_BODY_ALU_H

#include "translate/uop_body.h"

#define MOVE(mov, n)                                                                               \
    UOP(mov##n)                                                                                    \
    {                                                                                              \
        D(n) = B(n);                                                                               \
        NEXT;                                                                                      \
    }
#define SELECT(cmpxsel, n)                                                                         \
    UOP(cmpxsel##n)                                                                                \
    {                                                                                              \
        D(n) = A(n) == ACC(n) ? B(n) : A(n);                                                       \
        NEXT;                                                                                      \
    }

#define BINARY(name, expr, kind, n)                                                                \
    UOP(name##n)                                                                                   \
    {                                                                                              \
        T_##n x = A(n), y = B(n);                                                                  \
        (void)x;                                                                                   \
        (void)y;                                                                                   \
        D(n) = (T_##n)(expr);                                                                      \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##n##_f)                                                                               \
    {                                                                                              \
        T_##n x = A(n), y = B(n), r = (T_##n)(expr);                                               \
        LAZY2(kind, n, r, x);                                                                      \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define CARRY(name, op, kind, n)                                                                   \
    UOP(name##n)                                                                                   \
    {                                                                                              \
        D(n) = (T_##n)(A(n) op B(n) op flags_cf(cpu));                                             \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##n##_f)                                                                               \
    {                                                                                              \
        T_##n x = A(n), y = B(n), r = (T_##n)(x op y op flags_cf(cpu));                            \
        LAZY3(kind, n, r, x, y);                                                                   \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define COMPARE(name, op, kind, n)                                                                 \
    UOP(name##n)                                                                                   \
    {                                                                                              \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##n##_f)                                                                               \
    {                                                                                              \
        T_##n x = A(n), r = (T_##n)(x op B(n));                                                    \
        LAZY2(kind, n, r, x);                                                                      \
        NEXT;                                                                                      \
    }
#define STEP(name, op, kind, n)                                                                    \
    UOP(name##n)                                                                                   \
    {                                                                                              \
        D(n) = (T_##n)(A(n) op 1);                                                                 \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##n##_f)                                                                               \
    {                                                                                              \
        T_##n r = (T_##n)(A(n) op 1);                                                              \
        LAZY_BESIDE(kind, n, r);                                                                   \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }
#define NEGATE(neg, not, n)                                                                        \
    UOP(neg##n)                                                                                    \
    {                                                                                              \
        D(n) = (T_##n) - A(n);                                                                     \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(neg##n##_f)                                                                                \
    {                                                                                              \
        T_##n r = (T_##n) - A(n);                                                                  \
        LAZY2(SUB, n, r, 0);                                                                       \
        D(n) = r;                                                                                  \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(not##n)                                                                                    \
    {                                                                                              \
        D(n) = (T_##n) ~A(n);                                                                      \
        NEXT;                                                                                      \
    }
#define IMUL(n)                                                                                    \
    UOP(imul##n)                                                                                   \
    {                                                                                              \
        D(n) = (T_##n)((u32)A(n) * (u32)B(n));                                                     \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(imul##n##_f)                                                                               \
    {                                                                                              \
        D(n) = (T_##n)help_imul2_##n(cpu, A(n), B(n), 0);                                          \
        NEXT;                                                                                      \
    }

/* The twins do what the helpers do. */
#define MULTIPLY(name, helper, type)                                                               \
    UOP(name##32)                                                                                  \
    {                                                                                              \
        u64 product = (u64)(type)REG(R_EAX) * (u64)(type)A(32);                                    \
        REG(R_EAX) = (u32)product;                                                                 \
        REG(R_EDX) = (u32)(product >> 32);                                                         \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##32_f)                                                                                \
    {                                                                                              \
        helper(cpu, A(32), 0, 0);                                                                  \
        NEXT;                                                                                      \
    }
#define SCAN(name, value)                                                                          \
    UOP(name##32)                                                                                  \
    {                                                                                              \
        if (A(32))                                                                                 \
            D(32) = (value);                                                                       \
        NEXT;                                                                                      \
    }                                                                                              \
    UOP(name##32_f)                                                                                \
    {                                                                                              \
        D(32) = help_##name(cpu, A(32), D(32), 0);                                                 \
        NEXT;                                                                                      \
    }

#endif
