/* Tests of far transfers: direct, through call gates, returns, SYSENTER, and in real mode. */
#include "cpurig.h"

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

static void put_stack(const u32 *item, unsigned count, u32 size)
{
    rig->cpu->r[R_ESP] -= count * size;
    for (unsigned i = 0; i < count; i++)
        phys_poke(&rig->phys, rig->cpu->r[R_ESP] + i * size, &item[i], size);
}

/* Direct far JMP and CALL: all code segments by DPL, CPL and RPL. */
START_TEST(direct)
{
    for (unsigned i = 0; i < 2 * 4 * 4 * 2 * 2; i++) {
        bool conforming = i & 1, call = i >> 5 & 1, absent = i >> 6 & 1;
        unsigned dpl = i >> 1 & 3, rpl = i >> 3 & 3;
        static const unsigned cpls[] = {0, 1, 3};

        for (unsigned k = 0; k < ARRAY_SIZE(cpls); k++) {
            unsigned cpl = cpls[k];
            bool ok = conforming ? dpl <= cpl : rpl <= cpl && dpl == cpl;
            u32 want = !ok ? FAULT(EXCP_GP, SEL_TEST) : absent ? FAULT(EXCP_NP, SEL_TEST) : 0, esp;
            struct cpu *cpu = rig->cpu;

            rig_protected(rig, cpl);
            rig_desc(rig, RIG_GDT, SEL_TEST, 0x100, 0xfff,
                     (CODE_ATTR(dpl) | (conforming ? SEG_CONFORM : 0)) & ~(absent ? SEG_P : 0));
            esp = cpu->r[R_ESP];
            if (call)
                ck_assert_uint_eq(
                    rig_fault(rig, help_call_far, 0xfff, SEL_TEST | rpl | 4 << 16, 0x4321), want);
            else
                ck_assert_uint_eq(
                    rig_fault(rig, help_jmp_far, 0xfff, (SEL_TEST | rpl) | 4u << 16, 0), want);
            if (want)
                continue;
            ck_assert_uint_eq(cpu->eip, 0xfff);
            ck_assert_uint_eq(cpu->cpl, cpl);
            ck_assert_uint_eq(cpu->seg[SREG_CS].sel, SEL_TEST | cpl);
            ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0x100);
            ck_assert_uint_eq(cpu->mode & MODE_CS32, 0);
            ck_assert_uint_eq(cpu->r[R_ESP], call ? esp - 8 : esp);
            if (call)
                ck_assert_uint_eq(rig_get32(rig, esp - 8), 0x4321);
        }
    }
}
END_TEST

