/* The lines of `-d int` and `-d fault`: what is delivered, by its source, and what raised it. */
#include "cpu/sys.h"
#include "mmu/host/symbols.h"

#include <stdio.h>

static const struct {
    const char *name, *title; /* (SDM vol. 3A, table 6-1) */
} names[] = {
    [EXCP_DE] = {"#DE", "divide error"},
    [EXCP_DB] = {"#DB", "debug"},
    [EXCP_NMI] = {"NMI", "NMI"},
    [EXCP_BP] = {"#BP", "breakpoint"},
    [EXCP_OF] = {"#OF", "overflow"},
    [EXCP_BR] = {"#BR", "BOUND range exceeded"},
    [EXCP_UD] = {"#UD", "invalid opcode"},
    [EXCP_NM] = {"#NM", "no math unit: CR0.EM or CR0.TS is set"},
    [EXCP_DF] = {"#DF", "double fault"},
    [EXCP_TS] = {"#TS", "invalid TSS"},
    [EXCP_NP] = {"#NP", "segment not present"},
    [EXCP_SS] = {"#SS", "stack segment fault"},
    [EXCP_GP] = {"#GP", "general protection"},
    [EXCP_PF] = {"#PF", "page fault"},
    [EXCP_MF] = {"#MF", "x87 floating-point error"},
    [EXCP_AC] = {"#AC", "misaligned access"},
    [EXCP_MC] = {"#MC", "machine check"},
    [EXCP_XM] = {"#XM", "SIMD floating-point error"},
};

const char *excp_name(int vector)
{
    if (vector < 0 || vector >= (int)ARRAY_SIZE(names) || !names[vector].name)
        return "#??";
    return names[vector].name;
}

/* The mode that the CPU is in, as both kinds of lines have it. */
static const char *mode_name(const struct cpu *cpu)
{
    static const char *const levels[] = {"CPL 0", "CPL 1", "CPL 2", "CPL 3"};

    if (!(cpu->cr0 & CR0_PE))
        return "real mode";
    return cpu_vm86(cpu) ? "vm86" : levels[cpu->cpl & 3];
}

/* An exception's name with its error code, where it has one: never in real mode. */
static void put_exception(const struct cpu *cpu, char *text, size_t len, int vector, bool has_error,
                          u32 error)
{
    if (has_error && (cpu->cr0 & CR0_PE))
        snprintf(text, len, "%s error %04x", excp_name(vector), error);
    else
        snprintf(text, len, "%s", excp_name(vector));
}

void excp_log_delivery(const struct cpu *cpu, const struct delivery *what)
{
    char source[40], cr2[20] = "", name[SYMBOLS_TEXT];

    switch (what->source) {
    case EXCP_BY_INT: snprintf(source, sizeof(source), "INT %02xh", what->vector); break;
    case EXCP_BY_INT3: snprintf(source, sizeof(source), "INT3"); break;
    case EXCP_BY_INTO: snprintf(source, sizeof(source), "INTO"); break;
    case EXCP_BY_ICEBP: snprintf(source, sizeof(source), "ICEBP"); break;
    case EXCP_BY_NMI: snprintf(source, sizeof(source), "NMI"); break;
    case EXCP_BY_IRQ:
        snprintf(source, sizeof(source), "%s",
                 cpu->hooks.irq_name ? cpu->hooks.irq_name(cpu->hooks.opaque) : "IRQ");
        break;
    case EXCP_BY_CPU:
        put_exception(cpu, source, sizeof(source), what->vector, what->has_error, what->error);
        if (what->vector == EXCP_PF)
            snprintf(cr2, sizeof(cr2), " CR2 %08x", cpu->cr2);
        break;
    }
    log_write(cpu->log, "int: %02x %s from %04x:%08x %s ESP %08x EFLAGS %08x%s%s\n", what->vector,
              source, cpu->seg[SREG_CS].sel, what->ret, mode_name(cpu), cpu->r[R_ESP],
              flags_get(cpu), cr2,
              symbols_text(cpu->log->symbols, cpu->r[R_BASE + SREG_CS] + what->ret, " in ", name));
}

void excp_log_fault(const struct cpu *cpu, enum excp vector, bool has_error, u32 error,
                    const char *rule)
{
    bool selector = vector >= EXCP_TS && vector <= EXCP_GP && (cpu->cr0 & CR0_PE) && error >> 1;
    char name[40], desc[60] = "";

    put_exception(cpu, name, sizeof(name), (int)vector, has_error, error);
    if (selector)
        peek_log_descriptor(cpu, desc, sizeof(desc), error);
    log_write(cpu->log, "fault: %s CS %04x %s: %s%s\n", name, cpu->seg[SREG_CS].sel, mode_name(cpu),
              rule ? rule : names[vector].title, desc);
    if (cpu->task_switch)
        peek_log_tasks(cpu);
}
