/* Tests of exception and interrupt delivery: gates, stacks, frames, vm86, and double faults. */
#include "cpurig.h"

#define HANDLER 0x6000u

static struct rig *rig;

static void setup(void)
{
    rig = rig_new("pentium3", NULL);
    rig_protected(rig, 0);
}

static void teardown(void)
{
    rig_free(rig);
}

static void idt(u8 vector, u16 sel, u32 attr)
{
    rig_gate(rig, RIG_IDT + vector * 8u, sel, HANDLER + vector, attr);
}

static u32 stack_item(u32 size, unsigned i)
{
    u32 at = rig->cpu->r[R_BASE + SREG_SS] + rig->cpu->r[R_ESP] + i * size;

    return size == 4 ? rig_get32(rig, at) : rig_get16(rig, at);
}

/* Frames of every gate size and class, to the same and an inner level, with and without error
 * code. */
START_TEST(gate_frames)
{
    for (unsigned i = 0; i < 2 * 2 * 2 * 2; i++) {
        bool wide = i & 1, trap = i & 2, inner = i & 4, error = i & 8;
        u32 size = wide ? 4 : 2, mask = wide ? 0xffffffffu : 0xffff, at = 0, esp;
        u32 flags = FL_ONE | FL_IF | FL_TF | FL_NT | FL_AC | FL_ID | FL_CF | FL_IOPL;
        struct cpu *cpu = rig->cpu;

        rig_protected(rig, inner ? 3 : 0);
        idt(13, SEL_CODE0 | 3, SYS_ATTR(0, (wide ? DESC_INT32 : DESC_INT16) | (trap ? 1 : 0)));
        flags_set(cpu, flags);
        cpu->eip = 0x12345678;
        cpu->shadow = cpu->halted = true;
        esp = cpu->r[R_ESP];
        ck_assert_int_eq(rig_call(rig, rig_deliver, EXCP_GP, error ? 0x1abcd : 0, 0), NO_FAULT);
        ck_assert_uint_eq(rig->result, 1);
        ck_assert_uint_eq(cpu->r[R_ESP], RIG_ESP0 - size * (3 + error + 2 * inner));
        if (error)
            ck_assert_uint_eq(stack_item(size, at++), 0xabcd);
        ck_assert_uint_eq(stack_item(size, at++), 0x12345678 & mask);
        ck_assert_uint_eq(stack_item(size, at++), inner ? SEL_CODE3 | 3 : SEL_CODE0);
        ck_assert_uint_eq(stack_item(size, at++), (flags | FL_RF) & mask);
        if (inner) {
            ck_assert_uint_eq(stack_item(size, at++), esp & mask);
            ck_assert_uint_eq(stack_item(size, at++), SEL_DATA3 | 3);
        }
        ck_assert_uint_eq(cpu->eip, (HANDLER + 13) & mask);
        ck_assert_uint_eq(cpu->seg[SREG_CS].sel, SEL_CODE0);
        ck_assert_uint_eq(cpu->seg[SREG_SS].sel, SEL_DATA0);
        ck_assert_uint_eq(cpu->cpl, 0);
        ck_assert_uint_eq(flags_get(cpu), flags & ~(FL_TF | FL_NT | (trap ? 0 : FL_IF)));
        ck_assert_int_eq(cpu->delivering, -1);
        ck_assert_int_eq(cpu->fault.vector, -1);
        ck_assert(!cpu->shadow && !cpu->halted);
        ck_assert_uint_eq(cpu->mode & (MODE_CPL | MODE_TF), 0);
    }
}
END_TEST

