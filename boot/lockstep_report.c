/* What lockstep prints about a difference: the instruction, both states, and each value that differs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot/lockstep_pair.h"
#include "cpu/flags.h"
#include "translate/decode/decode.h"

#define WORDS_LISTED 16u

void report_before_free(struct lockstep_before *before)
{
    free(before->state);
    before->state = NULL;
}

void report_before(struct lockstep_before *before, const struct pair *pair)
{
    size_t len;
    FILE *out;

    report_before_free(before);
    out = open_memstream(&before->state, &len);
    if (!out)
        BUG("out of memory");
    cpu_dump(pc_cpu(pair->side[0].pc), out);
    fclose(out);
    report_insn(pc_cpu(pair->side[0].pc), before->insn, sizeof(before->insn));
    for (unsigned i = 0; i < 2; i++) {
        before->irq[i] = pc_cpu(pair->side[i].pc)->stats->irq;
        before->excp[i] = pc_cpu(pair->side[i].pc)->stats->excp;
    }
}

/* A debugger's fetch: no rights, no limits, no accessed bits. */
static bool fetch(void *opaque, unsigned offset, u8 *byte)
{
    struct cpu *cpu = opaque;
    const u8 *host = NULL;
    u64 pa;

    if (mmu_peek_pa(&cpu->mmu, cpu->r[R_BASE + SREG_CS] + cpu->eip + offset, &pa))
        host = phys_host(cpu->mmu.phys, pa);
    if (host)
        *byte = *host;
    return host != NULL;
}

void report_insn(struct cpu *cpu, char *text, size_t len)
{
    const struct decode_input input = {
        .code32 = cpu->mode & MODE_CS32,
        .model = cpu->model,
        .protected_mode = (cpu->mode & (MODE_PE | MODE_VM)) == MODE_PE,
        .fetch = fetch,
        .opaque = cpu,
    };
    struct insn insn = {0};
    enum decode_status status = decode(&input, &insn);
    char name[128], bytes[15 * 3 + 1] = "";

    for (unsigned i = 0; i < insn.length && i < 15; i++) {
        u8 byte = 0;

        fetch(cpu, i, &byte);
        snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x", byte);
    }
    switch (status) {
    case DECODE_OK: insn_format(&insn, cpu->eip, name, sizeof(name)); break;
    case DECODE_FETCH: snprintf(name, sizeof(name), "(cannot be fetched)"); break;
    case DECODE_LONG: snprintf(name, sizeof(name), "(longer than 15 bytes)"); break;
    }
    snprintf(text, len, "%04x:%08x %s  %s%s", cpu->seg[SREG_CS].sel, cpu->eip, bytes, name,
             cpu->halted ? "  (halted)" : "");
}

/* Every value that cpu_digest() covers, but EFLAGS, which may not be settled. */
#define FIELD(name, member)                                                                        \
    {                                                                                              \
        name, offsetof(struct cpu, member), sizeof(((struct cpu *)0)->member)                      \
    }
#define SEGMENT(name, which)                                                                       \
    FIELD(name, seg[which].sel), FIELD(name " base", r[R_BASE + which]),                           \
        FIELD(name " limit", seg[which].limit), FIELD(name " rights", seg[which].attr)
#define SYSTEM(name, which)                                                                        \
    FIELD(name, which.sel), FIELD(name " base", which.base), FIELD(name " limit", which.limit),    \
        FIELD(name " rights", which.attr)
