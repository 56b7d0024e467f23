/* Tests of system flags, ports, control and debug registers, and stack instructions. */
#include "cpurig.h"

static struct rig *rig;
static u32 last_out;

static u32 port_in(void *opaque, u16 port, unsigned size)
{
    (void)opaque;
    return (u32)port << 8 | size;
}

static void port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    (void)opaque;
    last_out = (u32)port << 16 | (value & 0xff) << 8 | size;
}

static void setup(void)
{
    static const struct cpu_hooks hooks = {.port_in = port_in, .port_out = port_out};

    rig = rig_new("pentium3", &hooks);
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

/* The flags that POPF and IRET may change, for every CPL and IOPL, both sizes. */
START_TEST(flag_images)
{
    static const u32 all = 0x003f7fd5;
    static const u32 always = FL_ARITH | FL_TF | FL_DF | FL_NT | FL_AC | FL_ID;
    static const unsigned cpls[] = {0, 1, 3};
    struct cpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 3 * 4 * 2 * 2; i++) {
        unsigned cpl = cpls[i % 3], iopl = i / 3 % 4;
        u32 osz = i / 12 % 2 ? 4 : 2, old = FL_ONE | iopl << FL_IOPL_SHIFT, mask, image;
        static const u16 code[] = {SEL_CODE0, SEL_CODE1 | 1, 0, SEL_CODE3 | 3};
        bool set = i / 24;

        mask = always | (cpl == 0 ? FL_IOPL : 0) | (cpl <= iopl ? FL_IF : 0);
        if (osz == 2)
            mask &= 0xffff;
        image = set ? all & ~FL_VM : 0;
        if (!set)
            old |= FL_IF | FL_ARITH | FL_DF | FL_AC | FL_ID;
        rig_protected(rig, cpl);
        flags_set(cpu, old);
        ck_assert_uint_eq(rig_fault(rig, help_popf, image | FL_VM, 0, osz), 0);
        ck_assert_uint_eq(flags_get(cpu), ((old & ~mask) | (image & mask)) | FL_ONE);
        ck_assert_int_eq((cpu->mode & MODE_TF) != 0, set);

        /* IRET: VIF and VIP at CPL 0; RF where a breakpoint could look for it. */
        mask |= osz == 4 && cpl == 0 ? FL_VIF | FL_VIP : 0;
        u32 frame[] = {0x1111, code[cpl], image};
        rig_protected(rig, cpl);
        flags_set(cpu, old);
        put_stack(frame, 3, osz);
        ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, osz), 0);
        ck_assert_uint_eq(flags_get(cpu), ((old & ~mask) | (image & mask)) | FL_ONE);
    }
    flags_set(cpu, FL_RF | FL_NT | FL_CF);
    ck_assert_uint_eq(help_pushf(cpu, 0, 0, 4), FL_NT | FL_CF | FL_ONE);
    rig_protected(rig, 0);
    flags_set(cpu, FL_NT);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 4), FAULT(EXCP_TS, 0));
}
END_TEST

START_TEST(interrupt_flag)
{
    static const unsigned cpls[] = {0, 1, 3};
    struct cpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 3 * 4; i++) {
        unsigned cpl = cpls[i % 3], iopl = i / 3;
        u32 want = cpl > iopl ? FAULT(EXCP_GP, 0) : 0;

        rig_protected(rig, cpl);
        cpu->shadow = false;
        flags_set(cpu, iopl << FL_IOPL_SHIFT);
        ck_assert_uint_eq(rig_fault(rig, help_sti, 0, 0, 0), want);
        ck_assert_int_eq(cpu->shadow, want == 0);
        cpu->shadow = false;
        ck_assert_uint_eq(rig_fault(rig, help_sti, 0, 0, 0), want); /* IF was set: no shadow */
        ck_assert(!cpu->shadow);
        ck_assert_uint_eq(rig_fault(rig, help_cli, 0, 0, 0), want);
        ck_assert_uint_eq(cpu->eflags & FL_IF, 0);
        ck_assert_uint_eq(rig_fault(rig, help_hlt, 0, 0, 0), cpl ? FAULT(EXCP_GP, 0) : 0);
        cpu->halted = false;
    }
    /* An interrupt that waits is noticed when IF opens. */
    rig_protected(rig, 0);
    cpu_set_intr(cpu, true);
    cpu->kicked = false;
    cpu->budget = 100;
    ck_assert_uint_eq(rig_fault(rig, help_popf, 0, 0, 4), 0);
    ck_assert(!cpu->kicked);
    ck_assert_uint_eq(rig_fault(rig, help_popf, FL_IF, 0, 4), 0);
    ck_assert(cpu->kicked && cpu->budget == 0 && cpu->budget_withheld == 100);
}
END_TEST

