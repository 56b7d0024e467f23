/* Hooks: the list of them, and what the CPU and the MMU call for them while there are any. */
#include "lib/lib.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/debug.h"
#include "cpu/excp.h"
#include "cpu/simd/simd.h"
#include "cpu/x87/x87.h"

#define HOOKS_ACCESS (PAGEWALK_HOOK_READ | PAGEWALK_HOOK_READ_DONE | PAGEWALK_HOOK_WRITE)
#define HOOKS_READS  (PAGEWALK_HOOK_READ | PAGEWALK_HOOK_READ_DONE)
#define HOOKS_INSN   (PAGEWALK_HOOK_INSN | PAGEWALK_HOOK_FETCH)
#define HOOKS_PROBE  (HOOKS_INSN | PAGEWALK_HOOK_BLOCK)
#define HOOKS_ALL    (2 * PAGEWALK_HOOK_TRANSLATE - 1)

static bool everywhere(const struct hook *hook)
{
    return hook->begin > hook->end;
}

/* Whether the hook is for something of first to last. */
static bool covers(const struct hook *hook, u32 first, u32 last)
{
    return everywhere(hook) || (hook->begin <= last && first <= hook->end);
}

static bool wanted(const struct pagewalk *pw, unsigned kinds, u32 first, u32 last)
{
    for (unsigned i = 0; i < pw->hooks; i++)
        if (pw->hook[i].kinds & kinds && covers(&pw->hook[i], first, last))
            return true;
    return false;
}

static void forget_removed(struct pagewalk *pw)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < pw->hooks; i++)
        if (pw->hook[i].kinds)
            pw->hook[kept++] = pw->hook[i];
    pw->hooks = kept;
    pw->holes = false;
}

/* Calls the hooks of event->kind for first to last; whether one of them returned true. Those that are made meanwhile are not
 * called. `in`: what they may do. */
static bool call(struct pagewalk *pw, struct pagewalk_event *event, u32 first, u32 last, int in)
{
    unsigned count = pw->hooks;
    int was = pw->in;
    bool result = false;

    if (!(pw->kinds & event->kind))
        return false;
    pw->in = in;
    pw->depth++;
    for (unsigned i = 0; i < count; i++) {
        struct hook hook = pw->hook[i]; /* the list may move */

        if (!(hook.kinds & event->kind) || !covers(&hook, first, last))
            continue;
        if (hook.fn(pw, event, hook.user))
            result = true;
    }
    pw->in = was;
    if (--pw->depth == 0 && pw->holes)
        forget_removed(pw);
    return result;
}

static bool time_is_over(struct pagewalk *pw)
{
    if (pw->deadline && !pw->time_over && stats_ns() >= pw->deadline)
        pw->time_over = true;
    return pw->time_over;
}

/* Whether the run is to end, as far as hooks have a say in it. */
static bool ends(struct pagewalk *pw)
{
    return pw->stop || pw->error || time_is_over(pw);
}

void hook_settle(struct pagewalk *pw)
{
    struct cpu *cpu = pw->cpu;

    if (!ends(pw) && !pw->defers && !pw->changed)
        return;
    pw->changed = false;
    cpu_kick(cpu);
    cpu_leave_block(cpu);
}

/* C of the caller's computes with the host's floating point as it should be. */
static void leave_guest_math(struct pagewalk *pw)
{
    x87_sync(pw->cpu);
    mxcsr_sync(pw->cpu);
}

/* Instructions and blocks. */

static u8 on_probed(void *opaque, u32 la, bool first)
{
    struct pagewalk *pw = opaque;

    return (wanted(pw, HOOKS_INSN, la, la) ? PROBE_INSN : 0) |
           (first && wanted(pw, PAGEWALK_HOOK_BLOCK, la, la) ? PROBE_BLOCK : 0);
}

static bool on_probe(void *opaque, u32 la, unsigned size, unsigned block_size)
{
    struct pagewalk *pw = opaque;
    struct cpu *cpu = pw->cpu;
    struct pagewalk_event event = {.address = la, .access = PAGEWALK_EXEC};
    u32 eip = cpu->eip;
    bool skip = pw->skip && pw->skip_la == la;

    pw->skip = false;
    if (skip)
        return false;
    pw->changed = false;
    if (block_size) {
        event.kind = PAGEWALK_HOOK_BLOCK;
        event.size = block_size;
        call(pw, &event, la, la, IN_BETWEEN);
    }
    event.size = size;
    if (size && cpu->eip == eip && !pw->stop) {
        event.kind = PAGEWALK_HOOK_FETCH;
        call(pw, &event, la, la, IN_BETWEEN);
    }
    if (size && cpu->eip == eip && !pw->stop) {
        event.kind = PAGEWALK_HOOK_INSN;
        call(pw, &event, la, la, IN_BETWEEN);
    }
    if (ends(pw)) {
        cpu_kick(cpu);
        return true;
    }
    if (cpu->eip != eip)
        return true;
    if (!pw->changed)
        return false;
    pw->changed = false;
    pw->skip = true;
    pw->skip_la = la_add(cpu->r[R_BASE + SREG_CS], eip);
    return true;
}

