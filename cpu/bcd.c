/* Decimal adjustment: AAA AAS DAA DAS AAM AAD, by the manual's pseudocode.
 *
 * Undefined flags are fixed so that runs repeat: OF is clear; SF, ZF and PF follow AL where the
 * manual defines or leaves them; AF and CF of AAM and AAD are clear. (SDM vol. 2) */
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/helper.h"

static void put_ax(struct cpu *cpu, u32 ax)
{
    cpu->r[R_EAX] = (cpu->r[R_EAX] & 0xffff0000) | (ax & 0xffff);
}

/* SF, ZF, PF of AL and the given AF and CF. */
static void put_flags(struct cpu *cpu, u32 af_cf)
{
    u8 al = (u8)cpu->r[R_EAX];

    cpu->lazy.op = LAZY_NONE;
    flags_put(cpu, FL_ARITH,
              af_cf | (al & 0x80 ? FL_SF : 0) | (al == 0 ? FL_ZF : 0) |
                  (__builtin_parity(al) ? 0 : FL_PF));
}

/* AAA and AAS: step is added to AX (0x106 or its negation). */
static void ascii_adjust(struct cpu *cpu, u32 step)
{
    u32 ax = cpu->r[R_EAX] & 0xffff;
    bool adjust = (ax & 15) > 9 || (flags_get(cpu) & FL_AF);

    if (adjust)
        ax += step;
    put_ax(cpu, ax & 0xff0f);
    put_flags(cpu, adjust ? FL_AF | FL_CF : 0);
}

HELP(aaa)
{
    ascii_adjust(cpu, 0x106);
    return 0;
}

HELP(aas)
{
    ascii_adjust(cpu, (u32)-0x106);
    return 0;
}

HELP(daa)
{
    u32 flags = flags_get(cpu), al = cpu->r[R_EAX] & 0xff, sum = al, out = 0;

    if ((al & 15) > 9 || (flags & FL_AF)) {
        sum += 6;
        out |= FL_AF;
    }
    if (al > 0x99 || (flags & FL_CF)) {
        sum += 0x60;
        out |= FL_CF;
    }
    put_ax(cpu, (cpu->r[R_EAX] & 0xff00) | (sum & 0xff));
    put_flags(cpu, out);
    return 0;
}

HELP(das)
{
    u32 flags = flags_get(cpu), al = cpu->r[R_EAX] & 0xff, diff = al, out = 0;

    if ((al & 15) > 9 || (flags & FL_AF)) {
        diff -= 6;
        out |= FL_AF;
        if (al < 6) /* the borrow of this step alone sets CF too */
            out |= FL_CF;
    }
    if (al > 0x99 || (flags & FL_CF)) {
        diff -= 0x60;
        out |= FL_CF;
    }
    put_ax(cpu, (cpu->r[R_EAX] & 0xff00) | (diff & 0xff));
    put_flags(cpu, out);
    return 0;
}

HELP(aam)
{
    u32 al = cpu->r[R_EAX] & 0xff, base = c & 0xff;

    if (base == 0)
        cpu_raise(cpu, EXCP_DE);
    put_ax(cpu, (al / base) << 8 | al % base);
    put_flags(cpu, 0);
    return 0;
}

HELP(aad)
{
    u32 ax = cpu->r[R_EAX] & 0xffff;

    put_ax(cpu, ((ax & 0xff) + (ax >> 8) * (c & 0xff)) & 0xff);
    put_flags(cpu, 0);
    return 0;
}