START_TEST(ports)
{
    static const struct {
        u16 port;
        u8 size;
        bool ok;
    } rows[] = {{0x60, 1, true},  {0x5f, 1, false},  {0x61, 1, false}, {0x5f, 2, false},
                {0x60, 2, false}, {0x70, 4, true},   {0x6f, 4, false}, {0x71, 4, false},
                {0x74, 1, false}, {0x77, 1, false},  {0x78, 1, true},  {0x7f, 1, true},
                {0x80, 1, false}, {0xffff, 1, false}};
    struct cpu *cpu = rig->cpu;

    memset(phys_host(&rig->phys, RIG_TSS + 0x68), 0xff, 0x40);
    *phys_host(&rig->phys, RIG_TSS + 0x68 + 0x60 / 8) = 0xfe;
    *phys_host(&rig->phys, RIG_TSS + 0x68 + 0x70 / 8) = 0xf0;
    *phys_host(&rig->phys, RIG_TSS + 0x68 + 0x78 / 8) = 0x00;
    *phys_host(&rig->phys, RIG_TSS + 0x68 + 0x80 / 8) = 0x00; /* beyond the limit */
    for (unsigned i = 0; i < ARRAY_SIZE(rows) * 4; i++) {
        unsigned row = i >> 2, iopl = i & 2 ? 3 : 2, cpl = i & 1 ? 3 : 0;
        u32 want = cpl > iopl && !rows[row].ok ? FAULT(EXCP_GP, 0) : 0;

        rig_protected(rig, cpl);
        rig_put32(rig, RIG_TSS + 100, 0x68 << 16);
        cpu->tr.limit = 0x68 + 0x10;
        flags_set(cpu, iopl << FL_IOPL_SHIFT);
        ck_assert_msg(rig_fault(rig, help_in, rows[row].port, 0, rows[row].size) == want,
                      "row %u iopl %u", row, iopl);
        if (!want)
            ck_assert_uint_eq(rig->result, (u32)rows[row].port << 8 | rows[row].size);
        last_out = 0;
        ck_assert_uint_eq(rig_fault(rig, help_out, rows[row].port, 0x55, rows[row].size), want);
        ck_assert_uint_eq(last_out, want ? 0 : (u32)rows[row].port << 16 | 0x5500 | rows[row].size);
    }
    rig_protected(rig, 3);
    cpu->tr.limit = 102;
    ck_assert_uint_eq(rig_fault(rig, help_in, 0x60, 0, 1), FAULT(EXCP_GP, 0));
    cpu->tr.limit = 0x78;
    ck_assert_uint_eq(rig_fault(rig, help_in, 0x60, 0, 1), 0);
    cpu->tr.attr = SYS_ATTR(0, DESC_TSS16_BUSY);
    ck_assert_uint_eq(rig_fault(rig, help_in, 0x60, 0, 1), FAULT(EXCP_GP, 0));
    cpu->tr.attr = SYS_ATTR(0, DESC_TSS32_BUSY);
    flags_set(cpu, FL_VM); /* in vm86 IOPL does not count */
    ck_assert_uint_eq(rig_fault(rig, help_in, 0x60, 0, 1), 0);
    flags_set(cpu, FL_VM | FL_IOPL);
    ck_assert_uint_eq(rig_fault(rig, help_in, 0x61, 0, 1), FAULT(EXCP_GP, 0));
}
END_TEST

