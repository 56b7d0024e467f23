/* Micro-ops in C, for what has no template and for accesses that the TLB does not serve: the bodies of uop_body.def on
 * struct cpu. */
#include <string.h>

#include "translate/tmpl/tmpl.h"

#include "cpu/excp.h"
#include "translate/uop_body_alu.h"
#include "translate/uop_body_shift.h"

static u32 load(struct cpu *cpu, u32 la, u32 size)
{
    u64 value;

    if (!mmu_load_slow(&cpu->mmu, la, size, cpu_access(cpu, false), &value))
        cpu_raise_pf(cpu);
    return (u32)value;
}

/* The load of a read-modify-write: every byte must be writable before anything happens. */
static u32 load_write(struct cpu *cpu, u32 la, u32 size)
{
    if (!mmu_probe(&cpu->mmu, la, size, cpu_access(cpu, true)))
        cpu_raise_pf(cpu);
    return load(cpu, la, size);
}

static void store(struct cpu *cpu, u32 la, u32 value, u32 size)
{
    if (!mmu_store_slow(&cpu->mmu, la, value, size, cpu_access(cpu, true)))
        cpu_raise_pf(cpu);
}

/* clang-format off */
#define UOP(name) case U_##name:
#define OPERAND(n, at) (*(T_##n *)((u8 *)cpu->r + u->at))
#define A(n)      OPERAND(n, a)
#define REG_B(n)  OPERAND(n, b)
#define B(n)      ((T_##n)(REG_B(n) + u->imm))
#define D(n)      OPERAND(n, d)
#define REG(slot) cpu->r[slot]
#define ACC(n)    (*(T_##n *)&cpu->r[R_EAX])
#define COUNT     (REG_B(8) & 31)
#define IMM       u->imm
#define AUX       u->aux
#define EA        (A(32) + (REG_B(32) << u->scale) + u->imm)
#define NEXT      return
#define FIND_READ(la, bytes)         NULL
#define FIND_WRITE(la, bytes)        NULL
#define LOAD_SLOW(la, bytes)         load(cpu, la, bytes)
#define LOAD_WRITE_SLOW(la, bytes)   load_write(cpu, la, bytes)
#define STORE_SLOW(la, value, bytes) store(cpu, la, value, bytes)
#define POSITION                     (void)0 /* whoever calls has noted it */
#define HELPER                       helpers[u->aux].fn
#define RAISE(vector, error)         cpu_raise_err(cpu, vector, error)
#define COND                         flags_cond(cpu, u->aux)
#define BUDGET                       cpu->budget
#define BLOCK_EIP                    b->eip
#define BLOCK_MODE                   b->mode
#define BLOCK_INSNS                  b->insns
#define LEAVE(to)                                                                                  \
    do {                                                                                           \
        cpu->eip = (to);                                                                           \
        return;                                                                                    \
    } while (0)
#define BODIES_BINARY
#define BODIES_PINNED_B
#define BODIES_UNARY
#define BODIES_SCAN
#define BODIES_LEA
#define BODIES_LOAD
#define BODIES_STORE
#define BODIES_STORE_IMM
#define BODIES_CALLING

static void run(struct cpu *cpu, const struct block *b, const struct uop *u)
{
    switch (u->op) {
#include "translate/uop_body.def"
    default: BUG("no C definition of %s", uop_info[u->op].name);
    }
}
/* clang-format on */

u32 tmpl_uop(struct cpu *cpu, u64 pos)
{
    unsigned at;
    const struct block *block = tmpl_block_at(pos, &at);
    u32 d;

    cpu->engine.pos = pos;
    run(cpu, block, &block->uop[at]);
    memcpy(&d, (u8 *)cpu->r + block->uop[at].d, sizeof(d));
    return d;
}
