/* Templates: each function becomes a stencil, cut out of this file's object by tools/dyngen.
 *
 * t_NAME is the micro-op NAME of uop.def, by its body in uop_body.def, with its operands in registers of the host: A in X,
 * B with its immediate in Y, D in X; Y is what a store stores, and A of BSF and BSR. A suffix tells a form for the guest's
 * registers themselves (template_pinned.h); template_operands.h has what moves operands. What is seldom, and accesses that
 * miss, is left to C (seldom.c) by cont_exit.
 *
 * A template is left by a jump to cont_*, never by a return. It may call what symbols.def lists, and has no data of its
 * own. It is compiled with the flags of dyngen.mk whatever the rest of the build is like. */
#include "translate/tmpl/host.h" /* registers come before any function */

#include "translate/tmpl/tmpl.h"
#include "translate/uop_body_alu.h"
#include "translate/uop_body_shift.h"
#include "translate/uop_fuse.h"

#define HOLE(name) HOST_HOLE(name)
#define CONT(name) HOST_CONT(name)
#define CALL(name)
#include "translate/tmpl/symbols.def"
#undef HOLE
#undef CONT
#undef CALL

/* clang-format off */
#define TEMPLATE(name)                                                                             \
    void t_##name(void);                                                                           \
    void t_##name(void)

/* Jumps: the last thing that a template does. */
#define GO(where)                                                                                  \
    do {                                                                                           \
        cont_##where();                                                                            \
        return;                                                                                    \
    } while (0)
#ifdef HOST_LACKS_BITS /* they would be calls of the compiler's library */
#define __builtin_bswap32(v) tmpl_call_bswap(v)
#define __builtin_ctz(v)     tmpl_call_ctz(v)
#define __builtin_clz(v)     tmpl_call_clz(v)
#else
/* In registers of the compiler's own: with others gcc 12 for ppc64le ends with an internal error. */
#define __builtin_bswap32(v)                                                                       \
    ({                                                                                             \
        u32 in_ = (v), out_;                                                                       \
        asm("" : "+r"(in_));                                                                       \
        out_ = __builtin_bswap32(in_);                                                             \
        asm("" : "+r"(out_));                                                                      \
        out_;                                                                                      \
    })
#endif

#define cpu host_cpu
#define GPR(n)       GPR_(n)
#define GPR_(n)      host_r##n
#define GPR_R_EAX    host_r0
#define GPR_R_ECX    host_r1
#define GPR_R_EDX    host_r2
#define REG(name)    GPR_##name
#define ACC(n)       ((T_##n)host_r0)
#define IN_MEMORY(n, hole) (*(T_##n *)AT_CPU(hole))
#define COUNT        (host_y & 31)
#define IMM          HOLE32(imm)
#define AUX          HOLE32(aux)
#define NEXT         GO(next)
#define IN_C         ({ GO(exit); 0; })
/* Flags that C computes. */
#define flags_cf(cpu)              CARRY_OF(&cpu->lazy)
#define CARRY_OF(z)                                                                                \
    ((z)->op == LAZY_ADD32   ? (u32)((z)->res < (z)->a)                                            \
     : (z)->op == LAZY_SUB32 ? (u32)((z)->a < (z)->a - (z)->res)                                   \
                             : tmpl_call_cf(host_y, (u32)host_x))
#define flags_put(cpu, mask, bits) IN_C
#define flags_get(cpu)             0

#include "translate/tmpl/template_operands.h"

/* What computes. */
#define A(n)     ((T_##n)host_x)
#define B(n)     ((T_##n)host_y)
#define REG_B(n) B(n)
#define D(n)     host_x
#define help_imul2_16(...) IN_C
#define help_imul2_32(...) IN_C
#define help_mul32(...)    IN_C
#define help_imul32(...)   IN_C
#define help_shld32(...)   IN_C
#define help_shrd32(...)   IN_C
#define help_bsf(...)      IN_C
#define help_bsr(...)      IN_C
#define UOP(name) TEMPLATE(name)
#define BODIES_BINARY
#define BODIES_PINNED_B
#define BODIES_UNARY
#define BODIES_LEA
#define BODIES_LOAD
#define EA ((u32)host_la)
#include "translate/uop_body.def"
#undef BODIES_BINARY
#undef BODIES_PINNED_B
#undef BODIES_UNARY
#undef BODIES_LEA
#undef BODIES_LOAD
#undef A
#define A(n) ((T_##n)host_y)
#define BODIES_SCAN
#include "translate/uop_body.def"
#undef BODIES_SCAN
#undef A
#undef D
#define A(n) ((T_##n)host_x)
#define D(n) ((T_##n)host_y)
#define BODIES_STORE
#define BODIES_STORE_IMM
#include "translate/uop_body.def"
#undef BODIES_STORE
#undef BODIES_STORE_IMM
#undef D
#define D(n) host_x

/* Exits by link 0 go on behind the micro-ops, where that is; gen.c puts it there. */
#define EXIT_LINK(k)                                                                               \
    do {                                                                                           \
        if ((k) == 0)                                                                              \
            GO(next);                                                                              \
        GO(exit);                                                                                  \
    } while (0)
