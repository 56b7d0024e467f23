/* Hardware task switches: by JMP, CALL, IRET, and gates in the IDT and in descriptor tables.
 *
 * Up to the commit point a fault is one of the old task, and nothing has changed. From there on the new task's
 * registers are in place, and a fault is one of the new task, before its first instruction: cpu->entered says
 * so to the run loop, which would otherwise go back to the instruction that switched.
 * (SDM vol. 3A, 7.3; the order of checks is that of its table 7-1) */
#include "cpu/debug.h"
#include "cpu/sys.h"
#include "cpu/tss.h"

const struct tss_layout tss16 = {
    .min_limit = 0x2b,
    .eip = 0x0e,
    .flags = 0x10,
    .regs = 0x12,
    .sregs = 0x22,
    .ldt = 0x2a,
    .size = 2,
    .sreg_step = 2,
    .sreg_count = SREG_DS + 1,
};

const struct tss_layout tss32 = {
    .min_limit = 0x67,
    .cr3 = 0x1c,
    .eip = 0x20,
    .flags = 0x24,
    .regs = 0x28,
    .sregs = 0x48,
    .ldt = 0x60,
    .trap = 0x64,
    .size = 4,
    .sreg_step = 4,
    .sreg_count = SREG_COUNT,
};

#define TSS_BUSY (2u << SEG_TYPE_SHIFT)

/* What a 16-bit TSS leaves of a register. The manual does not say; processors have ones there. */
#define REG16_UPPER 0xffff0000u

/* What a TSS holds of a task besides its inner stacks. */
struct task_state {
    u32 cr3, eip, flags, reg[8];
    u16 sreg[SREG_COUNT], ldt;
    bool trap;
};

static u32 tss_load(struct cpu *cpu, u32 offset, unsigned size)
{
    return (u32)lin_load(cpu, la_add(cpu->tr.base, offset), size, false);
}

static void tss_store(struct cpu *cpu, u32 offset, u32 value, unsigned size)
{
    lin_store(cpu, la_add(cpu->tr.base, offset), value, size, false);
}

static u32 tss_saved_bytes(const struct tss_layout *tss)
{
    return tss->sregs + tss->sreg_count * tss->sreg_step - tss->eip;
}

/* The state of the task that is left, to its TSS. */
static void task_save(struct cpu *cpu, u32 eip, u32 flags)
{
    const struct tss_layout *tss = tss_layout_of(cpu->tr.attr);

    tss_store(cpu, tss->eip, eip, tss->size);
    tss_store(cpu, tss->flags, flags, tss->size);
    for (unsigned i = 0; i < 8; i++)
        tss_store(cpu, tss->regs + i * tss->size, cpu->r[i], tss->size);
    for (unsigned i = 0; i < tss->sreg_count; i++)
        tss_store(cpu, tss->sregs + i * tss->sreg_step, cpu->seg[i].sel, 2);
}

/* The state of the task that is entered, from its TSS, which TR names already. */
static void task_read(struct cpu *cpu, struct task_state *state)
{
    const struct tss_layout *tss = tss_layout_of(cpu->tr.attr);

    *state = (struct task_state){
        .cr3 = tss->cr3 ? tss_load(cpu, tss->cr3, 4) : cpu->cr3,
        .eip = tss_load(cpu, tss->eip, tss->size),
        .flags = tss_load(cpu, tss->flags, tss->size),
        .ldt = (u16)tss_load(cpu, tss->ldt, 2),
        .trap = tss->trap && (tss_load(cpu, tss->trap, 1) & 1),
    };
    for (unsigned i = 0; i < 8; i++)
        state->reg[i] = tss_load(cpu, tss->regs + i * tss->size, tss->size) |
                        (tss->size == 2 ? REG16_UPPER : 0);
    for (unsigned i = 0; i < tss->sreg_count; i++)
        state->sreg[i] = (u16)tss_load(cpu, tss->sregs + i * tss->sreg_step, 2);
}

/* Reads and checks the descriptor of the TSS to switch to. */
static void task_read_tss(struct cpu *cpu, u16 sel, enum task_cause cause, struct desc *tss)
{
    enum excp vector = cause == TASK_RETURN ? EXCP_TS : EXCP_GP;
    unsigned type;

    if ((sel & SEL_TI) || !desc_read(cpu, sel, tss))
        cpu_fault(cpu, vector, SEL_ERR(sel), "task switch: TSS %04x not in the GDT", sel);
    type = tss->hi & SEG_S ? 0 : desc_type(tss);
    if ((type & ~2u) != DESC_TSS16 && (type & ~2u) != DESC_TSS32)
        cpu_fault(cpu, vector, SEL_ERR(sel), "task switch: %04x (%08x) is no TSS", sel, tss->hi);
    if ((cause == TASK_RETURN) != (type >> 1 & 1))
        cpu_fault(cpu, vector, SEL_ERR(sel), "task switch: TSS %04x is %sbusy", sel,
                  cause == TASK_RETURN ? "not " : "");
    if (!(tss->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "task switch: TSS %04x not present", sel);
    if (desc_limit(tss) < tss_layout_of(tss->hi)->min_limit)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(sel), "task switch: limit %x of TSS %04x is too small",
                  desc_limit(tss), sel);
}