START_TEST(direct_faults)
{
    static const struct {
        u16 sel;
        u32 offset, attr, want;
    } rows[] = {
        {0, 0, 0, FAULT(EXCP_GP, 0)},
        {3, 0, 0, FAULT(EXCP_GP, 0)},
        {0x78, 0, 0, FAULT(EXCP_GP, 0x78)},
        {SEL_DATA0, 0, 0, FAULT(EXCP_GP, SEL_DATA0)},
        {SEL_TEST, 0x1000, CODE_ATTR(0), FAULT(EXCP_GP, 0)}, /* limit is 0xfff */
        {SEL_TEST, 0, SYS_ATTR(0, DESC_LDT), FAULT(EXCP_GP, SEL_TEST)},
        {SEL_TEST, 0, SYS_ATTR(0, DESC_INT32), FAULT(EXCP_GP, SEL_TEST)},
        {SEL_TEST, 0, SYS_ATTR(0, DESC_TSS32_BUSY), FAULT(EXCP_GP, SEL_TEST)},
        {SEL_TEST, 0, SYS_ATTR(0, DESC_TSS32) & ~SEG_P, FAULT(EXCP_NP, SEL_TEST)},
        {SEL_TEST | 3, 0, SYS_ATTR(2, DESC_TSS32), FAULT(EXCP_GP, SEL_TEST)},
        {SEL_TEST, 0, SYS_ATTR(0, DESC_TASK), FAULT(EXCP_GP, 0)}, /* to a null selector */
        {SEL_TEST, 0xfff, CODE_ATTR(0) & ~SEG_R, 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_protected(rig, 0);
        rig_desc(rig, RIG_GDT, SEL_TEST, 0, 0xfff, rows[i].attr);
        ck_assert_msg(rig_fault(rig, help_jmp_far, rows[i].offset, rows[i].sel | 4u << 16, 0) ==
                          rows[i].want,
                      "row %u", i);
        rig_protected(rig, 0);
        ck_assert_msg(rig_fault(rig, help_call_far, rows[i].offset, rows[i].sel | 4 << 16, 0) ==
                          rows[i].want,
                      "row %u", i);
    }
}
END_TEST

/* Call gates by the gate's DPL, the code's DPL, CPL and RPL; 16 and 32 bit. */
START_TEST(call_gates)
{
    for (unsigned i = 0; i < 4 * 4 * 4 * 2 * 2 * 2; i++) {
        unsigned gate_dpl = i & 3, code_dpl = i >> 2 & 3, rpl = i >> 4 & 3;
        bool conforming = i >> 6 & 1, wide = i >> 7 & 1, jump = i >> 8 & 1;
        static const unsigned cpls[] = {0, 1, 3};

        for (unsigned k = 0; k < ARRAY_SIZE(cpls); k++) {
            unsigned cpl = cpls[k], new_cpl = conforming || jump ? cpl : code_dpl;
            u32 want = 0, size = wide ? 4 : 2;
            struct cpu *cpu = rig->cpu;

            if (code_dpl == 2)
                continue; /* the rig has no ring 2 stack */
            if (gate_dpl < cpl || gate_dpl < rpl)
                want = FAULT(EXCP_GP, SEL_TEST);
            else if (code_dpl > cpl || (jump && !conforming && code_dpl != cpl))
                want = FAULT(EXCP_GP, SEL_TEST2);
            rig_protected(rig, cpl);
            rig_gate(rig, RIG_GDT + SEL_TEST, SEL_TEST2 | 3, 0x18765,
                     SYS_ATTR(gate_dpl, wide ? DESC_CALL32 : DESC_CALL16));
            rig_desc(rig, RIG_GDT, SEL_TEST2, 0, 0xfffff,
                     CODE_ATTR(code_dpl) | FLAT | (conforming ? SEG_CONFORM : 0));
            if (jump)
                ck_assert_uint_eq(
                    rig_fault(rig, help_jmp_far, 0x999, (SEL_TEST | rpl) | 4u << 16, 0), want);
            else
                ck_assert_uint_eq(
                    rig_fault(rig, help_call_far, 0x999, SEL_TEST | rpl | 4 << 16, 0x4004), want);
            if (want)
                continue;
            ck_assert_uint_eq(cpu->cpl, new_cpl);
            ck_assert_uint_eq(cpu->eip, wide ? 0x18765 : 0x8765);
            ck_assert_uint_eq(cpu->seg[SREG_CS].sel, SEL_TEST2 | new_cpl);
            if (!jump) {
                static const u32 esp[4] = {RIG_ESP0, RIG_ESP1, 0, RIG_ESP3};
                unsigned items = new_cpl < cpl ? 4 : 2;

                ck_assert_uint_eq(cpu->r[R_ESP], esp[new_cpl] - items * size);
                ck_assert_uint_eq(rig_get16(rig, cpu->r[R_ESP]), 0x4004);
            }
        }
    }
}
END_TEST

/* Parameters are copied, and RETF n takes both copies away. */
START_TEST(gate_parameters)
{
    static const u32 param[] = {0x11, 0x22, 0x33};
    struct cpu *cpu = rig->cpu;
    u32 esp;

    rig_protected(rig, 3);
    rig_gate(rig, RIG_GDT + SEL_TEST, SEL_CODE0, 0x5555, SYS_ATTR(3, DESC_CALL32) | 3);
    put_stack(param, 3, 4);
    esp = cpu->r[R_ESP];
    seg_load(cpu, SREG_DS, SEL_DATA3 | 3);
    ck_assert_uint_eq(rig_fault(rig, help_call_far, 0, SEL_TEST | 3 | 4 << 16, 0x4004), 0);
    static const u32 want[] = {0x4004, SEL_CODE3 | 3, 0x11, 0x22, 0x33, 0, SEL_DATA3 | 3};
    ck_assert_uint_eq(cpu->r[R_ESP], RIG_ESP0 - 7 * 4);
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
        ck_assert_uint_eq(rig_get32(rig, cpu->r[R_ESP] + i * 4), i == 5 ? esp : want[i]);
    seg_load(cpu, SREG_ES, SEL_DATA0); /* must not survive the return */
    seg_load(cpu, SREG_FS, SEL_CONF0); /* conforming code may */
    ck_assert_uint_eq(rig_fault(rig, help_ret_far, 12, 0, 4), 0);
    ck_assert_uint_eq(cpu->cpl, 3);
    ck_assert_uint_eq(cpu->eip, 0x4004);
    ck_assert_uint_eq(cpu->r[R_ESP], esp + 12);
    ck_assert_uint_eq(cpu->seg[SREG_SS].sel, SEL_DATA3 | 3);
    ck_assert_uint_eq(cpu->seg[SREG_DS].sel, SEL_DATA3 | 3);
    ck_assert_uint_eq(cpu->seg[SREG_ES].sel | cpu->seg[SREG_ES].attr, 0);
    ck_assert_uint_eq(cpu->seg[SREG_FS].sel, SEL_CONF0);
    /* A parameter that cannot be read, and no room on the inner stack. */
    cpu->r[R_ESP] = RIG_RAM;
    cpu->seg[SREG_SS].limit = RIG_RAM + 7;
    ck_assert_uint_eq(rig_fault(rig, help_call_far, 0, SEL_TEST | 3 | 4 << 16, 0),
                      FAULT(EXCP_SS, 0));
}
END_TEST

START_TEST(return_faults)
{
    static const struct {
        u16 cs, ss;
        u32 code, stack; /* SEL_TEST, SEL_TEST2 */
        u8 cpl;
        u32 want;
    } rows[] = {
        {SEL_CODE0, 0, 0, 0, 0, 0},
        {0, 0, 0, 0, 0, FAULT(EXCP_GP, 0)},
        {3, 0, 0, 0, 0, FAULT(EXCP_GP, 0)},
        {0x78, 0, 0, 0, 0, FAULT(EXCP_GP, 0x78)},
        {SEL_DATA0, 0, 0, 0, 0, FAULT(EXCP_GP, SEL_DATA0)},
        {SEL_CODE0, 0, 0, 0, 3, FAULT(EXCP_GP, SEL_CODE0)}, /* inwards */
        {SEL_CODE0 | 3, 0, 0, 0, 3, FAULT(EXCP_GP, SEL_CODE0)},
        {SEL_CONF0 | 3, 0, 0, 0, 3, 0},
        {SEL_TEST, 0, (CODE_ATTR(0) | SEG_G) & ~SEG_P, 0, 0, FAULT(EXCP_NP, SEL_TEST)},
        {SEL_TEST, 0, CODE_ATTR(0), 0, 0, FAULT(EXCP_GP, 0)}, /* limit */
        {SEL_TEST | 1, 0, CODE_ATTR(3) | SEG_CONFORM | SEG_G, 0, 0, FAULT(EXCP_GP, SEL_TEST)},
        {SEL_CODE3 | 3, SEL_DATA3 | 3, 0, 0, 0, 0},
        {SEL_CODE3 | 3, 0, 0, 0, 0, FAULT(EXCP_GP, 0)},
        {SEL_CODE3 | 3, 0x78, 0, 0, 0, FAULT(EXCP_GP, 0x78)},
        {SEL_CODE3 | 3, SEL_DATA3, 0, 0, 0, FAULT(EXCP_GP, SEL_DATA3)},
        {SEL_CODE3 | 3, SEL_DATA0 | 3, 0, 0, 0, FAULT(EXCP_GP, SEL_DATA0)},
        {SEL_CODE3 | 3, SEL_TEST2 | 3, 0, DATA_ATTR(3) & ~SEG_W, 0, FAULT(EXCP_GP, SEL_TEST2)},
        {SEL_CODE3 | 3, SEL_TEST2 | 3, 0, DATA_ATTR(3) & ~SEG_P, 0, FAULT(EXCP_SS, SEL_TEST2)},
        {SEL_TEST | 3, SEL_DATA3 | 3, CODE_ATTR(3), 0, 0, FAULT(EXCP_GP, 0)},
        {SEL_CODE1 | 1, SEL_DATA1 | 1, 0, 0, 0, 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        for (unsigned is_iret = 0; is_iret < 2; is_iret++) {
            u32 ret[] = {0x4444, rows[i].cs, 0x7000, rows[i].ss};
            u32 iret[] = {0x4444, rows[i].cs, FL_ONE, 0x7000, rows[i].ss}, got;

            rig_protected(rig, rows[i].cpl);
            rig_desc(rig, RIG_GDT, SEL_TEST, 0, 0xfff, rows[i].code);
            rig_desc(rig, RIG_GDT, SEL_TEST2, 0, 0xffff, rows[i].stack);
            if (is_iret)
                put_stack(iret, 5, 4);
            else
                put_stack(ret, 4, 4);
            got = is_iret ? rig_fault(rig, help_iret, 0, 0, 4)
                          : rig_fault(rig, help_ret_far, 0, 0, 4);
            ck_assert_msg(got == rows[i].want, "row %u iret %u: %x", i, is_iret, got);
            if (got)
                continue;
            ck_assert_uint_eq(rig->cpu->eip, 0x4444);
            ck_assert_uint_eq(rig->cpu->cpl, rows[i].cs & 3u);
            if ((rows[i].cs & 3) != rows[i].cpl)
                ck_assert_uint_eq(rig->cpu->r[R_ESP], 0x7000);
        }
}
END_TEST

/* Returning to a 16-bit stack sets SP only. */
START_TEST(return_to_stack16)
{
    static const u32 frame[] = {0x1234, SEL_CODE3 | 3, FL_ONE, 0xabcd7000, SEL_TEST | 3};
    struct cpu *cpu = rig->cpu;

    rig_desc(rig, RIG_GDT, SEL_TEST, 0, 0xffff, DATA_ATTR(3));
    put_stack(frame, 5, 4);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 4), 0);
    ck_assert_uint_eq(cpu->r[R_ESP], 0x7000);
    ck_assert_uint_eq(cpu->mode & MODE_SS32, 0);
}
END_TEST

START_TEST(sysenter)
{
    struct cpu *cpu = rig->cpu;

    rig_protected(rig, 3);
    ck_assert_uint_eq(rig_fault(rig, help_sysenter, 0, 0, 0), FAULT(EXCP_GP, 0));
    cpu->sysenter_cs = 0x60;
    cpu->sysenter_esp = 0x7ff0;
    cpu->sysenter_eip = 0xc0001000;
    flags_set(cpu, FL_IF | FL_CF | FL_RF);
    ck_assert_uint_eq(rig_fault(rig, help_sysenter, 0, 0, 0), 0);
    ck_assert_uint_eq(cpu->mode & MODE_CPL, 0);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x60);
    ck_assert_uint_eq(cpu->seg[SREG_SS].sel, 0x68);
    ck_assert_uint_eq(cpu->seg[SREG_CS].attr, CODE_ATTR(0) | FLAT);
    ck_assert_uint_eq(cpu->seg[SREG_SS].attr, DATA_ATTR(0) | FLAT);
    ck_assert_uint_eq(cpu->eip, 0xc0001000);
    ck_assert_uint_eq(cpu->r[R_ESP], 0x7ff0);
    ck_assert_uint_eq(flags_get(cpu), FL_ONE | FL_CF);
    cpu->r[R_EDX] = 0x1234;
    cpu->r[R_ECX] = 0x5678;
    ck_assert_uint_eq(rig_fault(rig, help_sysexit, 0, 0, 0), 0);
    ck_assert_uint_eq(cpu->mode & MODE_CPL, 3);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x73);
    ck_assert_uint_eq(cpu->seg[SREG_SS].sel, 0x7b);
    ck_assert_uint_eq(cpu->eip, 0x1234);
    ck_assert_uint_eq(cpu->r[R_ESP], 0x5678);
    ck_assert_uint_eq(rig_fault(rig, help_sysexit, 0, 0, 0), FAULT(EXCP_GP, 0));
}
END_TEST

