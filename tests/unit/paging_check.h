/* What must be as it was when a page fault interrupts a row of paging_rows.def, and how it is found. */
#ifndef PAGEWALK_TEST_PAGING_CHECK_H
#define PAGEWALK_TEST_PAGING_CHECK_H

#include "tests/unit/paging_setup.h"

static struct machine full, torn; /* all pages there; pages come when they fault */
static u8 image[AREA_PAGES][PAGE_SIZE];
static struct trial trial;
static const char *how = "";

#define must(condition, fmt, ...)                                                                  \
    expect(condition, "\"%s\" moved by %d and %d at %x, %s: " fmt, trial.text, trial.shift,        \
           trial.second, trial.start, how, ##__VA_ARGS__)
#define must_be(got, want, what)                                                                   \
    do {                                                                                           \
        u32 is = (u32)(got), should = (u32)(want);                                                 \
        must(is == should, "%s is %x, not %x", what, is, should);                                  \
    } while (0)

/* From the start; pages of areas with these rights. Without a flush the TLB keeps the others. */
static void begin(struct machine *m, u32 rights, bool flush)
{
    machine_fill(m, image);
    machine_map(m, rights);
    trial_registers(&trial, m->cpu);
    m->cpu->cr4 |= m->pae ? CR4_PAE : 0;
    m->cpu->efer = m->pae ? EFER_NXE : 0;
    mmu_set_nx(&m->cpu->mmu, m->pae);
    mmu_set_paging(&m->cpu->mmu, m->cpu->cr0, m->cpu->cr3, m->cpu->cr4, flush);
    if (flush)
        mmu_flush(&m->cpu->mmu, true);
    else
        for (unsigned i = 0; i < AREA_PAGES; i++)
            mmu_flush_page(&m->cpu->mmu, area_page(i));
}

/* Runs to the next HLT of a handler and returns its vector. */
static u32 next_vector(struct machine *m)
{
    enum cpu_stop why;

    do /* an IRET that sets RF may stop the run, which goes on */
        why = cpu_run(m->cpu, 100000);
    while (why == CPU_STOP_KICK);
    must(why == CPU_STOP_HALT, "stops with %d at %x", why, m->cpu->eip);
    return (m->cpu->eip - HANDLERS) / 16;
}

/* What an exception's frame says of the interrupted program. */
struct frozen {
    u32 error, eip, cs, eflags, esp;
    u16 sreg[SREG_COUNT];
};

/* Word n of the frame on the present stack, which may lie across a border. */
static u32 frame_word(struct machine *m, unsigned n)
{
    u32 mask = m->cpu->seg[SREG_SS].attr & SEG_DB ? 0xffffffff : 0xffff;
    u32 la = (m->cpu->r[R_ESP] & mask) + 4 * n, value = 0;

    for (unsigned i = 0; i < 4; i++, la++)
        value |= (u32)(la < LOW ? phys_host(&m->phys, la)[0]
                                : machine_page(m, area_of(la))[la & PAGE_MASK])
                 << 8 * i;
    return value;
}

static struct frozen frozen_read(struct machine *m)
{
    struct frozen f = {
        .error = frame_word(m, 0),
        .eip = frame_word(m, 1),
        .cs = frame_word(m, 2) & 0xffff,
        .eflags = frame_word(m, 3),
        .esp = m->cpu->r[R_ESP] + 16,
    };

    for (enum sreg s = 0; s < SREG_COUNT; s++)
        f.sreg[s] = m->cpu->seg[s].sel;
    f.sreg[SREG_CS] = (u16)f.cs;
    if ((f.cs & 3) || (f.eflags & FL_VM)) {
        f.esp = frame_word(m, 4);
        f.sreg[SREG_SS] = (u16)frame_word(m, 5);
    }
    if (f.eflags & FL_VM) {
        f.sreg[SREG_ES] = (u16)frame_word(m, 6);
        f.sreg[SREG_DS] = (u16)frame_word(m, 7);
        f.sreg[SREG_FS] = (u16)frame_word(m, 8);
        f.sreg[SREG_GS] = (u16)frame_word(m, 9);
    }
    return f;
}

static u32 frozen_cpl(const struct frozen *f)
{
    return f->eflags & FL_VM ? 3 : f->cs & 3;
}

/* Brings `full` to where `torn` was interrupted, after so many instructions. */
static void follow(u64 insns, const struct frozen *f)
{
    struct cpu *cpu = full.cpu;
    u32 left = torn.cpu->r[R_ECX], mask = trial.kind == USER || trial.kind == KERNEL ? ~0u : 0xffff;
    u32 flags, total;

    begin(&full, PTE_P | PTE_W | PTE_U, true);
    if (!(trial.flags & R_REP)) {
        if (insns)
            must(cpu_run(cpu, (u32)insns) == CPU_STOP_BUDGET, "interrupted after %u instructions",
                 (u32)insns);
        return;
    }
    for (unsigned i = 0; i < 20 && cpu->eip != f->eip; i++)
        cpu_run(cpu, 1);
    must_be(cpu->eip, f->eip, "EIP");
    total = cpu->r[R_ECX] & mask;
    flags = flags_get(cpu);
    left &= mask;
    must(left <= total, "ECX is %x of %x", left, total);
    if (left < total) { /* so many iterations, without the end that gives flags */
        cpu->r[R_ECX] = (cpu->r[R_ECX] & ~mask) | (total - left);
        while (cpu->eip == f->eip)
            must(cpu_run(cpu, 1) == CPU_STOP_BUDGET, "another end");
        must_be(cpu->r[R_ECX] & mask, 0, "what is left of the iterations");
        cpu->eip = f->eip;
        flags_set(cpu, flags);
        cpu->r[R_ECX] |= left;
    }
}

/* Bytes that may differ: below the stack of level 0, what faults left; and the descriptor that an instruction loads
 * may be marked as accessed when a later part of it faults. */
static bool may_differ(u32 la, u8 difference, bool at_fault)
{
    const struct cpu *cpu = full.cpu;

    if (area_of(la) / 2 == KSTACK)
        return la < trial_esp(&trial) || (cpu->cpl == 0 && la < cpu->r[R_ESP]);
    return at_fault && la == trial.gdt + TEST_SEL + 5 && difference == SEG_ACCESSED >> 8;
}

static void same_memory(bool at_fault)
{
    for (unsigned i = 0; i < AREA_PAGES; i++) {
        const u8 *a = machine_page(&torn, i), *b = machine_page(&full, i);

        if (memcmp(a, b, PAGE_SIZE) == 0)
            continue;
        for (u32 at = 0; at < PAGE_SIZE; at++)
            must(a[at] == b[at] || may_differ(area_page(i) + at, a[at] ^ b[at], at_fault),
                 "memory at %x is %x, not %x, at %s", area_page(i) + at, a[at], b[at],
                 at_fault ? "a fault" : "the end");
    }
    must_be(torn.inputs, full.inputs, "the number of inputs");
    must_be(torn.outputs, full.outputs, "the number of outputs");
    must(torn.written == full.written, "other outputs");
}

static void same_vectors(void)
{
    const struct cpu *a = torn.cpu, *b = full.cpu;

    for (unsigned i = 0; i < 8; i++) {
        must(a->x87.r[i].frac == b->x87.r[i].frac && a->x87.r[i].se == b->x87.r[i].se,
             "x87 register %u changed", i);
        must(memcmp(&a->xmm[i], &b->xmm[i], sizeof(a->xmm[i])) == 0, "XMM%u changed", i);
    }
    must_be(a->x87.cw, b->x87.cw, "x87 CW");
    must_be(a->x87.sw, b->x87.sw, "x87 SW");
    must_be(a->x87.tag, b->x87.tag, "x87 tags");
    must_be(a->x87.fip, b->x87.fip, "FIP");
    must_be(a->x87.fdp, b->x87.fdp, "FDP");
    must_be(a->mxcsr, b->mxcsr, "MXCSR");
}

static void same_system(void)
{
    const struct cpu *a = torn.cpu, *b = full.cpu;

    must_be(a->cr0, b->cr0, "CR0");
    must_be(a->cr3, b->cr3, "CR3");
    must_be(a->tr.sel, b->tr.sel, "TR");
    must_be(a->ldtr.sel, b->ldtr.sel, "LDTR");
    must_be(a->gdtr.base, b->gdtr.base, "GDTR");
    must_be(a->idtr.base, b->idtr.base, "IDTR");
}

/* Registers of the interrupted program, as its frame has them and as `full` has them. */
static void same_registers(const struct frozen *f)
{
    static const char *const names[] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
    static const char *const snames[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    const struct cpu *a = torn.cpu, *b = full.cpu;

    for (unsigned i = 0; i < 8; i++)
        must_be(i == R_ESP ? f->esp : a->r[i], b->r[i], names[i]);
    must_be(f->eip, b->eip, "EIP");
    must_be(f->eflags, flags_get(b) | FL_RF, "EFLAGS");
    for (enum sreg s = 0; s < SREG_COUNT; s++)
        must_be(f->sreg[s], b->seg[s].sel, snames[s]);
    same_vectors();
    same_system();
}

/* Error code and CR2 for the page that is not as it must be. */
static void right_fault(unsigned page, const struct frozen *f)
{
    enum area area = page / 2;
    u32 cr2 = torn.cpu->cr2, pte = get32(machine_pte(&torn, cr2)), border = areas[area].border;
    u32 want = (pte & PTE_P) | (areas[area].user && frozen_cpl(f) == 3 ? PF_U : 0);
    u32 rights = PTE_P | PTE_U;
    bool written, unsure = area == TASK || ((trial.flags & R_MIXED) && (pte & rights) != rights);
    u32 eip = full.cpu->eip;

    for (unsigned i = 0; i < 100 && full.cpu->eip == eip && !full.cpu->halted; i++)
        cpu_run(full.cpu, 1); /* what the instruction does to the page */
    written = get32(machine_pte(&full, cr2)) & PTE_D;
    if (areas[area].read_first)
        written = written && (pte & PTE_P);
    want |= area == CODE && torn.pae ? PF_I : 0;
    want |= unsure ? f->error & PF_W : written ? PF_W : 0;
    must_be(f->error, want, "the error code");
    if (trial.flags & (R_LOOSE | R_REP))
        return;
    if (area == DATA)
        must(cr2 == trial_operand(&trial) || cr2 == border, "CR2 is %x", cr2);
    if (area == SOURCE)
        must(cr2 == border + (u32)trial.second || cr2 == border, "CR2 is %x", cr2);
}

#endif
