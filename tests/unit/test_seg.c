/* Tests of segments: every descriptor type, privilege and access, against a model. */
#include "cpu/seglimit.h"
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

/* What loading a selector with this RPL must raise, from SDM vol. 2 (MOV) and vol. 3A, 5.6. type
 * has S as bit 4. */
static u32 model_load(bool ss, unsigned type, unsigned dpl, bool present, unsigned cpl,
                      unsigned rpl)
{
    bool segment = type & 16, code = type & 8, conforming = code && (type & 4);
    bool readable = segment && (!code || (type & 2)), writable = segment && !code && (type & 2);

    if (ss) {
        if (!writable || rpl != cpl || dpl != cpl)
            return FAULT(EXCP_GP, SEL_TEST);
        return present ? 0 : FAULT(EXCP_SS, SEL_TEST);
    }
    if (!readable)
        return FAULT(EXCP_GP, SEL_TEST);
    if (!conforming && (rpl > dpl || cpl > dpl))
        return FAULT(EXCP_GP, SEL_TEST);
    return present ? 0 : FAULT(EXCP_NP, SEL_TEST);
}

static void check_load(enum sreg sreg, unsigned type, unsigned dpl, bool present, unsigned cpl,
                       unsigned rpl)
{
    u32 attr = type << 8 | dpl << SEG_DPL_SHIFT | (present ? SEG_P : 0) | SEG_DB;
    u32 want = model_load(sreg == SREG_SS, type, dpl, present, cpl, rpl), got;

    rig_desc(rig, RIG_GDT, SEL_TEST, 0x12345678, 0x4321, attr);
    rig->cpu->cpl = (u8)cpl;
    got = rig_fault(rig, help_seg_load, SEL_TEST | rpl, sreg, sreg == SREG_SS);
    ck_assert_msg(got == want, "sreg %d type %x dpl %u P %d cpl %u rpl %u: %x, not %x", sreg, type,
                  dpl, present, cpl, rpl, got, want);
    if (got)
        return;
    ck_assert_uint_eq(rig->cpu->seg[sreg].sel, SEL_TEST | rpl);
    ck_assert_uint_eq(rig->cpu->r[R_BASE + sreg], 0x12345678);
    ck_assert_uint_eq(rig->cpu->seg[sreg].limit, 0x4321);
    ck_assert_uint_eq(rig->cpu->seg[sreg].attr, attr | SEG_ACCESSED);
    ck_assert_uint_eq(rig_get32(rig, RIG_GDT + SEL_TEST + 4), (0x12000034u | attr) | SEG_ACCESSED);
    ck_assert_int_eq(rig->cpu->shadow, sreg == SREG_SS);
    rig->cpu->shadow = false;
}

START_TEST(load_every_type)
{
    for (unsigned i = 0; i < 32 * 4 * 2 * 4 * 4; i++) {
        unsigned type = i & 31, dpl = i >> 5 & 3, cpl = i >> 7 & 3, rpl = i >> 9 & 3;

        check_load(SREG_DS, type, dpl, i >> 11, cpl, rpl);
        check_load(SREG_SS, type, dpl, i >> 11, cpl, rpl);
    }
}
END_TEST

