/* Guest faults: raising, combining into #DF and shutdown, and the ways into delivery.
 *
 * cpu->delivering is the vector while an event that is external to the program is being
 * delivered, so that a fault raised meanwhile gets EXT and can combine; external interrupts
 * count as benign and stand there with DELIVER_BENIGN added. INT n, INT3 and INTO leave it at
 * -1: a fault in their delivery is an ordinary one of that instruction. (SDM vol. 3A, 6.13 and
 * 6.15, #DF) */
#include "cpu/debug.h"
#include "cpu/helper.h"
#include "cpu/simd/simd.h"
#include "cpu/sys.h"
#include "cpu/x87/x87.h"

#include <stdarg.h>

#define DELIVER_BENIGN 0x100

static _Noreturn void excp_unwind(struct cpu *cpu, enum excp vector, bool has_error, u32 error)
{
    cpu->task_switch = 0;
    cpu->fault.vector = (int)vector;
    cpu->fault.has_error = has_error;
    cpu->fault.error = error;
    __builtin_longjmp(cpu->unwind, 1);
}

void cpu_restart(struct cpu *cpu)
{
    cpu->fault.vector = -1;
    __builtin_longjmp(cpu->unwind, 1);
}

/* The faults of selectors tell whether an event from outside of the program was being delivered. */
static u32 error_code(const struct cpu *cpu, enum excp vector, u32 error)
{
    bool selector = vector >= EXCP_TS && vector <= EXCP_GP;

    return selector && cpu->delivering >= 0 ? error | ERR_EXT : error;
}

void cpu_raise(struct cpu *cpu, enum excp vector)
{
    if (log_on(cpu->log, LOG_fault))
        excp_log_fault(cpu, vector, false, 0, NULL);
    excp_unwind(cpu, vector, false, 0);
}

void cpu_raise_err(struct cpu *cpu, enum excp vector, u32 error)
{
    error = error_code(cpu, vector, error);
    if (log_on(cpu->log, LOG_fault))
        excp_log_fault(cpu, vector, true, error, NULL);
    excp_unwind(cpu, vector, true, error);
}

void cpu_fault(struct cpu *cpu, enum excp vector, u32 error, const char *rule, ...)
{
    error = error_code(cpu, vector, error);
    if (log_on(cpu->log, LOG_fault)) {
        char text[200];
        va_list ap;

        va_start(ap, rule);
        vsnprintf(text, sizeof(text), rule, ap);
        va_end(ap);
        excp_log_fault(cpu, vector, true, error, text);
    }
    excp_unwind(cpu, vector, true, error);
}

/* What was being delivered is gone; an exception comes again with its instruction. */
static _Noreturn void raise_outside(struct cpu *cpu)
{
    x87_sync(cpu);
    mxcsr_sync(cpu);
    cpu->hooks.outside(cpu->hooks.opaque);
    cpu->outside = true;
    cpu->task_switch = 0;
    cpu->delivering = -1;
    cpu_restart(cpu);
}

void cpu_raise_pf(struct cpu *cpu)
{
    u32 error = cpu->mmu.fault.error;
    char walk[120] = "";

    if (unlikely(cpu->mmu.fault.outside))
        raise_outside(cpu);
    cpu->fault.cr2 = cpu->mmu.fault.la;
    if (log_on(cpu->log, LOG_fault))
        peek_log_walk(cpu, walk, sizeof(walk), cpu->mmu.fault.la);
    cpu_fault(cpu, EXCP_PF, error, "%s of linear %08x by %s: %s%s",
              error & PF_I   ? "fetch"
              : error & PF_W ? "write"
                             : "read",
              cpu->mmu.fault.la, error & PF_U ? "user" : "supervisor",
              error & PF_RSVD ? "reserved bit set"
              : error & PF_P  ? "not permitted"
                              : "not present",
              walk);
}

void cpu_need_cpl0(struct cpu *cpu, const char *what)
{
    if (unlikely(cpu->cpl != 0))
        cpu_fault(cpu, EXCP_GP, 0, "%s needs CPL 0", what);
}

void cpu_check_aligned(struct cpu *cpu, u32 la, u32 size)
{
    if (unlikely((cpu->mode & MODE_AC) && (la & (size - 1))))
        cpu_fault(cpu, EXCP_AC, 0, "misaligned access of %u bytes at linear %08x", size, la);
}

