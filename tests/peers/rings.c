/* Random system-level guests on a whole PC, without an operating system: the same in Pagewalk, Bochs and QEMU.
 *
 * The guests are those of tests/diff/ring_gen.h. A round begins in a state of its own and ends in a handler, in #DF's
 * task or, when it would go on for ever, in the NMI's. What it left is a line on port 0xe9: registers and a sum of
 * the guest's memory, page tables among it. Instruction for instruction there is nothing to compare outside of
 * Pagewalk, and time differs there: where a round ran out of time, only that is told. */
#include "cpu/debug.h"
#include "tests/diff/ring_code.h"
#include "tests/peers/rings.h"

#define ROUNDS 16u

#define LAPIC          0xfee00000u
#define LAPIC_EOI      0xb0u
#define LAPIC_SPURIOUS 0xf0u
#define LAPIC_ICR      0x300u
#define IOAPIC         0xfec00000u

#define RUN_PAGES_FROM 0x100000u /* the runner itself, up to run_pages_end */

#define STACKS_END    (RING_STACKS - PAGE_SIZE) /* no page: what nests for ever stops here */
#define PARTIAL_FRAME 0x40u /* of a frame that a page does not take, CPUs store a part or nothing */

#define PTE_SEEN  0x60u /* A, D */
#define PTE_DIRTY 0x40u

extern u32 run_first, run_count, run_round_only;
extern u32 entry_regs[8], entry_eip, entry_cs, entry_eflags, entry_esp, entry_ss, entry_data;
extern u32 entry_frame_size, entry_cr0, entry_cr3, entry_cr4, entry_ldt, entry_tr, entry_dr[4];
extern u32 entry_dr7, entry_gdt[2], entry_idt[2];
extern u32 run_result[], run_result_end[], ended_how, ended_regs[8];
extern u8 run_gdt[], run_idt[], run_pages_end[];

void run_round(void);
void run_ended(void);
void run_double(void);
void run_time(void);
void run_irq(void);
void run_nothing(void);
void run_broken(void);
void run_main(void);

/* What a guest is made again from lies where no guest comes to. rnd: its seed alone. */
#define UNMAPPED __attribute__((section(".unmapped")))
static struct ring_guest guest UNMAPPED, rnd UNMAPPED;
static u8 task_nmi[104], task_df[104], task_stacks[2][512];

void *memset(void *to, int value, size_t count)
{
    void *at = to;

    __asm__ volatile("rep stosb" : "+D"(at), "+c"(count) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t count)
{
    void *at = to;

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(count) : : "memory");
    return to;
}

static void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void put_text(const char *text)
{
    while (*text)
        out8(0xe9, (u8)*text++);
}

static void put_number(u32 value)
{
    char text[12], *at = text + sizeof(text) - 1;

    *at = 0;
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    put_text(at);
}

static void put_hex(u32 value)
{
    for (unsigned i = 8; i--;)
        out8(0xe9, (u8) "0123456789abcdef"[value >> 4 * i & 15]);
}

static u8 *at_physical(u32 pa)
{
    __asm__("" : "+r"(pa)); /* address 0 is memory here */
    return (u8 *)pa;
}

static void set_mmio(u32 pa, u32 value)
{
    *(volatile u32 *)pa = value;
}

static void put_desc(u8 *table, u32 sel, u32 base, u32 limit, u32 attr)
{
    put32(table + sel, base << 16 | (limit & 0xffff));
    put32(table + sel + 4, (base & 0xff000000u) | (base >> 16 & 0xff) | (limit & 0xf0000) | attr);
}

static void put_gate(u8 *at, u16 sel, u32 offset, u32 attr)
{
    put32(at, (u32)sel << 16 | (offset & 0xffff));
    put32(at + 4, (offset & 0xffff0000u) | attr);
}

static void set_task(u8 *tss, u8 *stack_top, void (*entry)(void))
{
    memset(tss, 0, 104);
    put32(tss + 0x1c, RING_HIDDEN);
    put32(tss + 0x20, (u32)entry);
    put32(tss + 0x24, FL_ONE);
    put32(tss + 0x28 + 4 * R_ESP, (u32)stack_top);
    for (unsigned s = 0; s < SREG_COUNT; s++)
        put32(tss + 0x48 + 4 * s, s == SREG_CS ? RUN_CODE : RUN_DATA);
    put32(tss + 0x64, 0x68u << 16);
}