/* What each rule raises, for INT n (soft: no EXT) and for an external interrupt (EXT). */
START_TEST(gate_faults)
{
    const struct {
        const char *name;
        u32 gate, code; /* attributes of the gate and of SEL_TEST */
        u16 sel;
        u8 vector, cpl;
        u32 soft, hard;
    } rows[] = {
        {"good", SYS_ATTR(3, DESC_INT32), CODE_ATTR(0) | FLAT, SEL_TEST, 0x40, 3, 0, 0},
        {"DPL", SYS_ATTR(2, DESC_INT32), CODE_ATTR(0) | FLAT, SEL_TEST, 0x40, 3,
         FAULT(EXCP_GP, 0x202), 0},
        {"absent gate", SYS_ATTR(3, DESC_INT32) & ~SEG_P, CODE_ATTR(0) | FLAT, SEL_TEST, 0x40, 3,
         FAULT(EXCP_NP, 0x202), FAULT(EXCP_NP, 0x203)},
        {"absent gate, DPL first", SYS_ATTR(0, DESC_INT32) & ~SEG_P, CODE_ATTR(0) | FLAT, SEL_TEST,
         0x40, 3, FAULT(EXCP_GP, 0x202), FAULT(EXCP_NP, 0x203)},
        {"call gate", SYS_ATTR(3, DESC_CALL32), CODE_ATTR(0) | FLAT, SEL_TEST, 0x40, 3,
         FAULT(EXCP_GP, 0x202), FAULT(EXCP_GP, 0x203)},
        {"S set", SYS_ATTR(3, DESC_INT32) | SEG_S, CODE_ATTR(0) | FLAT, SEL_TEST, 0x40, 3,
         FAULT(EXCP_GP, 0x202), FAULT(EXCP_GP, 0x203)},
        {"zero", 0, CODE_ATTR(0) | FLAT, SEL_TEST, 0x40, 0, FAULT(EXCP_GP, 0x202),
         FAULT(EXCP_GP, 0x203)},
        {"task gate to code", SYS_ATTR(3, DESC_TASK), CODE_ATTR(0), SEL_TEST, 0x40, 0,
         FAULT(EXCP_GP, SEL_TEST), FAULT(EXCP_GP, SEL_TEST + 1)},
        {"task gate, TSS not present", SYS_ATTR(3, DESC_TASK), SYS_ATTR(0, DESC_TSS32) & ~SEG_P,
         SEL_TEST, 0x40, 3, FAULT(EXCP_NP, SEL_TEST), FAULT(EXCP_NP, SEL_TEST + 1)},
        {"beyond IDT", 0, 0, SEL_TEST, 0x80, 0, FAULT(EXCP_GP, 0x402), FAULT(EXCP_GP, 0x403)},
        {"null", SYS_ATTR(3, DESC_INT32), 0, 3, 0x40, 0, FAULT(EXCP_GP, 0), FAULT(EXCP_GP, 1)},
        {"beyond GDT", SYS_ATTR(3, DESC_INT32), 0, 0x77, 0x40, 0, FAULT(EXCP_GP, 0x74),
         FAULT(EXCP_GP, 0x75)},
        {"data", SYS_ATTR(3, DESC_INT32), DATA_ATTR(0), SEL_TEST, 0x40, 0, FAULT(EXCP_GP, SEL_TEST),
         FAULT(EXCP_GP, SEL_TEST + 1)},
        {"absent code", SYS_ATTR(3, DESC_INT32), CODE_ATTR(0) & ~SEG_P, SEL_TEST, 0x40, 3,
         FAULT(EXCP_NP, SEL_TEST), FAULT(EXCP_NP, SEL_TEST + 1)},
        {"outer code", SYS_ATTR(3, DESC_INT32), CODE_ATTR(3), SEL_TEST, 0x40, 0,
         FAULT(EXCP_GP, SEL_TEST), FAULT(EXCP_GP, SEL_TEST + 1)},
        {"short code", SYS_ATTR(3, DESC_INT32), CODE_ATTR(0), SEL_TEST, 0x40, 0, FAULT(EXCP_GP, 0),
         FAULT(EXCP_GP, 1)},
        {"conforming", SYS_ATTR(3, DESC_INT32), CODE_ATTR(0) | SEG_CONFORM | FLAT, SEL_TEST, 0x40,
         3, 0, 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        for (unsigned hard = 0; hard < 2; hard++) {
            u32 got, limit = rows[i].code & SEG_G ? 0xfffff : 0x100;

            rig_protected(rig, rows[i].cpl);
            rig->cpu->idtr.limit = 0x3ff;
            idt(rows[i].vector, rows[i].sel, rows[i].gate);
            rig_desc(rig, RIG_GDT, SEL_TEST, 0, limit, rows[i].code);
            got = hard ? rig_fault(rig, rig_irq, rows[i].vector, 0, 0)
                       : rig_fault(rig, help_int, rows[i].vector, 0, 0x4002);
            ck_assert_msg(got == (hard ? rows[i].hard : rows[i].soft), "%s, hard %u: %x",
                          rows[i].name, hard, got);
        }
    ck_assert_uint_eq(rig->cpu->cpl, 3); /* the conforming one kept it */
    ck_assert_uint_eq(rig->cpu->seg[SREG_CS].sel, SEL_TEST | 3);
    ck_assert_uint_eq(rig->cpu->r[R_ESP], RIG_ESP3 - 12);
}
END_TEST

/* The inner stack out of the TSS. */
START_TEST(stack_faults)
{
    const struct {
        const char *name;
        u32 ss, attr, esp, tss_limit;
        u32 want; /* without EXT */
    } rows[] = {
        {"good", SEL_TEST, DATA_ATTR(0) | SEG_DB, 0x1000, 0x67, 0},
        {"short TSS", SEL_TEST, DATA_ATTR(0) | SEG_DB, 0x1000, 8, FAULT(EXCP_TS, SEL_TSS)},
        {"just enough TSS", SEL_TEST, DATA_ATTR(0) | SEG_DB, 0x1000, 9, 0},
        {"null", 0, 0, 0x1000, 0x67, FAULT(EXCP_TS, 0)},
        {"null with RPL", 3, 0, 0x1000, 0x67, FAULT(EXCP_TS, 0)},
        {"beyond", 0x78, 0, 0x1000, 0x67, FAULT(EXCP_TS, 0x78)},
        {"RPL", SEL_TEST | 1, DATA_ATTR(0), 0x1000, 0x67, FAULT(EXCP_TS, SEL_TEST)},
        {"DPL", SEL_TEST, DATA_ATTR(1), 0x1000, 0x67, FAULT(EXCP_TS, SEL_TEST)},
        {"code", SEL_TEST, CODE_ATTR(0), 0x1000, 0x67, FAULT(EXCP_TS, SEL_TEST)},
        {"read-only", SEL_TEST, DATA_ATTR(0) & ~SEG_W, 0x1000, 0x67, FAULT(EXCP_TS, SEL_TEST)},
        {"absent", SEL_TEST, DATA_ATTR(0) & ~SEG_P, 0x1000, 0x67, FAULT(EXCP_SS, SEL_TEST)},
        {"no room", SEL_TEST, DATA_ATTR(0) | SEG_DB, 19, 0x67, FAULT(EXCP_SS, SEL_TEST)},
        {"just room", SEL_TEST, DATA_ATTR(0) | SEG_DB, 20, 0x67, 0},
        {"above limit", SEL_TEST, DATA_ATTR(0) | SEG_DB, 0x1004, 0x67, FAULT(EXCP_SS, SEL_TEST)},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        for (unsigned hard = 0; hard < 2; hard++) {
            u32 want = rows[i].want | (rows[i].want ? hard : 0), got;

            rig_protected(rig, 3);
            idt(0x40, SEL_CODE0, SYS_ATTR(3, DESC_INT32));
            rig_desc(rig, RIG_GDT, SEL_TEST, 0x7000, 0xfff, rows[i].attr);
            rig->cpu->tr.limit = rows[i].tss_limit;
            rig_put32(rig, RIG_TSS + 4, rows[i].esp);
            rig_put32(rig, RIG_TSS + 8, rows[i].ss);
            got = hard ? rig_fault(rig, rig_irq, 0x40, 0, 0) : rig_fault(rig, help_int, 0x40, 0, 0);
            ck_assert_msg(got == want, "%s, hard %u: %x, not %x", rows[i].name, hard, got, want);
            if (!got)
                ck_assert_uint_eq(rig->cpu->r[R_ESP], rows[i].esp - 20);
        }
}
END_TEST

START_TEST(tss16_and_stack16)
{
    struct cpu *cpu = rig->cpu;

    rig_protected(rig, 3);
    idt(0x40, SEL_CODE0, SYS_ATTR(3, DESC_TRAP16));
    cpu->tr.attr = SYS_ATTR(0, DESC_TSS16_BUSY);
    rig_put32(rig, RIG_TSS + 2, SEL_STACK16 << 16 | 4);
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x40, 0, 0x4002), 0);
    /* SP wraps from 4 to 0xfffa: five words. */
    ck_assert_uint_eq(cpu->r[R_ESP], 0xfffa);
    ck_assert_uint_eq(rig_get16(rig, 2), SEL_DATA3 | 3);
    ck_assert_uint_eq(rig_get16(rig, 0), RIG_ESP3);
    ck_assert_uint_eq(rig_get16(rig, 0xfffe), FL_ONE);
    ck_assert_uint_eq(rig_get16(rig, 0xfffc), SEL_CODE3 | 3);
    ck_assert_uint_eq(rig_get16(rig, 0xfffa), 0x4002);
    ck_assert_uint_eq(cpu->mode & MODE_SS32, 0);
}
END_TEST

/* 16-bit stack segment: the upper half of ESP stays. */
START_TEST(stack16_same_level)
{
    struct cpu *cpu = rig->cpu;

    idt(0x40, SEL_CODE0, SYS_ATTR(3, DESC_INT32));
    seg_set(cpu, SREG_SS, SEL_STACK16, 0, 0xffff, DATA_ATTR(0));
    cpu->r[R_ESP] = 0xabcd8000;
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x40, 0, 0x4002), 0);
    ck_assert_uint_eq(cpu->r[R_ESP], 0xabcd7ff4);
    ck_assert_uint_eq(rig_get32(rig, 0x7ff4), 0x4002);
}
END_TEST

