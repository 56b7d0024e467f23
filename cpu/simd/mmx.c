/* MMX registers: they are the significands of the x87's physical registers.
 *
 * MMn is Rn whatever TOP is. Every MMX instruction sets TOP to 0 and all tags to valid, a write fills
 * sign and exponent with ones; EMMS empties all registers. Instruction and data pointers stay. (SDM
 * vol. 3A, 12.2, table 12-2) */
#include "cpu/simd/simd_priv.h"
#include "cpu/x87/x87_priv.h"

void mmx_enter(struct cpu *cpu)
{
    cpu->x87.sw &= (u16)~X87_TOP;
    cpu->x87.tag = 0;
}

void simd_emms(struct cpu *cpu, const struct simd_insn *in)
{
    (void)in;
    x87_wait(cpu);
    cpu->x87.sw &= (u16)~X87_TOP;
    cpu->x87.tag = 0xffff;
}
