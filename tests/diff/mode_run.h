/* Runs the guests of mode_gen.h on one configuration of the translator against another: at the end of each
 * unit, all that the guest can see must be the same, and the number of instructions. */
#ifndef PAGEWALK_TESTS_MODE_RUN_H
#define PAGEWALK_TESTS_MODE_RUN_H

#include <stdlib.h>

#include "cpu/cpuid.h"
#include "cpu/flags.h"
#include "cpu/seg.h"
#include "tests/diff/coverage.h"
#include "tests/diff/mode_gen.h"
#include "translate/block.h"

#define UNIT_BUDGET 200u
#define IRQ_VECTOR  0x40

struct mode_config {
    const char *name;
    struct translate_options options;
    u32 tlb_limit;
    unsigned chunk; /* cpu_run() for so many instructions at a time; 0: at once */
};

/* The first is what the others must be like. */
static const struct mode_config mode_reference = {
    "reference", {.engine = "interp", .block_len = 1, .no_chain = true}, 0, 0};

static const struct mode_config mode_configs[] = {
    {"default", {.engine = NULL}, 0, 0},
    {"no chaining, one TLB entry", {.no_chain = true}, 1, 0},
    {"random block lengths, slow memory", {.random_len = true, .slow_mem = true}, 0, 0},
    {"small code buffer, steps of three", {.code_buffer = CODE_BUFFER_MIN}, 3, 3},
    {"native code after two runs, steps of seven", {.native_after = 2}, 0, 7},
    {"windows", {.window_wait = 1}, 0, 0},
    {"windows, small code buffer, steps of five",
     {.window_wait = 1, .code_buffer = CODE_BUFFER_MIN},
     0,
     5},
    {"single steps", {.engine = NULL}, 0, 1},
};

struct mode_machine {
    const struct mode_config *config;
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
};

struct mode_outcome {
    enum cpu_stop stop;
    u32 eip, eflags, cs;
    u64 insns, memory, digest;
};

static inline u32 mode_port_in(void *opaque, u16 port, unsigned size)
{
    (void)opaque;
    return port * 0x01010101u + size;
}

static inline void mode_port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    (void)opaque, (void)port, (void)value, (void)size;
}

static inline u8 mode_irq_ack(void *opaque)
{
    struct mode_machine *m = opaque;

    cpu_set_intr(m->cpu, false);
    return IRQ_VECTOR;
}

static inline u64 mode_tsc(void *opaque)
{
    (void)opaque;
    return 77777;
}

static inline void mode_ferr(void *opaque, bool on)
{
    (void)opaque, (void)on;
}

static inline void mode_open(struct mode_machine *m, const struct mode_config *config,
                             const char *engine)
{
    struct cpu_hooks hooks = {.opaque = m,
                              .port_in = mode_port_in,
                              .port_out = mode_port_out,
                              .irq_ack = mode_irq_ack,
                              .read_tsc = mode_tsc,
                              .ferr = mode_ferr};
    struct translate_options options = config->options;

    *m = (struct mode_machine){.config = config, .log = {.out = stderr}};
    if (!options.engine)
        options.engine = engine;
    if (phys_init(&m->phys, MT_RAM, &m->log, &m->stats) || phys_add_ram(&m->phys, 0, MT_RAM))
        abort();
    m->cpu = cpu_new(&m->phys, cpu_model_find("coreduo"), &hooks, &m->log, &m->stats);
    if (!m->cpu || translator_new(m->cpu, &options))
        abort();
    m->cpu->mmu.tlb_limit = config->tlb_limit;
}

static inline void mode_close(struct mode_machine *m)
{
    translator_free(m->cpu);
    cpu_free(m->cpu);
    phys_free(&m->phys);
}

static inline void mode_code(const struct mode_program *p, u8 *image)
{
    for (unsigned i = 0; i < UNITS; i++) {
        u8 *to = image + p->code + i * UNIT_BYTES;
        unsigned at = 0;

        memset(to, 0xf4, UNIT_BYTES);
        for (unsigned n = 0; n < UNIT_INSNS; n++) {
            memcpy(to + at, p->unit[i].insn[n].byte, p->unit[i].insn[n].len);
            at += p->unit[i].insn[n].len;
        }
    }
}

/* Page tables are read-only: what a changed entry does before a TLB flush is undefined. */
static inline u32 mode_page_entry(u32 page)
{
    u32 bits = page == MT_PD >> 12 || page == MT_PT >> 12 ? 5
               : page == 0xa                              ? 0
               : page == 0xc                              ? 5
               : page == 0xe                              ? 3
                                                          : 7;

    return page << 12 | bits;
}