START_TEST(load_selectors)
{
    static const struct {
        u16 sel;
        enum sreg sreg;
        u32 want;
    } rows[] = {
        {0, SREG_SS, FAULT(EXCP_GP, 0)},
        {3, SREG_SS, FAULT(EXCP_GP, 0)},
        {0, SREG_DS, 0},
        {3, SREG_GS, 0},
        {RIG_GDT_LIMIT + 1, SREG_DS, FAULT(EXCP_GP, RIG_GDT_LIMIT + 1)},
        {0xfff8, SREG_FS, FAULT(EXCP_GP, 0xfff8)},
        {0x04, SREG_DS, 0},                    /* LDT entry 0 is not the null selector */
        {0x24, SREG_DS, FAULT(EXCP_GP, 0x24)}, /* beyond the LDT */
        {0x27, SREG_SS, FAULT(EXCP_GP, 0x24)}, /* the error code has no RPL */
        {SEL_TSS, SREG_ES, FAULT(EXCP_GP, SEL_TSS)},
    };

    rig_desc(rig, RIG_LDT, 0, 0x5000, 0xfff, DATA_ATTR(0));
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        ck_assert_msg(rig_fault(rig, help_seg_load, rows[i].sel, rows[i].sreg, 0) == rows[i].want,
                      "row %u", i);
    ck_assert_uint_eq(rig->cpu->seg[SREG_GS].attr, 0);
    ck_assert_uint_eq(rig->cpu->seg[SREG_GS].sel, 3);
    ck_assert_uint_eq(rig->cpu->r[R_BASE + SREG_DS], 0x5000);
    rig_desc(rig, RIG_GDT, SEL_TEST2, 0, 0xffff, DATA_ATTR(0));
    rig->cpu->gdtr.limit = RIG_GDT_LIMIT - 1; /* all eight bytes must be inside */
    ck_assert_uint_eq(rig_fault(rig, help_seg_load, SEL_TEST2, SREG_DS, 0),
                      FAULT(EXCP_GP, SEL_TEST2));
    rig->cpu->ldtr = (struct sysseg){0};
    ck_assert_uint_eq(rig_fault(rig, help_seg_load, 4, SREG_DS, 0), FAULT(EXCP_GP, 4));
}
END_TEST

START_TEST(check_access)
{
    static const u32 rw = DATA_ATTR(0), ro = DATA_ATTR(0) & ~SEG_W, xr = CODE_ATTR(0),
                     xo = CODE_ATTR(0) & ~SEG_R, down = DATA_ATTR(0) | SEG_EXPDOWN;
    const struct {
        u32 attr, limit, ea, len;
        bool read_ok, write_ok;
    } rows[] = {
        {rw, 0xffff, 0, 1, true, true},
        {rw, 0xffff, 0xffff, 1, true, true},
        {rw, 0xffff, 0xffff, 2, false, false},
        {rw, 0xffff, 0xfffc, 4, true, true},
        {rw, 0xffff, 0xfffd, 4, false, false},
        {rw, 0xffff, 0x10000, 1, false, false},
        {rw, 0xffff, 0xffffffff, 2, false, false}, /* wraps */
        {rw, 0xfffffffe, 0xfffffffe, 2, false, false},
        {rw, 0xffffffff, 0xffffffff, 4, true, true}, /* 4 GiB: no limit at all */
        {ro, 0xffff, 0x10, 4, true, false},
        {xr, 0xffff, 0x10, 4, true, false},
        {xo, 0xffff, 0x10, 4, false, false},
        {0, 0, 0, 1, false, false}, /* null */
        {rw & ~SEG_P, 0xffff, 0, 1, false, false},
        {down, 0xfff, 0x1000, 4, true, true},
        {down, 0xfff, 0xfff, 4, false, false},
        {down, 0xfff, 0, 1, false, false},
        {down, 0xfff, 0xfffe, 2, true, true},
        {down, 0xfff, 0xffff, 2, false, false}, /* 64 KiB without B */
        {down | SEG_DB, 0xfff, 0xffff, 2, true, true},
        {down | SEG_DB, 0xfff, 0xfffffffe, 2, true, true},
        {down | SEG_DB, 0xfff, 0xffffffff, 2, false, false},
        {down | SEG_DB, 0xffffffff, 0xffffffff, 1, false, false}, /* empty */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        seg_set(rig->cpu, SREG_DS, 0x18, 0x100, rows[i].limit, rows[i].attr);
        seg_set(rig->cpu, SREG_SS, 0x18, 0x100, rows[i].limit, rows[i].attr);
        for (unsigned write = 0; write < 2; write++) {
            bool ok = write ? rows[i].write_ok : rows[i].read_ok;
            u32 c = rows[i].len << 8 | write << 16;

            ck_assert_msg(rig_fault(rig, help_seg_check, rows[i].ea, 0, c | SREG_DS) ==
                              (ok ? 0 : FAULT(EXCP_GP, 0)),
                          "row %u write %u", i, write);
            if (ok)
                ck_assert_uint_eq(rig->result, rows[i].ea + 0x100);
            ck_assert_msg(rig_fault(rig, help_seg_check, rows[i].ea, 0, c | SREG_SS) ==
                              (ok ? 0 : FAULT(EXCP_SS, 0)),
                          "row %u write %u", i, write);
        }
    }
}
END_TEST

