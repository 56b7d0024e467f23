/* Templates: each function becomes the stencil of a micro-op, cut out of this file's object by tools/dyngen.
 *
 * t_NAME is the micro-op NAME of uop.def, by its body in uop_body.def; a suffix tells a form that takes operands of some
 * kind only (forms.c). A template is left by a jump to cont_*, never by a return. It may call what symbols.def lists, and
 * has no data of its own. It is compiled with the flags of tmpl.mk whatever the rest of the build is like. */
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
#define __builtin_bswap32(v) tmpl_bswap(v)
#define __builtin_ctz(v)     tmpl_ctz(v)
#define __builtin_clz(v)     tmpl_clz(v)
#endif

/* clang-format off */
#define cpu host_cpu
#define OPERAND_8(hole)  (*(u8 *)AT_CPU(hole))
#define OPERAND_16(hole) (*(u16 *)AT_CPU(hole))
#define OPERAND_32(hole) (*(u32 *)AT_CPU(hole))
#define A(n)      OPERAND_##n(a)
#define REG_B(n)  OPERAND_##n(b)
#define D(n)      OPERAND_##n(d)
#define REG(slot) cpu->r[slot]
#define ACC(n)    (*(T_##n *)&cpu->r[R_EAX])
#define COUNT     (REG_B(8) & 31)
#define IMM       HOLE32(imm)
#define AUX       HOLE32(aux)
#define NEXT      GO(next)

/* B, by what it is: a register, a number, both. */
#define BODIES_BINARY
#define UOP(name) TEMPLATE(name##_r)
#define B(n)      REG_B(n)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) TEMPLATE(name##_i)
#define B(n)      ((T_##n)IMM)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) TEMPLATE(name)
#define B(n)      ((T_##n)(REG_B(n) + IMM))
#include "translate/uop_body.def"
#undef BODIES_BINARY

#define BODIES_UNARY
#include "translate/uop_body.def"
#undef BODIES_UNARY
#undef UOP

/* Addresses: with a register, with two, of which one is scaled. A miss leaves for the micro-op's _miss. */
#define BODIES_ADDRESS
#define TABLE(hole)           ((const u64 *)AT_TABLE(hole))
#define FIND_READ(la, bytes)  tlb_find(TABLE(read), la, bytes)
#define FIND_WRITE(la, bytes) tlb_find(TABLE(write), la, bytes)
#define MISS                                                                                       \
    ({                                                                                             \
        GO(exit);                                                                                  \
        0;                                                                                         \
    })
#define LOAD_SLOW(la, bytes)         MISS
#define LOAD_WRITE_SLOW(la, bytes)   MISS
#define STORE_SLOW(la, value, bytes) GO(exit)
#define ADDRESS(x)                   ((u32)(host_la = PLUS_HOLE(x, imm)))
#define UOP(name) TEMPLATE(name##_a)
#define EA        ADDRESS(A(32))
#include "translate/uop_body.def"
#undef UOP
#undef EA
#define UOP(name) TEMPLATE(name##_ab)
#define EA        ADDRESS(A(32) + REG_B(32))
#include "translate/uop_body.def"
#undef UOP
#undef EA
#define UOP(name) TEMPLATE(name##_ab1)
#define EA        ADDRESS(A(32) + (REG_B(32) << 1))
#include "translate/uop_body.def"
#undef UOP
#undef EA
#define UOP(name) TEMPLATE(name##_ab2)
#define EA        ADDRESS(A(32) + (REG_B(32) << 2))
#include "translate/uop_body.def"
#undef UOP
#undef EA
#define UOP(name) TEMPLATE(name##_ab3)
#define EA        ADDRESS(A(32) + (REG_B(32) << 3))
#include "translate/uop_body.def"
#undef UOP
#undef EA
#undef FIND_READ
#undef FIND_WRITE
#undef LOAD_SLOW
#undef LOAD_WRITE_SLOW
#undef STORE_SLOW

/* All accesses out of line (-slow-mem); and those that have missed. */
#define LOAD_SLOW(la, bytes)         tmpl_load(cpu, la, bytes, HOLE64(pos))
#define LOAD_WRITE_SLOW(la, bytes)   tmpl_load_write(cpu, la, bytes, HOLE64(pos))
#define STORE_SLOW(la, value, bytes) tmpl_store(cpu, la, value, bytes, HOLE64(pos))
#define FIND_READ(la, bytes)         NULL
#define FIND_WRITE(la, bytes)        NULL
#define UOP(name) TEMPLATE(name##_slow)
#define EA        (A(32) + (REG_B(32) << (HOLE32(scale) & 3)) + IMM)
#include "translate/uop_body.def"
#undef UOP
#undef EA
#undef NEXT
#define UOP(name) TEMPLATE(name##_miss)
#define EA        ((u32)host_la)
#define NEXT      GO(target)
#include "translate/uop_body.def"
#undef UOP
#undef EA
#undef NEXT
#define NEXT      GO(next)
#undef BODIES_ADDRESS

/* An exit by link 0 goes on behind the micro-ops, where that is; engine.c puts it there. */
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
            HOST_JUMP(cpu->jump.code[slot]);                                                           \
        cpu->eip = eip_;                                                                           \
        GO(lookup);                                                                                \
    } while (0)
#define FIND_MODE(target)                                                                          \
    do {                                                                                           \
        cpu->eip = (target);                                                                       \
        GO(mode);                                                                                  \
    } while (0)
#define STOP        GO(leave) /* no block has it when it is compiled */
#define POSITION    cpu->engine.pos = HOLE64(pos)
#define HELPER      ((helper_fn *)HOLE64(fn))
#define RAISE(vector, error) tmpl_raise(cpu, vector, error)
#define COND        tmpl_cond(cpu, AUX)
#define BLOCK_EIP   HOLE32(eip)
#define BLOCK_MODE  HOLE32(mode)
#define BLOCK_INSNS HOLE32(insns)
#define SIDE_INSNS  HOLE32(insns)
#define SIDE_LINK   1
#define BODIES_FLOW
#define BODIES_FUSED
#define UOP(name)   TEMPLATE(name)
#include "translate/uop_body.def"
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
    cpu->budget -= BLOCK_INSNS;
    if (unlikely(cpu->budget < 0))
        GO(exit);
    GO(next);
}

TEMPLATE(no_budget)
{
    cpu->budget += BLOCK_INSNS;
    LEAVE(BLOCK_EIP);
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
    struct block_link *link = (struct block_link *)HOLE64(ptr);

    cpu->eip = HOLE32(eip);
    if (link->to)
        GO(lookup);
    cpu->translator->exit_link = link;
    GO(leave);
}

/* What all blocks share. */
TEMPLATE(lookup)
{
    tmpl_lookup(cpu);
    GO(jump);
}

TEMPLATE(mode)
{
    tmpl_lookup_mode(cpu);
    GO(jump);
}

/* Of its own, since a jump that is no call's wants no frame around it. */
TEMPLATE(jump)
{
    const void *code = ((const struct tmpl *)cpu->translator->engine_data)->found;

    if (code)
        HOST_JUMP(code);
    GO(leave);
}

TEMPLATE(stop_modified)
{
    tmpl_stop(cpu);
    GO(leave);
}
