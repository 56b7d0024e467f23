/* Runs the guests of ring_gen.h on one configuration of the translator against another.
 *
 * A guest runs in rounds, each from a state of its own until it halts, shuts down or has used its budget; then all
 * that it can see must be the same as in the interpreter, one instruction a block, and the number of instructions. */
#ifndef PAGEWALK_TESTS_RING_RUN_H
#define PAGEWALK_TESTS_RING_RUN_H

#include <stdio.h>
#include <stdlib.h>

#include "cpu/cpuid.h"
#include "cpu/debug.h"
#include "tests/diff/ring_code.h"
#include "translate/translate.h"

#define RING_ROUNDS 16u
#define RING_BUDGET 300u
#define RING_IRQ    0x40

static const struct ring_config {
    const char *name;
    struct translate_options options;
    u32 tlb_limit;
    unsigned chunk; /* cpu_run() for so many instructions at a time */
} ring_configs[] = {
    {"reference", {.engine = "interp", .block_len = 1, .no_chain = true}, 0, RING_BUDGET},
    {"default", {.engine = NULL}, 0, RING_BUDGET},
    {"random block lengths, slow memory", {.random_len = true, .slow_mem = true}, 2, RING_BUDGET},
    {"steps of three", {.no_chain = true}, 0, 3},
};

struct ring_machine {
    const struct ring_config *config;
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
    enum cpu_stop stop;
};

static struct ring_guest ring_guest_now;

static inline u32 ring_port_in(void *opaque, u16 port, unsigned size)
{
    (void)opaque;
    return port * 0x01010101u + size;
}

static inline void ring_port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    (void)opaque, (void)port, (void)value, (void)size;
}

static inline u64 ring_read_tsc(void *opaque)
{
    (void)opaque;
    return 0;
}

static inline u8 ring_irq_ack(void *opaque)
{
    struct ring_machine *m = opaque;

    cpu_set_intr(m->cpu, false);
    return RING_IRQ;
}

static inline void ring_open(struct ring_machine *m, const struct ring_config *config,
                             const char *engine)
{
    struct cpu_hooks hooks = {
        .opaque = m,
        .port_in = ring_port_in,
        .port_out = ring_port_out,
        .irq_ack = ring_irq_ack,
        .read_tsc = ring_read_tsc,
    };
    struct translate_options options = config->options;

    *m = (struct ring_machine){.config = config, .log = {.out = stderr}};
    options.engine = options.engine ? options.engine : engine;
    if (phys_init(&m->phys, RING_RAM, &m->log, &m->stats) || phys_add_ram(&m->phys, 0, RING_RAM) ||
        !(m->cpu = cpu_new(&m->phys, cpu_model_find("coreduo"), &hooks, &m->log, &m->stats)) ||
        translator_new(m->cpu, &options))
        abort();
    m->cpu->mmu.tlb_limit = config->tlb_limit;
}

/* Page tables lie where nothing is mapped: all other pages are there, some of them not for all. */
static inline void ring_set_pages(struct ring_machine *m, u64 seed)
{
    struct ring_guest rnd = {.seed = seed | 1};
    u8 pages[2 * PAGE_SIZE] = {0};

    put32(pages, (RING_HIDDEN + PAGE_SIZE) | 7);
    for (u32 la = 0; la < RING_RAM; la += PAGE_SIZE) {
        bool hidden = la == RING_HIDDEN || la == RING_HIDDEN + PAGE_SIZE;
        u32 rights = ring_rnd(&rnd, 24) ? 7 : ring_rnd(&rnd, 8);

        if (la < RING_STACKS)
            rights |= 3; /* tables and handlers */
        put32(pages + PAGE_SIZE + 4 * (la >> PAGE_SHIFT), hidden ? 0 : la | rights);
    }
    phys_write(&m->phys, RING_HIDDEN, pages, sizeof(pages));
}

static inline void ring_set_segment(struct cpu *cpu, enum sreg s, unsigned cpl)
{
    u32 attr = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_G | SEG_DB | cpl << SEG_DPL_SHIFT;
    unsigned entry = (s == SREG_CS ? RING_CODE32 : RING_DATA32) + 2 * cpl;

    seg_put(cpu, s, (u16)(8 * entry | cpl), 0, 0xffffffff, attr | (s == SREG_CS ? SEG_CODE : 0));
}

/* Breakpoints on code, on data and on tables; an interrupt and an NMI that wait. */
static inline void ring_set_events(struct ring_guest *rnd, struct cpu *cpu)
{
    cpu_set_intr(cpu, ring_rnd(rnd, 4) == 0);
    if (ring_rnd(rnd, 16) == 0)
        cpu_raise_nmi(cpu);
    if (ring_rnd(rnd, 4) == 0) {
        cpu->dr[0] = ring_piece(rnd) + ring_rnd(rnd, 8);
        cpu->dr[1] = RING_DATA + ring_rnd(rnd, RING_DATA_LEN);
        cpu->dr[2] = RING_GDT + 8 * ring_rnd(rnd, RING_ENTRIES) + 4;
        cpu->dr[3] = ring_stack(rnd) - 8;
        cpu->dr[7] = DR7_RESET | ring_rnd(rnd, 0x100) | (ring_word(rnd) & 0xfff00000u);
    }
    debug_update(cpu);
}