#define XMM_REG(n) FIELD("XMM" #n " low", xmm[n].q[0]), FIELD("XMM" #n " high", xmm[n].q[1])
#define X87_REG(n)                                                                                 \
    FIELD("FPU R" #n, x87.r[n].frac), FIELD("FPU R" #n " sign and exponent", x87.r[n].se)
static const struct {
    const char *name;
    size_t offset, size;
} fields[] = {
    FIELD("EAX", r[R_EAX]),
    FIELD("ECX", r[R_ECX]),
    FIELD("EDX", r[R_EDX]),
    FIELD("EBX", r[R_EBX]),
    FIELD("ESP", r[R_ESP]),
    FIELD("EBP", r[R_EBP]),
    FIELD("ESI", r[R_ESI]),
    FIELD("EDI", r[R_EDI]),
    FIELD("EIP", eip),
    SEGMENT("ES", SREG_ES),
    SEGMENT("CS", SREG_CS),
    SEGMENT("SS", SREG_SS),
    SEGMENT("DS", SREG_DS),
    SEGMENT("FS", SREG_FS),
    SEGMENT("GS", SREG_GS),
    SYSTEM("LDT", ldtr),
    SYSTEM("TR", tr),
    FIELD("GDT base", gdtr.base),
    FIELD("GDT limit", gdtr.limit),
    FIELD("IDT base", idtr.base),
    FIELD("IDT limit", idtr.limit),
    FIELD("CR0", cr0),
    FIELD("CR2", cr2),
    FIELD("CR3", cr3),
    FIELD("CR4", cr4),
    FIELD("DR0", dr[0]),
    FIELD("DR1", dr[1]),
    FIELD("DR2", dr[2]),
    FIELD("DR3", dr[3]),
    FIELD("DR6", dr[6]),
    FIELD("DR7", dr[7]),
    FIELD("SYSENTER_CS", sysenter_cs),
    FIELD("SYSENTER_ESP", sysenter_esp),
    FIELD("SYSENTER_EIP", sysenter_eip),
    FIELD("performance counters", perf),
    FIELD("APIC_BASE", apic_base),
    FIELD("other MSRs", msr_misc),
    FIELD("CPL", cpl),
    FIELD("halted", halted),
    FIELD("NMI blocked", nmi_blocked),
    X87_REG(0),
    X87_REG(1),
    X87_REG(2),
    X87_REG(3),
    X87_REG(4),
    X87_REG(5),
    X87_REG(6),
    X87_REG(7),
    FIELD("FCW", x87.cw),
    FIELD("FSW", x87.sw),
    FIELD("FTW", x87.tag),
    FIELD("FOP", x87.fop),
    FIELD("FCS", x87.fcs),
    FIELD("FIP", x87.fip),
    FIELD("FDS", x87.fds),
    FIELD("FDP", x87.fdp),
    XMM_REG(0),
    XMM_REG(1),
    XMM_REG(2),
    XMM_REG(3),
    XMM_REG(4),
    XMM_REG(5),
    XMM_REG(6),
    XMM_REG(7),
    FIELD("MXCSR", mxcsr),
};

static const char *const mark_names[MARKS] = {
    [MARK_INSNS] = "instructions",
    [MARK_TIME] = "virtual time (ns)",
    [MARK_INTR] = "INTR line",
    [MARK_SERIAL_BYTES] = "bytes of serial output",
    [MARK_SERIAL] = "hash of serial output",
    [MARK_CONSOLE_BYTES] = "bytes of debug console output",
    [MARK_CONSOLE] = "hash of debug console output",
    [MARK_ENDED] = "ended",
    [MARK_STATUS] = "exit status",
};

static void print_value(FILE *out, const char *name, const struct pair *pair, u64 a, u64 b,
                        const char *format)
{
    fprintf(out, "  %-20s %s ", name, pair->config->engine[0]);
    fprintf(out, format, a);
    fprintf(out, "  %s ", pair->config->engine[1]);
    fprintf(out, format, b);
    fputc('\n', out);
}

static void report_registers(const struct pair *pair, FILE *out)
{
    const struct cpu *a = pc_cpu(pair->side[0].pc), *b = pc_cpu(pair->side[1].pc);

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const u8 *in_a = (const u8 *)a + fields[i].offset, *in_b = (const u8 *)b + fields[i].offset;
        u64 value_a = 0, value_b = 0;

        if (memcmp(in_a, in_b, fields[i].size) == 0)
            continue;
        if (fields[i].size > sizeof(u64)) {
            fprintf(out, "  %s\n", fields[i].name);
            continue;
        }
        memcpy(&value_a, in_a, fields[i].size);
        memcpy(&value_b, in_b, fields[i].size);
        print_value(out, fields[i].name, pair, value_a, value_b, "%08" PRIx64);
    }
    if (flags_get(a) != flags_get(b))
        print_value(out, "EFLAGS", pair, flags_get(a), flags_get(b), "%08" PRIx64);
}

static void report_memory(const struct pair *pair, FILE *out)
{
    u64 pa = 0, more = 0;

    for (unsigned n = 0; pair_ram_difference(pair, pa, &pa); n++, pa += 4) {
        char name[32];

        if (n >= WORDS_LISTED) {
            more++;
            continue;
        }
        snprintf(name, sizeof(name), "memory at %08" PRIx64, pa);
        print_value(out, name, pair, get32(phys_host(pc_phys(pair->side[0].pc), pa)),
                    get32(phys_host(pc_phys(pair->side[1].pc), pa)), "%08" PRIx64);
    }
    if (more)
        fprintf(out, "  ... and %" PRIu64 " more words of memory\n", more);
}

void report_difference(struct pair *pair, FILE *out)
{
    u64 a[MARKS], b[MARKS];

    for (unsigned i = 0; i < 2; i++) {
        fprintf(out, "State after, %s:\n", pair->config->engine[i]);
        cpu_dump(pc_cpu(pair->side[i].pc), out);
    }
    fputs("What differs:\n", out);
    report_registers(pair, out);
    side_marks(&pair->side[0], a);
    side_marks(&pair->side[1], b);
    for (unsigned i = 0; i < MARKS; i++)
        if (a[i] != b[i])
            print_value(out, mark_names[i], pair, a[i], b[i], "%" PRIu64);
    report_memory(pair, out);
}
