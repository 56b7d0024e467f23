/* Single x87 instructions on the host's x87; see x87_unit.h for the rules.
 *
 * Each asm statement finds the host's register stack empty, as the ABI has it, and leaves it
 * empty. */
#include "cpu/x87/x87_unit.h"

#ifdef X87_ON_HOST

#define HOST_MASKED 0x27u /* IM DM ZM PM */

/* Around an instruction: our control word in; status out, flags cleared. Both outputs are written before the
 * last operand is read, so they are early clobbers: no address may lie in AX. */
#define ENTER  "fnclex\n\tfnstcw %[host]\n\tfldcw %[cw]\n\t"
#define STATUS "\n\tfnstsw %[sw]\n\tfnclex\n\t"
#define LEAVE  "\n\tfldcw %[host]"
#define STACK  "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "cc", "memory"

static u16 host_cw(u16 guest)
{
    return guest | HOST_MASKED;
}

#define BINARY(insn)                                                                               \
    __asm__ volatile(ENTER "fldt %[b]\n\tfldt %[a]\n\t" insn STATUS                                \
                           "fstpt %[a]\n\tfstp %%st(0)" LEAVE                                      \
                     : [a] "+m"(*a), [sw] "=&a"(sw), [host] "=&m"(host)                            \
                     : [b] "m"(*b), [cw] "m"(ours)                                                 \
                     : STACK)

u16 x87_host_arith(unsigned op, u16 cw, struct f80 *a, const struct f80 *b)
{
    u16 ours = host_cw(cw), host, sw;

    switch (op & 7) {
    case 0: BINARY("fadd %%st(1), %%st"); break;
    case 1: BINARY("fmul %%st(1), %%st"); break;
    case 2:
    case 3: BINARY("fcom %%st(1)"); break;
    case 4: BINARY("fsub %%st(1), %%st"); break;
    case 5: BINARY("fsubr %%st(1), %%st"); break;
    case 6: BINARY("fdiv %%st(1), %%st"); break;
    default: BINARY("fdivr %%st(1), %%st"); break;
    }
    return sw;
}

u16 x87_host_ucom(u16 cw, const struct f80 *x, const struct f80 *b)
{
    u16 ours = host_cw(cw), host, sw;
    struct f80 copy = *x, *a = &copy;

    BINARY("fucom %%st(1)");
    return sw;
}

u16 x87_host_binary(enum x87_binary op, u16 cw, struct f80 *a, const struct f80 *b)
{
    u16 ours = host_cw(cw), host, sw = 0;

    /* The popping ones get a third register, for the same clean-up after each. */
    switch (op) {
    case X87_YL2X: BINARY("fxch %%st(1)\n\tfld %%st(0)\n\tfxch %%st(2)\n\tfyl2x"); break;
    case X87_PATAN: BINARY("fxch %%st(1)\n\tfld %%st(0)\n\tfxch %%st(2)\n\tfpatan"); break;
    case X87_YL2XP1: BINARY("fxch %%st(1)\n\tfld %%st(0)\n\tfxch %%st(2)\n\tfyl2xp1"); break;
    case X87_PREM: BINARY("fprem"); break;
    case X87_PREM1: BINARY("fprem1"); break;
    case X87_SCALE: BINARY("fscale"); break;
    }
    return sw;
}

#define WITH_MEM(insn, type)                                                                       \
    __asm__ volatile(ENTER "fldt %[a]\n\t" insn " %[mem]" STATUS "fstpt %[a]" LEAVE                \
                     : [a] "+m"(*a), [sw] "=&a"(sw), [host] "=&m"(host)                            \
                     : [mem] "m"(*(const type *)mem), [cw] "m"(ours)                               \
                     : STACK)

#define ARITH_MEM(prefix, suffix, type)                                                            \
    switch (op & 7) {                                                                              \
    case 0: WITH_MEM(prefix "add" suffix, type); break;                                            \
    case 1: WITH_MEM(prefix "mul" suffix, type); break;                                            \
    case 2:                                                                                        \
    case 3: WITH_MEM(prefix "com" suffix, type); break;                                            \
    case 4: WITH_MEM(prefix "sub" suffix, type); break;                                            \
    case 5: WITH_MEM(prefix "subr" suffix, type); break;                                           \
    case 6: WITH_MEM(prefix "div" suffix, type); break;                                            \
    default: WITH_MEM(prefix "divr" suffix, type); break;                                          \
    }

u16 x87_host_arith_mem(unsigned kind, unsigned op, u16 cw, struct f80 *a, const void *mem)
{
    u16 ours = host_cw(cw), host, sw;

    switch (kind & 3) {
    case 0: ARITH_MEM("f", "s", u32); break;
    case 1: ARITH_MEM("fi", "l", u32); break;
    case 2: ARITH_MEM("f", "l", u64); break;
    default: ARITH_MEM("fi", "s", u16); break;
    }
    return sw;
}

#define UNARY(insn)                                                                                \
    __asm__ volatile(ENTER "fldt %[x]\n\t" insn STATUS "fstpt %[x]" LEAVE                          \
                     : [x] "+m"(*x), [sw] "=&a"(sw), [host] "=&m"(host)                            \
                     : [cw] "m"(ours)                                                              \
                     : STACK)

