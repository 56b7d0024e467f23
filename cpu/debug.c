/* Debug registers: what DR7 arms, where it is looked for, and what DR6 reports. */
#include "cpu/debug.h"

#include <string.h>

#include "cpu/helper.h"
#include "cpu/sys.h"

#define BREAKS 4u
_Static_assert(BREAKS + DEBUGGER_WATCHES <= MMU_WATCHES, "each has a bit of struct mmu_watch");

#define DEBUGCTL_WRITABLE 0x7fu /* LBR, BTF, and what the breakpoint pins show */

#define DR6_WRITABLE 0x0000e00fu
#define DR7_WRITABLE 0xffff23ffu
#define DR7_ONE      0x00000400u
#define DR7_LOCAL    0x00000155u /* L0-L3 and LE: cleared by a task switch */

/* DR7's R/W field. */
enum break_kind { BREAK_CODE, BREAK_WRITE, BREAK_PORT, BREAK_ACCESS };

static bool break_enabled(const struct cpu *cpu, unsigned i)
{
    return cpu->dr[7] >> i * 2 & 3;
}

static enum break_kind break_kind(const struct cpu *cpu, unsigned i)
{
    return (enum break_kind)(cpu->dr[7] >> (16 + i * 4) & 3);
}

/* In bytes. Length 2 is undefined here and 8 on later processors. */
static u32 break_len(const struct cpu *cpu, unsigned i)
{
    static const u8 len[] = {1, 2, 8, 4};

    return len[cpu->dr[7] >> (18 + i * 4) & 3];
}

static u32 break_start(const struct cpu *cpu, unsigned i)
{
    return cpu->dr[i] & ~(break_len(cpu, i) - 1);
}

static bool break_ports(const struct cpu *cpu, unsigned i)
{
    return break_enabled(cpu, i) && break_kind(cpu, i) == BREAK_PORT && (cpu->cr4 & CR4_DE);
}

static void update_code_breaks(struct cpu *cpu)
{
    u32 la[BREAKS];
    unsigned count = 0;

    for (unsigned i = 0; i < BREAKS; i++)
        if (break_enabled(cpu, i) && break_kind(cpu, i) == BREAK_CODE)
            la[count++] = cpu->dr[i];
    if (count == cpu->code_breaks.count &&
        memcmp(la, cpu->code_breaks.la, count * sizeof(*la)) == 0)
        return;
    cpu->code_breaks.count = count;
    memcpy(cpu->code_breaks.la, la, count * sizeof(*la));
    if (count && cpu->code_breaks_changed)
        cpu->code_breaks_changed(cpu);
}

void debug_update(struct cpu *cpu)
{
    struct mmu_watch watch[BREAKS + DEBUGGER_WATCHES];
    unsigned watches = 0, own;
    bool reads;

    cpu->port_breaks = false;
    for (unsigned i = 0; i < BREAKS; i++) {
        enum break_kind kind = break_kind(cpu, i);

        cpu->port_breaks |= break_ports(cpu, i);
        if (break_enabled(cpu, i) && (kind == BREAK_WRITE || kind == BREAK_ACCESS))
            watch[watches++] = (struct mmu_watch){.la = break_start(cpu, i),
                                                  .len = break_len(cpu, i),
                                                  .reads = kind == BREAK_ACCESS,
                                                  .bits = 1u << i};
    }
    update_code_breaks(cpu);
    own = watches;
    watches = debugger_watches(cpu, watch, watches, BREAKS, &reads);
    mmu_set_watches(&cpu->mmu, watch, watches);
    cpu->breaks_armed = cpu->code_breaks.count || own || reads || cpu->mmu.observer;
    cpu_update_mode(cpu);
}

bool debug_breaks_at(const struct cpu *cpu, u32 la)
{
    for (unsigned i = 0; i < cpu->code_breaks.count; i++)
        if (cpu->code_breaks.la[i] == la)
            return true;
    return debugger_code_at(cpu, la);
}

void debug_report(struct cpu *cpu, u32 bits)
{
    cpu->dr[6] = (cpu->dr[6] & ~DR6_BREAKS) | bits;
}