static inline void mode_image(const struct mode_program *p, u8 *image)
{
    static const u32 gdt[] = {0xffff,   0xcf9b00, 0xffff,
                              0xcf9300, 0xffff,   0xcffb00,
                              0xffff,   0xcff300, MT_TSS << 16 | 0x67,
                              0x8b00,   0x1234,   0x00f201, /* 64 KiB, CPL 3 */
                              0x0fff,   0x40f700,           /* expand-down */
                              0xffff,   0x00f180,           /* read-only */
                              0xffff,   0x009b00 /* 16-bit code */};
    u64 seed = p->state_seed;

    memset(image, 0, MT_RAM);
    for (u32 at = MT_STACK; at < MT_RAM; at += 4)
        put32(image + at, mode_rnd(&seed, 4) ? mode_rnd(&seed, 0x7fffffff) * 2
                                             : MT_DATA + mode_rnd(&seed, 0x1000));
    put32(image + MT_PD, MT_PT | 7);
    for (u32 page = 0; page < MT_RAM >> 12; page++)
        put32(image + MT_PT + 4 * page, mode_page_entry(page));
    memcpy(image + MT_GDT + 8, gdt, sizeof(gdt));
    put32(image + MT_TSS + 4, MT_ESP0);
    put32(image + MT_TSS + 8, 0x10);
    for (u32 v = 0; v < 256; v++) {
        u32 to = v < 32 ? MT_HANDLERS + 4 * v : MT_IRET;

        put32(image + MT_IDT + 8 * v, 8u << 16 | to);
        put32(image + MT_IDT + 8 * v + 4, v < 32 ? 0x8e00 : 0xee00);
        put32(image + 4 * v, to);
        if (v < 32)
            image[to] = 0xf4;
    }
    image[MT_IRET] = 0xcf;
    mode_code(p, image);
}

static inline void mode_float_state(struct cpu *cpu, const struct mode_program *p)
{
    u64 seed = p->state_seed ^ 0x5555555555555555ull, *s = &seed;

    cpu->x87.cw = (u16)(0x37f - (p->unmasked ? mode_rnd(s, 64) : 0));
    cpu->x87.sw = (u16)(mode_rnd(s, 8) << 11);
    cpu->x87.tag = (u16)(mode_rnd(s, 2) ? 0xffff : 0);
    for (unsigned i = 0; i < 8; i++) {
        bool normal = mode_rnd(s, 6);

        cpu->x87.r[i].frac = 1ull << 63 | (u64)mode_rnd(s, 0x7fffffff) << 20;
        cpu->x87.r[i].se = (u16)(normal ? 0x3fff + mode_rnd(s, 40) - 20 : mode_rnd(s, 0x10000));
        for (unsigned k = 0; k < 4; k++)
            cpu->xmm[i].d[k] = mode_rnd(s, 5) ? 0x3f800000 + mode_rnd(s, 0x2000000) : mode_word(s);
    }
    cpu->mxcsr = 0x1f80 - (p->unmasked ? mode_rnd(s, 64) << 7 : 0);
    cpu_update_mode(cpu);
}

static inline void mode_power_on(struct mode_machine *m, const struct mode_program *p)
{
    static u8 image[MT_RAM];
    struct cpu *cpu = m->cpu;

    mode_image(p, image);
    phys_poke(&m->phys, 0, image, MT_RAM);
    cpu_reset(cpu);
    cpu->insns = 0;
    cpu->translator->random = (u32)p->state_seed | 1;
    mode_float_state(cpu, p);
}

