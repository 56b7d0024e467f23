/* Running: from an address, until something ends it. */
#define _GNU_SOURCE /* pthread_getattr_np */
#include "lib/lib.h"

#include "cpu/excp.h"
#include "cpu/peek.h"
#include "translate/decode/decode.h"

#define CHUNK       (1u << 18)  /* instructions between looks at the clock and at pagewalk_stop() */
#define STACK_LEAST (640 * KIB) /* native code takes up to 512 of them */

/* Whether this thread has the stack that native code wants; what is not known is taken for enough. */
static bool has_stack(struct pagewalk *pw)
{
    u8 here, *at = &here;
    pthread_t thread = pthread_self();
    pthread_attr_t attr;
    void *low;
    size_t size;

    if (!pw->stack_low || !pthread_equal(thread, pw->stack_thread)) {
        if (pthread_getattr_np(thread, &attr))
            return true;
        if (pthread_attr_getstack(&attr, &low, &size) == 0) {
            pw->stack_thread = thread;
            pw->stack_low = low;
            pw->stack_high = pw->stack_low + size;
        }
        pthread_attr_destroy(&attr);
    }
    return at < pw->stack_low || at > pw->stack_high || at - pw->stack_low >= STACK_LEAST;
}

/* The address stays armed for the next run, which mostly has the same. */
static int arm_until(struct pagewalk *pw, u64 until)
{
    if (pw->until_armed && pw->until == until)
        return PAGEWALK_OK;
    if (pw->until_armed)
        debugger_remove(pw->cpu, DEBUGGER_HARD, (u32)pw->until, 1);
    pw->until_armed = false;
    pw->until = until;
    if (until == PAGEWALK_NOWHERE)
        return PAGEWALK_OK;
    if (debugger_insert(pw->cpu, DEBUGGER_HARD, (u32)until, 1))
        return PAGEWALK_ERR_MEMORY;
    pw->until_armed = true;
    return PAGEWALK_OK;
}

/* Registers that hooks wrote within an instruction. */
static void put_deferred(struct pagewalk *pw)
{
    for (unsigned i = 0; i < pw->defers; i++) {
        int err = reg_put(pw, pw->deferred[i].reg, pw->deferred[i].bytes);

        if (err && !pw->error)
            pw->error = err;
    }
    pw->defers = 0;
}

static int finish(struct pagewalk *pw, enum pagewalk_end end)
{
    pw->end = end;
    return PAGEWALK_OK;
}

static int fail(struct pagewalk *pw, int error)
{
    pw->end = PAGEWALK_END_ERROR;
    return error;
}

static enum cpu_stop run_chunk(struct pagewalk *pw, u64 left)
{
    enum cpu_stop why;

    pw->running = true;
    if (left)
        why = cpu_run(pw->cpu, left < CHUNK ? (u32)left : CHUNK);
    else
        why = cpu_run_at_least(pw->cpu, CHUNK);
    pw->running = false;
    pw->changed = false;
    map_free_late(pw);
    put_deferred(pw);
    return why;
}

/* The host's time then; a time so far off that it does not fit is none. */
static u64 deadline_after(u64 microseconds)
{
    u64 now = stats_ns();

    return microseconds && microseconds <= (UINT64_MAX - now) / 1000 ? now + microseconds * 1000
                                                                     : 0;
}

