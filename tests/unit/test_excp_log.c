/* The lines of `-d int` and `-d fault`: each source of an interrupt by its own name, in each mode. */
#include "tests/unit/cpurig.h"

#define NONE 0x100u /* a fault without an error code */

static const char *irq_name(void *opaque)
{
    (void)opaque;
    return "IRQ 6";
}

static struct rig *rig;
static char *text;
static size_t text_len;

static void setup(void)
{
    static const struct cpu_hooks hooks = {.irq_name = irq_name};

    rig = rig_new("pentium3", &hooks);
    rig->log.out = open_memstream(&text, &text_len);
    ck_assert_ptr_nonnull(rig->log.out);
}

static void teardown(void)
{
    fclose(rig->log.out);
    free(text);
    rig_free(rig);
}

enum mode { REAL, VM86, USER, KERNEL };

/* At CS:EIP of that mode, with ESP 8000 or, at CPL 3, a000. Every vector has a gate that lets CPL 3 in. */
static void enter(enum mode mode)
{
    struct cpu *cpu = rig->cpu;

    if (mode == REAL) {
        cpu_reset(cpu);
        cpu->r[R_ESP] = RIG_ESP0;
        cpu->eip = 0x4000;
        return;
    }
    rig_protected(rig, mode == KERNEL ? 0 : 3);
    rig_put32(rig, RIG_TSS + 4, RIG_ESP0);
    rig_put32(rig, RIG_TSS + 8, SEL_DATA0);
    for (unsigned i = 0; i < 256; i++)
        rig_gate(rig, RIG_IDT + i * 8, SEL_CODE0, 0x5000, SYS_ATTR(3, DESC_INT32));
    if (mode == VM86) {
        cpu->eflags = FL_ONE | FL_VM | FL_IOPL;
        for (unsigned s = 0; s < SREG_COUNT; s++)
            seg_set(cpu, (enum sreg)s, 0, 0, 0xffff, ATTR_VM86);
        cpu_update_mode(cpu);
    }
}

static const struct {
    enum mode mode;
    enum excp_source source;
    u8 vector;
    u32 error;
    const char *line;
} cases[] = {
    /* Before the interrupt controllers are moved, IRQs and BIOS services share numbers with exceptions. */
    {REAL, EXCP_BY_IRQ, 0x0e, 0,
     "int: 0e IRQ 6 from f000:00004000 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_INT, 0x13, 0,
     "int: 13 INT 13h from f000:00004002 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_INT, 0x08, 0,
     "int: 08 INT 08h from f000:00004002 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_CPU, EXCP_GP, 0x18,
     "int: 0d #GP from f000:00004000 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_CPU, EXCP_DE, NONE,
     "int: 00 #DE from f000:00004000 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_INT, 3, 0,
     "int: 03 INT 03h from f000:00004002 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_INT3, 3, 0,
     "int: 03 INT3 from f000:00004002 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_INTO, 4, 0,
     "int: 04 INTO from f000:00004002 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_ICEBP, 1, 0,
     "int: 01 ICEBP from f000:00004002 real mode ESP 00008000 EFLAGS 00000002"},
    {REAL, EXCP_BY_NMI, 2, 0,
     "int: 02 NMI from f000:00004000 real mode ESP 00008000 EFLAGS 00000002"},
    /* In vm86 an exception has its error code: the handler is a protected-mode one. INT n has none. */
    {VM86, EXCP_BY_INT, 0x0d, 0,
     "int: 0d INT 0dh from 0000:00004002 vm86 ESP 0000a000 EFLAGS 00023002"},
    {VM86, EXCP_BY_CPU, EXCP_GP, 0,
     "int: 0d #GP error 0000 from 0000:00004000 vm86 ESP 0000a000 EFLAGS 00023002"},
    {VM86, EXCP_BY_IRQ, 0x0d, 0,
     "int: 0d IRQ 6 from 0000:00004000 vm86 ESP 0000a000 EFLAGS 00023002"},
    {USER, EXCP_BY_INT, 0x80, 0,
     "int: 80 INT 80h from 001b:00004002 CPL 3 ESP 0000a000 EFLAGS 00000002"},
    {USER, EXCP_BY_CPU, EXCP_UD, NONE,
     "int: 06 #UD from 001b:00004000 CPL 3 ESP 0000a000 EFLAGS 00000002"},
    {USER, EXCP_BY_CPU, EXCP_PF, 6,
     "int: 0e #PF error 0006 from 001b:00004000 CPL 3 ESP 0000a000 EFLAGS 00000002 CR2 12345678"},
    {KERNEL, EXCP_BY_CPU, EXCP_NP, 0x32,
     "int: 0b #NP error 0032 from 0008:00004000 CPL 0 ESP 00008000 EFLAGS 00000002"},
    {KERNEL, EXCP_BY_CPU, EXCP_DF, 0,
     "int: 08 #DF error 0000 from 0008:00004000 CPL 0 ESP 00008000 EFLAGS 00000002"},
    {KERNEL, EXCP_BY_IRQ, 0x26, 0,
     "int: 26 IRQ 6 from 0008:00004000 CPL 0 ESP 00008000 EFLAGS 00000002"},
    /* Vector 2 of an interrupt controller is no NMI. */
    {KERNEL, EXCP_BY_IRQ, 2, 0,
     "int: 02 IRQ 6 from 0008:00004000 CPL 0 ESP 00008000 EFLAGS 00000002"},
};

