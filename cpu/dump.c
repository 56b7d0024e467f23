/* Two views of the architectural state: text for people, and a 64-bit digest for comparing runs. */
#include "cpu/cpuid.h"
#include "cpu/sys.h"

static void dump_flags(u32 fl, char *text)
{
    static const struct {
        u32 bit;
        char letter;
    } names[] = {{FL_OF, 'O'}, {FL_DF, 'D'}, {FL_IF, 'I'}, {FL_TF, 'T'}, {FL_SF, 'S'},
                 {FL_ZF, 'Z'}, {FL_AF, 'A'}, {FL_PF, 'P'}, {FL_CF, 'C'}};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        *text++ = fl & names[i].bit ? names[i].letter : '-';
    *text = '\0';
}

static const char *dump_mode(const struct cpu *cpu)
{
    if (!(cpu->cr0 & CR0_PE))
        return "real";
    if (cpu_vm86(cpu))
        return "vm86";
    return cpu->seg[SREG_CS].attr & SEG_DB ? "protected, 32-bit" : "protected, 16-bit";
}

void cpu_dump(const struct cpu *cpu, FILE *out)
{
    static const char *const seg_names[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    const u32 *r = cpu->r;
    u32 fl = flags_get(cpu);
    char text[16];

    dump_flags(fl, text);
    fprintf(out, "EAX=%08x EBX=%08x ECX=%08x EDX=%08x\n", r[R_EAX], r[R_EBX], r[R_ECX], r[R_EDX]);
    fprintf(out, "ESI=%08x EDI=%08x EBP=%08x ESP=%08x\n", r[R_ESI], r[R_EDI], r[R_EBP], r[R_ESP]);
    fprintf(out, "EIP=%08x EFLAGS=%08x [%s] IOPL=%u CPL=%u %s%s%s\n", cpu->eip, fl, text,
            cpu_iopl(cpu), cpu->cpl, dump_mode(cpu), cpu->halted ? ", halted" : "",
            cpu->shadow ? ", shadow" : "");
    for (unsigned s = 0; s < SREG_COUNT; s++)
        fprintf(out, "%s =%04x base %08x limit %08x rights %04x\n", seg_names[s], cpu->seg[s].sel,
                r[R_BASE + s], cpu->seg[s].limit, cpu->seg[s].attr >> 8);
    fprintf(out, "LDT=%04x base %08x limit %08x rights %04x\n", cpu->ldtr.sel, cpu->ldtr.base,
            cpu->ldtr.limit, cpu->ldtr.attr >> 8);
    fprintf(out, "TR =%04x base %08x limit %08x rights %04x\n", cpu->tr.sel, cpu->tr.base,
            cpu->tr.limit, cpu->tr.attr >> 8);
    fprintf(out, "GDT     base %08x limit %04x\nIDT     base %08x limit %04x\n", cpu->gdtr.base,
            cpu->gdtr.limit, cpu->idtr.base, cpu->idtr.limit);
    fprintf(out, "CR0=%08x CR2=%08x CR3=%08x CR4=%08x DR6=%08x DR7=%08x\n", cpu->cr0, cpu->cr2,
            cpu->cr3, cpu->cr4, cpu->dr[6], cpu->dr[7]);
    fprintf(out, "FCW=%04x FSW=%04x FTW=%04x INTR=%d NMI=%d insns %llu\n", cpu->x87.cw, cpu->x87.sw,
            cpu->x87.tag, cpu->intr, cpu->nmi, (unsigned long long)cpu->insns);
    if (cpu_has(cpu->model, FEAT_NX))
        fprintf(out, "EFER=%08x\n", cpu->efer);
    if (!cpu_has(cpu->model, FEAT_SSE))
        return;
    for (unsigned i = 0; i < 8; i++)
        fprintf(out, "XMM%u=%016llx%016llx%s", i, (unsigned long long)cpu->xmm[i].q[1],
                (unsigned long long)cpu->xmm[i].q[0], i % 2 ? "\n" : " ");
    fprintf(out, "MXCSR=%08x\n", cpu->mxcsr);
}

static u64 digest_word(u64 hash, u64 word)
{
    hash = (hash ^ word) * 0x100000001b3ull; /* FNV's prime; the shift carries high bits down */
    return hash ^ hash >> 29;
}

static u64 digest_sysseg(u64 hash, const struct sysseg *s)
{
    hash = digest_word(hash, (u64)s->sel << 32 | s->base);
    return digest_word(hash, (u64)s->limit << 32 | s->attr);
}

static u64 digest_x87(u64 hash, const struct x87 *x87)
{
    for (unsigned i = 0; i < 8; i++) {
        hash = digest_word(hash, x87->r[i].frac);
        hash = digest_word(hash, x87->r[i].se);
    }
    hash =
        digest_word(hash, (u64)x87->cw << 48 | (u64)x87->sw << 32 | (u64)x87->tag << 16 | x87->fop);
    hash = digest_word(hash, (u64)x87->fcs << 32 | x87->fip);
    return digest_word(hash, (u64)x87->fds << 32 | x87->fdp);
}

u64 cpu_digest(const struct cpu *cpu)
{
    u64 hash = 0xcbf29ce484222325ull;

    for (unsigned i = R_EAX; i <= R_EDI; i++)
        hash = digest_word(hash, cpu->r[i]);
    hash = digest_word(hash, (u64)flags_get(cpu) << 32 | cpu->eip);
    for (unsigned s = 0; s < SREG_COUNT; s++) {
        hash = digest_word(hash, (u64)cpu->seg[s].sel << 32 | cpu->r[R_BASE + s]);
        hash = digest_word(hash, (u64)cpu->seg[s].limit << 32 | cpu->seg[s].attr);
    }
    hash = digest_sysseg(hash, &cpu->ldtr);
    hash = digest_sysseg(hash, &cpu->tr);
    hash = digest_word(hash, (u64)cpu->gdtr.limit << 32 | cpu->gdtr.base);
    hash = digest_word(hash, (u64)cpu->idtr.limit << 32 | cpu->idtr.base);
    hash = digest_word(hash, (u64)cpu->cr0 << 32 | cpu->cr2);
    hash = digest_word(hash, (u64)cpu->cr3 << 32 | cpu->cr4);
    for (unsigned i = 0; i < 8; i++)
        hash = digest_word(hash, cpu->dr[i]);
    hash = digest_word(hash, cpu->efer);
    hash = digest_word(hash, cpu->apic_base);
    hash = digest_word(hash, (u64)cpu->sysenter_cs << 32 | cpu->sysenter_esp);
    hash = digest_word(hash, (u64)cpu->sysenter_eip << 32 | (u64)cpu->cpl << 8 |
                                 (u64)cpu->nmi_blocked << 1 | cpu->halted);
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->perf); i++)
        hash = digest_word(hash, cpu->perf[i].value + ((u64)cpu->perf[i].select << 32));
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->msr_misc); i++)
        hash = digest_word(hash, cpu->msr_misc[i]);
    for (unsigned i = 0; i < 8; i++)
        hash = digest_word(digest_word(hash, cpu->xmm[i].q[0]), cpu->xmm[i].q[1]);
    hash = digest_word(hash, cpu->mxcsr);
    return digest_x87(hash, &cpu->x87);
}