#define LEAVE(target)                                                                              \
    do {                                                                                           \
        cpu->eip = (target);                                                                       \
        GO(leave);                                                                                 \
    } while (0)
#define FIND(target)                                                                               \
    do {                                                                                           \
        u32 eip_ = (target), slot = eip_ % CPU_JUMPS;                                              \
        if (likely(cpu->jump.key[slot] == (cpu->mmu.context | eip_)))                              \
            HOST_JUMP(cpu->jump.code[slot]);                                                       \
        GO(lookup);                                                                                \
    } while (0)
#define FIND_MODE(target)                                                                          \
    do {                                                                                           \
        host_x = (target);                                                                         \
        GO(mode);                                                                                  \
    } while (0)
#define STOP        GO(leave) /* no block has it when it is compiled */
#define POSITION    GO(exit)
#define HELPER(...) 0
#define help_seg_check(...) (void)0
#define RAISE(vector, error) (void)0
#define COND        tmpl_call_cond(host_y, (u32)host_x, AUX)
#define BUDGET      host_budget
#define BLOCK_EIP   HOLE32(eip)
#define BLOCK_MODE  0
#define BLOCK_INSNS 0
#define SIDE_BUDGET /* out of line */
#define SIDE_LINK   1
#define BODIES_CALLING
#define BODIES_FLOW
#define BODIES_FUSED
#include "translate/uop_body.def"
/* A jump right behind CMP or TEST of 32 bits, whose operands are in X and Y still. */
#define JUMP_IF(name, result, cond)                                                                \
    TEMPLATE(name)                                                                                 \
    {                                                                                              \
        const struct lazy_flags state = {.res = (result), .a = (u32)host_x}, *z = &state;          \
        if (cond)                                                                                  \
            GO(exit);                                                                              \
        GO(next);                                                                                  \
    }
#define X(name, cond) JUMP_IF(cmp_##name, (u32)host_x - host_y, cond)
FUSE_LIST_32(X)
#undef X
#define X(name, cond) JUMP_IF(test_##name, (u32)host_x & host_y, cond)
FUSE_LIST_32(X)
#undef X
#undef BODIES_CALLING
#undef BODIES_FLOW
#undef BODIES_FUSED
#undef A
#undef B
#undef REG_B
#undef D
#undef UOP
#undef EA

#include "translate/tmpl/template_pinned.h"
/* clang-format on */

/* What blocks have beside micro-ops. First the check of a block that crosses into another page, by who comes from
 * elsewhere than the run loop: ptr is block->second. */
TEMPLATE(crossing)
{
    if (unlikely(*(const u64 *)AT_TABLE(entry) != *(const u64 *)HOLE64(ptr)))
        LEAVE(BLOCK_EIP);
    GO(next);
}

TEMPLATE(entry)
{
    host_budget = (i32)((u32)host_budget - HOLE32(insns));
    if (unlikely(host_budget < 0))
        GO(exit);
    GO(next);
}

TEMPLATE(side_budget)
{
    host_budget = (i32)PLUS_HOLE((u32)host_budget, insns);
    GO(next);
}

/* ptr is the block. */
TEMPLATE(no_budget)
{
    host_la = HOLE64(ptr);
    GO(again);
}

/* A direct exit: to another page only while that is mapped as it was; ptr is link->expect. */
TEMPLATE(link_page)
{
    if (unlikely(*(const u64 *)AT_TABLE(entry) != *(const u64 *)HOLE64(ptr)))
        GO(exit);
    GO(next);
}

TEMPLATE(link)
{
    GO(target);
}

/* It is not chained, or does not hold; ptr is the link. */
TEMPLATE(unlinked)
{
    host_la = HOLE64(ptr);
    GO(unlinked);
}

/* A micro-op in C; and one that has got there, which goes on behind its place. */
TEMPLATE(in_c)
{
    tmpl_call_uop(HOLE64(pos));
    GO(next);
}

TEMPLATE(miss)
{
    tmpl_call_uop(HOLE64(pos));
    GO(target);
}

TEMPLATE(miss_leave)
{
    tmpl_call_uop(HOLE64(pos));
    GO(leave);
}

/* What all blocks share; EIP is in X, but for `found` and `leave`. */
TEMPLATE(shared_lookup)
{
    cpu->eip = (u32)host_x;
    tmpl_call_lookup();
    GO(found);
}

TEMPLATE(shared_mode)
{
    cpu->eip = (u32)host_x;
    tmpl_call_lookup_mode();
    GO(found);
}

TEMPLATE(shared_unlinked)
{
    tmpl_call_unlinked(host_la);
    GO(found);
}

TEMPLATE(shared_again)
{
    const struct block *block = (const struct block *)host_la;

    host_budget += block->insns;
    LEAVE(block->eip);
}

/* Of its own, since a jump that is no call's wants no frame around it. */
TEMPLATE(shared_found)
{
    const void *code = ((const struct tmpl *)cpu->translator->engine_data)->found;

    if (code)
        HOST_JUMP(code);
    GO(leave);
}

TEMPLATE(shared_stop)
{
    tmpl_call_stop();
    GO(leave);
}