static void on_translated(void *opaque, u32 la, unsigned size, unsigned insns)
{
    struct pagewalk *pw = opaque;
    struct pagewalk_event event = {.kind = PAGEWALK_HOOK_TRANSLATE,
                                   .address = la,
                                   .size = size,
                                   .access = PAGEWALK_EXEC,
                                   .instructions = insns};

    leave_guest_math(pw);
    call(pw, &event, la, size ? la + size - 1 : la, IN_TRANSLATE);
}

/* Data. */

static bool on_wants(void *opaque, u32 la, bool write)
{
    return wanted(opaque, write ? HOOKS_ACCESS : HOOKS_READS, la, la | PAGE_MASK);
}

static void access(struct pagewalk *pw, enum pagewalk_hook kind, u32 la, unsigned size, u64 value)
{
    struct pagewalk_event event = {.kind = kind,
                                   .address = la,
                                   .size = size,
                                   .value = value,
                                   .access = kind == PAGEWALK_HOOK_WRITE ? PAGEWALK_WRITE
                                                                         : PAGEWALK_READ};
    u32 last = la + size - 1 < la ? UINT32_MAX : la + size - 1;

    if (!wanted(pw, kind, la, last))
        return;
    leave_guest_math(pw);
    call(pw, &event, la, last, IN_ACCESS);
    hook_settle(pw);
}

static void on_before(void *opaque, u32 la, unsigned size, bool write, u64 value)
{
    access(opaque, write ? PAGEWALK_HOOK_WRITE : PAGEWALK_HOOK_READ, la, size, value);
}

static void on_loaded(void *opaque, u32 la, unsigned size, u64 value)
{
    access(opaque, PAGEWALK_HOOK_READ_DONE, la, size, value);
}

/* An access that the map does not allow: the instruction is done again when a hook says so, else the run ends. */
static void on_outside(void *opaque)
{
    struct pagewalk *pw = opaque;
    const struct mmu_fault *fault = &pw->cpu->mmu.fault;
    bool missing = fault->outside == MMU_OUTSIDE_MISSING;
    bool fetch = fault->error & PF_I, write = fault->error & PF_W;
    struct pagewalk_event event = {.kind =
                                       missing ? PAGEWALK_HOOK_UNMAPPED : PAGEWALK_HOOK_PROTECTED,
                                   .address = fault->la,
                                   .physical = (u32)fault->pa,
                                   .access = fetch   ? PAGEWALK_EXEC
                                             : write ? PAGEWALK_WRITE
                                                     : PAGEWALK_READ};
    int first = missing ? PAGEWALK_ERR_READ_UNMAPPED : PAGEWALK_ERR_READ_PROTECTED;

    if (fetch && pw->until_armed && fault->la == pw->until) {
        pw->reached = true;
        cpu_kick(pw->cpu);
        return;
    }
    if (!call(pw, &event, fault->la, fault->la, IN_ACCESS) && !pw->stop) {
        pw->error = first + (fetch ? 2 : write ? 1 : 0); /* ORDER enum pagewalk_error */
        pw->fault =
            (struct pagewalk_fault_info){.address = event.address, .physical = event.physical};
    }
    pw->changed = false;
    if (ends(pw) || pw->defers)
        cpu_kick(pw->cpu);
}

/* Ports. */

static u32 on_port_in(void *opaque, u16 port, unsigned size)
{
    struct pagewalk *pw = opaque;
    struct pagewalk_event event = {.kind = PAGEWALK_HOOK_IN,
                                   .address = port,
                                   .size = size,
                                   .value = UINT32_MAX >> (32 - 8 * size),
                                   .access = PAGEWALK_READ};

    if (pw->kinds & PAGEWALK_HOOK_IN) {
        leave_guest_math(pw);
        call(pw, &event, port, port, IN_ACCESS);
        hook_settle(pw);
    }
    return (u32)event.value;
}

static void on_port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    struct pagewalk *pw = opaque;
    struct pagewalk_event event = {.kind = PAGEWALK_HOOK_OUT,
                                   .address = port,
                                   .size = size,
                                   .value = value,
                                   .access = PAGEWALK_WRITE};

    if (pw->kinds & PAGEWALK_HOOK_OUT) {
        leave_guest_math(pw);
        call(pw, &event, port, port, IN_ACCESS);
        hook_settle(pw);
    }
}

/* Interrupts, exceptions and system calls. */

static bool idt_has(const struct cpu *cpu, u8 vector)
{
    return cpu->cr0 & CR0_PE ? vector * 8u + 7 <= cpu->idtr.limit
                             : vector * 4u + 3 <= cpu->idtr.limit;
}