/* Which handler runs when a second fault comes while the first is being delivered (table 6-5). */
START_TEST(double_faults)
{
    static const int vectors[] = {EXCP_DE, EXCP_DB, EXCP_UD,        EXCP_NM, EXCP_DF,
                                  EXCP_TS, EXCP_NP, EXCP_SS,        EXCP_GP, EXCP_PF,
                                  EXCP_MF, EXCP_AC, 0x100 + EXCP_GP};
    enum {
        BENIGN,
        CONTRIBUTORY,
        PAGE,
        DOUBLE
    } class[ARRAY_SIZE(vectors)] = {CONTRIBUTORY, BENIGN,       BENIGN,       BENIGN,       DOUBLE,
                                    CONTRIBUTORY, CONTRIBUTORY, CONTRIBUTORY, CONTRIBUTORY, PAGE,
                                    BENIGN,       BENIGN,       BENIGN};
    struct cpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 32; i++)
        idt((u8)i, SEL_CODE0, SYS_ATTR(0, DESC_INT32));
    for (unsigned first = 0; first < ARRAY_SIZE(vectors); first++)
        for (unsigned second = 0; second < ARRAY_SIZE(vectors) - 1; second++) {
            bool serious = class[second] == CONTRIBUTORY || class[second] == PAGE;
            int want = vectors[second];

            if (class[second] == DOUBLE)
                continue;
            if (class[first] == DOUBLE && serious)
                want = -1;
            else if ((class[first] == PAGE && serious) ||
                     (class[first] == CONTRIBUTORY && class[second] == CONTRIBUTORY))
                want = EXCP_DF;
            rig_protected(rig, 0);
            cpu->delivering = vectors[first];
            ck_assert_int_eq(rig_call(rig, rig_deliver, (u32)vectors[second], 0x10077, 0),
                             NO_FAULT);
            ck_assert_uint_eq(rig->result, want >= 0);
            if (want >= 0) {
                ck_assert_msg(cpu->eip == HANDLER + (u32)want, "%d then %d: went to %x",
                              vectors[first], vectors[second], cpu->eip);
                ck_assert_uint_eq(stack_item(4, 0), want == EXCP_DF ? 0 : 0x77);
                ck_assert_uint_eq(stack_item(4, 3) & FL_RF, want == EXCP_DF ? 0 : FL_RF);
            }
            ck_assert_int_eq(cpu->delivering, -1);
        }
}
END_TEST

