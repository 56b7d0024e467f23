/* CMPXCHG8B: compares EDX:EAX with memory and exchanges with ECX:EBX.
 *
 * The destination is always written (SDM vol. 2, CMPXCHG8B), so a page that cannot be written
 * faults before anything changes, whatever the comparison says. */
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/seg.h"

HELP(cmpxchg8b)
{
    enum sreg seg = (enum sreg)c;
    bool user = cpu->cpl == 3;
    u32 la = seg_check(cpu, seg, a, 8, true);
    u64 expected = (u64)cpu->r[R_EDX] << 32 | cpu->r[R_EAX], value;
    bool equal;

    lin_probe(cpu, la, 8, true, user);
    value = lin_load(cpu, la, 8, user);
    equal = value == expected;
    lin_store(cpu, la, equal ? (u64)cpu->r[R_ECX] << 32 | cpu->r[R_EBX] : value, 8, user);
    if (!equal) {
        cpu->r[R_EAX] = (u32)value;
        cpu->r[R_EDX] = (u32)(value >> 32);
    }
    flags_put(cpu, FL_ZF, equal ? FL_ZF : 0);
    return 0;
}
