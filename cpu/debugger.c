/* Breakpoints and watchpoints of a debugger outside of the guest. */
#include "cpu/debugger.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/debug.h"
#include "cpu/excp.h"

static struct debugger_point *find(struct debugger *d, enum debugger_kind kind, u32 la, u32 len)
{
    for (unsigned i = 0; i < d->points; i++)
        if (d->point[i].kind == kind && d->point[i].la == la &&
            (debugger_on_code(kind) || d->point[i].len == len))
            return &d->point[i];
    return NULL;
}

static void changed(struct cpu *cpu, enum debugger_kind kind, u32 la)
{
    if (!debugger_on_code(kind))
        debug_update(cpu);
    else if (cpu->code_changed)
        cpu->code_changed(cpu, la);
}

int debugger_insert(struct cpu *cpu, enum debugger_kind kind, u32 la, u32 len)
{
    struct debugger *d = &cpu->debugger;

    if (!debugger_on_code(kind) && (len == 0 || len > DEBUGGER_WATCH_MAX || la + (len - 1) < la))
        return -EINVAL;
    if (find(d, kind, la, len))
        return 0;
    if (!debugger_on_code(kind) && d->points - d->codes == DEBUGGER_WATCHES)
        return -ENOSPC;
    if (d->points == d->capacity) {
        unsigned capacity = d->capacity ? d->capacity * 2 : 16;
        struct debugger_point *point = realloc(d->point, capacity * sizeof(*point));

        if (!point)
            return -ENOMEM;
        d->point = point;
        d->capacity = capacity;
    }
    d->point[d->points++] = (struct debugger_point){kind, la, len};
    d->codes += debugger_on_code(kind);
    changed(cpu, kind, la);
    return 0;
}

int debugger_remove(struct cpu *cpu, enum debugger_kind kind, u32 la, u32 len)
{
    struct debugger *d = &cpu->debugger;
    struct debugger_point *point = find(d, kind, la, len);

    if (!point)
        return -ENOENT;
    *point = d->point[--d->points];
    d->codes -= debugger_on_code(kind);
    changed(cpu, kind, la);
    return 0;
}

void debugger_clear(struct cpu *cpu)
{
    struct debugger *d = &cpu->debugger;

    while (d->points) {
        struct debugger_point last = d->point[d->points - 1];

        debugger_remove(cpu, last.kind, last.la, last.len);
    }
    free(d->point);
    d->point = NULL;
    d->capacity = 0;
    d->hit = false;
}

unsigned debugger_watches(const struct cpu *cpu, struct mmu_watch *watch, unsigned count,
                          unsigned first_bit, bool *reads)
{
    const struct debugger *d = &cpu->debugger;
    u32 bit = 1u << first_bit;

    *reads = false;
    for (unsigned i = 0; i < d->points; i++) {
        const struct debugger_point *point = &d->point[i];

        if (debugger_on_code(point->kind))
            continue;
        watch[count++] = (struct mmu_watch){.la = point->la,
                                            .len = point->len,
                                            .reads = point->kind != DEBUGGER_WRITE,
                                            .reads_only = point->kind == DEBUGGER_READ,
                                            .bits = bit};
        *reads |= point->kind != DEBUGGER_WRITE;
        bit <<= 1;
    }
    return count;
}

void debugger_watch_hit(struct cpu *cpu, u32 bits)
{
    struct debugger *d = &cpu->debugger;

    for (unsigned i = 0; i < d->points && !d->hit; i++) {
        if (debugger_on_code(d->point[i].kind))
            continue;
        if (bits & 1) {
            d->hit = true;
            d->hit_point = d->point[i];
        }
        bits >>= 1;
    }
    cpu_kick(cpu);
}

const struct debugger_point *debugger_code_at(const struct cpu *cpu, u32 la)
{
    const struct debugger *d = &cpu->debugger;

    for (unsigned i = 0; d->codes && i < d->points; i++)
        if (d->point[i].la == la && debugger_on_code(d->point[i].kind))
            return &d->point[i];
    return NULL;
}

void debugger_stop(struct cpu *cpu, const struct debugger_point *point)
{
    cpu->debugger.hit = true;
    cpu->debugger.hit_point = *point;
    cpu_kick(cpu);
    cpu_restart(cpu);
}
