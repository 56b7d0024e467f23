/* What memory and registers hold at the start of a row of paging_rows.def. */
#ifndef PAGEWALK_TEST_PAGING_SETUP_H
#define PAGEWALK_TEST_PAGING_SETUP_H

#include "cpu/flags.h"
#include "tests/unit/paging_rig.h"

enum row_kind {
    USER,
    USER16,
    VM86,
    RING1,        /* level 1, its stack in INNER */
    KERNEL,       /* level 0, its stack always there */
    KERNEL_STACK, /* level 0, the stack's upper part in KSTACK's upper page */
};

enum row_setup {
    NOTHING,        /* memory is random */
    ALL_SAME,       /* DATA and SOURCE are 5Ah throughout */
    MEMORY_END,     /* what follows is the address of the row's end: at EDI, */
    STACK_END,      /* and at ESP */
    STACK_FLAGS,    /* an image of EFLAGS */
    STACK_RETF,     /* a far return's frame to the same level */
    STACK_IRET,     /* an interrupt's */
    OUTER_RETF,     /* the same to level 3 */
    OUTER_RETF_POP, /* with 8 bytes of parameters */
    OUTER_IRET,
    VM86_IRET,
    BOUNDS,         /* what every number is within */
    PORTS,          /* EDX is a port, and the TSS's bitmap crosses the border */
    POINTER_DATA,   /* a far pointer at EDI: to TEST_DATA, */
    POINTER_CODE,   /* to the row's end by TEST_CODE, */
    IMMEDIATE_CODE, /* the same as the instruction's immediate, */
    POINTER_LDT,    /* to TEST_LDT_DATA, */
    POINTER_VM86,   /* to the row's end */
    TEST_DATA,      /* the descriptor TEST_SEL: not accessed yet */
    TEST_DATA0,     /* of level 0 */
    TEST_CODE,
    TEST_LDT_DATA, /* LDT_SEL */
    TEST_LDT,
    TEST_TSS,
    CALL_GATE, /* to level 1 with parameters */
    CALL_GATE16,
    CALL_GATE3, /* to the same level */
    INT_GATE,   /* of vector TEST_VECTOR, to level 1 */
    INT_GATE16,
    TRAP_GATE,
    TASK32, /* TEST_SEL: a TSS in TASK */
    TASK16,
    TASK_GATE, /* TEST_VECTOR leads there */
    TASK_LINK, /* the back link leads there */
    TABLE_GDT, /* GDTR's image at EDI */
    TABLE_IDT,
    MACHINE_STATUS,
    X87_CONTROL, /* an environment's control word */
    FXSTATE,
    MXCSR,
    MASK_NONE, /* MM5 and XMM5 */
    MASK_ALL,
};

#define R_PAIR  1u  /* two operands: their shifts are combined */
#define R_REP   2u  /* the instruction after the setup has iterations */
#define R_LOOSE 4u  /* accesses begin elsewhere than at EDI */
#define R_MIXED 8u  /* reads first what it writes later */
#define R_BY16  16u /* aligned */

/* More segments, that only setups use. */
enum {
    CODE0_BASED = 0x50, /* base AREA16 */
    CODE1_BASED = 0x58 | 1,
    STACK16 = 0x60,
};

/* A row with its operands in their places. */
struct trial {
    const char *text;
    const u8 *code;
    u32 len; /* of code, with `int $0x20` */
    enum row_kind kind;
    enum row_setup setup;
    unsigned flags;
    i32 shift, second; /* of EDI, and of ESI and ESP */
    u32 start, end;    /* linear addresses of the code, and of `int $0x20` */
    u32 gdt, idt, tss, ldt, task;
};

/* What is subtracted from a linear address to get an offset in the row's segments. */
static inline u32 trial_base(const struct trial *t)
{
    return t->kind == USER16 ? AREA16 : t->kind == VM86 ? VM86_SEG << 4 : 0;
}

static inline u32 trial_operand(const struct trial *t)
{
    return areas[DATA].border + (u32)t->shift;
}

