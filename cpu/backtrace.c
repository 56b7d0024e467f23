/* The chain of stack frames: who has called the code that runs, as far as compilers keep EBP for it.
 *
 * A guest may have anything in EBP and on its stack. So only memory is read, never a device, nothing is changed by looking,
 * and each frame must lie above the one before: the chain ends. */
#include "cpu/cpu.h"

/* A dword of RAM or ROM at la; false: some byte of it is not there. */
static bool read_memory(const struct cpu *cpu, u32 la, u32 *value)
{
    struct mmu *mmu = (struct mmu *)&cpu->mmu; /* mmu_peek_pa() counts what devices read */
    const u8 *host;
    u64 pa;

    *value = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (!mmu_peek_pa(mmu, la_add(la, i), &pa) || !(host = phys_host(mmu->phys, pa)))
            return false;
        *value |= (u32)*host << i * 8;
    }
    return true;
}

/* Whether there is code at eip, for all that can be told. */
static bool is_code(const struct cpu *cpu, u32 eip)
{
    u32 ignored;

    return eip && eip <= cpu->seg[SREG_CS].limit &&
           read_memory(cpu, la_add(cpu->r[R_BASE + SREG_CS], eip), &ignored);
}

unsigned cpu_backtrace(const struct cpu *cpu, u32 *eip, unsigned max)
{
    u32 attr = cpu->seg[SREG_CS].attr & cpu->seg[SREG_SS].attr;
    u32 frame = cpu->r[R_EBP], caller, ret;
    unsigned count = 0;

    if (max)
        eip[count++] = cpu->eip;
    if (!(cpu->cr0 & CR0_PE) || !(attr & SEG_DB))
        return count;
    while (count < max) {
        u32 la = la_add(cpu->r[R_BASE + SREG_SS], frame);

        if (!read_memory(cpu, la, &caller) || !read_memory(cpu, la_add(la, 4), &ret) ||
            !is_code(cpu, ret))
            break;
        eip[count++] = ret;
        if (caller <= frame)
            break;
        frame = caller;
    }
    return count;
}

void cpu_dump_backtrace(const struct cpu *cpu, FILE *out)
{
    u32 eip[CPU_BACKTRACE];
    unsigned count = cpu_backtrace(cpu, eip, ARRAY_SIZE(eip));

    fputs("backtrace:", out);
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "%s %08x", i && i % 8 == 0 ? "\n          " : "", eip[i]);
    fputc('\n', out);
}