static inline void mode_start_unit(struct mode_machine *m, const struct mode_program *p, unsigned n)
{
    const struct mode_unit *u = &p->unit[n];
    bool real = p->mode == GM_REAL, vm86 = p->mode == GM_VM86;
    struct cpu *cpu = m->cpu;

    cpu->halted = cpu->shadow = cpu->nmi_blocked = false;
    cpu_set_intr(cpu, false);
    cpu->cr0 = CR0_NE | CR0_ET | (real ? 0 : CR0_PE) | (p->paged ? CR0_PG | CR0_WP : 0) |
               (p->align ? CR0_AM : 0) | (p->ts ? CR0_TS : 0);
    cpu->cr3 = MT_PD;
    cpu->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true))
        abort();
    mmu_flush(&cpu->mmu, true);
    cpu->gdtr = (struct dtable){MT_GDT, 10 * 8 - 1};
    cpu->idtr = (struct dtable){real ? 0 : MT_IDT, real ? 0x3ff : 0x7ff};
    cpu->ldtr = (struct sysseg){0};
    cpu->tr = (struct sysseg){0x28, MT_TSS, 0x67, SEG_P | 11u << SEG_TYPE_SHIFT};
    cpu->eflags = u->eflags | (vm86 ? FL_VM : 0);
    cpu->lazy.op = LAZY_NONE;
    cpu_set_cpl(cpu, p->user ? 3 : 0);
    for (unsigned s = 0; s < SREG_COUNT; s++) {
        if (real || vm86)
            seg_set_real(cpu, (enum sreg)s, (u16)(p->base[s] >> 4));
        else
            seg_set(cpu, (enum sreg)s,
                    (u16)(s == SREG_CS ? (p->user ? 0x1b : 8) : (p->user ? 0x23 : 0x10)),
                    p->base[s], p->limit[s], p->attr[s]);
    }
    memcpy(cpu->r, u->r, sizeof(u->r));
    cpu->eip = p->code + n * UNIT_BYTES - p->base[SREG_CS];
    cpu_update_mode(cpu);
}

static inline u64 mode_memory(struct mode_machine *m)
{
    u64 hash = 1469598103934665603ull;
    const u8 *ram = phys_host(&m->phys, 0);

    for (u32 pa = 0; pa < MT_RAM; pa += 8)
        hash = (hash ^ get64(ram + pa)) * 1099511628211ull;
    return hash;
}

/* Runs n instructions, in the configuration's pieces: a little more when the last was an interrupt whose
 * delivery faulted, which counts twice and is never cut. */
static inline enum cpu_stop mode_go(struct mode_machine *m, u32 n)
{
    enum cpu_stop stop = CPU_STOP_BUDGET;

    while (n && stop == CPU_STOP_BUDGET) {
        u32 now = m->config->chunk && m->config->chunk < n ? m->config->chunk : n;

        u64 done = cpu_insns(m->cpu);

        stop = cpu_run(m->cpu, now);
        done = cpu_insns(m->cpu) - done;
        n -= done < n ? (u32)done : n;
    }
    return stop;
}

static inline void mode_run_unit(struct mode_machine *m, const struct mode_program *p, unsigned n,
                                 struct mode_outcome *o)
{
    const struct mode_unit *u = &p->unit[n];
    struct cpu *cpu = m->cpu;

    memset(o, 0, sizeof(*o));
    mode_start_unit(m, p, n);
    o->stop = CPU_STOP_BUDGET;
    if (u->intr) {
        o->stop = mode_go(m, u->intr);
        if (o->stop == CPU_STOP_BUDGET)
            cpu_set_intr(cpu, true);
    }
    if (o->stop == CPU_STOP_BUDGET)
        o->stop = mode_go(m, UNIT_BUDGET);
    o->eip = cpu->eip;
    o->cs = cpu->seg[SREG_CS].sel;
    o->eflags = flags_get(cpu);
    o->insns = cpu_insns(cpu);
    o->digest = cpu_digest(cpu);
    o->memory = mode_memory(m);
}

/* The unit at whose end they differ, or UNITS. */
static inline unsigned mode_compare(struct mode_machine *a, struct mode_machine *b,
                                    const struct mode_program *p, struct mode_outcome *x,
                                    struct mode_outcome *y)
{
    mode_power_on(a, p);
    mode_power_on(b, p);
    for (unsigned n = 0; n < UNITS; n++) {
        if (p->unit[n].off)
            continue;
        mode_run_unit(a, p, n, x);
        mode_run_unit(b, p, n, y);
        if (memcmp(x, y, sizeof(*x)))
            return n;
        if (x->stop == CPU_STOP_SHUTDOWN)
            break;
    }
    return UNITS;
}

static inline void mode_print_outcome(const char *who, const struct mode_outcome *o,
                                      struct cpu *cpu)
{
    fprintf(stderr,
            "%s: stop %d at %04x:%08x eflags %08x insns %llu memory %016llx digest %016llx\n", who,
            o->stop, o->cs, o->eip, o->eflags, (unsigned long long)o->insns,
            (unsigned long long)o->memory, (unsigned long long)o->digest);
    cpu_dump(cpu, stderr);
    for (unsigned i = 0; i < 8; i++)
        fprintf(stderr, "R%u %04x %016llx%s", i, cpu->x87.r[i].se,
                (unsigned long long)cpu->x87.r[i].frac, i & 1 ? "\n" : "  ");
    fprintf(stderr, "FOP %x FIP %x:%x FDP %x:%x\n", cpu->x87.fop, cpu->x87.fcs, cpu->x87.fip,
            cpu->x87.fds, cpu->x87.fdp);
}

