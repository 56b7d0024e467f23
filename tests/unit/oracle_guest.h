/* The guest at the oracle's addresses: flat 32-bit protected mode without paging, one per engine,
 * whose exception handlers halt. */
#ifndef PAGEWALK_TESTS_ORACLE_GUEST_H
#define PAGEWALK_TESTS_ORACLE_GUEST_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/flat_cpu.h"
#include "tests/unit/host_oracle.h"
#include "translate/translate.h"

/* Above the oracle's own memory. */
#define GUEST_GDT     (ORACLE_BASE + 0x18000u)
#define GUEST_IDT     (ORACLE_BASE + 0x18100u)
#define GUEST_HANDLER (ORACLE_BASE + 0x19000u) /* 16 bytes a vector: HLT */
#define GUEST_ESP     (ORACLE_BASE + 0x1b000u)

struct oracle_guest {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
    u8 *ram; /* host address of ORACLE_BASE's byte */
};

static inline void guest_put32(struct oracle_guest *g, u32 pa, u32 value)
{
    phys_poke(&g->phys, pa, &value, 4);
}

static inline struct oracle_guest *guest_open(const char *engine)
{
    static const struct cpu_hooks none;
    struct oracle_guest *g = calloc(1, sizeof(*g));
    struct translate_options options = {.engine = engine};
    u8 hlt = 0xf4;

    if (!g)
        abort();
    g->log.out = stderr;
    ck_assert_int_eq(phys_init(&g->phys, ORACLE_SIZE, &g->log, &g->stats), 0);
    ck_assert_int_eq(phys_add_ram(&g->phys, ORACLE_BASE, ORACLE_SIZE), 0);
    g->ram = phys_host(&g->phys, ORACLE_BASE);
    g->cpu = cpu_new(&g->phys, NULL, &none, &g->log, &g->stats);
    ck_assert_ptr_nonnull(g->cpu);
    g->cpu->host_math = true;
    ck_assert_int_eq(translator_new(g->cpu, &options), 0);
    flat_segments(g->cpu);
    ck_assert(mmu_set_paging(&g->cpu->mmu, g->cpu->cr0, 0, 0, true));
    guest_put32(g, GUEST_GDT + 8, 0x0000ffff);
    guest_put32(g, GUEST_GDT + 12, 0x00cf9b00);
    for (u32 v = 0; v < 32; v++) {
        u32 at = GUEST_HANDLER + 16 * v;

        guest_put32(g, GUEST_IDT + 8 * v, 8u << 16 | (at & 0xffff));
        guest_put32(g, GUEST_IDT + 8 * v + 4, (at & 0xffff0000) | 0x8e00);
        phys_poke(&g->phys, at, &hlt, 1);
    }
    g->cpu->gdtr = (struct dtable){GUEST_GDT, 15};
    g->cpu->idtr = (struct dtable){GUEST_IDT, 255};
    return g;
}

static inline void guest_close(struct oracle_guest *g)
{
    translator_free(g->cpu);
    cpu_free(g->cpu);
    phys_free(&g->phys);
    free(g);
}

/* Runs len bytes of code at ORACLE_BASE and then HLT. -1, or the vector of an exception. */
static inline int guest_run(struct oracle_guest *g, const u8 *code, unsigned len,
                            struct oracle_state *state)
{
    struct cpu *cpu = g->cpu;
    u8 bytes[64];
    enum cpu_stop stop;

    memcpy(bytes, code, len);
    bytes[len] = 0xf4;
    phys_poke(&g->phys, ORACLE_BASE, bytes, len + 1);
    mmu_flush(&cpu->mmu, true);
    memcpy(cpu->r, state->r, sizeof(state->r));
    cpu->eflags = (u32)state->flags | FL_ONE;
    cpu->lazy.op = LAZY_NONE;
    cpu->eip = ORACLE_BASE;
    cpu->halted = false;
    cpu_update_mode(cpu);
    stop = cpu_run(cpu, 1000);
    expect(stop == CPU_STOP_HALT, "the guest stopped with %d at %x", stop, cpu->eip);
    memcpy(state->r, cpu->r, sizeof(state->r));
    state->flags = flags_get(cpu);
    if (cpu->eip >= GUEST_HANDLER && cpu->eip < GUEST_HANDLER + 32 * 16)
        return (int)(cpu->eip - GUEST_HANDLER) / 16;
    expect(cpu->eip == ORACLE_BASE + len + 1, "the guest halted at %x", cpu->eip);
    return -1;
}

static inline unsigned engine_count(void)
{
    unsigned n = 0;

    while (translator_engines()[n])
        n++;
    return n;
}

/* How much more than in a unit run is to be tested. */
static inline unsigned test_scale(void)
{
    const char *scale = getenv("PAGEWALK_TEST_SCALE");

    return scale && atoi(scale) > 0 ? (unsigned)atoi(scale) : 1;
}

#endif