/* From a fault whose gate is bad to #DF to shutdown, as the run loop drives it. */
START_TEST(triple_fault)
{
    struct cpu *cpu = rig->cpu;

    cpu->idtr.limit = 0;
    ck_assert_uint_eq(rig_fault(rig, rig_deliver, EXCP_UD, 0, 0), FAULT(EXCP_GP, 6 * 8 + 3));
    ck_assert_uint_eq(rig_fault(rig, rig_deliver, EXCP_GP, 0x10000, 0), FAULT(EXCP_GP, 13 * 8 + 3));
    ck_assert_uint_eq(rig_fault(rig, rig_deliver, EXCP_GP, 0x10000, 0), FAULT(EXCP_GP, 8 * 8 + 3));
    ck_assert_int_eq(cpu->delivering, EXCP_DF);
    ck_assert_int_eq(rig_call(rig, rig_deliver, EXCP_GP, 0x10000, 0), NO_FAULT);
    ck_assert_uint_eq(rig->result, 0);
}
END_TEST

START_TEST(page_fault)
{
    struct cpu *cpu = rig->cpu;

    /* One directory entry maps the low 4 MiB by a table at 0xc000 whose page 5 is missing. */
    rig_put32(rig, 0xb000, 0xc003);
    for (u32 i = 0; i < 16; i++)
        rig_put32(rig, 0xc000 + i * 4, i << 12 | 3);
    rig_put32(rig, 0xc000 + 5 * 4, 0);
    idt(14, SEL_CODE0, SYS_ATTR(0, DESC_INT32));
    ck_assert_uint_eq(rig_fault(rig, help_cr_write, 0xb000, 0, 3), 0);
    ck_assert_uint_eq(rig_fault(rig, help_cr_write, CR0_PE | CR0_PG, 0, 0), 0);
    cpu->cr2 = 7;
    cpu->r[R_ESP] = 0x6004; /* the push crosses into the missing page; nothing is stored above it */
    rig_put32(rig, 0x6000, 0x55aa55aa);
    /* Not rig_call(): the probe of the page that is there sets its A and D bits. */
    ck_assert_int_eq(rig_catch(rig, help_pusha, 0, 0, 4), EXCP_PF);
    ck_assert_uint_eq(cpu->fault.error, PF_W);
    ck_assert_uint_eq(cpu->cr2, 7); /* not before delivery */
    ck_assert_uint_eq(rig_get32(rig, 0x6000), 0x55aa55aa);
    cpu->r[R_ESP] = RIG_ESP0;
    ck_assert(cpu_deliver_fault(cpu));
    ck_assert_uint_eq(cpu->cr2, 0x5ffc);
    ck_assert_uint_eq(stack_item(4, 0), PF_W);
    ck_assert_uint_eq(cpu->eip, HANDLER + 14);
}
END_TEST