/* False: it goes to the IDT. */
static bool take_event(struct pagewalk *pw, u8 vector, u8 source, u32 error, u32 eip)
{
    struct cpu *cpu = pw->cpu;
    struct pagewalk_event event = {.address = la_add(cpu->r[R_BASE + SREG_CS], eip),
                                   .vector = vector,
                                   .error_code = error,
                                   .software = excp_soft((enum excp_source)source)};

    if (source == EXCP_BY_INT && vector == 0x80) {
        event.kind = PAGEWALK_HOOK_SYSCALL;
        if (call(pw, &event, vector, vector, IN_BETWEEN))
            return true;
    }
    event.kind = PAGEWALK_HOOK_INTERRUPT;
    if (call(pw, &event, vector, vector, IN_BETWEEN))
        return true;
    if (ends(pw))
        cpu_kick(cpu);
    if (idt_has(cpu, vector))
        return false;
    pw->error = PAGEWALK_ERR_EXCEPTION;
    pw->fault = (struct pagewalk_fault_info){
        .address = vector == EXCP_PF ? cpu->cr2 : 0, .vector = vector, .error_code = error};
    if (event.software)
        cpu->eip = cpu_current_eip(cpu);
    return true;
}

static bool on_event(void *opaque, u8 vector, u8 source, u32 error, u32 eip)
{
    struct pagewalk *pw = opaque;
    bool taken = take_event(pw, vector, source, error, eip);

    if (taken)
        cpu_kick(pw->cpu); /* registers may be any now */
    return taken;
}

static bool on_sysenter(void *opaque)
{
    struct pagewalk *pw = opaque;
    struct pagewalk_event event = {.kind = PAGEWALK_HOOK_SYSCALL,
                                   .address = la_add(pw->cpu->r[R_BASE + SREG_CS], pw->cpu->eip)};
    bool done = call(pw, &event, 0, 0, IN_BETWEEN);

    if (done || ends(pw))
        cpu_kick(pw->cpu);
    return done;
}

/* The CPU calls for what there are hooks of, and for nothing else. */
static void update(struct pagewalk *pw, unsigned changed)
{
    struct cpu_hooks *hooks = &pw->cpu->hooks;
    unsigned kinds = 0;

    for (unsigned i = 0; i < pw->hooks; i++)
        kinds |= pw->hook[i].kinds;
    pw->kinds = kinds;
    hooks->probed = kinds & HOOKS_PROBE ? on_probed : NULL;
    hooks->translated = kinds & PAGEWALK_HOOK_TRANSLATE ? on_translated : NULL;
    hooks->sysenter = kinds & PAGEWALK_HOOK_SYSCALL ? on_sysenter : NULL;
    if (changed & HOOKS_PROBE) {
        phys_changes(&pw->phys); /* blocks are translated anew */
        pw->changed = true;
    }
    if (changed & HOOKS_ACCESS) {
        mmu_observe(&pw->cpu->mmu, kinds & HOOKS_ACCESS ? &pw->observer : NULL);
        debug_update(pw->cpu);
        pw->changed = true;
    }
}

void hook_init(struct pagewalk *pw)
{
    struct cpu_hooks *hooks = &pw->cpu->hooks;

    hooks->event = on_event;
    hooks->outside = on_outside;
    hooks->port_in = on_port_in;
    hooks->port_out = on_port_out;
    hooks->probe = on_probe;
    pw->observer = (struct mmu_observer){on_wants, on_before, on_loaded, pw};
}

PUBLIC int pagewalk_hook_add(struct pagewalk *pw, unsigned kinds, uint32_t begin, uint32_t end,
                             pagewalk_hook_fn *fn, void *user, unsigned *id)
{
    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    if (!kinds || kinds & ~HOOKS_ALL || !fn)
        return PAGEWALK_ERR_ARGUMENT;
    if (!lib_grow((void **)&pw->hook, pw->hooks, &pw->hook_capacity, sizeof(*pw->hook)))
        return PAGEWALK_ERR_MEMORY;
    pw->hook[pw->hooks++] = (struct hook){++pw->next_id, kinds, begin, end, fn, user};
    update(pw, kinds);
    if (id)
        *id = pw->next_id;
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_hook_remove(struct pagewalk *pw, unsigned id)
{
    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    for (unsigned i = 0; i < pw->hooks; i++) {
        unsigned kinds = pw->hook[i].kinds;

        if (pw->hook[i].id != id || !kinds)
            continue;
        pw->hook[i].kinds = 0;
        if (pw->depth)
            pw->holes = true;
        else
            forget_removed(pw);
        update(pw, kinds);
        return PAGEWALK_OK;
    }
    return PAGEWALK_ERR_ARGUMENT;
}