/* The tasks of the runner, idle, in a GDT. */
static void set_tasks(u8 *gdt)
{
    set_task(task_nmi, task_stacks[0] + sizeof(task_stacks[0]), run_time);
    set_task(task_df, task_stacks[1] + sizeof(task_stacks[1]), run_double);
    put_desc(gdt, RUN_NMI_TSS, (u32)task_nmi, 103, SEG_P | DESC_TSS32 << SEG_TYPE_SHIFT);
    put_desc(gdt, RUN_DF_TSS, (u32)task_df, 103, SEG_P | DESC_TSS32 << SEG_TYPE_SHIFT);
}

static void set_own_tables(void)
{
    u32 flat = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_G | SEG_DB;

    for (unsigned cpl = 0; cpl < 4; cpl++) {
        put_desc(run_gdt, 8 * (RING_CODE32 + 2 * cpl), 0, 0xfffff,
                 flat | SEG_CODE | cpl << SEG_DPL_SHIFT);
        put_desc(run_gdt, 8 * (RING_DATA32 + 2 * cpl), 0, 0xfffff, flat | cpl << SEG_DPL_SHIFT);
    }
    put_desc(run_gdt, 8 * RING_TASKS, RING_TSS, 0xff, SEG_P | DESC_TSS32 << SEG_TYPE_SHIFT);
    put_desc(run_gdt, 8 * RING_LDTS, RING_LDT, 16 * 8 - 1, SEG_P | DESC_LDT << SEG_TYPE_SHIFT);
    for (unsigned v = 0; v < 256; v++)
        put_gate(run_idt + 8 * v, RUN_CODE,
                 (u32)(v == RUN_IRQ ? run_irq
                       : v == 2     ? run_nothing
                                    : run_broken),
                 SEG_P | DESC_INT32 << SEG_TYPE_SHIFT);
}

/* The whole guest by a number: tables, tasks, handlers that come back here, pieces that end in UD2. */
static void make_guest(u64 number)
{
    struct ring_guest *g = &guest;
    u8 *rights = g->ram + RING_GDT + 8 * RING_TASKS + 5;

    g->seed = number * 0x9e3779b97f4a7c15ull + 1;
    g->peers = true;
    memset(g->ram, 0, sizeof(g->ram));
    for (u32 at = RING_DATA; at < RING_DATA + RING_DATA_LEN; at += 4)
        put32(g->ram + at, ring_word(g));
    ring_tables(g);
    ring_vectors(g);
    ring_tasks(g);
    if ((*rights & 0x17) == DESC_TSS16) /* the task that runs; 32-bit ones, too */
        *rights |= DESC_TSS16_BUSY;
    put_gate(g->ram + RING_IDT + 8 * 2, RUN_NMI_TSS, 0, SEG_P | DESC_TASK << SEG_TYPE_SHIFT);
    put_gate(g->ram + RING_IDT + 8 * 8, RUN_DF_TSS, 0, SEG_P | DESC_TASK << SEG_TYPE_SHIFT);
    for (u32 v = 0; v < 32; v++) {
        u32 at = RING_HANDLERS + 16 * v;

        g->ram[at] = 0xe8; /* CALL: its return address tells the vector */
        put32(g->ram + at + 1, (u32)run_ended - (at + 5));
    }
    for (u32 n = 0; n < RING_PIECES; n++) {
        g->at = RING_CODE + RING_PIECE * n;
        for (unsigned i = 0; i < 6; i++)
            ring_insn(g);
        ring_emit(g, 0x0b0f, 2);
    }
}