START_TEST(control_registers)
{
    static const struct {
        u32 reg, value, want, reads;
    } rows[] = {
        {0, CR0_PE, 0, CR0_PE | CR0_ET},
        {0, CR0_PE | 0x1ff8ffc0u, 0, CR0_PE | CR0_ET}, /* reserved bits vanish */
        {0, CR0_PG, FAULT(EXCP_GP, 0), 0},
        {0, CR0_PE | CR0_NW, FAULT(EXCP_GP, 0), 0},
        {0, CR0_PE | CR0_NW | CR0_CD, 0, CR0_PE | CR0_NW | CR0_CD | CR0_ET},
        {2, 0xdeadbeef, 0, 0xdeadbeef},
        {3, 0x5018, 0, 0x5018},
        {4, CR4_PSE | CR4_PAE | CR4_PGE, 0, CR4_PSE | CR4_PAE | CR4_PGE},
        {4, CR4_VME | CR4_PVI, 0, CR4_VME | CR4_PVI},
        {4, CR4_MCE, 0, CR4_MCE},
        {4, CR4_DE, 0, CR4_DE},
        {4, 0x80000000u, FAULT(EXCP_GP, 0), 0},
    };
    struct cpu *cpu = rig->cpu;

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_protected(rig, 0);
        ck_assert_msg(rig_fault(rig, help_cr_write, rows[i].value, 0, rows[i].reg) == rows[i].want,
                      "row %u", i);
        if (!rows[i].want)
            ck_assert_msg(help_cr_read(cpu, 0, 0, rows[i].reg) == rows[i].reads, "row %u", i);
    }
    /* A PDPTE with reserved bits refuses CR3, and paging to be switched on. */
    rig_protected(rig, 0);
    rig_put32(rig, 0x5000, 0x6003);
    ck_assert_uint_eq(rig_fault(rig, help_cr_write, CR4_PAE, 0, 4), 0);
    ck_assert_uint_eq(rig_fault(rig, help_cr_write, 0x5000, 0, 3), 0);
    ck_assert_uint_eq(rig_fault(rig, help_cr_write, CR0_PE | CR0_PG, 0, 0), FAULT(EXCP_GP, 0));
    ck_assert_uint_eq(cpu->cr0 & CR0_PG, 0);
    /* LMSW sets PE and never clears it; the task-switched bit shows in the mode. */
    cpu_reset(cpu);
    ck_assert_uint_eq(rig_fault(rig, help_lmsw, 0xfff9, 0, 0), 0);
    ck_assert_uint_eq(cpu->cr0, CR0_CD | CR0_NW | CR0_ET | CR0_TS | CR0_PE);
    ck_assert_uint_eq(cpu->mode & (MODE_PE | MODE_TS | MODE_FPU_NM),
                      MODE_PE | MODE_TS | MODE_FPU_NM);
    ck_assert_uint_eq(rig_fault(rig, help_lmsw, 0, 0, 0), 0);
    ck_assert_uint_eq(cpu->cr0, CR0_CD | CR0_NW | CR0_ET | CR0_PE);
    cpu->cr0 |= CR0_TS;
    ck_assert_uint_eq(rig_fault(rig, help_clts, 0, 0, 0), 0);
    ck_assert_uint_eq(cpu->mode & (MODE_TS | MODE_FPU_NM), 0);
}
END_TEST

START_TEST(debug_registers)
{
    static const struct {
        u32 reg, value, want, read_reg, reads;
    } rows[] = {
        {0, 0x12345678, 0, 0, 0x12345678},
        {3, 0x87654321, 0, 3, 0x87654321},
        {6, 0, 0, 6, 0xffff0ff0},
        {4, 0xffffffff, 0, 6, 0xffffefff},
        {7, 0, 0, 7, 0x400},
        {5, 0xffff0300, 0, 7, 0xffff0700},
        {7, 0x81, 0, 5, 0x481},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        ck_assert_msg(rig_fault(rig, help_dr_write, rows[i].value, 0, rows[i].reg) == rows[i].want,
                      "row %u", i);
        ck_assert_msg(help_dr_read(rig->cpu, 0, 0, rows[i].read_reg) == rows[i].reads, "row %u", i);
    }
    /* A code breakpoint is armed: IRET keeps RF. */
    ck_assert_uint_ne(rig->cpu->mode & MODE_DEBUG, 0);
    rig_protected(rig, 0);
    put_stack((const u32[]){0x1111, SEL_CODE0, FL_RF}, 3, 4);
    ck_assert_uint_eq(rig_fault(rig, help_iret, 0, 0, 4), 0);
    ck_assert_uint_eq(rig->cpu->eflags & FL_RF, FL_RF);
    /* General detect: nothing is read or written, and DR6 says why. */
    ck_assert_uint_eq(rig_fault(rig, help_dr_write, 0x2000, 0, 7), 0);
    rig->cpu->dr[6] |= 1u << 13;
    ck_assert_uint_eq(rig_fault(rig, help_dr_read, 0, 0, 0), FAULT(EXCP_DB, 0));
    ck_assert_uint_eq(rig_fault(rig, help_dr_write, 0, 0, 7), FAULT(EXCP_DB, 0));
}
END_TEST