static bool excp_contributory(int vector)
{
    return vector == EXCP_DE || (vector >= EXCP_TS && vector <= EXCP_GP);
}

/* What a second fault becomes while the first is being delivered: itself, EXCP_DF, or -1 for
 * shutdown. (SDM vol. 3A, table 6-5) */
static int excp_combine(int first, int second)
{
    bool serious = excp_contributory(second) || second == EXCP_PF;

    if (first == EXCP_DF && serious)
        return -1;
    if ((first == EXCP_PF && serious) || (excp_contributory(first) && excp_contributory(second)))
        return EXCP_DF;
    return second;
}

/* To the owner; false: it is left to the IDT. */
static bool tell_event(struct cpu *cpu, const struct delivery *what)
{
    int delivering = cpu->delivering;

    cpu->delivering = -1;
    x87_sync(cpu);
    mxcsr_sync(cpu);
    flags_settle(cpu);
    cpu->eip = what->ret;
    if (!cpu->hooks.event(cpu->hooks.opaque, what->vector, (u8)what->source, what->error,
                          what->ret)) {
        cpu->delivering = delivering;
        return false;
    }
    if (what->rf)
        cpu->eflags |= FL_RF;
    cpu->shadow = false;
    return true;
}

static void excp_deliver(struct cpu *cpu, const struct delivery *what)
{
    if (log_on(cpu->log, LOG_int))
        excp_log_delivery(cpu, what);
    if (unlikely(cpu->hooks.event != NULL) && tell_event(cpu, what))
        return;
    if (cpu->cr0 & CR0_PE)
        excp_deliver_pm(cpu, what);
    else
        excp_deliver_real(cpu, what);
    debug_branch(cpu, what->ret, cpu->eip, true);
    if (cpu->delivering == EXCP_DB) { /* so that the handler may use the registers */
        cpu->dr[7] &= ~DR7_GD;
        cpu->debugctl &= ~(DEBUGCTL_LBR | DEBUGCTL_BTF);
    }
    cpu->delivering = -1;
    cpu->shadow = false;
    cpu->halted = false;
    cpu->monitoring = false;
    cpu->rep_left.set = false; /* the handler may have the same registers for a while */
    cpu_update_mode(cpu);
}

bool cpu_deliver_fault(struct cpu *cpu)
{
    int second = cpu->fault.vector, vector = excp_combine(cpu->delivering, second);
    struct delivery what = {.source = EXCP_BY_CPU, .ret = cpu->eip};

    BUG_ON(second < 0);
    if (second == EXCP_PF)
        cpu->cr2 = cpu->fault.cr2;
    if (vector < 0) {
        log_printf(cpu->log, LOG_int, "int: %s while delivering #DF: shutdown\n",
                   excp_name(second));
        cpu->delivering = -1;
        cpu->fault.vector = -1;
        return false;
    }
    what.vector = (u8)vector;
    what.has_error = vector == EXCP_DF || cpu->fault.has_error;
    what.error = vector == EXCP_DF ? 0 : cpu->fault.error;
    if (second == EXCP_DB)
        debug_report(cpu, cpu->fault.dr6);
    /* Fault class but for a breakpoint on code, and no abort. (SDM vol. 3B, 17.3.1.1) */
    what.rf = vector != EXCP_DF && !(second == EXCP_DB && (cpu->fault.dr6 & DR6_BREAKS));
    cpu->delivering = vector;
    excp_deliver(cpu, &what);
    cpu->fault.vector = -1;
    return true;
}

bool cpu_mid_rep(const struct cpu *cpu)
{
    return cpu->rep_left.set && cpu->r[R_ECX] == cpu->rep_left.ecx &&
           cpu->r[R_ESI] == cpu->rep_left.esi && cpu->r[R_EDI] == cpu->rep_left.edi;
}

void cpu_deliver_irq(struct cpu *cpu, u8 vector)
{
    struct delivery what = {
        .vector = vector, .source = EXCP_BY_IRQ, .ret = cpu->eip, .rf = cpu_mid_rep(cpu)};

    cpu->delivering = DELIVER_BENIGN + vector;
    excp_deliver(cpu, &what);
}

