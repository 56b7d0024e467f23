/* Conditional exits whose flag producer is known: they look at the lazy state directly instead of computing EFLAGS. For
 * engines that run uop_body.def. */
#ifndef PAGEWALK_UOP_FUSE_H
#define PAGEWALK_UOP_FUSE_H

#include "translate/block.h"

/* X(name, condition on struct lazy_flags *z). After SUB and CMP: the operands compared as their types. */
#define FUSE_SIZED(X, n)                                                                           \
    X(s##n, (i##n)z->res < 0)                                                                      \
    X(ns##n, (i##n)z->res >= 0)                                                                    \
    X(b##n, (u##n)z->a < (u##n)(z->a - z->res))                                                    \
    X(ae##n, (u##n)z->a >= (u##n)(z->a - z->res))                                                  \
    X(be##n, (u##n)z->a <= (u##n)(z->a - z->res))                                                  \
    X(a##n, (u##n)z->a > (u##n)(z->a - z->res))                                                    \
    X(l##n, (i##n)z->a < (i##n)(z->a - z->res))                                                    \
    X(ge##n, (i##n)z->a >= (i##n)(z->a - z->res))                                                  \
    X(le##n, (i##n)z->a <= (i##n)(z->a - z->res))                                                  \
    X(g##n, (i##n)z->a > (i##n)(z->a - z->res))                                                    \
    X(le0##n, (i##n)z->res <= 0) /* after logic */                                                 \
    X(g0##n, (i##n)z->res > 0)

/* After INC and DEC. */
#define FUSE_STEP(X, n)                                                                            \
    X(step_s##n, (i##n)z->step < 0)                                                                \
    X(step_ns##n, (i##n)z->step >= 0)

#define FUSE_LIST(X)                                                                               \
    X(z, z->res == 0)                                                                              \
    X(nz, z->res != 0)                                                                             \
    X(step_z, z->step == 0)                                                                        \
    X(step_nz, z->step != 0)                                                                       \
    FUSE_SIZED(X, 8)                                                                               \
    FUSE_SIZED(X, 16)                                                                              \
    FUSE_SIZED(X, 32)                                                                              \
    FUSE_STEP(X, 8)                                                                                \
    FUSE_STEP(X, 16)                                                                               \
    FUSE_STEP(X, 32)

/* Those among them behind a CMP or TEST of 32 bits. */
#define FUSE_LIST_32(X)                                                                            \
    X(z, z->res == 0)                                                                              \
    X(nz, z->res != 0)                                                                             \
    FUSE_SIZED(X, 32)

enum fused_op {
    FUSED_FIRST = U_COUNT - 1,
#define X(name, cond) FUSED_##name,
    FUSE_LIST(X)
#undef X
        FUSED_END
};

/* What micro-op `at`, which looks at a condition, is as a conditional exit whose producer is known; 0: it is not. */
unsigned uop_fused(const struct uop *uop, unsigned at);

#endif