static void deliver(unsigned i)
{
    struct cpu *cpu = rig->cpu;

    cpu->nmi_blocked = false;
    switch (cases[i].source) {
    case EXCP_BY_IRQ: cpu_deliver_irq(cpu, cases[i].vector); break;
    case EXCP_BY_NMI: cpu_deliver_nmi(cpu); break;
    case EXCP_BY_CPU:
        cpu->fault.vector = cases[i].vector;
        cpu->fault.has_error = cases[i].error != NONE;
        cpu->fault.error = cases[i].error;
        cpu->fault.cr2 = 0x12345678;
        ck_assert(cpu_deliver_fault(cpu));
        break;
    default: cpu_deliver_soft(cpu, cases[i].vector, 0x4002, cases[i].source); break;
    }
    ck_assert_uint_eq(cpu->nmi_blocked, cases[i].source == EXCP_BY_NMI);
}

START_TEST(deliveries)
{
    enter(cases[_i].mode);
    deliver((unsigned)_i); /* off: nothing is said */
    fflush(rig->log.out);
    ck_assert_uint_eq(text_len, 0);

    enter(cases[_i].mode);
    rig->log.mask = LOG_int;
    deliver((unsigned)_i);
    fflush(rig->log.out);
    ck_assert_uint_gt(text_len, 0);
    text[text_len - 1] = '\0'; /* the newline */
    ck_assert_str_eq(text, cases[_i].line);
}
END_TEST

static const struct {
    enum mode mode;
    helper_fn *fn;
    u32 a, b, c;
    const char *line;
} faults[] = {
    {REAL, help_raise, EXCP_UD, 0, 0, "fault: #UD CS f000 real mode: invalid opcode\n"},
    {USER, help_raise, EXCP_NM, 0, 0,
     "fault: #NM CS 001b CPL 3: no math unit: CR0.EM or CR0.TS is set\n"},
    {USER, help_raise, EXCP_GP, 1, 0,
     "fault: #GP error 0000 CS 001b CPL 3: privileged instruction\n"},
    {KERNEL, help_div32, 0, 0, 0, "fault: #DE CS 0008 CPL 0: divide error\n"},
    {VM86, help_jmp_far, 0x10000, 0, 4,
     "fault: #GP error 0000 CS 0000 vm86: EIP 00010000 beyond code limit 0000ffff\n"},
};

START_TEST(fault_lines)
{
    enter(faults[_i].mode);
    rig->log.mask = LOG_fault;
    ck_assert_int_ge(rig_catch(rig, faults[_i].fn, faults[_i].a, faults[_i].b, faults[_i].c), 0);
    fflush(rig->log.out);
    ck_assert_str_eq(text, faults[_i].line);
}
END_TEST

/* What is in memory behind a fault. TSS 60h has its registers at 3800h, and CS 10h, which is data. */
#define TSS2 0x3800u

static void put_memory(void)
{
    struct cpu *cpu = rig->cpu;

    rig_desc(rig, RIG_GDT, SEL_TEST, TSS2, 0x67, SYS_ATTR(0, DESC_TSS32));
    rig_desc(rig, RIG_GDT, SEL_TEST2, 0x12345678, 0xfffff, DATA_ATTR(0) & ~SEG_P);
    rig_put32(rig, TSS2 + 0x1c, 0x9000);
    rig_put32(rig, TSS2 + 0x20, 0x4444);
    rig_put32(rig, TSS2 + 0x24, 0x202);
    rig_put32(rig, TSS2 + 0x38, 0x7700);
    for (unsigned i = 0; i < SREG_COUNT; i++)
        rig_put32(rig, TSS2 + 0x48 + i * 4, SEL_DATA0);
    rig_put32(rig, RIG_TSS, 0x5a);
    cpu->eip = 0x4004;
}

static u32 load_ds(struct cpu *cpu, u32 sel, u32 b, u32 c)
{
    (void)b, (void)c;
    seg_load(cpu, SREG_DS, (u16)sel);
    return 0;
}

static u32 store_beyond(struct cpu *cpu, u32 ea, u32 b, u32 c)
{
    (void)b, (void)c;
    seg_set(cpu, SREG_ES, SEL_DATA0, 0x100, 0xfff, DATA_ATTR(0));
    seg_store32(cpu, SREG_ES, ea, 0);
    return 0;
}

/* b: CR4; the tables lie at 9000h and a000h, and la is 403abch. */
static u32 store_paged(struct cpu *cpu, u32 entry, u32 cr4, u32 c)
{
    (void)c;
    rig_put32(rig, 0x9000, 0xb001); /* a PDPTE, or the directory's first */
    rig_put32(rig, 0x9004, cr4 & CR4_PAE ? 0 : entry);
    rig_put32(rig, 0xb010, entry);
    rig_put32(rig, 0xb014, 0x80000000);
    rig_put32(rig, 0xa00c, 0xabc00);
    cpu->cr0 |= CR0_PG;
    cpu->cr4 |= cr4;
    cpu->cr3 = 0x9000;
    ck_assert(mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true));
    lin_store(cpu, 0x403abc, 0, 4, true);
    return 0;
}

