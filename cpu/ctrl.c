/* Control registers, LMSW, CLTS and INVLPG. (SDM vol. 3A, 2.5) */
#include "cpu/cpuid.h"
#include "cpu/debug.h"
#include "cpu/helper.h"
#include "cpu/sys.h"

#define CR0_PAGING (CR0_PE | CR0_WP | CR0_PG)
#define CR0_CACHE  (CR0_CD | CR0_NW)

/* reload: what a write of CR3 loads anew, PDPTEs and TLB, is loaded even when nothing changes. */
static void ctrl_set_paging(struct cpu *cpu, u32 cr0, u32 cr3, u32 cr4, bool reload)
{
    if (!mmu_set_paging(&cpu->mmu, cr0, cr3, cr4, reload))
        cpu_fault(cpu, EXCP_GP, 0, "reserved bits in a PDPTE at CR3 %08x", cr3);
}

/* A change of PE leaves the hidden parts of all segments alone; CPL is and stays 0. One of CD or NW reloads the
 * PDPTEs. (SDM vol. 3A, 4.4.1) */
static void ctrl_write_cr0(struct cpu *cpu, u32 value)
{
    value = (value & CR0_MASK) | CR0_ET;
    if ((value & CR0_PG) && !(value & CR0_PE))
        cpu_fault(cpu, EXCP_GP, 0, "CR0 %08x: PG without PE", value);
    if ((value & CR0_NW) && !(value & CR0_CD))
        cpu_fault(cpu, EXCP_GP, 0, "CR0 %08x: NW without CD", value);
    if ((value ^ cpu->cr0) & (CR0_PAGING | CR0_CACHE))
        ctrl_set_paging(cpu, value, cpu->cr3, cpu->cr4, (value ^ cpu->cr0) & CR0_CACHE);
    cpu->cr0 = value;
    cpu_update_mode(cpu);
}

static void ctrl_write_cr4(struct cpu *cpu, u32 value)
{
    if (value & ~cpu->model->cr4_mask)
        cpu_fault(cpu, EXCP_GP, 0, "CR4 %08x: this model has %08x", value, cpu->model->cr4_mask);
    ctrl_set_paging(cpu, cpu->cr0, cpu->cr3, value, false);
    cpu->cr4 = value;
    debug_update(cpu);
}

bool cpu_put_cr(struct cpu *cpu, unsigned number, u32 value)
{
    u32 cr0 = number == 0 ? (value & CR0_MASK) | CR0_ET : cpu->cr0;
    u32 cr3 = number == 3 ? value : cpu->cr3, cr4 = number == 4 ? value : cpu->cr4;

    if (((cr0 & CR0_PG) && !(cr0 & CR0_PE)) || ((cr0 & CR0_NW) && !(cr0 & CR0_CD)) ||
        (cr4 & ~cpu->model->cr4_mask) || !mmu_set_paging(&cpu->mmu, cr0, cr3, cr4, number == 3))
        return false;
    cpu->cr0 = cr0;
    cpu->cr2 = number == 2 ? value : cpu->cr2;
    cpu->cr3 = cr3;
    cpu->cr4 = cr4;
    debug_update(cpu);
    return true;
}

HELP(cr_read)
{
    switch (c) {
    case 0: return cpu->cr0;
    case 2: return cpu->cr2;
    case 3: return cpu->cr3;
    case 4: return cpu->cr4;
    }
    BUG("CR%u", c); /* undefined for the decoder */
}

HELP(cr_write)
{
    cpu_need_cpl0(cpu, "MOV to CR");
    switch (c) {
    case 0: ctrl_write_cr0(cpu, a); break;
    case 2: cpu->cr2 = a; break;
    case 3:
        ctrl_set_paging(cpu, cpu->cr0, a, cpu->cr4, true);
        cpu->cr3 = a;
        break;
    case 4: ctrl_write_cr4(cpu, a); break;
    default: BUG("CR%u", c);
    }
    return 0;
}

/* LMSW can set PE but not clear it. */
HELP(lmsw)
{
    cpu_need_cpl0(cpu, "LMSW");
    ctrl_write_cr0(cpu, (cpu->cr0 & ~(CR0_MP | CR0_EM | CR0_TS)) |
                            (a & (CR0_PE | CR0_MP | CR0_EM | CR0_TS)));
    return 0;
}

HELP(clts)
{
    cpu_need_cpl0(cpu, "CLTS");
    cpu->cr0 &= ~CR0_TS;
    cpu_update_mode(cpu);
    return 0;
}

/* No limit or rights are checked: the operand is only an address. */
HELP(invlpg)
{
    cpu_need_cpl0(cpu, "INVLPG");
    mmu_flush_page(&cpu->mmu, la_add(cpu->r[R_BASE + c], a));
    return 0;
}