START_TEST(real_mode)
{
    static const u32 ret[] = {0x1234, 0x5678};
    struct cpu *cpu = rig->cpu;

    cpu_reset(cpu);
    ck_assert_uint_eq(cpu->mode & (MODE_PE | MODE_CPL | MODE_CS32 | MODE_SS32), 0);
    ck_assert_uint_eq(rig_fault(rig, help_jmp_far, 0x10000, 0x100 | 4u << 16, 0),
                      FAULT(EXCP_GP, 0));
    ck_assert_uint_eq(rig_fault(rig, help_jmp_far, 0x1e05b, 0xf003 | 2u << 16, 0), 0);
    ck_assert_uint_eq(cpu->eip, 0xe05b);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0xf0030);
    ck_assert_uint_eq(cpu->cpl, 0);
    cpu->r[R_ESP] = 0x8000;
    ck_assert_uint_eq(rig_fault(rig, help_call_far, 0x22, 0x300 | 2 << 16, 0xe060), 0);
    ck_assert_uint_eq(rig_get32(rig, 0x7ffc), 0xf003e060);
    ck_assert_uint_eq(cpu->seg[SREG_CS].sel, 0x300);
    put_stack(ret, 2, 2);
    ck_assert_uint_eq(rig_fault(rig, help_ret_far, 4, 0, 2), 0);
    ck_assert_uint_eq(cpu->r[R_ESP], 0x8000);
    ck_assert_uint_eq(cpu->eip, 0x1234);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_CS], 0x56780);
    ck_assert_uint_eq(rig_fault(rig, help_check_eip, 0xffff, 0, 0), 0);
    ck_assert_uint_eq(rig_fault(rig, help_check_eip, 0x10000, 0, 0), FAULT(EXCP_GP, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xfer");
    TCase *tc = tcase_create("transfers");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, direct);
    tcase_add_test(tc, direct_faults);
    tcase_add_test(tc, call_gates);
    tcase_add_test(tc, gate_parameters);
    tcase_add_test(tc, return_faults);
    tcase_add_test(tc, return_to_stack16);
    tcase_add_test(tc, sysenter);
    tcase_add_test(tc, real_mode);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