static u32 tr_descriptor(const struct cpu *cpu)
{
    return la_add(cpu->gdtr.base, cpu->tr.sel & ~7u);
}

/* Raises what could still fault in the old task: both TSSs and their descriptors must be there. */
static void task_probe(struct cpu *cpu, const struct desc *tss, enum task_cause cause)
{
    const struct tss_layout *from = tss_layout_of(cpu->tr.attr), *to = tss_layout_of(tss->hi);
    u32 saved = tss_saved_bytes(from);

    if (cpu->tr.limit < from->eip + saved - 1)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(cpu->tr.sel),
                  "task switch: limit %x of the old TSS %04x is too small", cpu->tr.limit,
                  cpu->tr.sel);
    lin_probe(cpu, la_add(cpu->tr.base, from->eip), saved, true, false);
    lin_probe(cpu, desc_base(tss), to->min_limit + 1, false, false);
    if (cause == TASK_NEST)
        lin_probe(cpu, desc_base(tss), 2, true, false);
    else
        lin_probe(cpu, la_add(tr_descriptor(cpu), 5), 1, true, false);
    if (cause != TASK_RETURN)
        lin_probe(cpu, la_add(tss->la, 5), 1, true, false);
}

/* Registers of the new task. Its segments have their selectors, and nothing behind them yet. */
static void task_enter(struct cpu *cpu, const struct task_state *state)
{
    u32 valid = FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC |
                FL_VIF | FL_VIP | FL_ID;

    flags_set(cpu, (state->flags & valid) | FL_ONE);
    cpu->eip = state->eip;
    for (unsigned i = 0; i < 8; i++)
        cpu->r[i] = state->reg[i];
    for (unsigned i = 0; i < SREG_COUNT; i++)
        seg_put_null(cpu, (enum sreg)i, state->sreg[i]);
    cpu->ldtr = (struct sysseg){.sel = state->ldt};
    cpu->cpl = cpu_vm86(cpu) ? 3 : state->sreg[SREG_CS] & SEL_RPL;
    cpu->cr0 |= CR0_TS;
    debug_task_switch(cpu, state->trap);
    cpu_update_mode(cpu);
}

static void task_load_ldt(struct cpu *cpu)
{
    u16 sel = cpu->ldtr.sel;
    struct desc desc;

    if (SEL_NULL(sel))
        return;
    if ((sel & SEL_TI) || !desc_read(cpu, sel, &desc) || (desc.hi & SEG_S) ||
        desc_type(&desc) != DESC_LDT)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(sel), "new task: %04x is no LDT", sel);
    if (!(desc.hi & SEG_P))
        cpu_fault(cpu, EXCP_TS, SEL_ERR(sel), "new task: LDT %04x not present", sel);
    sysseg_set(&cpu->ldtr, sel, &desc);
}

static void task_load_stack_and_code(struct cpu *cpu)
{
    u16 cs = cpu->seg[SREG_CS].sel, ss = cpu->seg[SREG_SS].sel;
    struct desc csd, ssd;
    bool code = desc_read(cpu, cs, &csd) && desc_code(&csd);

    if (code && (desc_conforming(&csd) ? desc_dpl(&csd) > cpu->cpl : desc_dpl(&csd) != cpu->cpl))
        cpu_fault(cpu, EXCP_TS, SEL_ERR(cs), "new task: CS %04x with DPL %u", cs, desc_dpl(&csd));
    if (!desc_read(cpu, ss, &ssd) || !desc_writable(&ssd))
        cpu_fault(cpu, EXCP_TS, SEL_ERR(ss), "new task: SS %04x is not writable data", ss);
    if (!(ssd.hi & SEG_P))
        cpu_fault(cpu, EXCP_SS, SEL_ERR(ss), "new task: SS %04x not present", ss);
    if (desc_dpl(&ssd) != cpu->cpl)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(ss), "new task: SS %04x with DPL %u, CPL %u", ss,
                  desc_dpl(&ssd), cpu->cpl);
    if (!code)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(cs), "new task: CS %04x is no code", cs);
    if (!(csd.hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(cs), "new task: CS %04x not present", cs);
    if ((ss & SEL_RPL) != cpu->cpl)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(ss), "new task: SS %04x, CPL %u", ss, cpu->cpl);
    desc_mark_accessed(cpu, &ssd);
    seg_put_desc(cpu, SREG_SS, ss, &ssd);
    desc_mark_accessed(cpu, &csd);
    seg_put_desc(cpu, SREG_CS, cs, &csd);
}