START_TEST(check_alignment)
{
    static const struct {
        u32 len, ea;
        bool ok;
    } rows[] = {{1, 1, true},  {2, 1, false}, {2, 2, true},   {4, 2, false},  {4, 4, true},
                {8, 4, false}, {8, 8, true},  {10, 4, false}, {10, 16, true}, {6, 1, true}};

    rig_protected(rig, 3);
    for (unsigned i = 0; i < ARRAY_SIZE(rows) * 8; i++) {
        unsigned row = i >> 3;
        bool am = i & 1, ac = i & 2, user = i & 4, checked = am && ac && user;
        u32 want = checked && !rows[row].ok ? FAULT(EXCP_AC, 0) : 0;

        rig->cpu->cr0 = CR0_PE | CR0_ET | (am ? CR0_AM : 0);
        rig->cpu->eflags = FL_ONE | (ac ? FL_AC : 0);
        cpu_set_cpl(rig->cpu, user ? 3 : 0);
        ck_assert_int_eq((rig->cpu->mode & MODE_AC) != 0, checked);
        ck_assert_uint_eq(
            rig_fault(rig, help_seg_check, rows[row].ea, 0, rows[row].len << 8 | SREG_DS), want);
    }
}
END_TEST

START_TEST(mode_bits)
{
    static const struct {
        u32 cr0, attr, limit, base;
        enum sreg sreg;
        bool free, zero;
    } rows[] = {
        {CR0_PE, DATA_ATTR(0) | FLAT, 0xffffffff, 0, SREG_DS, true, true},
        {CR0_PE, DATA_ATTR(0) | FLAT, 0xffffffff, 16, SREG_FS, true, false},
        {CR0_PE, DATA_ATTR(0) | FLAT, 0xffffffff, 0, SREG_GS, false, false},
        {CR0_PE, DATA_ATTR(0) | FLAT, 0xfffffffe, 0, SREG_ES, false, true},
        {CR0_PE, (DATA_ATTR(0) | FLAT) & ~SEG_W, 0xffffffff, 0, SREG_DS, false, true},
        {CR0_PE, CODE_ATTR(0) | FLAT, 0xffffffff, 0, SREG_DS, false, true},
        {CR0_PE, CODE_ATTR(0) | FLAT, 0xffffffff, 0, SREG_CS, true, true},
        {CR0_PE, CODE_ATTR(0) | SEG_CONFORM | FLAT, 0xffffffff, 0, SREG_CS, true, true},
        {CR0_PE, (CODE_ATTR(0) | FLAT) & ~SEG_R, 0xffffffff, 0, SREG_CS, false, true},
        {CR0_PE, DATA_ATTR(0) | SEG_EXPDOWN | FLAT, 0xffffffff, 0, SREG_SS, false, true},
        {CR0_PE, 0, 0xffffffff, 0, SREG_DS, false, true},
        {0, DATA_ATTR(0), 0xffff, 0, SREG_DS, false, true},
        {0, DATA_ATTR(0), 0xffffffff, 0, SREG_DS, true, true},
        {0, CODE_ATTR(0) & ~SEG_R, 0xffffffff, 0, SREG_CS, true, true},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        u32 mode;

        rig->cpu->cr0 = rows[i].cr0 | CR0_ET;
        seg_set(rig->cpu, rows[i].sreg, 8, rows[i].base, rows[i].limit, rows[i].attr);
        mode = rig->cpu->mode;
        ck_assert_msg((mode >> (MODE_UNCHECKED_SHIFT + rows[i].sreg) & 1) == rows[i].free, "row %u",
                      i);
        ck_assert_msg((mode >> (MODE_ZERO_SHIFT + rows[i].sreg) & 1) == rows[i].zero, "row %u", i);
    }
}
END_TEST

static u32 edge(u32 random)
{
    static const u32 edges[] = {0, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff};

    return edges[random % ARRAY_SIZE(edges)] + (random >> 8) % 7 - 3;
}