static void set_pages(u64 seed)
{
    u8 *directory = at_physical(RING_HIDDEN), *table = directory + PAGE_SIZE;

    rnd.seed = seed | 1;
    memset(directory, 0, 2 * PAGE_SIZE);
    put32(directory, (RING_HIDDEN + PAGE_SIZE) | 7);
    for (u32 la = 0; la < RING_RAM; la += PAGE_SIZE) {
        bool hidden = la == RING_HIDDEN || la == RING_HIDDEN + PAGE_SIZE || la == STACKS_END;
        u32 rights = ring_rnd(&rnd, 24) ? 7 : ring_rnd(&rnd, 8);

        if (la < RING_STACKS)
            rights |= 3; /* tables and handlers */
        put32(table + 4 * (la >> PAGE_SHIFT), hidden ? 0 : la | rights);
    }
    for (u32 la = RUN_PAGES_FROM; la < (u32)run_pages_end; la += PAGE_SIZE)
        put32(table + 4 * (la >> PAGE_SHIFT), la | PTE_SEEN | 3);
}

/* The state that a round begins in. */
static void set_entry(u64 seed)
{
    u32 cpl;

    rnd.seed = seed | 1;
    cpl = ring_rnd(&rnd, 4);
    entry_cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_PG | (ring_rnd(&rnd, 2) ? CR0_WP : 0);
    entry_cr0 |= ring_rnd(&rnd, 8) ? 0 : CR0_AM;
    entry_cr3 = RING_HIDDEN;
    entry_cr4 = CR4_TSD | (ring_rnd(&rnd, 4) ? 0 : CR4_VME);
    entry_gdt[0] = (8u * RUN_ENTRIES - 1)
                   << 16; /* the tasks of the runner lie behind the guest's */
    entry_gdt[1] = RING_GDT;
    entry_idt[0] = (ring_rnd(&rnd, 8) ? 0x7ffu : 8 * 0x60) << 16;
    entry_idt[1] = RING_IDT;
    entry_ldt = 8 * RING_LDTS;
    entry_tr = 8 * RING_TASKS;
    for (unsigned i = 0; i < 8; i++)
        entry_regs[i] = RING_DATA + 0x1000 + ring_rnd(&rnd, RING_DATA_LEN - 0x2000);
    entry_esp = ring_stack(&rnd);
    entry_eip = ring_piece(&rnd);
    entry_cs = 8 * (RING_CODE32 + 2 * cpl) | cpl;
    entry_ss = entry_data = 8 * (RING_DATA32 + 2 * cpl) | cpl;
    entry_frame_size = cpl;
    entry_eflags = ring_flags(&rnd) & ~(FL_VM | FL_RF);
    for (unsigned i = 0; i < 4; i++)
        entry_dr[i] = 0;
    entry_dr7 = DR7_RESET;
    if (ring_rnd(&rnd, 4) == 0)
        set_mmio(LAPIC + LAPIC_ICR, 0x40000 | RUN_IRQ); /* to itself; it waits for IF */
    if (ring_rnd(&rnd, 4) == 0) {
        entry_dr[0] = ring_piece(&rnd) + ring_rnd(&rnd, 8);
        entry_dr[1] = RING_DATA + ring_rnd(&rnd, RING_DATA_LEN);
        entry_dr[3] = ring_stack(&rnd) - 8;
        entry_dr7 = DR7_RESET | (ring_rnd(&rnd, 0x100) & 0xcf) | (ring_word(&rnd) & 0xf0ff0000u);
        for (unsigned i = 0; i < 4; i++)
            if ((entry_dr7 >> (16 + 4 * i) & 3) == 0) /* code has no length */
                entry_dr7 &= ~(0xcu << (16 + 4 * i));
    }
}

static void set_io_pin(unsigned pin, u32 value)
{
    set_mmio(IOAPIC, 0x10 + 2 * pin);
    set_mmio(IOAPIC + 0x10, value);
    set_mmio(IOAPIC, 0x11 + 2 * pin);
    set_mmio(IOAPIC + 0x10, 0);
}

/* The PIT's one shot ends a round by NMI. */
static void set_interrupts(void)
{
    out8(0x21, 0xff);
    out8(0xa1, 0xff);
    out8(0x43, 0x30);
    set_mmio(LAPIC + LAPIC_SPURIOUS, 0x1ff);
    set_io_pin(2, 0x400); /* delivery mode NMI */
}

static void start_time(void)
{
    out8(0x43, 0x30);
    out8(0x40, 11932 & 0xff); /* 10 ms */
    out8(0x40, 11932 >> 8);
}