u16 x87_host_unary(enum x87_unary op, u16 cw, struct f80 *x)
{
    u16 ours = host_cw(cw), host, sw = 0;

    switch (op) {
    case X87_F2XM1: UNARY("f2xm1"); break;
    case X87_SQRT: UNARY("fsqrt"); break;
    case X87_RNDINT: UNARY("frndint"); break;
    case X87_SIN: UNARY("fsin"); break;
    case X87_COS: UNARY("fcos"); break;
    case X87_TST: UNARY("ftst"); break;
    case X87_XAM: UNARY("fxam"); break;
    }
    return sw;
}

/* C2 is bit 10 of the status word: nothing was pushed when it is set. */
#define TWO(insn, test)                                                                            \
    __asm__ volatile(ENTER "fldt %[x]\n\t" insn STATUS test                                        \
                           "fstpt %[pushed]\n1:\tfstpt %[x]" LEAVE                                 \
                     : [x] "+m"(*x), [pushed] "+m"(*pushed), [sw] "=&a"(sw), [host] "=&m"(host)    \
                     : [cw] "m"(ours)                                                              \
                     : STACK)

u16 x87_host_two(enum x87_two op, u16 cw, struct f80 *x, struct f80 *pushed)
{
    u16 ours = host_cw(cw), host, sw = 0;

    switch (op) {
    case X87_PTAN: TWO("fptan", "testw $0x400, %%ax\n\tjnz 1f\n\t"); break;
    case X87_SINCOS: TWO("fsincos", "testw $0x400, %%ax\n\tjnz 1f\n\t"); break;
    case X87_XTRACT: TWO("fxtract", ""); break;
    }
    return sw;
}

#define LOAD(insn, operand)                                                                        \
    __asm__ volatile(ENTER insn STATUS "fstpt %[x]" LEAVE                                          \
                     : [x] "=m"(*out), [sw] "=&a"(sw), [host] "=&m"(host)                          \
                     : [cw] "m"(ours), operand                                                     \
                     : STACK)

u16 x87_host_const(enum x87_const which, u16 cw, struct f80 *out)
{
    u16 ours = host_cw(cw), host, sw = 0;

    switch (which) {
    case X87_1: LOAD("fld1", "m"(cw)); break;
    case X87_L2T: LOAD("fldl2t", "m"(cw)); break;
    case X87_L2E: LOAD("fldl2e", "m"(cw)); break;
    case X87_PI: LOAD("fldpi", "m"(cw)); break;
    case X87_LG2: LOAD("fldlg2", "m"(cw)); break;
    case X87_LN2: LOAD("fldln2", "m"(cw)); break;
    case X87_ZERO: LOAD("fldz", "m"(cw)); break;
    }
    return sw;
}

u16 x87_host_load(enum x87_mem kind, u16 cw, const void *mem, struct f80 *out)
{
    u16 ours = host_cw(cw), host, sw = 0;

    switch (kind) {
    case X87_MEM_F32: LOAD("flds %[mem]", [mem] "m"(*(const u32 *)mem)); break;
    case X87_MEM_F64: LOAD("fldl %[mem]", [mem] "m"(*(const u64 *)mem)); break;
    case X87_MEM_I16: LOAD("filds %[mem]", [mem] "m"(*(const u16 *)mem)); break;
    case X87_MEM_I32: LOAD("fildl %[mem]", [mem] "m"(*(const u32 *)mem)); break;
    case X87_MEM_I64: LOAD("fildll %[mem]", [mem] "m"(*(const u64 *)mem)); break;
    case X87_MEM_BCD: LOAD("fbld %[mem]", [mem] "m"(*(const struct f80 *)mem)); break;
    }
    return sw;
}

/* FIST and FBSTP in 64 and 80 bits always pop; the others are followed by one. */
#define STORE(insn, pop, type)                                                                     \
    __asm__ volatile(ENTER "fldt %[x]\n\t" insn " %[mem]" STATUS pop LEAVE                         \
                     : [mem] "+m"(*(type *)mem), [sw] "=&a"(sw), [host] "=&m"(host)                \
                     : [x] "m"(*x), [cw] "m"(ours)                                                 \
                     : STACK)

u16 x87_host_store(enum x87_mem kind, u16 cw, const struct f80 *x, void *mem)
{
    u16 ours = host_cw(cw), host, sw = 0;

    switch (kind) {
    case X87_MEM_F32: STORE("fsts", "fstp %%st(0)", u32); break;
    case X87_MEM_F64: STORE("fstl", "fstp %%st(0)", u64); break;
    case X87_MEM_I16: STORE("fists", "fstp %%st(0)", u16); break;
    case X87_MEM_I32: STORE("fistl", "fstp %%st(0)", u32); break;
    case X87_MEM_I64: STORE("fistpll", "", u64); break;
    case X87_MEM_BCD: STORE("fbstp", "", struct f80); break;
    }
    return sw;
}

#define C1_AFTER(insn)                                                                             \
    __asm__ volatile("fldz\n\tfldz\n\tfchs\n\tfxam\n\t" insn                                       \
                     "\n\tfnstsw %[sw]\n\tfstp %%st(0)\n\tfstp %%st(0)"                            \
                     : [sw] "=a"(sw)                                                               \
                     :                                                                             \
                     : STACK)

bool x87_host_keeps_c1(enum x87_c1 which)
{
    u16 sw = 0;

    switch (which) { /* FXAM of -0 has set it */
    case X87_C1_CMOV: C1_AFTER("fcmovb %%st(1), %%st"); break;
    case X87_C1_COMI: C1_AFTER("fucomi %%st(1), %%st"); break;
    }
    return sw & 0x200;
}

#else

bool x87_host_keeps_c1(enum x87_c1 which)
{
    (void)which;
    return false;
}

#endif
