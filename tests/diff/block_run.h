/* Runs random programs under one configuration of the translator against another, which must not
 * differ in anything the guest can see: registers, flags, faults, memory with the page tables' A
 * and D bits, and the number of instructions. */
#ifndef PAGEWALK_TESTS_BLOCK_RUN_H
#define PAGEWALK_TESTS_BLOCK_RUN_H

#include <stdlib.h>

#include "cpu/flags.h"
#include "cpu/seg.h"
#include "tests/diff/block_simd.h"
#include "tests/diff/coverage.h"
#include "translate/block.h"

#define BT_RAM    0xc000u
#define BT_PD     0x1000u
#define BT_PT     0x2000u
#define BT_GDT    0x3000u
#define BT_TSS    0x3100u
#define BT_IDT    0x3200u
#define BT_HALTS  0x3400u /* 4 bytes a vector: HLT */
#define BT_ESP0   0x3c00u
#define BT_BUDGET 2500u

struct config {
    const char *name;
    struct translate_options options;
    u32 tlb_limit;
    unsigned chunk; /* cpu_run() for 1 to chunk instructions at a time; 0: at once */
};

/* The first is what all others must be like. */
static const struct config reference_config = {
    "reference", {.engine = "interp", .block_len = 1, .no_chain = true}, 0, 0};

static const struct config configs[] = {
    {"default", {.engine = NULL}, 0, 0},
    {"one instruction a block", {.block_len = 1}, 0, 0},
    {"no chaining", {.no_chain = true}, 0, 0},
    {"random block lengths", {.random_len = true}, 0, 0},
    {"one TLB entry", {.engine = NULL}, 1, 0},
    {"three TLB entries, short blocks", {.block_len = 3}, 3, 0},
    {"cache of three blocks", {.cache_blocks = 3, .random_len = true}, 0, 0},
    {"slow memory accesses", {.slow_mem = true}, 0, 0},
    {"slow accesses, one TLB entry", {.slow_mem = true}, 1, 0},
    {"small code buffer", {.code_buffer = CODE_BUFFER_MIN}, 0, 0},
    {"native code after two runs", {.native_after = 2}, 0, 0},
    {"native code after one run, small code buffer, small budgets",
     {.native_after = 1, .code_buffer = CODE_BUFFER_MIN},
     0,
     9},
    {"native code after one run, three TLB entries, three blocks",
     {.native_after = 1, .cache_blocks = 3},
     3,
     0},
    {"windows", {.window_wait = 1}, 0, 0},
    {"windows, native code after two runs", {.window_wait = 1, .native_after = 2}, 0, 0},
    {"windows, three TLB entries, random block lengths",
     {.window_wait = 1, .random_len = true},
     3,
     0},
    {"windows, small budgets", {.window_wait = 1}, 0, 9},
    {"small budgets", {.engine = NULL}, 0, 9},
    {"single steps", {.engine = NULL}, 0, 1},
};

struct machine {
    struct config config;
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
};

struct outcome {
    enum cpu_stop stop;
    u32 r[8], eip, eflags, cr2;
    u64 insns, memory, digest;
    u32 frame[5]; /* at the top of the stack */
};

static inline u32 no_port_in(void *opaque, u16 port, unsigned size)
{
    (void)opaque, (void)size;
    return port;
}

static inline void no_port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    (void)opaque, (void)port, (void)value, (void)size;
}

static inline u64 no_tsc(void *opaque)
{
    (void)opaque;
    return 12345;
}

static inline void no_ferr(void *opaque, bool on)
{
    (void)opaque, (void)on;
}

static inline void machine_open(struct machine *m, const struct config *config, const char *engine)
{
    static const struct cpu_hooks hooks = {
        .port_in = no_port_in, .port_out = no_port_out, .read_tsc = no_tsc, .ferr = no_ferr};
    struct translate_options options = config->options;

    *m = (struct machine){.config = *config, .log = {.out = stderr}};
    if (!options.engine)
        options.engine = engine;
    if (phys_init(&m->phys, BT_RAM, &m->log, &m->stats) || phys_add_ram(&m->phys, 0, BT_RAM))
        abort();
    m->cpu = cpu_new(&m->phys, cpu_model_find("coreduo"), &hooks, &m->log, &m->stats);
    if (!m->cpu || translator_new(m->cpu, &options))
        abort();
    m->cpu->mmu.tlb_limit = config->tlb_limit;
}

static inline void machine_close(struct machine *m)
{
    translator_free(m->cpu);
    cpu_free(m->cpu);
    phys_free(&m->phys);
}

static inline void image_put32(u8 *image, u32 at, u32 value)
{
    memcpy(image + at, &value, 4);
}

/* RAM as the program finds it. The page tables are read-only: what a changed entry does before a
 * TLB flush is undefined. (SDM vol. 3A, 4.10.4.3) */
