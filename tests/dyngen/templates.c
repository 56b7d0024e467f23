/* Templates of a small machine, to run what tools/dyngen makes of them: tests/dyngen/run.c. */
#include "tests/dyngen/host.h"

void cont_next(void), cont_taken(void), cont_exit(void);
u32 slow(u32 a, u32 b);

#ifdef __powerpc64__
/* Jumps to functions that may be elsewhere are calls there, so these are here. */
#define HERE(name)                                                                                 \
    __attribute__((noipa, visibility("hidden"))) void name(void)                                   \
    {                                                                                              \
        asm volatile("");                                                                          \
    }
HERE(cont_next)
HERE(cont_taken)
HERE(cont_exit)
#endif

#define TEMPLATE(name, ...)                                                                        \
    void t_##name(void);                                                                           \
    void t_##name(void)                                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
        cont_next();                                                                               \
    }
#define BINARY(name, op)                                                                           \
    TEMPLATE(name, STORE(d, LOAD(a) op LOAD(b));)                                                  \
    TEMPLATE(name##i, STORE(d, LOAD(a) op IMM);)

BINARY(add, +)
BINARY(sub, -)
BINARY(and, &)
BINARY(or, |)
BINARY(xor, ^)
BINARY(mul, *)
TEMPLATE(mov, STORE(d, LOAD(a));)
TEMPLATE(movi, STORE(d, IMM);)
TEMPLATE(shl, STORE(d, LOAD(a) << (LOAD(b) & 31));)
TEMPLATE(shr, STORE(d, LOAD(a) >> (LOAD(b) & 31));)
TEMPLATE(rol, u32 n = LOAD(b) & 31; u32 v = LOAD(a); STORE(d, v << n | v >> (-n & 31));)
TEMPLATE(load, STORE(d, PTR[LOAD(a) & 63]);)
TEMPLATE(store, PTR[LOAD(a) & 63] = LOAD(d);)
/* A call out of line, and jumps over it. */
TEMPLATE(mix, u32 v = LOAD(a); if (unlikely(v % 8 == 3)) v = slow(v, LOAD(b)); STORE(d, v + 1);)
/* Jumps to the end from the middle. */
TEMPLATE(
    min, u32 v = LOAD(a); u32 w = LOAD(b); if (v < w) {
        STORE(d, v);
        cont_next();
        return;
    } STORE(d, w);)
TEMPLATE(
    jnz, if (LOAD(a)) {
        cont_taken();
        return;
    })

void t_jmp(void);
void t_jmp(void)
{
    cont_taken();
}

void t_exit(void);
void t_exit(void)
{
    cont_exit();
}
