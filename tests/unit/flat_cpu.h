/* A CPU for unit tests: 32-bit protected mode, flat segments, CPL 0, 1 MiB of RAM, paging off. */
#ifndef PAGEWALK_TEST_FLAT_CPU_H
#define PAGEWALK_TEST_FLAT_CPU_H

#include <stdlib.h>

#include "cpu/cpu.h"
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/seg.h"

struct flat_cpu {
    struct phys phys;
    struct log log;
    struct stats stats;
    struct cpu *cpu;
};

#define FLAT_RAM (1024u * 1024u)

/* Calls helper with cpu->fault.vector set to what it raised, -1 for nothing; returns its result. */
static noinline __attribute__((unused)) u32 flat_call(struct cpu *cpu, helper_fn *helper, u32 a,
                                                      u32 b, u32 c)
{
    volatile u32 result = 0; /* no tail call: the frame has to stay */

    cpu->fault.vector = -1;
    if (!__builtin_setjmp(cpu->unwind))
        result = helper(cpu, a, b, c);
    return result;
}

static __attribute__((unused)) void flat_segments(struct cpu *cpu)
{
    u32 data = SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G;

    cpu->cr0 |= CR0_PE | CR0_NE;
    for (int i = 0; i < SREG_COUNT; i++)
        seg_set(cpu, (enum sreg)i, i == SREG_CS ? 8 : 16, 0, 0xffffffff,
                data | (i == SREG_CS ? SEG_CODE : 0));
    cpu_set_cpl(cpu, 0);
    cpu_update_mode(cpu);
}

static __attribute__((unused)) struct cpu *flat_cpu_open(struct flat_cpu *flat,
                                                         const struct cpu_hooks *hooks)
{
    static const struct cpu_hooks none;

    *flat = (struct flat_cpu){.log = {.out = stderr}};
    if (phys_init(&flat->phys, FLAT_RAM, &flat->log, &flat->stats) ||
        phys_add_ram(&flat->phys, 0, FLAT_RAM))
        abort();
    flat->cpu = cpu_new(&flat->phys, NULL, hooks ? hooks : &none, &flat->log, &flat->stats);
    if (flat->cpu == NULL)
        abort();
    flat_segments(flat->cpu);
    return flat->cpu;
}

static __attribute__((unused)) void flat_cpu_close(struct flat_cpu *flat)
{
    cpu_free(flat->cpu);
    phys_free(&flat->phys);
}

/* ck_assert_msg() for inner loops: libcheck's own writes to a file each time. */
#define expect(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

#define expect_eq(got, want)                                                                       \
    do {                                                                                           \
        u32 expect_got = (u32)(got), expect_want = (u32)(want);                                    \
        expect(expect_got == expect_want, "%s is %x, not %x", #got, expect_got, expect_want);      \
    } while (0)

/* xorshift64*: the same numbers in every run. */
static __attribute__((unused)) u64 test_random(u64 *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

#endif