static void stop_time(void)
{
    out8(0x43, 0x30);
    set_mmio(LAPIC + LAPIC_EOI, 0);
    __asm__ volatile("sti; nop; nop; cli" : : : "memory"); /* what a round did not take */
}

static u32 pte_of(u32 la)
{
    return get32(at_physical(RING_HIDDEN + PAGE_SIZE) + 4 * (la >> PAGE_SHIFT));
}

/* A sum in which each word's place counts, of what may have changed. */
static u32 sum_memory(u32 to)
{
    u32 sum = 0x811c9dc5u;

    for (u32 page = 0; page < to; page += PAGE_SIZE) {
        bool cut = page >= RING_STACKS && (pte_of(page - PAGE_SIZE) & 7) != 7;

        if (page >= RING_STACKS && !(pte_of(page) & PTE_DIRTY))
            continue;
        for (u32 at = page + (cut ? PARTIAL_FRAME : 0); at < page + PAGE_SIZE; at += 4)
            sum = ((sum << 5) | (sum >> 27)) * 5 + *(volatile u32 *)at_physical(at);
    }
    return sum;
}

/* SS that is not present is #SS in IRET; Bochs raises #NP. (SDM vol. 2, IRET) */
static void forget_np(void)
{
    u8 *frame = at_physical(ended_regs[R_ESP ^ 7]);
    u32 eip, no_presence = RING_HANDLERS + 16 * EXCP_NP + 5;

    if (ended_how != ENDED_HANDLER || ended_regs[R_ESP ^ 7] >= RING_CODE ||
        get32(frame) != no_presence)
        return;
    eip = get32(frame + 8);
    if (eip < 0x10000)
        eip += RING_CODE;
    if (at_physical(eip & 0x3ffff)[0] == 0xcf || get16(at_physical(eip & 0x3ffff)) == 0xcf66)
        put32(frame, RING_HANDLERS + 16 * EXCP_SS + 5);
}

static void put_result(u32 number, u32 round)
{
    put_number(number);
    put_text(" ");
    put_number(round);
    if (ended_how == ENDED_TIME) {
        put_text(" no end\n");
        return;
    }
    for (u32 *at = run_result; at < run_result_end; at++) {
        put_text(" ");
        put_hex(*at);
    }
    /* Behind #DF memory tells how far a delivery came that failed: CPUs differ in that. */
    put_text(" ");
    put_hex(ended_how == ENDED_DOUBLE ? 0 : sum_memory(RING_DATA + RING_DATA_LEN));
    put_text("\n");
}

static void put_memory(void)
{
    static u32 before[RING_RAM / 4] UNMAPPED;
    static bool known;

    for (u32 at = 0; at < RING_DATA + RING_DATA_LEN; at += 4) {
        u32 value = *(volatile u32 *)at_physical(at);

        if (known && value != before[at / 4]) {
            put_text("  ");
            put_hex(at);
            put_text(": ");
            put_hex(value);
            put_text("\n");
        }
        before[at / 4] = value;
    }
    known = true;
}

void run_main(void)
{
    set_own_tables();
    set_interrupts();
    for (u32 number = run_first; number < run_first + run_count; number++) {
        make_guest(number);
        for (u32 round = 0; round < ROUNDS; round++) {
            u64 seed = ((u64)number * ROUNDS + round) * 0x9e3779b97f4a7c15ull;

            if (run_round_only < ROUNDS && round != run_round_only)
                continue;
            memcpy(at_physical(0), guest.ram, RING_DATA + RING_DATA_LEN);
            set_tasks(run_gdt);
            run_gdt[8 * RING_TASKS + 5] &= (u8)~2; /* not busy */
            memcpy(at_physical(RING_GDT + RUN_OWN), run_gdt + RUN_OWN, 8 * RUN_ENTRIES - RUN_OWN);
            set_pages(seed);
            if (run_round_only < ROUNDS)
                put_memory();
            set_entry(seed);
            start_time();
            run_round();
            stop_time();
            forget_np();
            put_result(number, round);
            if (run_round_only < ROUNDS)
                put_memory();
        }
    }
    put_text("PASS\n");
}