/* What engines ask first never says yes where the rule says no, and often enough says yes. */
START_TEST(short_forms)
{
    static const u32 bits[] = {SEG_P, SEG_P, SEG_S, SEG_CODE, SEG_EXPDOWN, SEG_W, SEG_DB};
    struct cpu *cpu = rig->cpu;
    unsigned plain = 0, unchecked = 0, fine = 0;
    u32 random = 1;

    for (unsigned i = 0; i < 200000; i++) {
        enum sreg sreg = i & 1 ? SREG_CS : SREG_DS;
        u32 attr = 0, limit, ea, len = 1u << (i >> 1 & 3);
        bool write = i >> 3 & 1, ok;

        random = random * 1664525 + 1013904223;
        for (unsigned n = 0; n < ARRAY_SIZE(bits); n++)
            attr |= random >> (10 + n) & 1 ? bits[n] : 0;
        random = random * 1664525 + 1013904223;
        limit = i >> 4 & 1 ? UINT32_MAX : edge(random >> 8);
        random = random * 1664525 + 1013904223;
        ea = edge(random >> 8);
        cpu->cr0 = CR0_ET | (i >> 5 & 1 ? CR0_PE : 0);
        seg_set(cpu, sreg, 8, 0, limit, attr);
        ok = !seg_broken_rule(cpu, sreg, ea, len, write);
        fine += ok;
        if (seg_plain_ok(&cpu->seg[sreg], ea, len)) {
            ck_assert_msg(ok, "plain: %x %x %x %u", attr, limit, ea, len);
            plain++;
        }
        if (mode_access_unchecked(cpu->mode, sreg, write)) {
            ck_assert_msg(ok, "mode: %x %x %x %u", attr, limit, ea, len);
            unchecked++;
        }
    }
    ck_assert_uint_gt(plain, 1000);
    ck_assert_uint_gt(unchecked, 1000);
    ck_assert_uint_lt(fine, 190000);
}
END_TEST

START_TEST(real_mode)
{
    struct cpu *cpu = rig->cpu;

    seg_set(cpu, SREG_ES, 0x10, 0, 0xffffffffu, DATA_ATTR(0) | FLAT);
    ck_assert_uint_eq(rig_fault(rig, help_seg_load, 0, SREG_FS, 0), 0);
    ck_assert_uint_eq(rig_fault(rig, help_cr_write, 0, 0, 0), 0); /* leaves protected mode */
    ck_assert_uint_eq(cpu->mode & MODE_PE, 0);
    ck_assert_uint_eq(rig_fault(rig, help_seg_load, 0x1234, SREG_ES, 0), 0);
    ck_assert_uint_eq(cpu->r[R_BASE + SREG_ES], 0x12340);
    ck_assert_uint_eq(cpu->seg[SREG_ES].limit, 0xffffffffu); /* big real mode */
    ck_assert_uint_eq(rig_fault(rig, help_seg_check, 0, 0, 1 << 8 | SREG_FS), FAULT(EXCP_GP, 0));
    ck_assert_uint_eq(rig_fault(rig, help_seg_load, 0x100, SREG_FS, 0), 0); /* usable again */
    ck_assert_uint_eq(rig_fault(rig, help_seg_check, 0xfffe, 0, 2 << 8 | SREG_FS), 0);
    ck_assert_uint_eq(rig_fault(rig, help_seg_check, 0xffff, 0, 2 << 8 | SREG_FS),
                      FAULT(EXCP_GP, 0));
}
END_TEST

START_TEST(load_store)
{
    static const struct {
        unsigned size;
        u64 value;
    } rows[] = {{1, 0x9a}, {2, 0x89ab}, {4, 0x89abcdef}, {8, 0x0123456789abcdefull}};
    struct cpu *cpu = rig->cpu;

    seg_set(cpu, SREG_ES, 0, 0x5000, 0xfff, DATA_ATTR(0));
    seg_store8(cpu, SREG_ES, 0x10, 0x9a);
    seg_store16(cpu, SREG_ES, 0x21, 0x89ab);
    seg_store32(cpu, SREG_ES, 0x32, 0x89abcdef);
    seg_store64(cpu, SREG_ES, 0x43, 0x0123456789abcdefull);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        ck_assert_uint_eq(lin_load(cpu, 0x5010 + i * 0x11, rows[i].size, true), rows[i].value);
    ck_assert_uint_eq(seg_load8(cpu, SREG_ES, 0x10), 0x9a);
    ck_assert_uint_eq(seg_load16(cpu, SREG_ES, 0x21), 0x89ab);
    ck_assert_uint_eq(seg_load32(cpu, SREG_ES, 0x32), 0x89abcdef);
    ck_assert_uint_eq(seg_load64(cpu, SREG_ES, 0x43), 0x0123456789abcdefull);
}
END_TEST