static inline void program_image(const struct program *p, u8 *image)
{
    static const struct {
        u8 page, frame, bits; /* 1 P, 2 R/W, 4 U */
    } map[] = {{1, 1, 1},    {2, 2, 1},    {3, 3, 3},     {4, 4, 7},     {5, 9, 7},   {7, 6, 7},
               {0x10, 7, 7}, {0x11, 8, 7}, {0x13, 10, 5}, {0x14, 11, 7}, {0x16, 4, 7}};
    static const u32 gdt[] = {
        0xffff, 0xcf9b00, 0xffff, 0xcf9300, 0xffff, 0xcffb00, 0xffff, 0xcff300, BT_TSS << 16 | 0x67,
        0x8b00};
    struct gen_state g = {.seed = p->r[0] * 0x10001ull + 77};
    u8 code[2048];
    unsigned len = program_bytes(p, code);

    memset(image, 0, BT_RAM);
    for (u32 at = 0x6000; at < BT_RAM; at += 4)
        image_put32(image, at, at < 0x7000 ? at : gen_rnd(&g, 0x7fffffff) << 1);
    memset(image + 0x9000, 0x90, 0x1000);
    image_put32(image, BT_PD, BT_PT | 7);
    for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
        image_put32(image, BT_PT + map[i].page * 4u, (u32)map[i].frame << 12 | map[i].bits);
    memcpy(image + BT_GDT + 8, gdt, sizeof(gdt));
    image_put32(image, BT_TSS + 4, BT_ESP0);
    image_put32(image, BT_TSS + 8, 0x10);
    for (u32 v = 0; v < 32; v++) {
        image_put32(image, BT_IDT + 8 * v, 8u << 16 | (BT_HALTS + 4 * v));
        image_put32(image, BT_IDT + 8 * v + 4, 0x8e00);
        image[BT_HALTS + 4 * v] = 0xf4;
    }
    image_put32(image, BT_COUNTER - BT_DATA + 0x7000, p->loops);
    for (unsigned i = 0; i < len; i++) {
        u32 la = p->start + i;

        image[la < BT_CODE + 0x1000 ? la : la + 0x4000] = code[i];
    }
}

static inline void machine_reset(struct machine *m, const struct program *p)
{
    static u8 image[BT_RAM];
    struct cpu *cpu = m->cpu;
    u32 attr = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G | (p->user ? SEG_DPL : 0);

    program_image(p, image);
    phys_poke(&m->phys, 0, image, BT_RAM);
    cpu_reset(cpu);
    cpu->halted = false;
    cpu->cr0 = CR0_PE | CR0_PG | CR0_WP | CR0_NE | CR0_ET;
    cpu->cr3 = BT_PD;
    cpu->cr4 = 0;
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true))
        abort();
    mmu_flush(&cpu->mmu, true);
    cpu->gdtr = (struct dtable){BT_GDT, 0x2f};
    cpu->idtr = (struct dtable){BT_IDT, 0xff};
    cpu->tr = (struct sysseg){0x28, BT_TSS, 0x67, SEG_P | 11u << SEG_TYPE_SHIFT};
    cpu->eflags = p->eflags;
    cpu->lazy.op = LAZY_NONE;
    cpu_set_cpl(cpu, p->user ? 3 : 0);
    for (unsigned s = 0; s < SREG_COUNT; s++)
        seg_set(cpu, (enum sreg)s,
                (u16)(s == SREG_CS ? (p->user ? 0x1b : 8) : (p->user ? 0x23 : 0x10)), 0, 0xffffffff,
                attr | (s == SREG_CS ? SEG_CODE : 0));
    memcpy(cpu->r, p->r, sizeof(p->r));
    cpu->eip = p->start;
    cpu->insns = 0;
    if (p->simd)
        block_simd_state(cpu, p->r[0]);
    cpu_update_mode(cpu);
    cpu->translator->random = p->r[0] | 1;
}

static inline u64 machine_memory(struct machine *m)
{
    u64 hash = 1469598103934665603ull;
    const u8 *ram = phys_host(&m->phys, 0);

    for (u32 pa = 0; pa < BT_RAM; pa += 8)
        hash = (hash ^ get64(ram + pa)) * 1099511628211ull;
    return hash;
}

static inline void machine_run(struct machine *m, const struct program *p, struct outcome *o)
{
    struct gen_state g = {.seed = p->r[1] | 1ull << 40};
    struct cpu *cpu = m->cpu;
    u32 left = BT_BUDGET;

    machine_reset(m, p);
    memset(o, 0, sizeof(*o));
    do {
        u32 n = m->config.chunk ? 1 + gen_rnd(&g, m->config.chunk) : left;

        n = n < left ? n : left;
        left -= n;
        o->stop = cpu_run(cpu, n);
    } while (o->stop == CPU_STOP_BUDGET && left);
    memcpy(o->r, cpu->r, sizeof(o->r));
    o->eip = cpu->eip;
    o->eflags = flags_get(cpu);
    o->cr2 = cpu->cr2;
    o->insns = cpu_insns(cpu);
    o->digest = cpu_digest(cpu);
    o->memory = machine_memory(m);
    if (o->r[R_ESP] >= BT_STACK && o->r[R_ESP] < BT_STACK + 0xfe0)
        memcpy(o->frame, phys_host(&m->phys, 0) + o->r[R_ESP] - 0x1000, sizeof(o->frame));
    else if (o->r[R_ESP] < BT_ESP0 && o->r[R_ESP] >= BT_ESP0 - 64)
        memcpy(o->frame, phys_host(&m->phys, 0) + o->r[R_ESP], sizeof(o->frame));
}