static inline void mode_print(const struct mode_program *p)
{
    static const char *const mode[GM_COUNT] = {"flat", "user", "based", "code16", "real", "vm86"};

    fprintf(stderr, "%s%s%s%s%s%s\n", mode[p->mode], p->user ? ", CPL 3" : "",
            p->paged ? ", paged" : "", p->align ? ", AC" : "", p->ts ? ", TS" : "",
            p->unmasked ? ", exceptions unmasked" : "");
    for (unsigned i = 0; i < UNITS; i++) {
        const struct mode_unit *u = &p->unit[i];

        if (u->off)
            continue;
        fprintf(stderr, "unit %u at linear %x, interrupt after %u, eflags %x, registers", i,
                p->code + i * UNIT_BYTES, u->intr, u->eflags);
        for (unsigned r = 0; r < 8; r++)
            fprintf(stderr, " %x", u->r[r]);
        fputc('\n', stderr);
        for (unsigned n = 0; n < UNIT_INSNS; n++) {
            for (unsigned k = 0; k < u->insn[n].len; k++)
                fprintf(stderr, " %02x", u->insn[n].byte[k]);
            fputc('\n', stderr);
        }
    }
}

/* Whether q, a smaller p, still differs: then p becomes it. */
static inline bool mode_still(struct mode_machine *a, struct mode_machine *b,
                              struct mode_program *p, const struct mode_program *q)
{
    struct mode_outcome x, y;

    if (mode_compare(a, b, q, &x, &y) == UNITS)
        return false;
    *p = *q;
    return true;
}

static inline void mode_shrink(struct mode_machine *a, struct mode_machine *b,
                               struct mode_program *p)
{
    static const struct mode_insn nop = {{0x90}, 1};
    struct mode_outcome x, y;

    for (unsigned i = UNITS; i-- > 0;) {
        struct mode_program q = *p;

        q.unit[i].off = true;
        mode_still(a, b, p, &q);
    }
    for (unsigned i = 0; i < UNITS; i++)
        for (unsigned n = UNIT_INSNS; n-- > 0 && !p->unit[i].off;) {
            struct mode_program q = *p;

            q.unit[i].insn[n].len = 0;
            if (!mode_still(a, b, p, &q)) {
                q = *p;
                q.unit[i].insn[n] = nop;
                mode_still(a, b, p, &q);
            }
        }
    mode_compare(a, b, p, &x, &y);
    mode_print(p);
    mode_print_outcome("reference", &x, a->cpu);
    mode_print_outcome(b->config->name, &y, b->cpu);
}

/* Runs programs from to to - 1; returns whether all were the same. ended: units by how they ended, faults in
 * the last. coverage: or NULL. */
static inline bool mode_run(const char *engine, u64 from, u64 to, u64 ended[CPU_STOPS + 1],
                            struct coverage *coverage)
{
    struct mode_machine reference, m[ARRAY_SIZE(mode_configs)];
    bool same = true;

    mode_open(&reference, &mode_reference, engine);
    for (unsigned i = 0; i < ARRAY_SIZE(mode_configs); i++)
        mode_open(&m[i], &mode_configs[i], engine);
    for (u64 number = from; number < to && same; number++) {
        struct mode_outcome want[UNITS], got;
        struct mode_program p;
        unsigned units = 0;

        mode_generate(&p, number);
        mode_power_on(&reference, &p);
        for (bool more = true; units < UNITS && more; units++) {
            mode_run_unit(&reference, &p, units, &want[units]);
            ended[want[units].stop]++;
            ended[CPU_STOPS] += want[units].eip - MT_HANDLERS < 128;
            more = want[units].stop != CPU_STOP_SHUTDOWN;
        }
        for (unsigned i = 0; i < ARRAY_SIZE(mode_configs) && same; i++) {
            mode_power_on(&m[i], &p);
            for (unsigned n = 0; n < units && same; n++) {
                mode_run_unit(&m[i], &p, n, &got);
                same = !memcmp(&want[n], &got, sizeof(got));
            }
            if (coverage)
                coverage_add(coverage, m[i].cpu->translator);
            if (!same) {
                fprintf(stderr, "program %llu: \"%s\" on %s differs\n", (unsigned long long)number,
                        mode_configs[i].name, engine);
                mode_shrink(&reference, &m[i], &p);
            }
        }
    }
    mode_close(&reference);
    for (unsigned i = 0; i < ARRAY_SIZE(mode_configs); i++)
        mode_close(&m[i]);
    return same;
}

#endif