void cpu_deliver_nmi(struct cpu *cpu)
{
    struct delivery what = {.vector = EXCP_NMI, .source = EXCP_BY_NMI, .ret = cpu->eip};

    cpu->nmi = false;
    cpu->nmi_blocked = true;
    cpu->delivering = DELIVER_BENIGN + EXCP_NMI;
    excp_deliver(cpu, &what);
}

void cpu_deliver_soft(struct cpu *cpu, u8 vector, u32 next, enum excp_source source)
{
    struct delivery what = {.vector = vector, .source = source, .ret = next};

    cpu->delivering = excp_soft(source) ? -1 : DELIVER_BENIGN + vector;
    excp_deliver(cpu, &what);
}

void cpu_deliver_trap(struct cpu *cpu, u32 dr6_bits)
{
    struct delivery what = {
        .vector = EXCP_DB, .source = EXCP_BY_CPU, .ret = cpu->eip, .rf = cpu_mid_rep(cpu)};

    debug_report(cpu, dr6_bits);
    cpu->delivering = EXCP_DB;
    excp_deliver(cpu, &what);
    cpu->stats->excp++;
}

/* Real mode: a table of far pointers at IDTR's base. (SDM vol. 3B, 20.1.4) */
void excp_deliver_real(struct cpu *cpu, const struct delivery *what)
{
    struct frame frame;
    u32 entry = what->vector * 4u, target;

    if (entry + 3 > cpu->idtr.limit)
        cpu_fault(cpu, EXCP_GP, what->vector * 8u + ERR_IDT, "vector %02x beyond IDT limit %04x",
                  what->vector, cpu->idtr.limit);
    target = (u32)lin_load(cpu, la_add(cpu->idtr.base, entry), 4, false);
    xfer_check_eip(cpu, target & 0xffff, cpu->seg[SREG_CS].limit);
    frame_current(&frame, cpu, 2);
    frame_push(&frame, flags_get(cpu));
    frame_push(&frame, cpu->seg[SREG_CS].sel);
    frame_push(&frame, what->ret);
    frame_commit(&frame);
    cpu->r[R_ESP] = frame.esp;
    flags_settle(cpu);
    cpu->eflags &= ~(FL_IF | FL_TF | FL_AC | FL_RF);
    seg_put_real(cpu, SREG_CS, (u16)(target >> 16));
    cpu->eip = target & 0xffff;
}

/* a: the vector; b: enum excp_source; c: the next instruction. In vm86 INT n needs IOPL 3 if the program does not
 * handle it itself, the one-byte INT3 does not. (SDM vol. 3B, 20.2.6 and 20.3.3) */
HELP(int)
{
    if (b == EXCP_BY_INT && cpu_vm86(cpu) && vme_redirect(cpu, (u8)a, c))
        return 0;
    if (b == EXCP_BY_INT && cpu_vm86(cpu) && cpu_iopl(cpu) < 3)
        cpu_fault(cpu, EXCP_GP, 0, "INT %02x in vm86 with IOPL %u", a, cpu_iopl(cpu));
    cpu_deliver_soft(cpu, (u8)a, c, (enum excp_source)b);
    return 0;
}

HELP(into)
{
    if (flags_get(cpu) & FL_OF)
        cpu_deliver_soft(cpu, EXCP_OF, c, EXCP_BY_INTO);
    else
        cpu->eip = c;
    return 0;
}

/* a: the instruction's bytes | those of its block << 8, when it is the first of one whose probe is wanted. c: its linear
 * address. */
HELP(probe)
{
    x87_sync(cpu);
    mxcsr_sync(cpu);
    flags_settle(cpu);
    cpu->eip = b;
    if (cpu->hooks.probe(cpu->hooks.opaque, c, a & 0xff, a >> 8)) {
        cpu->entered = true; /* EIP and flags are as they are now */
        cpu_restart(cpu);
    }
    return 0;
}

HELP(raise)
{
    if (b)
        cpu_fault(cpu, (enum excp)a, c, "privileged instruction");
    cpu_raise(cpu, (enum excp)a);
}

HELP(lacking)
{
    if (!cpu->lacking_said && cpu->hooks.notice && cpu->lacking_insn) {
        cpu->lacking_said = true;
        cpu->lacking_insn(cpu, c);
    }
    return 0;
}
