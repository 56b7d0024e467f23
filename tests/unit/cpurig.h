/* A CPU with 64 KiB of RAM, descriptor tables and a TSS in it, for tests of the cpu layer.
 *
 * rig_call() runs one helper and catches what it raises; after a fault it insists that registers
 * and memory are as they were before, which is the contract of every helper. */
#ifndef PAGEWALK_TESTS_CPURIG_H
#define PAGEWALK_TESTS_CPURIG_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/helper.h"
#include "cpu/sys.h"

#define RIG_RAM  0x10000u
#define RIG_GDT  0x1000u
#define RIG_LDT  0x1800u
#define RIG_IDT  0x2000u
#define RIG_TSS  0x3000u
#define RIG_ESP0 0x8000u
#define RIG_ESP1 0x9000u
#define RIG_ESP3 0xa000u

/* Selectors of the rig's GDT. */
enum {
    SEL_CODE0 = 0x08,
    SEL_DATA0 = 0x10,
    SEL_CODE3 = 0x18,
    SEL_DATA3 = 0x20,
    SEL_TSS = 0x28,
    SEL_CONF0 = 0x30,
    SEL_CODE1 = 0x38,
    SEL_DATA1 = 0x40,
    SEL_CODE16 = 0x48,
    SEL_STACK16 = 0x50,
    SEL_LDT = 0x58,
    SEL_TEST = 0x60,
    SEL_TEST2 = 0x68,
    RIG_GDT_LIMIT = 0x6f,
};

#define NO_FAULT -1

struct rig {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
    u32 result;
};

static inline void rig_put32(struct rig *rig, u32 pa, u32 value)
{
    phys_poke(&rig->phys, pa, &value, 4);
}

static inline u32 rig_get32(struct rig *rig, u32 pa)
{
    u32 value;

    phys_read(&rig->phys, pa, &value, 4);
    return value;
}

static inline u32 rig_get16(struct rig *rig, u32 pa)
{
    u16 value;

    phys_read(&rig->phys, pa, &value, 2);
    return value;
}

/* A segment or system descriptor; attr as in the high dword, limit in units of attr's G. */
static inline void rig_desc(struct rig *rig, u32 table, u16 sel, u32 base, u32 limit, u32 attr)
{
    u32 at = table + (sel & ~7u);

    rig_put32(rig, at, base << 16 | (limit & 0xffff));
    rig_put32(rig, at + 4, (base & 0xff000000u) | (base >> 16 & 0xff) | (limit & 0xf0000) | attr);
}

/* A gate: attr holds P, DPL, type and the count of parameters. */
static inline void rig_gate(struct rig *rig, u32 at, u16 sel, u32 offset, u32 attr)
{
    rig_put32(rig, at, (u32)sel << 16 | (offset & 0xffff));
    rig_put32(rig, at + 4, (offset & 0xffff0000u) | attr);
}

/* P, DPL and type of a gate or system descriptor. */
#define SYS_ATTR(dpl, type) (SEG_P | (u32)(dpl) << SEG_DPL_SHIFT | (u32)(type) << SEG_TYPE_SHIFT)
#define DATA_ATTR(dpl)      (SEG_P | SEG_S | SEG_W | SEG_ACCESSED | (u32)(dpl) << SEG_DPL_SHIFT)
#define CODE_ATTR(dpl)      (DATA_ATTR(dpl) | SEG_CODE)
#define FLAT                (SEG_G | SEG_DB)

static inline void rig_tables(struct rig *rig)
{
    rig_desc(rig, RIG_GDT, SEL_CODE0, 0, 0xfffff, CODE_ATTR(0) | FLAT);
    rig_desc(rig, RIG_GDT, SEL_DATA0, 0, 0xfffff, DATA_ATTR(0) | FLAT);
    rig_desc(rig, RIG_GDT, SEL_CODE3, 0, 0xfffff, CODE_ATTR(3) | FLAT);
    rig_desc(rig, RIG_GDT, SEL_DATA3, 0, 0xfffff, DATA_ATTR(3) | FLAT);
    rig_desc(rig, RIG_GDT, SEL_TSS, RIG_TSS, 0x67, SYS_ATTR(0, DESC_TSS32_BUSY));
    rig_desc(rig, RIG_GDT, SEL_CONF0, 0, 0xfffff, CODE_ATTR(0) | SEG_CONFORM | FLAT);
    rig_desc(rig, RIG_GDT, SEL_CODE1, 0, 0xfffff, CODE_ATTR(1) | FLAT);
    rig_desc(rig, RIG_GDT, SEL_DATA1, 0, 0xfffff, DATA_ATTR(1) | FLAT);
    rig_desc(rig, RIG_GDT, SEL_CODE16, 0, 0xffff, CODE_ATTR(0));
    rig_desc(rig, RIG_GDT, SEL_STACK16, 0, 0xffff, DATA_ATTR(0));
    rig_desc(rig, RIG_GDT, SEL_LDT, RIG_LDT, 0x1f, SYS_ATTR(0, DESC_LDT));
    rig_put32(rig, RIG_TSS + 4, RIG_ESP0);
    rig_put32(rig, RIG_TSS + 8, SEL_DATA0);
    rig_put32(rig, RIG_TSS + 12, RIG_ESP1);
    rig_put32(rig, RIG_TSS + 16, SEL_DATA1 | 1);
}