START_TEST(real_mode)
{
    struct cpu *cpu = rig->cpu;

    cpu_reset(cpu);
    rig_put32(rig, 0x21 * 4, 0x12345678);
    seg_set_real(cpu, SREG_SS, 0x200);
    seg_set_real(cpu, SREG_CS, 0x400);
    cpu->r[R_ESP] = 0xffff0100;
    flags_set(cpu, FL_IF | FL_TF | FL_CF | FL_AC | FL_ID);
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x21, 0, 0x1002), 0);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x1234);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0x12340);
    ck_assert_uint_eq(cpu->eip, 0x5678);
    ck_assert_uint_eq(cpu->r[R_ESP], 0xffff00fa);
    ck_assert_uint_eq(rig_get16(rig, 0x20fa), 0x1002);
    ck_assert_uint_eq(rig_get16(rig, 0x20fc), 0x400);
    ck_assert_uint_eq(rig_get16(rig, 0x20fe), FL_ONE | FL_IF | FL_TF | FL_CF);
    ck_assert_uint_eq(flags_get(cpu), FL_ONE | FL_CF | FL_ID);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 2), 0);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x400);
    ck_assert_uint_eq(cpu->eip, 0x1002);
    ck_assert_uint_eq(cpu->r[R_ESP], 0xffff0100);
    ck_assert_uint_eq(flags_get(cpu), FL_ONE | FL_IF | FL_TF | FL_CF | FL_ID);
    cpu->idtr.limit = 0x21 * 4 + 2;
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x21, 0, 0x1002), FAULT(EXCP_GP, 0x21 * 8 + 2));
    cpu->idtr.limit = 0x3ff;
    cpu->r[R_ESP] = 1; /* a word would wrap */
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x21, 0, 0x1002), FAULT(EXCP_SS, 0));
}
END_TEST