static u32 jump_small(struct cpu *cpu, u32 a, u32 b, u32 c)
{
    rig_desc(rig, RIG_GDT, SEL_TEST, TSS2, 0x66, SYS_ATTR(0, DESC_TSS32));
    return help_jmp_far(cpu, a, b, c);
}

static const struct {
    helper_fn *fn;
    u32 a, b, c;
    const char *lines;
} memories[] = {
    {load_ds, SEL_TEST2, 0, 0,
     "fault: #NP error 0068 CS 0008 CPL 0: data segment: selector 0068 not present: "
     "GDT entry at 00001068 has 120f1334 5678ffff\n"},
    {load_ds, 0x70, 0, 0,
     "fault: #GP error 0070 CS 0008 CPL 0: data segment: selector 0070 beyond its table: "
     "GDT has base 00001000 limit 0000006f\n"},
    {load_ds, 0x0c, 0, 0,
     "fault: #GP error 000c CS 0008 CPL 0: data segment: selector 000c (00000000) is not readable: "
     "LDT entry at 00001808 has 00000000 00000000\n"},
    {store_beyond, 0xffd, 0, 0,
     "fault: #GP error 0000 CS 0008 CPL 0: beyond the limit: selector 0010 base 00000100 limit "
     "00000fff rights 000093 offset 00000ffd length 4\n"},
    {store_paged, 0, 0, 0,
     "fault: #PF error 0006 CS 0008 CPL 0: write of linear 00403abc by user: not present: "
     "PDE at 00009004 has 00000000\n"},
    {store_paged, 0xa007, 0, 0,
     "fault: #PF error 0006 CS 0008 CPL 0: write of linear 00403abc by user: not present: "
     "PDE at 00009004 has 0000a007, PTE at 0000a00c has 000abc00\n"},
    {store_paged, 0x00201087, CR4_PSE, 0,
     "fault: #PF error 000f CS 0008 CPL 0: write of linear 00403abc by user: reserved bit set: "
     "PDE at 00009004 has 00201087\n"},
    {store_paged, 0xa007, CR4_PAE, 0,
     "fault: #PF error 000f CS 0008 CPL 0: write of linear 00403abc by user: reserved bit set: "
     "PDPTE at 00009000 has 000000000000b001, PDE at 0000b010 has 800000000000a007\n"},
    {help_jmp_far, 0, SEL_TEST, 0x4004,
     "fault: #TS error 0010 CS 0010 CPL 0: new task: CS 0010 is no code: "
     "GDT entry at 00001010 has 00cf9300 0000ffff\n"
     "fault: task switch from TSS 0028 (00008900 30000067) base 00003000 limit 00000067: link 005a "
     "CS:EIP 0008:00004004 SS:ESP 0010:00008000 EFLAGS 00000002 CR3 00000000 LDT 0000\n"
     "fault: task switch to TSS 0060 (00008b00 38000067) base 00003800 limit 00000067: link 0000 "
     "CS:EIP 0010:00004444 SS:ESP 0010:00007700 EFLAGS 00000202 CR3 00009000 LDT 0000\n"},
    {jump_small, 0, SEL_TEST, 0x4004,
     "fault: #TS error 0060 CS 0008 CPL 0: task switch: limit 66 of TSS 0060 is too small: "
     "GDT entry at 00001060 has 00008900 38000066\n"
     "fault: task switch from TSS 0028 (00008b00 30000067) base 00003000 limit 00000067: link 005a "
     "CS:EIP 0000:00000000 SS:ESP 0000:00000000 EFLAGS 00000000 CR3 00000000 LDT 0000\n"
     "fault: task switch to TSS 0060 (00008900 38000066) base 00003800 limit 00000066: link 0000 "
     "CS:EIP 0010:00004444 SS:ESP 0010:00007700 EFLAGS 00000202 CR3 00009000 LDT 0000\n"},
};

START_TEST(memory_lines)
{
    enter(KERNEL);
    put_memory();
    rig->log.mask = LOG_fault;
    ck_assert_int_ge(
        rig_catch(rig, memories[_i].fn, memories[_i].a, memories[_i].b, memories[_i].c), 0);
    fflush(rig->log.out);
    ck_assert_str_eq(text, memories[_i].lines);

    /* Said once: the next fault is nobody's switch. */
    ck_assert_int_ge(rig_catch(rig, help_raise, EXCP_UD, 0, 0), 0);
    fflush(rig->log.out);
    ck_assert_ptr_null(strstr(text + strlen(memories[_i].lines), "task switch"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("excp_log");
    TCase *tc = tcase_create("lines");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, deliveries, 0, ARRAY_SIZE(cases));
    tcase_add_loop_test(tc, fault_lines, 0, ARRAY_SIZE(faults));
    tcase_add_loop_test(tc, memory_lines, 0, ARRAY_SIZE(memories));
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