static inline u32 trial_esp(const struct trial *t)
{
    static const enum area stack[] = {STACK, STACK, STACK, INNER};

    if (t->kind == KERNEL)
        return STACK0;
    if (t->kind == KERNEL_STACK)
        return areas[KSTACK].border - 1 - (u32)abs(t->second);
    return areas[stack[t->kind]].border + (u32)t->second;
}

static inline void setup_tables(const struct trial *t, u8 (*image)[PAGE_SIZE])
{
    static const struct {
        u16 sel;
        u32 base, limit, attr;
    } segments[] = {
        {CODE0, 0, 0xfffff, CODE_ATTR(0) | FLAT},
        {DATA0, 0, 0xfffff, DATA_ATTR(0) | FLAT},
        {CODE1, 0, 0xfffff, CODE_ATTR(1) | FLAT},
        {DATA1, 0, 0xfffff, DATA_ATTR(1) | FLAT},
        {CODE3, 0, 0xfffff, CODE_ATTR(3) | FLAT},
        {DATA3, 0, 0xfffff, DATA_ATTR(3) | FLAT},
        {CODE16, AREA16, 0xffff, CODE_ATTR(3)},
        {DATA16, AREA16, 0xffff, DATA_ATTR(3)},
        {CODE0_BASED, AREA16, 0xfffff, CODE_ATTR(0) | FLAT},
        {CODE1_BASED, AREA16, 0xfffff, CODE_ATTR(1) | FLAT},
        {STACK16, 0, 0xffff, DATA_ATTR(0)},
    };

    image_gate(image, t->gdt, 0, 0, 0);
    image_gate(image, t->gdt + TEST_SEL, 0, 0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(segments); i++)
        image_desc(image, t->gdt + (segments[i].sel & ~7u), segments[i].base, segments[i].limit,
                   segments[i].attr);
    image_desc(image, t->gdt + TSS_SEL, t->tss, TSS_LIMIT, SYS_ATTR(0, DESC_TSS32_BUSY));
    for (u32 v = 0; v < TEST_VECTOR; v++)
        image_gate(image, t->idt + 8 * v, CODE0, HANDLERS + 16 * v, SYS_ATTR(3, DESC_INT32));
    for (u32 at = 0; at <= TSS_LIMIT; at++)
        image_put(image, t->tss + at, "", 1);
    image_put32(image, t->tss + 4, STACK0);
    image_put32(image, t->tss + 8, DATA0);
    image_put32(image, t->tss + 12, areas[INNER].border + (u32)t->second);
    image_put32(image, t->tss + 16, DATA1);
    image_put32(image, t->tss + TSS_IO_BASE - 2, TSS_BITMAP << 16);
}

static inline void put_items(u8 (*image)[PAGE_SIZE], u32 la, const u32 *item, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        image_put32(image, la + 4 * i, item[i]);
}
#define PUT_ITEMS(image, la, ...)                                                                  \
    put_items(image, la, (const u32[]){__VA_ARGS__}, ARRAY_SIZE(((const u32[]){__VA_ARGS__})))

/* The TSS of the task to switch to, whose first instruction is the row's end. */
static inline void setup_task(const struct trial *t, u8 (*image)[PAGE_SIZE], unsigned type)
{
    u32 test = t->gdt + TEST_SEL;

    image_desc(image, test, t->task, type & 8 ? 0x67 : 0x2b, SYS_ATTR(3, type));
    if (type & 8) {
        PUT_ITEMS(image, t->task + 4, STACK0, DATA0);
        PUT_ITEMS(image, t->task + 0x1c, PAGE_DIR, t->end, FL_ONE | FL_ZF, 1, 2, 3, 4,
                  STACK0 - 0x100, 6, 7, 8, DATA0, CODE0, DATA0, DATA3, DATA1, 0, 0, 0);
    } else {
        PUT_ITEMS(image, t->task + 0xe, ((t->end - AREA16) & 0xffff) | (FL_ONE | FL_ZF) << 16,
                  0x20001, 0x40003, (STACK0 - 0x100) | 6 << 16, 0x80007, DATA0 | CODE0_BASED << 16,
                  STACK16 | DATA3 << 16);
        PUT_ITEMS(image, t->task + 0x2a, 0);
    }
}

#define FLAGS_IMAGE (FL_ONE | FL_ARITH)