/* A state to begin a round with: the same in every machine. */
static inline void ring_begin(struct ring_machine *m, u64 seed)
{
    struct ring_guest rnd = {.seed = seed | 1};
    struct cpu *cpu = m->cpu;
    unsigned cpl = ring_rnd(&rnd, 4);

    cpu_reset(cpu);
    cpu->cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_PG | (ring_rnd(&rnd, 2) ? CR0_WP : 0);
    cpu->cr0 |= ring_rnd(&rnd, 8) ? 0 : CR0_AM;
    cpu->cr3 = RING_HIDDEN;
    cpu->cr4 = ring_rnd(&rnd, 4) ? 0 : CR4_VME;
    cpu->gdtr = (struct dtable){RING_GDT, 8 * RING_ENTRIES - 1};
    cpu->idtr = (struct dtable){RING_IDT, ring_rnd(&rnd, 8) ? 0x7ff : 8 * 0x60};
    cpu->ldtr =
        (struct sysseg){8 * RING_LDTS, RING_LDT, 16 * 8 - 1, SEG_P | DESC_LDT << SEG_TYPE_SHIFT};
    cpu->tr =
        (struct sysseg){8 * RING_TASKS, RING_TSS, 0xff, SEG_P | DESC_TSS32_BUSY << SEG_TYPE_SHIFT};
    cpu->sysenter_cs = 8 * RING_CODE32;
    cpu->sysenter_eip = ring_piece(&rnd);
    cpu->sysenter_esp = ring_stack(&rnd);
    for (unsigned i = 0; i < 8; i++)
        cpu->r[i] = i == R_ESP ? ring_stack(&rnd)
                               : RING_DATA + 0x1000 + ring_rnd(&rnd, RING_DATA_LEN - 0x2000);
    cpu->eip = ring_piece(&rnd);
    cpu->cpl = (u8)cpl;
    for (enum sreg s = 0; s < SREG_COUNT; s++)
        ring_set_segment(cpu, s, cpl);
    flags_set(cpu, ring_flags(&rnd) & ~(FL_VM | FL_RF));
    phys_write(&m->phys, 0, ring_guest_now.ram, RING_HIDDEN); /* tables and tasks as they were */
    ring_set_events(&rnd, cpu);
    ring_set_pages(m, seed);
    mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true);
    mmu_flush(&cpu->mmu, true);
    cpu_update_mode(cpu);
}

static inline void ring_run_one(struct ring_machine *m)
{
    u64 end = m->cpu->insns + RING_BUDGET;

    do
        m->stop =
            cpu_run(m->cpu, m->config->chunk < end - m->cpu->insns ? m->config->chunk
                                                                   : (u32)(end - m->cpu->insns));
    while ((m->stop == CPU_STOP_BUDGET || m->stop == CPU_STOP_KICK) && m->cpu->insns < end);
}

static inline bool ring_same(struct ring_machine *a, struct ring_machine *b)
{
    return a->stop == b->stop && a->cpu->insns == b->cpu->insns &&
           cpu_digest(a->cpu) == cpu_digest(b->cpu) &&
           memcmp(phys_host(&a->phys, 0), phys_host(&b->phys, 0), RING_RAM) == 0;
}

static inline void ring_report(struct ring_machine *a, struct ring_machine *b, u64 number,
                               unsigned round)
{
    const u8 *x = phys_host(&a->phys, 0), *y = phys_host(&b->phys, 0);

    printf("guest %llu, round %u: \"%s\" (%s) differs\n", (unsigned long long)number, round,
           b->config->name, b->config->options.engine ? b->config->options.engine : "engine");
    printf("stop %d, %d; instructions %llu, %llu\n", a->stop, b->stop,
           (unsigned long long)a->cpu->insns, (unsigned long long)b->cpu->insns);
    cpu_dump(a->cpu, stdout);
    cpu_dump(b->cpu, stdout);
    for (u32 at = 0, shown = 0; at < RING_RAM && shown < 16; at++)
        if (x[at] != y[at]) {
            printf("memory at %05x: %02x, %02x\n", at, x[at], y[at]);
            shown++;
        }
}

/* Runs the guests on one engine. ended counts how rounds ended, and behind that their instructions. */
static inline bool ring_run(const char *engine, u64 from, u64 count, u64 *ended)
{
    struct ring_machine m[ARRAY_SIZE(ring_configs)];
    bool ok = true;

    for (unsigned i = 0; i < ARRAY_SIZE(ring_configs); i++)
        ring_open(&m[i], &ring_configs[i], engine);
    for (u64 number = from; ok && number < from + count; number++) {
        ring_make(&ring_guest_now, number);
        for (unsigned i = 0; i < ARRAY_SIZE(ring_configs); i++)
            phys_write(&m[i].phys, 0, ring_guest_now.ram, RING_RAM);
        for (unsigned round = 0; ok && round < RING_ROUNDS; round++)
            for (unsigned i = 0; ok && i < ARRAY_SIZE(ring_configs); i++) {
                ring_begin(&m[i], (number * RING_ROUNDS + round) * 0x9e3779b97f4a7c15ull);
                m[i].cpu->insns = 0;
                ring_run_one(&m[i]);
                ok = i == 0 || ring_same(&m[0], &m[i]);
                if (!ok)
                    ring_report(&m[0], &m[i], number, round);
                else if (i == 0)
                    ended[m[i].stop]++, ended[CPU_STOPS] += m[i].cpu->insns;
            }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(ring_configs); i++) {
        translator_free(m[i].cpu);
        cpu_free(m[i].cpu);
        phys_free(&m[i].phys);
    }
    return ok;
}

#endif