PUBLIC int pagewalk_run(struct pagewalk *pw, uint64_t from, uint64_t until, uint64_t microseconds,
                        uint64_t instructions)
{
    struct cpu *cpu = pw->cpu;
    u64 start = cpu->insns;
    int err;

    if (pw->running || pw->in != IN_NONE)
        return PAGEWALK_ERR_BUSY;
    if ((from >> 32 && from != PAGEWALK_HERE) || (until >> 32 && until != PAGEWALK_NOWHERE))
        return PAGEWALK_ERR_ARGUMENT;
    if (!has_stack(pw))
        return PAGEWALK_ERR_STACK;
    err = arm_until(pw, until);
    if (err)
        return err;
    if (from != PAGEWALK_HERE) {
        cpu->eip = (u32)from;
        cpu->halted = false;
        cpu->rep_left.set = false;
    }
    pw->stop = pw->time_over = pw->reached = pw->skip = pw->changed = false;
    cpu->debugger.hit = false;
    pw->error = PAGEWALK_OK;
    pw->fault = (struct pagewalk_fault_info){0};
    pw->deadline = deadline_after(microseconds);
    for (;;) {
        u64 done = cpu->insns - start;
        enum cpu_stop why = run_chunk(pw, instructions ? instructions - done : 0);

        done = cpu->insns - start;
        if (pw->error)
            return fail(pw, pw->error);
        if (why == CPU_STOP_SHUTDOWN)
            return fail(pw, PAGEWALK_ERR_SHUTDOWN);
        if (cpu->debugger.hit || pw->reached) {
            cpu->debugger.hit = false;
            return finish(pw, PAGEWALK_END_UNTIL);
        }
        if (pw->stop)
            return finish(pw, PAGEWALK_END_STOP);
        if (instructions && done >= instructions)
            return finish(pw, PAGEWALK_END_COUNT);
        if (why == CPU_STOP_HALT)
            return finish(pw, PAGEWALK_END_HALT);
        if (pw->time_over || (pw->deadline && stats_ns() >= pw->deadline))
            return finish(pw, PAGEWALK_END_TIME);
    }
}

PUBLIC void pagewalk_stop(struct pagewalk *pw)
{
    pw->stop = true;
}

PUBLIC enum pagewalk_end pagewalk_end(const struct pagewalk *pw)
{
    return pw->end;
}

PUBLIC uint64_t pagewalk_instructions(const struct pagewalk *pw)
{
    return cpu_insns(pw->cpu);
}

PUBLIC void pagewalk_fault(const struct pagewalk *pw, struct pagewalk_fault_info *info)
{
    *info = pw->fault;
}

PUBLIC int pagewalk_interrupt(struct pagewalk *pw, uint8_t vector)
{
    if (lib_busy(pw) || pw->cpu->intr)
        return PAGEWALK_ERR_BUSY;
    pw->irq_vector = vector;
    cpu_set_intr(pw->cpu, true);
    return PAGEWALK_OK;
}

PUBLIC int pagewalk_nmi(struct pagewalk *pw)
{
    if (lib_busy(pw))
        return PAGEWALK_ERR_BUSY;
    cpu_raise_nmi(pw->cpu);
    return PAGEWALK_OK;
}

struct code {
    u8 byte[16];
    size_t len;
};

static bool take_byte(void *opaque, unsigned offset, u8 *byte)
{
    const struct code *code = opaque;

    if (offset >= code->len)
        return false;
    *byte = code->byte[offset];
    return true;
}

PUBLIC int pagewalk_disassemble(struct pagewalk *pw, uint32_t address, char *text, size_t text_size,
                                unsigned *size)
{
    const struct cpu *cpu = pw->cpu;
    struct code code = {.len = 0};
    struct decode_input input = {.code32 = cpu->seg[SREG_CS].attr & SEG_DB,
                                 .model = cpu->model,
                                 .protected_mode = cpu->cr0 & CR0_PE && !(cpu->eflags & FL_VM),
                                 .fetch = take_byte,
                                 .opaque = &code};
    struct insn insn;

    if (!text || !text_size)
        return PAGEWALK_ERR_ARGUMENT;
    while (code.len < sizeof(code.byte) &&
           pagewalk_read(pw, address + (u32)code.len, code.byte + code.len, 1) == PAGEWALK_OK)
        code.len++;
    if (decode(&input, &insn) != DECODE_OK)
        return code.len < sizeof(code.byte) ? PAGEWALK_ERR_READ_UNMAPPED : PAGEWALK_ERR_ARGUMENT;
    insn_format(&insn, address, text, text_size);
    if (size)
        *size = insn.length;
    return PAGEWALK_OK;
}