static inline void setup_stack(const struct trial *t, u8 (*image)[PAGE_SIZE])
{
    u32 esp = trial_esp(t), end = t->end - trial_base(t);
    u32 outer = areas[STACK].border + (u32)t->second;

    switch ((int)t->setup) {
    case STACK_END: PUT_ITEMS(image, esp, end); break;
    case STACK_FLAGS: PUT_ITEMS(image, esp, FLAGS_IMAGE); break;
    case STACK_RETF: PUT_ITEMS(image, esp, end, CODE3); break;
    case STACK_IRET: PUT_ITEMS(image, esp, end, CODE3, FLAGS_IMAGE); break;
    case OUTER_RETF: PUT_ITEMS(image, esp, end, CODE3, outer, DATA3); break;
    case OUTER_RETF_POP: PUT_ITEMS(image, esp, end, CODE3, 1, 2, outer, DATA3); break;
    case OUTER_IRET: PUT_ITEMS(image, esp, end, CODE3, FLAGS_IMAGE, outer, DATA3); break;
    case VM86_IRET:
        PUT_ITEMS(image, esp, t->end - (VM86_SEG << 4), VM86_SEG, FLAGS_IMAGE | FL_VM | FL_IOPL,
                  outer - (VM86_SEG << 4), VM86_SEG, 1, 2, 3, 4);
        break;
    }
}

static inline void setup_operand(const struct trial *t, u8 (*image)[PAGE_SIZE])
{
    u32 la = trial_operand(t), end = t->end - trial_base(t);

    switch ((int)t->setup) {
    case ALL_SAME:
        for (enum area a = DATA; a <= SOURCE; a++)
            memset(image[2 * a], 0x5a, 2 * PAGE_SIZE);
        break;
    case MEMORY_END: PUT_ITEMS(image, la, end); break;
    case BOUNDS:
        if (strstr(t->text, "%ax"))
            PUT_ITEMS(image, la, 0x7fff8000);
        else
            PUT_ITEMS(image, la, 0x80000000, 0x7fffffff);
        break;
    case POINTER_DATA: PUT_ITEMS(image, la, 0x12345678, TEST_SEL | 3); break;
    case POINTER_LDT: PUT_ITEMS(image, la, 0x12345678, LDT_SEL); break;
    case POINTER_CODE: PUT_ITEMS(image, la, end, TEST_SEL | 3); break;
    case IMMEDIATE_CODE: PUT_ITEMS(image, t->end - 6, end); break;
    case POINTER_VM86: PUT_ITEMS(image, la, (end & 0xffff) | VM86_SEG << 16); break;
    case TABLE_GDT: PUT_ITEMS(image, la, GDT_LIMIT | t->gdt << 16, t->gdt >> 16); break;
    case TABLE_IDT: PUT_ITEMS(image, la, 0x187 | t->idt << 16, t->idt >> 16); break;
    case MACHINE_STATUS: PUT_ITEMS(image, la, 0x000b); break;
    case X87_CONTROL: image_put(image, la, "\x7f\x03", 2); break;
    case MXCSR: PUT_ITEMS(image, la, 0x1fa0); break;
    case FXSTATE:
        image_put(image, la, "\x7f\x03", 2);
        PUT_ITEMS(image, la + 24, 0x1f80);
        break;
    }
}

