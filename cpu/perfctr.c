/* Performance counters that cost nothing while the guest runs: what is counted here is known anyhow.
 *
 * Instructions retired are counted exactly. A cycle is an instruction, so that two runs agree; a reference cycle is one
 * of the TSC. Other events do not happen. A counter for one privilege level alone is brought up to date where the level
 * changes. Nobody waits for an overflow while the guest runs: the board does not run it beyond the next one. */
#include "cpu/perfctr.h"

#include <string.h>

#include "cpu/cpuid.h"

#define VALUE_MASK ((1ull << PERFCTR_BITS) - 1)

#define SELECT_EVENT 0xffffu /* and unit mask */
#define SELECT_USER  (1u << 16)
#define SELECT_OS    (1u << 17)
#define SELECT_INT   (1u << 20) /* overflow interrupts */
#define SELECT_ON    (1u << 22)
#define SELECT_COUNT                                                                               \
    0xff840000u /* edges, inversion, and so many events at a time: nothing does that here */

#define EVENT_CYCLES    0x003cu
#define EVENT_REFERENCE 0x013cu
#define EVENT_INSNS     0x00c0u
#define EVENT_P6_CYCLES 0x0079u

bool perfctr_architectural(const struct cpu_model *model)
{
    return model->max_leaf >= 10;
}

static bool is_on(const struct cpu *cpu, unsigned n)
{
    return cpu->perf[perfctr_architectural(cpu->model) ? n : 0].select & SELECT_ON;
}

static bool counts_at(const struct cpu *cpu, unsigned n, bool user)
{
    return is_on(cpu, n) && (cpu->perf[n].select & (user ? SELECT_USER : SELECT_OS));
}

/* How often the counter's event has happened since the machine was switched on. */
static u64 events(const struct cpu *cpu, u32 select)
{
    if (select & SELECT_COUNT)
        return 0;
    switch (select & SELECT_EVENT) {
    case EVENT_P6_CYCLES: return perfctr_architectural(cpu->model) ? 0 : cpu->insns_now(cpu);
    case EVENT_CYCLES:
    case EVENT_INSNS: return cpu->insns_now(cpu);
    case EVENT_REFERENCE: return cpu->hooks.read_tsc ? cpu->hooks.read_tsc(cpu->hooks.opaque) : 0;
    default: return 0;
    }
}

/* With the bits that overflow. */
static u64 sum_now(const struct cpu *cpu, unsigned n, bool user)
{
    const struct perf_counter *p = &cpu->perf[n];

    return p->value + (counts_at(cpu, n, user) ? events(cpu, p->select) - cpu->perf_since[n] : 0);
}

static bool interrupts(const struct cpu *cpu, unsigned n)
{
    return is_on(cpu, n) && (cpu->perf[n].select & SELECT_INT);
}

/* Brings all up to date, as they have counted at this level. */
static void settle(struct cpu *cpu, bool user)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->perf); i++) {
        u64 sum = sum_now(cpu, i, user);

        if (sum > VALUE_MASK && interrupts(cpu, i))
            cpu->perf_overflow = true;
        cpu->perf[i].value = sum & VALUE_MASK;
        cpu->perf_since[i] = events(cpu, cpu->perf[i].select);
    }
}

void perfctr_until_overflow(const struct cpu *cpu, u64 *insns, u64 *ticks)
{
    bool user = cpu->cpl != 0;

    *insns = *ticks = UINT64_MAX;
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->perf); i++) {
        u32 select = cpu->perf[i].select;
        u64 *left = (select & SELECT_EVENT) == EVENT_REFERENCE ? ticks : insns;
        u64 more = VALUE_MASK + 1 - (sum_now(cpu, i, user) & VALUE_MASK);

        if (interrupts(cpu, i) && counts_at(cpu, i, user) && events(cpu, select) && more < *left)
            *left = more;
    }
}

bool perfctr_overflowed(struct cpu *cpu)
{
    bool user = cpu->cpl != 0, overflow;

    for (unsigned i = 0; i < ARRAY_SIZE(cpu->perf); i++)
        if (interrupts(cpu, i) && sum_now(cpu, i, user) > VALUE_MASK)
            settle(cpu, user);
    overflow = cpu->perf_overflow;
    cpu->perf_overflow = false;
    return overflow;
}

void perfctr_update(struct cpu *cpu)
{
    cpu->perf_by_level = cpu->perf_armed = false;
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->perf); i++) {
        if (counts_at(cpu, i, false) != counts_at(cpu, i, true))
            cpu->perf_by_level = true;
        if (interrupts(cpu, i))
            cpu->perf_armed = true;
    }
    if (cpu->perf_armed)
        cpu_kick(cpu);
}

void perfctr_select(struct cpu *cpu, unsigned n, u32 select)
{
    settle(cpu, cpu->cpl != 0);
    cpu->perf[n].select = select;
    cpu->perf_since[n] = events(cpu, select);
    perfctr_update(cpu);
}

void perfctr_write(struct cpu *cpu, unsigned n, u32 value)
{
    cpu->perf[n].value = (u64)(i64)(i32)value & VALUE_MASK;
    cpu->perf_since[n] = events(cpu, cpu->perf[n].select);
    if (cpu->perf_armed)
        cpu_kick(cpu);
}

u64 perfctr_read(const struct cpu *cpu, unsigned n)
{
    return sum_now(cpu, n, cpu->cpl != 0) & VALUE_MASK;
}

void perfctr_level(struct cpu *cpu)
{
    bool before = cpu->mode & MODE_CPL;

    if (before == (cpu->cpl != 0))
        return;
    settle(cpu, before);
    if (cpu->perf_armed)
        cpu_kick(cpu);
}

void perfctr_reset(struct cpu *cpu)
{
    memset(cpu->perf, 0, sizeof(cpu->perf));
    cpu->perf_by_level = cpu->perf_armed = cpu->perf_overflow = false;
}