START_TEST(push_all)
{
    for (u32 osz = 2; osz <= 4; osz += 2) {
        struct cpu *cpu = rig->cpu;
        u32 before[8], mask = osz_mask(osz);

        rig_protected(rig, 0);
        for (unsigned i = 0; i < 8; i++)
            cpu->r[i] = i == R_ESP ? RIG_ESP0 : 0x11110000u * i + 0x1000 + i;
        memcpy(before, cpu->r, sizeof(before));
        ck_assert_uint_eq(rig_fault(rig, help_pusha, 0, 0, osz), 0);
        ck_assert_uint_eq(cpu->r[R_ESP], RIG_ESP0 - 8 * osz);
        for (unsigned i = 0; i < 8; i++)
            ck_assert_uint_eq(rig_get32(rig, RIG_ESP0 - (i + 1) * osz) & mask, before[i] & mask);
        for (unsigned i = 0; i < 8; i++)
            if (i != R_ESP)
                cpu->r[i] = 0xa5a5a5a5;
        ck_assert_uint_eq(rig_fault(rig, help_popa, 0, 0, osz), 0);
        for (unsigned i = 0; i < 8; i++)
            ck_assert_uint_eq(cpu->r[i],
                              i == R_ESP ? before[i] : (before[i] & mask) | (0xa5a5a5a5 & ~mask));
        cpu->seg[SREG_SS].limit = RIG_ESP0 - 8;
        ck_assert_uint_eq(rig_fault(rig, help_pusha, 0, 0, osz), FAULT(EXCP_SS, 0));
    }
}
END_TEST

START_TEST(enter_levels)
{
    for (u32 level = 0; level < 34; level++) {
        struct cpu *cpu = rig->cpu;
        u32 n = level & 31, esp = RIG_ESP0;

        rig_protected(rig, 0);
        cpu->r[R_EBP] = 0x7000;
        for (u32 i = 1; i < 32; i++)
            rig_put32(rig, 0x7000 - 4 * i, 0x100 + i);
        ck_assert_uint_eq(rig_fault(rig, help_enter, 0x40, level, 4), 0);
        ck_assert_uint_eq(rig_get32(rig, esp -= 4), 0x7000);
        for (u32 i = 1; i < n; i++)
            ck_assert_uint_eq(rig_get32(rig, esp -= 4), 0x100 + i);
        if (n)
            ck_assert_uint_eq(rig_get32(rig, esp -= 4), RIG_ESP0 - 4);
        ck_assert_uint_eq(cpu->r[R_EBP], RIG_ESP0 - 4);
        ck_assert_uint_eq(cpu->r[R_ESP], esp - 0x40);
    }
    rig_protected(rig, 0);
    seg_set(rig->cpu, SREG_SS, 0x10, 0, 0x4fff, DATA_ATTR(0) | SEG_EXPDOWN | SEG_DB);
    rig->cpu->r[R_ESP] = 0x5040;
    ck_assert_uint_eq(rig_fault(rig, help_enter, 0x40, 0, 4), FAULT(EXCP_SS, 0));
    ck_assert_uint_eq(rig_fault(rig, help_enter, 0x3c, 0, 4), 0);
}
END_TEST

START_TEST(bounds)
{
    static const struct {
        u32 osz, index;
        bool ok;
    } rows[] = {{4, 0xfffffffe, true}, {4, 0xfffffffd, false}, {4, 5, true},       {4, 6, false},
                {2, 0x1fffe, true},    {2, 0xfffd, false},     {2, 0xf0005, true}, {2, 6, false}};

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_put32(rig, 0x5000, rows[i].osz == 4 ? 0xfffffffe : 0x0005fffe);
        rig_put32(rig, 0x5004, 5);
        ck_assert_msg(rig_fault(rig, help_bound, 0x5000, rows[i].index,
                                SREG_DS | rows[i].osz << 8) == (rows[i].ok ? 0 : FAULT(EXCP_BR, 0)),
                      "row %u", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sys");
    TCase *tc = tcase_create("system");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, flag_images);
    tcase_add_test(tc, interrupt_flag);
    tcase_add_test(tc, ports);
    tcase_add_test(tc, control_registers);
    tcase_add_test(tc, debug_registers);
    tcase_add_test(tc, push_all);
    tcase_add_test(tc, enter_levels);
    tcase_add_test(tc, bounds);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