static inline void setup_descriptor(const struct trial *t, u8 (*image)[PAGE_SIZE])
{
    u32 test = t->gdt + TEST_SEL, gate = t->idt + 8 * TEST_VECTOR, all = 0xfffff;

    switch ((int)t->setup) {
    case POINTER_DATA:
    case TEST_DATA: image_desc(image, test, 0, all, (DATA_ATTR(3) | FLAT) & ~SEG_ACCESSED); break;
    case TEST_DATA0: image_desc(image, test, 0, all, (DATA_ATTR(0) | FLAT) & ~SEG_ACCESSED); break;
    case POINTER_CODE:
    case IMMEDIATE_CODE:
    case TEST_CODE: image_desc(image, test, 0, all, (CODE_ATTR(3) | FLAT) & ~SEG_ACCESSED); break;
    case POINTER_LDT:
    case TEST_LDT_DATA:
        image_desc(image, t->ldt + 8, 0, all, (DATA_ATTR(3) | FLAT) & ~SEG_ACCESSED);
        break;
    case TEST_LDT: image_desc(image, test, t->ldt, 0xf, SYS_ATTR(0, DESC_LDT)); break;
    case TEST_TSS: image_desc(image, test, t->task, 0x67, SYS_ATTR(0, DESC_TSS32)); break;
    case CALL_GATE: image_gate(image, test, CODE1, t->end, SYS_ATTR(3, DESC_CALL32) | 3); break;
    case CALL_GATE16:
        image_gate(image, test, CODE1_BASED, (t->end - AREA16) & 0xffff,
                   SYS_ATTR(3, DESC_CALL16) | 3);
        break;
    case CALL_GATE3: image_gate(image, test, CODE3, t->end, SYS_ATTR(3, DESC_CALL32)); break;
    case INT_GATE: image_gate(image, gate, CODE1, t->end, SYS_ATTR(3, DESC_INT32)); break;
    case TRAP_GATE: image_gate(image, gate, CODE1, t->end, SYS_ATTR(3, DESC_TRAP32)); break;
    case INT_GATE16:
        image_gate(image, gate, CODE1_BASED, (t->end - AREA16) & 0xffff, SYS_ATTR(3, DESC_INT16));
        break;
    case TASK32: setup_task(t, image, DESC_TSS32); break;
    case TASK16: setup_task(t, image, DESC_TSS16); break;
    case TASK_GATE:
        setup_task(t, image, DESC_TSS32);
        image_gate(image, gate, TEST_SEL, 0, SYS_ATTR(3, DESC_TASK));
        break;
    case TASK_LINK:
        setup_task(t, image, DESC_TSS32_BUSY);
        image_put32(image, t->tss, TEST_SEL);
        break;
    }
}

/* Where the tables lie for this trial: each shift lets another byte of them be the first of the upper page. */
static inline void trial_place(struct trial *t, u32 start)
{
    u32 low = (u32)t->shift & 7;
    bool task = t->setup >= TASK32 && t->setup <= TASK_LINK;

    t->start = start;
    t->end = start + t->len - 2;
    t->gdt = areas[GDT].border - TEST_SEL - low;
    t->idt = areas[IDT].border - 8 * TEST_VECTOR - low;
    t->ldt = areas[LDT].border - 8 - low;
    t->task = areas[TASK].border + (u32)t->shift;
    t->tss = areas[TSS].border - 12 - (task ? (u32)(t->shift + 104) / 2 : low);
    if (t->setup == PORTS)
        t->tss = areas[TSS].border - 0x60 - ((u32)t->shift & 15);
}

/* Where random data begin. */
static inline u64 paging_seed(u64 usual)
{
    const char *given = getenv("PAGEWALK_TEST_SEED");

    return usual + (given ? strtoull(given, NULL, 0) * 0xd1342543de82ef95ull : 0);
}

static inline void trial_image(const struct trial *t, u8 (*image)[PAGE_SIZE])
{
    static const u8 producers[][2] = {
        {0x39, 0xc8}, {0x85, 0xc0}, {0xd1, 0xe8}, {0x40, 0x90}}; /* CMP, TEST, SHR, INC and NOP */
    u64 seed = paging_seed(0x9e3779b97f4a7c15);

    for (unsigned i = 0; i < AREA_PAGES; i++)
        for (u32 at = 0; at < PAGE_SIZE; at += 8)
            put64(image[i] + at, i / 2 == CODE ? 0 : test_random(&seed));
    image_put(image, t->start, t->code, t->len);
    image_put(image, t->start, producers[(u32)t->shift % ARRAY_SIZE(producers)], 2);
    setup_tables(t, image);
    setup_operand(t, image);
    setup_descriptor(t, image);
    setup_stack(t, image);
}