/* LAR, LSL, VERR and VERW over all types and privileges, against the manual's tables. */
START_TEST(selector_questions)
{
    static const u32 lsl_types = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
    static const u32 lar_types = lsl_types | 1 << 4 | 1 << 5 | 1 << 12;
    struct cpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 32 * 4 * 4 * 4; i++) {
        unsigned type = i & 31, dpl = i >> 5 & 3, rpl = i >> 7 & 3;
        bool seg = type & 16, code = seg && (type & 8), seen;
        u32 attr = type << 8 | dpl << SEG_DPL_SHIFT | SEG_P | SEG_AVL;

        cpu->cpl = i >> 9 & 3;
        seen = (code && (type & 4)) || (cpu->cpl <= dpl && rpl <= dpl);
        rig_desc(rig, RIG_GDT, SEL_TEST, 0x12345678, 0x1234, attr | SEG_G);
        flags_set(cpu, FL_ARITH);
        ck_assert_uint_eq(rig_fault(rig, help_lar, SEL_TEST | rpl, 77, 0), 0);
        ck_assert_int_eq((flags_get(cpu) & FL_ZF) != 0, seen && (seg || lar_types >> type & 1));
        ck_assert_uint_eq(rig->result, flags_get(cpu) & FL_ZF ? attr | SEG_G : 77);
        ck_assert_uint_eq(flags_get(cpu) | FL_ZF, FL_ARITH | FL_ONE);
        ck_assert_uint_eq(rig_fault(rig, help_lsl, SEL_TEST | rpl, 77, 0), 0);
        ck_assert_int_eq((flags_get(cpu) & FL_ZF) != 0, seen && (seg || lsl_types >> type & 1));
        ck_assert_uint_eq(rig->result, flags_get(cpu) & FL_ZF ? 0x1234fff : 77);
        ck_assert_uint_eq(rig_fault(rig, help_verr, SEL_TEST | rpl, 0, 0), 0);
        ck_assert_int_eq((flags_get(cpu) & FL_ZF) != 0, seen && seg && (!code || (type & 2)));
        ck_assert_uint_eq(rig_fault(rig, help_verw, SEL_TEST | rpl, 0, 0), 0);
        ck_assert_int_eq((flags_get(cpu) & FL_ZF) != 0, seen && seg && !code && (type & 2));
    }
    ck_assert_uint_eq(rig_fault(rig, help_lar, 0, 5, 0), 0); /* null: no */
    ck_assert_uint_eq(flags_get(cpu) & FL_ZF, 0);
    ck_assert_uint_eq(rig->result, 5);
}
END_TEST

START_TEST(adjust_rpl)
{
    for (u32 d = 0; d < 4; d++)
        for (u32 s = 0; s < 4; s++) {
            ck_assert_uint_eq(rig_fault(rig, help_arpl, 0x1230 | d, 0x4560 | s, 0), 0);
            ck_assert_uint_eq(rig->result, 0x1230 | (d < s ? s : d));
            ck_assert_int_eq((flags_get(rig->cpu) & FL_ZF) != 0, d < s);
        }
}
END_TEST