/* Protected mode without paging at CPL cpl with flat segments, the stack at the level's ESP. */
static inline void rig_protected(struct rig *rig, unsigned cpl)
{
    static const u16 code[4] = {SEL_CODE0, SEL_CODE1 | 1, 0, SEL_CODE3 | 3};
    static const u16 data[4] = {SEL_DATA0, SEL_DATA1 | 1, 0, SEL_DATA3 | 3};
    static const u32 esp[4] = {RIG_ESP0, RIG_ESP1, 0, RIG_ESP3};
    struct cpu *cpu = rig->cpu;

    rig_tables(rig);
    cpu->cr0 = CR0_PE | CR0_ET;
    cpu->gdtr = (struct dtable){RIG_GDT, RIG_GDT_LIMIT};
    cpu->idtr = (struct dtable){RIG_IDT, 0x7ff};
    cpu->ldtr = (struct sysseg){SEL_LDT, RIG_LDT, 0x1f, SYS_ATTR(0, DESC_LDT)};
    cpu->tr = (struct sysseg){SEL_TSS, RIG_TSS, 0x67, SYS_ATTR(0, DESC_TSS32_BUSY)};
    cpu->cpl = (u8)cpl;
    for (unsigned s = 0; s < SREG_COUNT; s++)
        seg_set(cpu, (enum sreg)s, data[cpl], 0, 0xffffffffu, DATA_ATTR(cpl) | FLAT);
    seg_set(cpu, SREG_CS, code[cpl], 0, 0xffffffffu, CODE_ATTR(cpl) | FLAT);
    cpu->r[R_ESP] = esp[cpl];
    cpu->eip = 0x4000;
    cpu->eflags = FL_ONE;
    cpu->lazy.op = LAZY_NONE;
    cpu->delivering = -1;
    cpu_update_mode(cpu);
}

static inline struct rig *rig_new(const char *model, const struct cpu_hooks *hooks)
{
    static const struct cpu_hooks none;
    struct rig *rig = calloc(1, sizeof(*rig));

    ck_assert_ptr_nonnull(rig);
    rig->log.out = stderr;
    ck_assert_int_eq(phys_init(&rig->phys, RIG_RAM, &rig->log, &rig->stats), 0);
    ck_assert_int_eq(phys_add_ram(&rig->phys, 0, RIG_RAM), 0);
    rig->cpu =
        cpu_new(&rig->phys, cpu_model_find(model), hooks ? hooks : &none, &rig->log, &rig->stats);
    ck_assert_ptr_nonnull(rig->cpu);
    return rig;
}

static inline void rig_free(struct rig *rig)
{
    cpu_free(rig->cpu);
    phys_free(&rig->phys);
    free(rig);
}

static inline u64 rig_ram_hash(struct rig *rig)
{
    u64 hash = 1469598103934665603ull;

    for (u32 pa = 0; pa < RIG_RAM; pa += 8)
        hash = (hash ^ get64(phys_host(&rig->phys, pa))) * 1099511628211ull;
    return hash;
}

/* Not inlined: a setjmp buffer must not be used by the function that jumps. */
static noinline int rig_catch(struct rig *rig, helper_fn *fn, u32 a, u32 b, u32 c)
{
    struct cpu *cpu = rig->cpu;

    cpu->fault.vector = -1;
    if (__builtin_setjmp(cpu->unwind))
        return rig->cpu->fault.vector;
    rig->result = fn(cpu, a, b, c);
    return NO_FAULT;
}

/* Runs a helper: NO_FAULT or the vector raised (error code in cpu->fault.error). */
static inline int rig_call(struct rig *rig, helper_fn *fn, u32 a, u32 b, u32 c)
{
    u64 digest = cpu_digest(rig->cpu), ram = rig_ram_hash(rig);
    int vector = rig_catch(rig, fn, a, b, c);

    if (vector != NO_FAULT) {
        ck_assert_msg(cpu_digest(rig->cpu) == digest, "registers changed before vector %d", vector);
        ck_assert_msg(rig_ram_hash(rig) == ram, "memory changed before vector %d", vector);
    }
    return vector;
}

/* The vector and error code as one number for tables: vector << 16 | error; 0 for no fault. */
#define FAULT(vector, error) ((u32)(vector) << 16 | (u32)(error))

static inline u32 rig_fault(struct rig *rig, helper_fn *fn, u32 a, u32 b, u32 c)
{
    int vector = rig_call(rig, fn, a, b, c);

    if (vector == NO_FAULT)
        return 0;
    return FAULT(vector, rig->cpu->fault.has_error ? rig->cpu->fault.error : 0);
}

/* Adapters that give the delivery functions a helper's shape. */
static inline u32 rig_irq(struct cpu *cpu, u32 a, u32 b, u32 c)
{
    (void)b, (void)c;
    cpu_deliver_irq(cpu, (u8)a);
    return 0;
}

/* a: vector; b: error code | 0x10000 when it has one. */
static inline u32 rig_deliver(struct cpu *cpu, u32 a, u32 b, u32 c)
{
    (void)c;
    cpu->fault.vector = (int)a;
    cpu->fault.has_error = b >> 16;
    cpu->fault.error = b & 0xffff;
    return cpu_deliver_fault(cpu);
}

static inline int rig_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