static void enter_vm86(u32 flags)
{
    static const u32 frame[] = {0x100, 0x300, 0, 0x80, 0x500, 0x601, 0x702, 0x803, 0x904};
    struct cpu *cpu = rig->cpu;

    rig_protected(rig, 0);
    cpu->r[R_ESP] = RIG_ESP0 - sizeof(frame);
    for (unsigned i = 0; i < ARRAY_SIZE(frame); i++)
        rig_put32(rig, cpu->r[R_ESP] + i * 4, i == 2 ? flags | FL_VM : frame[i]);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 4), 0);
}

START_TEST(vm86)
{
    struct cpu *cpu = rig->cpu;
    u32 flags = FL_IF | FL_ZF | FL_IOPL;

    enter_vm86(flags);
    ck_assert_uint_eq(cpu->mode & (MODE_VM | MODE_PE | MODE_CPL), MODE_VM | MODE_PE | 3);
    ck_assert_uint_eq(cpu->eip, 0x100);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0x3000);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_SS], 0x5000);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_ES], 0x6010);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_DS], 0x7020);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_FS], 0x8030);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_GS], 0x9040);
    ck_assert_uint_eq(cpu->r[R_ESP], 0x80);
    ck_assert_uint_eq(cpu->seg[SREG_CS].attr, ATTR_VM86);

    idt(0x40, SEL_CODE0, SYS_ATTR(3, DESC_INT32));
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x40, 0, 0x102), 0);
    ck_assert_uint_eq(cpu->mode & (MODE_VM | MODE_CPL), 0);
    ck_assert_uint_eq(cpu->r[R_ESP], RIG_ESP0 - 36);
    static const u32 want[] = {0x102, 0x300, 0, 0x80, 0x500, 0x601, 0x702, 0x803, 0x904};
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
        ck_assert_uint_eq(stack_item(4, i), i == 2 ? flags | FL_VM | FL_ONE : want[i]);
    ck_assert_uint_eq(cpu->seg[SREG_DS].attr | cpu->seg[SREG_GS].attr, 0);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 4), 0); /* and back */
    ck_assert_uint_eq(cpu->mode & MODE_VM, MODE_VM);
    ck_assert_uint_eq(cpu->seg[SREG_GS].sel, 0x904);
}
END_TEST

/* What IOPL forbids in vm86, and handlers that vm86 must not reach. */
START_TEST(vm86_faults)
{
    struct cpu *cpu = rig->cpu;

    for (u32 iopl = 0; iopl < 4; iopl++) {
        u32 want = iopl < 3 ? FAULT(EXCP_GP, 0) : 0;

        enter_vm86(iopl << FL_IOPL_SHIFT);
        ck_assert_uint_eq(rig_fault(rig, help_pushf, 0, 0, 2), want);
        ck_assert_uint_eq(rig_fault(rig, help_popf, FL_IF, 0, 2), want);
        ck_assert_uint_eq(cpu_iopl(cpu), iopl);
        ck_assert_uint_eq(rig_fault(rig, help_cli, 0, 0, 0), want);
        ck_assert_uint_eq(rig_fault(rig, help_sti, 0, 0, 0), want);
        ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 2), want);
        enter_vm86(iopl << FL_IOPL_SHIFT);
        idt(0x40, SEL_CODE0, SYS_ATTR(3, DESC_INT32));
        idt(3, SEL_CODE0, SYS_ATTR(3, DESC_INT32));
        ck_assert_uint_eq(rig_fault(rig, help_int, 0x40, 0, 0), want);
        enter_vm86(iopl << FL_IOPL_SHIFT);
        ck_assert_uint_eq(rig_fault(rig, help_int, 3, EXCP_BY_INT, 0), want); /* CD 03 */
        enter_vm86(iopl << FL_IOPL_SHIFT);
        ck_assert_uint_eq(rig_fault(rig, help_int, 3, EXCP_BY_INT3, 0), 0);
    }
    enter_vm86(FL_IOPL);
    idt(0x40, SEL_CODE1, SYS_ATTR(3, DESC_INT32));
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x40, 0, 0), FAULT(EXCP_GP, SEL_CODE1));
    idt(0x40, SEL_CONF0, SYS_ATTR(3, DESC_INT32));
    ck_assert_uint_eq(rig_fault(rig, help_int, 0x40, 0, 0), FAULT(EXCP_GP, SEL_CONF0));
}
END_TEST