static inline void outcome_print(const char *who, const struct outcome *o)
{
    static const char *const stop[] = {"budget", "kick", "halt", "shutdown"};

    fprintf(stderr, "%s: %s", who, stop[o->stop]);
    if (o->stop == CPU_STOP_HALT && o->eip > BT_HALTS && o->eip < BT_HALTS + 128)
        fprintf(stderr, " by exception %u", (o->eip - BT_HALTS) / 4);
    fprintf(stderr, " eip %08x eflags %08x cr2 %08x insns %llu memory %016llx\n  ", o->eip,
            o->eflags, o->cr2, (unsigned long long)o->insns, (unsigned long long)o->memory);
    for (unsigned i = 0; i < 8; i++)
        fprintf(stderr, " %08x", o->r[i]);
    fprintf(stderr, "  stack");
    for (unsigned i = 0; i < 5; i++)
        fprintf(stderr, " %x", o->frame[i]);
    fputc('\n', stderr);
}

static inline bool same_outcome(struct machine *a, struct machine *b, const struct program *p)
{
    struct outcome x, y;

    machine_run(a, p, &x);
    machine_run(b, p, &y);
    return !memcmp(&x, &y, sizeof(x));
}

/* Leaves units out of a program on which the machines differ for as long as they still do, and
 * prints it. */
static inline void shrink(struct machine *reference, struct machine *m, struct program *p, u64 seed)
{
    struct outcome x, y;
    bool less = true;

    while (less) {
        struct program q = *p;

        less = false;
        if (q.loops > 1) {
            q.loops--;
            less = !same_outcome(reference, m, &q);
        }
        for (unsigned i = p->units; i-- > 0 && !less;) {
            q = *p;
            memmove(&q.unit[i], &q.unit[i + 1], (--q.units - i) * sizeof(q.unit[0]));
            less = !same_outcome(reference, m, &q);
        }
        if (less)
            *p = q;
    }
    machine_run(reference, p, &x);
    machine_run(m, p, &y);
    fprintf(stderr, "seed %llu: \"%s\" on %s differs from the reference\n",
            (unsigned long long)seed, m->config.name, m->cpu->translator->options.engine);
    fprintf(stderr, "before: eflags %x ", p->eflags);
    for (unsigned i = 0; i < 8; i++)
        fprintf(stderr, " %08x", p->r[i]);
    fputc('\n', stderr);
    program_print(p);
    outcome_print("reference", &x);
    outcome_print("this", &y);
}

/* What programs were like: how they ended, and how often native code ran an inner loop by itself. */
struct tally {
    u64 stopped[CPU_STOPS]; /* by enum cpu_stop */
    u64 excepted;           /* halted by an exception */
    u64 loops;
};

/* Runs the programs of seeds from to to - 1. Undefined flags must agree too: runs repeat bit by bit
 * on every engine. Programs of odd seeds have none. Returns whether all were the same; adds to tally.
 * coverage: or NULL. */
static inline bool run_seeds(const char *engine, u64 from, u64 to, struct tally *tally,
                             struct coverage *coverage)
{
    struct machine reference, m[ARRAY_SIZE(configs)];
    bool same = true;

    machine_open(&reference, &reference_config, engine);
    for (unsigned i = 0; i < ARRAY_SIZE(configs); i++)
        machine_open(&m[i], &configs[i], engine);
    for (u64 seed = from; seed < to && same; seed++) {
        struct outcome want, got;
        struct program p;

        gen_program(&p, seed, seed & 1);
        machine_run(&reference, &p, &want);
        tally->stopped[want.stop]++;
        if (want.stop == CPU_STOP_HALT && want.eip > BT_HALTS && want.eip < BT_HALTS + 128)
            tally->excepted++;
        for (unsigned i = 0; i < ARRAY_SIZE(configs) && same; i++) {
            machine_run(&m[i], &p, &got);
            if (coverage)
                coverage_add(coverage, m[i].cpu->translator);
            if (memcmp(&want, &got, sizeof(want))) {
                same = false;
                shrink(&reference, &m[i], &p, seed);
            }
        }
    }
    machine_close(&reference);
    for (unsigned i = 0; i < ARRAY_SIZE(configs); i++) {
        tally->loops += m[i].stats.loop_run;
        machine_close(&m[i]);
    }
    return same;
}

#endif
