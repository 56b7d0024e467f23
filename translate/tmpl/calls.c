/* From templates to C and back: the guest's registers are in struct cpu meanwhile, as C finds and changes them. With the
 * registers of host.h. */
#include "translate/tmpl/host.h"

#include "translate/tmpl/tmpl.h"

#define EACH_GPR(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define SPILL_(n)   host_cpu->r[n] = host_r##n;
#define FILL_(n)    host_r##n = host_cpu->r[n];
#define SPILL                                                                                      \
    do {                                                                                           \
        EACH_GPR(SPILL_)                                                                           \
        host_cpu->budget = host_budget;                                                            \
    } while (0)
#define FILL                                                                                       \
    do {                                                                                           \
        EACH_GPR(FILL_)                                                                            \
        host_budget = host_cpu->budget;                                                            \
        FILL_TABLES;                                                                               \
    } while (0)
#ifdef HOST_READ
#define FILL_TABLES                                                                                \
    host_read = host_cpu->mmu.tlb.data[cpu_access(host_cpu, false)];                               \
    host_write = host_cpu->mmu.tlb.data[cpu_access(host_cpu, true)]
#else
#define FILL_TABLES (void)0
#endif

void tmpl_call_uop(u64 pos)
{
    u32 d;

    SPILL;
    d = tmpl_uop(host_cpu, pos);
    FILL;
    host_x = d;
}

/* These leave X and Y, which are their arguments, as they were: some hosts pass them so at no cost. */
u32 tmpl_call_cond(u32 y, u32 x, u32 cc)
{
    u32 holds;

    SPILL;
    holds = flags_cond(host_cpu, cc);
    FILL;
    host_x = x;
    host_y = y;
    return holds;
}

u32 tmpl_call_cf(u32 y, u32 x)
{
    u32 carry;

    SPILL;
    carry = flags_cf(host_cpu);
    FILL;
    host_x = x;
    host_y = y;
    return carry;
}

void tmpl_call_lookup(void)
{
    SPILL;
    tmpl_lookup(host_cpu);
    FILL;
}

void tmpl_call_lookup_mode(void)
{
    SPILL;
    tmpl_lookup_mode(host_cpu);
    FILL;
}

void tmpl_call_unlinked(u64 link)
{
    SPILL;
    tmpl_unlinked(host_cpu, (struct block_link *)(uintptr_t)link);
    FILL;
}

void tmpl_call_stop(void)
{
    SPILL;
    tmpl_stop(host_cpu);
    FILL;
}

/* For HOST_LACKS_BITS. */
#define BITS(name, expr)                                                                           \
    u32 tmpl_call_##name(u32 v)                                                                    \
    {                                                                                              \
        SPILL;                                                                                     \
        v = expr;                                                                                  \
        FILL;                                                                                      \
        return v;                                                                                  \
    }
BITS(bswap, tmpl_bswap(v))
BITS(ctz, tmpl_ctz(v))
BITS(clz, tmpl_clz(v))

void tmpl_run(struct cpu *c, const u8 *code)
{
    host_cpu = c;
    FILL;
    ((void (*)(void))(uintptr_t)code)();
    SPILL;
}

/* Jumped to: returns from the call above. */
void tmpl_leave(void)
{
}
