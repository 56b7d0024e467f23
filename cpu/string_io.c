/* INS and OUTS: like the other string instructions, with a port on one side.
 *
 * What can fault is checked before the port is touched: rights to the port, the segment, the page.
 * A device may change anything, the memory map too, so every element is checked anew, and a call
 * ends after the element at which a device asked for the board to run. A device that moves blocks (a
 * disk's data port) takes as many elements at once as it has before anything but the data changes,
 * when their memory is plain and no I/O bitmap is asked. (SDM vol. 2, INS, OUTS) */
#include "cpu/debug.h"
#include "cpu/excp.h"
#include "cpu/helper.h"
#include "cpu/ioperm.h"
#include "cpu/string.h"

/* Raises what a store of one element at EDI would raise. */
static void probe_destination(struct cpu *cpu, const struct string *s)
{
    u32 la = seg_check(cpu, SREG_ES, string_ea(cpu, s, R_EDI), s->size, true);
    bool faulted = false;

    if ((la & PAGE_MASK) > PAGE_SIZE - s->size)
        lin_probe(cpu, la, s->size, true, cpu->cpl == 3);
    else if (mmu_host(&cpu->mmu, la, cpu_access(cpu, true), &faulted) == NULL && faulted)
        cpu_raise_pf(cpu);
}

/* Elements done by one call of the port's block hook; 0: the next one has to be done singly. */

static u32 ins_block(struct cpu *cpu, const struct string *s, u16 port, u32 n)
{
    u8 *to = NULL;

    if (cpu->hooks.port_in_block && s->step == s->size && ioperm_free(cpu) && !cpu->port_breaks)
        to = string_host(cpu, s, R_EDI, n, true);
    if (to == NULL)
        return 0;
    n = cpu->hooks.port_in_block(cpu->hooks.opaque, port, to, s->size, n);
    string_advance(cpu, s, n, false, true);
    return n;
}

static u32 outs_block(struct cpu *cpu, const struct string *s, u16 port, u32 n)
{
    const u8 *from = NULL;

    if (cpu->hooks.port_out_block && s->step == s->size && ioperm_free(cpu) && !cpu->port_breaks)
        from = string_host(cpu, s, R_ESI, n, false);
    if (from == NULL)
        return 0;
    n = cpu->hooks.port_out_block(cpu->hooks.opaque, port, from, s->size, n);
    string_advance(cpu, s, n, true, false);
    return n;
}

HELP(ins)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, false, true);
    u16 port = (u16)cpu->r[R_EDX];
    bool kicked = cpu->kicked;

    while (n && string_may_go_on(cpu, kicked)) {
        u32 done = ins_block(cpu, &s, port, n);

        if (!done) {
            u32 value;

            ioperm_check(cpu, port, s.size);
            if (unlikely(cpu->port_breaks))
                debug_port(cpu, port, s.size);
            probe_destination(cpu, &s);
            value = cpu->hooks.port_in(cpu->hooks.opaque, port, s.size);
            string_store(cpu, &s, value);
            string_advance(cpu, &s, 1, false, true);
            done = 1;
        }
        n -= done;
    }
    return string_left(cpu, &s, true);
}

HELP(outs)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, true, false);
    u16 port = (u16)cpu->r[R_EDX];
    bool kicked = cpu->kicked;

    while (n && string_may_go_on(cpu, kicked)) {
        u32 done = outs_block(cpu, &s, port, n);

        if (!done) {
            u32 value;

            ioperm_check(cpu, port, s.size);
            if (unlikely(cpu->port_breaks))
                debug_port(cpu, port, s.size);
            value = string_load(cpu, &s, R_ESI);
            string_advance(cpu, &s, 1, true, false);
            cpu->hooks.port_out(cpu->hooks.opaque, port, value, s.size);
            done = 1;
        }
        n -= done;
    }
    return string_left(cpu, &s, true);
}