static void task_load_data(struct cpu *cpu, enum sreg sreg)
{
    u16 sel = cpu->seg[sreg].sel;
    struct desc desc;
    unsigned dpl;

    if (SEL_NULL(sel))
        return;
    if (!desc_read(cpu, sel, &desc) || !(desc.hi & SEG_S) ||
        (desc.hi & (SEG_CODE | SEG_R)) == SEG_CODE)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(sel), "new task: data segment %04x is not readable", sel);
    if (!(desc.hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "new task: data segment %04x not present", sel);
    dpl = desc_dpl(&desc);
    if (!desc_conforming(&desc) && (dpl < cpu->cpl || dpl < (sel & SEL_RPL)))
        cpu_fault(cpu, EXCP_TS, SEL_ERR(sel), "new task: data segment %04x with DPL %u, CPL %u",
                  sel, dpl, cpu->cpl);
    desc_mark_accessed(cpu, &desc);
    seg_put_desc(cpu, sreg, sel, &desc);
}

/* Segments by the new task's selectors; each is checked before the next one is looked at. */
static void task_load_segments(struct cpu *cpu)
{
    static const u8 data[] = {SREG_DS, SREG_ES, SREG_FS, SREG_GS};

    task_load_ldt(cpu);
    if (cpu_vm86(cpu)) {
        for (unsigned i = 0; i < SREG_COUNT; i++)
            seg_put_real(cpu, (enum sreg)i, cpu->seg[i].sel);
    } else {
        task_load_stack_and_code(cpu);
        for (unsigned i = 0; i < ARRAY_SIZE(data); i++)
            task_load_data(cpu, (enum sreg)data[i]);
    }
    cpu_update_mode(cpu);
}

static void task_push_error(struct cpu *cpu, u32 error)
{
    struct frame frame;

    frame_current(&frame, cpu, tss_layout_of(cpu->tr.attr)->size);
    frame_push(&frame, error);
    frame_commit(&frame);
    cpu->r[R_ESP] = frame.esp;
}

static void task_log(struct cpu *cpu, u16 from, enum task_cause cause, u32 next,
                     const struct task_state *state)
{
    static const char *const names[] = {"jump", "nested", "return"};

    log_printf(cpu->log, LOG_task,
               "task: %s from TSS %04x at %04x:%08x to TSS %04x at %04x:%08x SS:ESP %04x:%08x "
               "EFLAGS %08x CR3 %08x LDT %04x\n",
               names[cause], from, cpu->seg[SREG_CS].sel, next, cpu->tr.sel, state->sreg[SREG_CS],
               state->eip, state->sreg[SREG_SS], state->reg[R_ESP], state->flags, state->cr3,
               state->ldt);
}

void task_switch(struct cpu *cpu, u16 sel, const struct task_entry *entry)
{
    struct task_state state;
    struct desc tss;
    u16 from = cpu->tr.sel;
    u32 flags = flags_get(cpu) | (entry->rf ? FL_RF : 0);

    cpu->task_switch = (u32)sel << 16 | from;
    task_read_tss(cpu, sel, entry->cause, &tss);
    task_probe(cpu, &tss, entry->cause);

    task_save(cpu, entry->next, entry->cause == TASK_RETURN ? flags & ~FL_NT : flags);
    if (entry->cause != TASK_NEST) {
        u32 la = la_add(tr_descriptor(cpu), 5);

        lin_store(cpu, la, lin_load(cpu, la, 1, false) & ~(TSS_BUSY >> 8), 1, false);
    }
    tss.hi |= TSS_BUSY;
    if (entry->cause != TASK_RETURN)
        lin_store(cpu, la_add(tss.la, 5), tss.hi >> 8 & 0xff, 1, false);
    sysseg_set(&cpu->tr, sel, &tss);
    if (entry->cause == TASK_NEST)
        tss_store(cpu, 0, from, 2);
    task_read(cpu, &state);
    if (entry->cause == TASK_NEST)
        state.flags |= FL_NT;
    task_log(cpu, from, entry->cause, entry->next, &state);

    cpu->entered = true;
    task_enter(cpu, &state);
    if ((cpu->cr0 & CR0_PG) && state.cr3 != cpu->cr3) {
        if (!mmu_set_paging(&cpu->mmu, cpu->cr0, state.cr3, cpu->cr4, true))
            cpu_fault(cpu, EXCP_TS, SEL_ERR(sel), "new task: reserved bits in a PDPTE at CR3 %08x",
                      state.cr3);
        cpu->cr3 = state.cr3;
    }
    task_load_segments(cpu);
    if (entry->has_error)
        task_push_error(cpu, entry->error);
    xfer_check_eip(cpu, cpu->eip, cpu->seg[SREG_CS].limit);
    vme_check_entry(cpu);
    cpu->entered = false;
    cpu->task_switch = 0;
}

void task_return(struct cpu *cpu, u32 next)
{
    struct task_entry entry = {.cause = TASK_RETURN, .next = next};
    u16 link = (u16)tss_load(cpu, 0, 2);

    task_switch(cpu, link, &entry);
}