START_TEST(traps_and_nmi)
{
    struct cpu *cpu = rig->cpu;

    idt(1, SEL_CODE0, SYS_ATTR(0, DESC_INT32));
    idt(2, SEL_CODE0, SYS_ATTR(0, DESC_INT32));
    idt(4, SEL_CODE0, SYS_ATTR(0, DESC_INT32));
    flags_set(cpu, FL_TF);
    cpu_deliver_trap(cpu, 1u << 14);
    ck_assert_uint_eq(cpu->dr[6], 0xffff4ff0);
    ck_assert_uint_eq(stack_item(4, 2), FL_ONE | FL_TF); /* no RF */
    ck_assert_uint_eq(cpu->eip, HANDLER + 1);
    cpu_raise_nmi(cpu);
    ck_assert(cpu->nmi && cpu->kicked);
    cpu_deliver_nmi(cpu);
    ck_assert(!cpu->nmi && cpu->nmi_blocked);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 4), 0);
    ck_assert(!cpu->nmi_blocked);
    /* An IRET that faults lets NMIs in, too. */
    cpu_deliver_irq(cpu, EXCP_NMI);
    cpu_raise_nmi(cpu);
    cpu->kicked = false;
    rig_put32(rig, cpu->r[R_ESP] + 4, 0); /* a null CS */
    ck_assert_int_eq(rig_catch(rig, help_iret, 0, 0, 4), EXCP_GP);
    ck_assert(!cpu->nmi_blocked && cpu->kicked);
    cpu->nmi = false;
    ck_assert_uint_eq(rig_fault(rig, help_into, 0, 0, 0x4444), 0);
    ck_assert_uint_eq(cpu->eip, 0x4444);
    flags_put(cpu, FL_OF, FL_OF);
    ck_assert_uint_eq(rig_fault(rig, help_into, 0, 0, 0x4444), 0);
    ck_assert_uint_eq(cpu->eip, HANDLER + 4);
    ck_assert_uint_eq(stack_item(4, 0), 0x4444);
    /* ICEBP checks no DPL, and a fault in its delivery has EXT. */
    rig_protected(rig, 3);
    ck_assert_uint_eq(rig_fault(rig, help_int, 1, EXCP_BY_ICEBP, 0x4444), 0);
    rig_protected(rig, 3);
    ck_assert_uint_eq(rig_fault(rig, help_int, 1, 0, 0x4444), FAULT(EXCP_GP, 10));
    idt(1, SEL_CODE0, 0);
    ck_assert_uint_eq(rig_fault(rig, help_int, 1, EXCP_BY_ICEBP, 0x4444), FAULT(EXCP_GP, 11));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("excp");
    TCase *tc = tcase_create("delivery");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, gate_frames);
    tcase_add_test(tc, gate_faults);
    tcase_add_test(tc, stack_faults);
    tcase_add_test(tc, tss16_and_stack16);
    tcase_add_test(tc, stack16_same_level);
    tcase_add_test(tc, double_faults);
    tcase_add_test(tc, triple_fault);
    tcase_add_test(tc, page_fault);
    tcase_add_test(tc, real_mode);
    tcase_add_test(tc, vm86);
    tcase_add_test(tc, vm86_faults);
    tcase_add_test(tc, traps_and_nmi);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