static void trap_later(struct cpu *cpu, u32 bits)
{
    cpu->debug_trap |= bits;
    cpu_kick(cpu);
}

void debug_port(struct cpu *cpu, u16 port, unsigned size)
{
    for (unsigned i = 0; i < BREAKS; i++) {
        u32 start = break_start(cpu, i);

        if (break_ports(cpu, i) && start < port + size && port < start + break_len(cpu, i))
            trap_later(cpu, 1u << i);
    }
}

void debug_watch_hit(void *opaque, u32 bits)
{
    struct cpu *cpu = opaque;

    if (bits >> BREAKS)
        debugger_watch_hit(cpu, bits >> BREAKS);
    if (bits & DR6_BREAKS)
        trap_later(cpu, bits & DR6_BREAKS);
    if (cpu->end_block)
        cpu->end_block(cpu);
}

/* The run loop sees every instruction while it is not 0. */
void debug_set_ctl(struct cpu *cpu, u32 value)
{
    cpu->debugctl = value & DEBUGCTL_WRITABLE;
    cpu_kick(cpu);
}

void debug_record_branch(struct cpu *cpu, u32 from, u32 to, bool exception)
{
    if (exception) {
        cpu->last_branch[EXCEPTION_FROM] = cpu->last_branch[BRANCH_FROM];
        cpu->last_branch[EXCEPTION_TO] = cpu->last_branch[BRANCH_TO];
    }
    cpu->last_branch[BRANCH_FROM] = from;
    cpu->last_branch[BRANCH_TO] = to;
}

void debug_task_switch(struct cpu *cpu, bool trap)
{
    if (trap) /* first: RF depends on it (cpu_update_mode()) */
        trap_later(cpu, DR6_BT);
    if (cpu->dr[7] & DR7_LOCAL) {
        cpu->dr[7] &= ~DR7_LOCAL;
        debug_update(cpu);
    }
}

static _Noreturn void debug_raise(struct cpu *cpu, u32 bits)
{
    cpu->fault.dr6 = bits;
    cpu_raise(cpu, EXCP_DB);
}

/* An instruction at a code breakpoint, before anything else of it. c: its linear address. The block may be older than
 * the registers: a breakpoint that is disarmed kills no blocks. */
HELP(code_break)
{
    const struct debugger_point *point = debugger_code_at(cpu, c);
    u32 bits = 0;

    if (point && !cpu->debugger.stepping)
        debugger_stop(cpu, point);
    for (unsigned i = 0; i < BREAKS; i++)
        if (break_enabled(cpu, i) && break_kind(cpu, i) == BREAK_CODE && cpu->dr[i] == c)
            bits |= 1u << i;
    if (bits && !cpu->resumed && !cpu_in_ss_shadow(cpu))
        debug_raise(cpu, bits);
    return 0;
}

/* DR4 and DR5 are DR6 and DR7 while CR4.DE is clear, and else #UD, which comes before #GP for the CPL.
 * (SDM vol. 3B, 17.2.2; vol. 3A, table 6-2) */
static unsigned debug_register(struct cpu *cpu, u32 number)
{
    if (number != 4 && number != 5)
        return number & 7;
    if (cpu->cr4 & CR4_DE)
        cpu_raise(cpu, EXCP_UD);
    return number + 2;
}

static void debug_check_access(struct cpu *cpu, const char *what)
{
    cpu_need_cpl0(cpu, what);
    if (cpu->dr[7] & DR7_GD)
        debug_raise(cpu, DR6_BD);
}

HELP(dr_read)
{
    unsigned number = debug_register(cpu, c);

    debug_check_access(cpu, "MOV from DR");
    return cpu->dr[number];
}

HELP(dr_write)
{
    unsigned number = debug_register(cpu, c);

    debug_check_access(cpu, "MOV to DR");
    if (number == 6)
        a = (a & DR6_WRITABLE) | DR6_RESET;
    if (number == 7)
        a = (a & DR7_WRITABLE) | DR7_ONE;
    cpu->dr[number] = a;
    if (number != 6)
        debug_update(cpu);
    return 0;
}