START_TEST(table_registers)
{
    struct cpu *cpu = rig->cpu;

    rig_put32(rig, 0x5000, 0x56781234);
    rig_put32(rig, 0x5004, 0x0000abcd);
    ck_assert_uint_eq(rig_fault(rig, help_lidt, 0x5000, 0, SREG_DS | 4 << 8), 0);
    ck_assert_uint_eq(cpu->idtr.limit, 0x1234);
    ck_assert_uint_eq(cpu->idtr.base, 0xabcd5678);
    ck_assert_uint_eq(rig_fault(rig, help_lgdt, 0x5000, 0, SREG_DS | 2 << 8), 0);
    ck_assert_uint_eq(cpu->gdtr.base, 0xcd5678);
    ck_assert_uint_eq(rig_fault(rig, help_sidt, 0x5010, 0, SREG_DS | 4 << 8), 0);
    ck_assert_uint_eq(rig_get32(rig, 0x5010), 0x56781234);
    ck_assert_uint_eq(rig_get16(rig, 0x5014), 0xabcd);
    cpu->seg[SREG_ES].limit = 0x5014;
    ck_assert_uint_eq(rig_fault(rig, help_sidt, 0x5010, 0, SREG_ES | 4 << 8), FAULT(EXCP_GP, 0));
    cpu_set_cpl(cpu, 3);
    ck_assert_uint_eq(rig_fault(rig, help_lgdt, 0x5000, 0, SREG_DS | 4 << 8), FAULT(EXCP_GP, 0));
}
END_TEST

START_TEST(system_segments)
{
    static const struct {
        helper_fn *fn;
        u16 sel;
        u32 attr; /* of SEL_TEST */
        u32 want;
    } rows[] = {
        {help_lldt, 3, 0, 0},
        {help_lldt, SEL_TEST | 4, 0, FAULT(EXCP_GP, SEL_TEST | 4)},
        {help_lldt, SEL_TEST, SYS_ATTR(0, DESC_TSS32), FAULT(EXCP_GP, SEL_TEST)},
        {help_lldt, SEL_TEST, SYS_ATTR(0, DESC_LDT) & ~SEG_P, FAULT(EXCP_NP, SEL_TEST)},
        {help_lldt, SEL_TEST | 3, SYS_ATTR(0, DESC_LDT), 0},
        {help_ltr, 0, 0, FAULT(EXCP_GP, 0)},
        {help_ltr, SEL_TEST, SYS_ATTR(0, DESC_TSS32_BUSY), FAULT(EXCP_GP, SEL_TEST)},
        {help_ltr, SEL_TEST, DATA_ATTR(0), FAULT(EXCP_GP, SEL_TEST)},
        {help_ltr, SEL_TEST, SYS_ATTR(0, DESC_TSS32) & ~SEG_P, FAULT(EXCP_NP, SEL_TEST)},
        {help_ltr, 0x78, 0, FAULT(EXCP_GP, 0x78)},
        {help_ltr, SEL_TEST, SYS_ATTR(0, DESC_TSS16), 0},
        {help_ltr, SEL_TEST, SYS_ATTR(0, DESC_TSS32), 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_desc(rig, RIG_GDT, SEL_TEST, 0x654321, 0x1ff, rows[i].attr);
        ck_assert_msg(rig_fault(rig, rows[i].fn, rows[i].sel, 0, 0) == rows[i].want, "row %u", i);
    }
    ck_assert_uint_eq(rig->cpu->tr.base, 0x654321);
    ck_assert_uint_eq(rig->cpu->tr.limit, 0x1ff);
    ck_assert_uint_eq(rig->cpu->tr.attr, SYS_ATTR(0, DESC_TSS32_BUSY));
    ck_assert_uint_eq(rig_get32(rig, RIG_GDT + SEL_TEST + 4), SYS_ATTR(0, DESC_TSS32_BUSY) | 0x65);
    ck_assert_uint_eq(rig->cpu->ldtr.sel, SEL_TEST | 3);
    ck_assert_uint_eq(help_sldt(rig->cpu, 0, 0, 0), SEL_TEST | 3);
    ck_assert_uint_eq(help_str(rig->cpu, 0, 0, 0), SEL_TEST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seg");
    TCase *tc = tcase_create("segments");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, load_every_type);
    tcase_add_test(tc, load_selectors);
    tcase_add_test(tc, check_access);
    tcase_add_test(tc, check_alignment);
    tcase_add_test(tc, mode_bits);
    tcase_add_test(tc, short_forms);
    tcase_add_test(tc, real_mode);
    tcase_add_test(tc, load_store);
    tcase_add_test(tc, selector_questions);
    tcase_add_test(tc, adjust_rpl);
    tcase_add_test(tc, table_registers);
    tcase_add_test(tc, system_segments);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
