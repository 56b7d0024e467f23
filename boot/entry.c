/* Flat 32-bit protected mode, and real mode. (Linux boot.rst, "32-bit Boot Protocol" and "Running the
 * Kernel"; Multiboot 0.6.96, 3.2) */
#include "boot/entry.h"

#include "cpu/flags.h"
#include "cpu/seg.h"

#define ATTR_FLAT (SEG_G | SEG_DB | SEG_P | SEG_S | SEG_ACCESSED)
#define ATTR_CODE (ATTR_FLAT | SEG_CODE | SEG_R)
#define ATTR_DATA (ATTR_FLAT | SEG_W)
#define ATTR_REAL (SEG_P | SEG_S | SEG_ACCESSED | SEG_W)

/* A descriptor with base 0 and limit 0xfffff pages. (SDM vol. 3A, figure 3-8) */
static void put_flat(u8 *descriptor, u32 attr)
{
    put32(descriptor, 0x0000ffff);
    put32(descriptor + 4, attr | 0x000f0000);
}

/* What both entries have in common. Caches are on, as a BIOS leaves them: kernels of some ages never
 * clear CD and NW themselves. */
static void enter(struct cpu *cpu, struct phys *phys, u32 cr0, u32 eip, u32 esp)
{
    if (phys_set_a20(phys, true))
        mmu_flush(&cpu->mmu, true);
    for (unsigned i = R_EAX; i <= R_EDI; i++)
        cpu->r[i] = 0;
    cpu->r[R_ESP] = esp;
    cpu->eip = eip;
    flags_set(cpu, 0);
    cpu->cr0 = cr0;
    cpu->cr4 = 0;
    mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, false);
    cpu_set_cpl(cpu, 0);
    cpu->halted = false;
    cpu->shadow = false;
}

void entry_real(struct cpu *cpu, struct phys *phys, u16 cs, u16 ip, u16 seg, u16 sp)
{
    enter(cpu, phys, (cpu->cr0 & (CR0_MP | CR0_NE)) | CR0_ET, ip, sp);
    cpu->idtr = (struct dtable){.base = 0, .limit = 0x3ff};
    for (unsigned i = 0; i < SREG_COUNT; i++) {
        bool code = i == SREG_CS;

        seg_set(cpu, (enum sreg)i, code ? cs : seg, (u32)(code ? cs : seg) << 4, 0xffff,
                code ? ATTR_REAL | SEG_CODE : ATTR_REAL);
    }
    cpu_update_mode(cpu);
}

void entry_flat(struct cpu *cpu, struct phys *phys, u32 gdt, u16 cs, u32 eip, u32 esp)
{
    u8 table[ENTRY_GDT_SIZE] = {0};

    put_flat(table + cs, ATTR_CODE);
    put_flat(table + cs + 8, ATTR_DATA);
    phys_write(phys, gdt, table, sizeof(table));
    enter(cpu, phys, CR0_PE | CR0_ET, eip, esp);
    cpu->gdtr = (struct dtable){.base = gdt, .limit = sizeof(table) - 1};
    cpu->idtr = (struct dtable){.base = 0, .limit = 0};
    for (unsigned i = 0; i < SREG_COUNT; i++) {
        bool code = i == SREG_CS;

        seg_set(cpu, (enum sreg)i, code ? cs : cs + 8, 0, 0xffffffff, code ? ATTR_CODE : ATTR_DATA);
    }
    cpu_update_mode(cpu);
}