static inline void registers_segments(const struct trial *t, struct cpu *cpu)
{
    static const struct {
        u16 code, data;
        u32 base, limit;
        u8 cpl;
        u32 code_attr, data_attr;
    } kinds[] = {
        [USER] = {CODE3, DATA3, 0, 0xffffffff, 3, CODE_ATTR(3) | FLAT, DATA_ATTR(3) | FLAT},
        [USER16] = {CODE16, DATA16, AREA16, 0xffff, 3, CODE_ATTR(3), DATA_ATTR(3)},
        [VM86] = {VM86_SEG, VM86_SEG, VM86_SEG << 4, 0xffff, 3, ATTR_VM86, ATTR_VM86},
        [RING1] = {CODE1, DATA1, 0, 0xffffffff, 1, CODE_ATTR(1) | FLAT, DATA_ATTR(1) | FLAT},
        [KERNEL] = {CODE0, DATA0, 0, 0xffffffff, 0, CODE_ATTR(0) | FLAT, DATA_ATTR(0) | FLAT},
        [KERNEL_STACK] = {CODE0, DATA0, 0, 0xffffffff, 0, CODE_ATTR(0) | FLAT, DATA_ATTR(0) | FLAT},
    };

    cpu->eflags = FL_ONE | FL_CF | FL_AF | (t->kind == VM86 ? FL_VM | FL_IOPL : 0);
    cpu->lazy.op = LAZY_NONE;
    cpu->cpl = kinds[t->kind].cpl;
    for (enum sreg s = 0; s < SREG_COUNT; s++)
        seg_put(cpu, s, s == SREG_CS ? kinds[t->kind].code : kinds[t->kind].data,
                kinds[t->kind].base, kinds[t->kind].limit,
                s == SREG_CS ? kinds[t->kind].code_attr : kinds[t->kind].data_attr);
    cpu->gdtr = (struct dtable){t->gdt, GDT_LIMIT};
    cpu->idtr = (struct dtable){t->idt, 8 * TEST_VECTOR + 7};
    cpu->ldtr = (struct sysseg){0x70, t->ldt, 0xf, SYS_ATTR(0, DESC_LDT)};
    cpu->tr = (struct sysseg){TSS_SEL, t->tss, TSS_LIMIT, SYS_ATTR(0, DESC_TSS32_BUSY)};
}

static inline void registers_vector(const struct trial *t, struct cpu *cpu)
{
    u64 seed = paging_seed(0x2545f4914f6cdd1d);

    cpu->x87 = (struct x87){.cw = 0x037f, .sw = 4 << 11, .tag = 0x00ff};
    for (unsigned i = 0; i < 8; i++) {
        cpu->x87.r[i].frac = test_random(&seed) | 1ull << 63;
        cpu->x87.r[i].se = (u16)(0x3ffe + i);
        cpu->xmm[i].q[0] = test_random(&seed) & 0xbfffffffbfffffff;
        cpu->xmm[i].q[1] = test_random(&seed) & 0xbfffffffbfffffff;
    }
    if (t->setup == MASK_NONE || t->setup == MASK_ALL) {
        u64 mask = t->setup == MASK_ALL ? UINT64_MAX : 0;

        cpu->x87.r[5].frac = cpu->xmm[5].q[0] = cpu->xmm[5].q[1] = mask;
    }
    cpu->mxcsr = 0x1f80;
}

static inline void trial_registers(const struct trial *t, struct cpu *cpu)
{
    u32 base = trial_base(t);
    const u32 r[8] = {
        [R_EAX] = 0x7fa3c5e1,
        [R_ECX] = 0x00000b13,
        [R_EDX] = t->setup == PORTS ? 0x1e : 0x89abcdef,
        [R_EBX] = 0x13579bdf,
        [R_ESP] = trial_esp(t) - base,
        [R_EBP] = 0x0badcafe,
        [R_ESI] = areas[SOURCE].border + (u32)t->second - base,
        [R_EDI] = trial_operand(t) - base,
    };

    memcpy(cpu->r, r, sizeof(r));
    cpu->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
    cpu->cr2 = 0;
    cpu->cr3 = PAGE_DIR;
    cpu->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
    cpu->halted = false;
    cpu->delivering = -1;
    registers_segments(t, cpu);
    registers_vector(t, cpu);
    cpu->eip = t->start - base;
    cpu_update_mode(cpu);
}

#endif
