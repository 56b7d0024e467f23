/* info registers: the processor in the lines of QEMU's, which scripts read. */
#include <inttypes.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/sys.h"
#include "devices/monitor/command.h"
#include "mmu/host/symbols.h"

static void put_flags(FILE *out, u32 flags)
{
    static const struct {
        u32 bit;
        char letter;
    } letters[] = {{FL_DF, 'D'}, {FL_OF, 'O'}, {FL_SF, 'S'}, {FL_ZF, 'Z'},
                   {FL_AF, 'A'}, {FL_PF, 'P'}, {FL_CF, 'C'}};

    for (unsigned i = 0; i < ARRAY_SIZE(letters); i++)
        fputc(flags & letters[i].bit ? letters[i].letter : '-', out);
}

/* What kind of descriptor the register was loaded from. */
static void put_kind(FILE *out, u32 attr)
{
    static const char *const system[] = {"Reserved",   "TSS16-avl", "LDT",       "TSS16-busy",
                                         "CallGate16", "TaskGate",  "IntGate16", "TrapGate16",
                                         "Reserved",   "TSS32-avl", "Reserved",  "TSS32-busy",
                                         "CallGate32", "Reserved",  "IntGate32", "TrapGate32"};

    fprintf(out, " DPL=%u ", (attr & SEG_DPL) >> SEG_DPL_SHIFT);
    if (!(attr & SEG_S))
        fputs(system[attr >> SEG_TYPE_SHIFT & 15], out);
    else if (attr & SEG_CODE)
        fprintf(out, "%s [%c%c%c]", attr & SEG_DB ? "CS32" : "CS16", attr & SEG_CONFORM ? 'C' : '-',
                attr & SEG_R ? 'R' : '-', attr & SEG_ACCESSED ? 'A' : '-');
    else
        fprintf(out, "%s [%c%c%c]", attr & SEG_DB ? "DS  " : "DS16", attr & SEG_EXPDOWN ? 'E' : '-',
                attr & SEG_W ? 'W' : '-', attr & SEG_ACCESSED ? 'A' : '-');
}

static void put_segment(FILE *out, const struct cpu *cpu, const char *name, u16 sel, u32 base,
                        u32 limit, u32 attr)
{
    u32 high = (attr & SEG_G ? limit >> 12 : limit) & 0xf0000; /* as in the descriptor */

    fprintf(out, "%-3s=%04x %08x %08x %08x", name, sel, base, limit, (attr & 0x00f0ff00) | high);
    if (cpu_protected(cpu) && (attr & SEG_P))
        put_kind(out, attr);
    fputc('\n', out);
}

static void put_segments(FILE *out, const struct cpu *cpu)
{
    static const char *const names[SREG_COUNT] = {"ES", "CS", "SS", "DS", "FS", "GS"};

    for (unsigned i = 0; i < SREG_COUNT; i++)
        put_segment(out, cpu, names[i], cpu->seg[i].sel, cpu->r[R_BASE + i], cpu->seg[i].limit,
                    cpu->seg[i].attr);
    put_segment(out, cpu, "LDT", cpu->ldtr.sel, cpu->ldtr.base, cpu->ldtr.limit, cpu->ldtr.attr);
    put_segment(out, cpu, "TR", cpu->tr.sel, cpu->tr.base, cpu->tr.limit, cpu->tr.attr);
    fprintf(out, "GDT=     %08x %08x\n", cpu->gdtr.base, cpu->gdtr.limit);
    fprintf(out, "IDT=     %08x %08x\n", cpu->idtr.base, cpu->idtr.limit);
}

/* The x87's registers by their physical number, and SSE's. */
static void put_units(FILE *out, const struct cpu *cpu)
{
    unsigned tags = 0;

    for (unsigned i = 0; i < 8; i++)
        tags |= (unsigned)((cpu->x87.tag >> 2 * i & 3) != 3) << i;
    fprintf(out, "FCW=%04x FSW=%04x [ST=%u] FTW=%02x MXCSR=%08x\n", cpu->x87.cw, cpu->x87.sw,
            cpu->x87.sw >> 11 & 7, tags, cpu->mxcsr);
    for (unsigned i = 0; i < 8; i++)
        fprintf(out, "FPR%u=%016" PRIx64 " %04x%c", i, cpu->x87.r[i].frac, cpu->x87.r[i].se,
                i % 2 ? '\n' : ' ');
    for (unsigned i = 0; i < 8 && cpu_has(cpu->model, FEAT_SSE); i++) {
        u64 half[2];

        memcpy(half, &cpu->xmm[i], sizeof(half));
        fprintf(out, "XMM%02u=%016" PRIx64 " %016" PRIx64 "%c", i, half[1], half[0],
                i % 2 ? '\n' : ' ');
    }
}

MONITOR_COMMAND(info_registers)
{
    struct pc *pc = m->pc;
    const struct cpu *cpu = pc->cpu;
    const u32 *r = cpu->r;
    u32 flags = flags_get(cpu);
    char name[SYMBOLS_TEXT];
    FILE *out = m->out;

    (void)a;
    fprintf(out, "\nCPU#0\nEAX=%08x EBX=%08x ECX=%08x EDX=%08x\n", r[R_EAX], r[R_EBX], r[R_ECX],
            r[R_EDX]);
    fprintf(out, "ESI=%08x EDI=%08x EBP=%08x ESP=%08x\n", r[R_ESI], r[R_EDI], r[R_EBP], r[R_ESP]);
    fprintf(out, "EIP=%08x EFL=%08x [", cpu->eip, flags);
    put_flags(out, flags);
    fprintf(out, "] CPL=%u II=%u A20=%u SMM=0 HLT=%u%s\n", cpu->cpl, cpu->shadow,
            pc->phys.a20_mask == 0xffffffff, cpu->halted,
            symbols_text(pc->config.log->symbols, r[R_BASE + SREG_CS] + cpu->eip, " ", name));
    put_segments(out, cpu);
    fprintf(out, "CR0=%08x CR2=%08x CR3=%08x CR4=%08x\n", cpu->cr0, cpu->cr2, cpu->cr3, cpu->cr4);
    fprintf(out, "DR0=%08x DR1=%08x DR2=%08x DR3=%08x \nDR6=%08x DR7=%08x\nEFER=%016x\n",
            cpu->dr[0], cpu->dr[1], cpu->dr[2], cpu->dr[3], cpu->dr[6], cpu->dr[7], cpu->efer);
    put_units(out, cpu);
}
