/* INS and OUTS: like the other string instructions, with a port on one side.
 *
 * What can fault is checked before the port is touched: rights to the port, the segment, the page.
 * A device may change anything, the memory map too, so every element is checked anew, and a call
 * ends after the element at which a device asked for the board to run. (SDM vol. 2, INS, OUTS) */
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

HELP(ins)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, false, true);
    u16 port = (u16)cpu->r[R_EDX];
    bool kicked = cpu->kicked;

    for (; n && cpu->kicked == kicked; n--) {
        u32 value;

        ioperm_check(cpu, port, s.size);
        probe_destination(cpu, &s);
        value = cpu->hooks.port_in(cpu->hooks.opaque, port, s.size);
        string_store(cpu, &s, value);
        string_advance(cpu, &s, 1, false, true);
    }
    return string_more(cpu, &s);
}

HELP(outs)
{
    struct string s = string_unpack(cpu, c);
    u32 n = string_count(cpu, &s, true, false);
    u16 port = (u16)cpu->r[R_EDX];
    bool kicked = cpu->kicked;

    for (; n && cpu->kicked == kicked; n--) {
        u32 value;

        ioperm_check(cpu, port, s.size);
        value = string_load(cpu, &s, R_ESI);
        string_advance(cpu, &s, 1, true, false);
        cpu->hooks.port_out(cpu->hooks.opaque, port, value, s.size);
    }
    return string_more(cpu, &s);
}
