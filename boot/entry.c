/* Flat 32-bit protected mode. (Linux boot.rst, "32-bit Boot Protocol"; Multiboot 0.6.96, 3.2) */
#include "boot/entry.h"

#include "cpu/flags.h"
#include "cpu/seg.h"

#define ATTR_FLAT (SEG_G | SEG_DB | SEG_P | SEG_S | SEG_ACCESSED)
#define ATTR_CODE (ATTR_FLAT | SEG_CODE | SEG_R)
#define ATTR_DATA (ATTR_FLAT | SEG_W)

/* A descriptor with base 0 and limit 0xfffff pages. (SDM vol. 3A, figure 3-8) */
static void put_flat(u8 *descriptor, u32 attr)
{
    put32(descriptor, 0x0000ffff);
    put32(descriptor + 4, attr | 0x000f0000);
}

void entry_flat(struct cpu *cpu, struct phys *phys, u32 gdt, u32 eip, u32 esp)
{
    u8 table[ENTRY_GDT_SIZE] = {0};

    put_flat(table + ENTRY_CS, ATTR_CODE);
    put_flat(table + ENTRY_DS, ATTR_DATA);
    phys_write(phys, gdt, table, sizeof(table));
    if (phys_set_a20(phys, true))
        mmu_flush(&cpu->mmu, true);

    for (unsigned i = R_EAX; i <= R_EDI; i++)
        cpu->r[i] = 0;
    cpu->r[R_ESP] = esp;
    cpu->eip = eip;
    flags_set(cpu, 0);
    /* Caches on, as a BIOS leaves them: kernels of some ages never clear CD and NW themselves. */
    cpu->cr0 = CR0_PE | CR0_ET;
    cpu->cr4 = 0;
    mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, false);
    cpu_set_cpl(cpu, 0);
    cpu->gdtr = (struct dtable){.base = gdt, .limit = sizeof(table) - 1};
    cpu->idtr = (struct dtable){.base = 0, .limit = 0};
    for (unsigned i = 0; i < SREG_COUNT; i++) {
        bool code = i == SREG_CS;

        seg_set(cpu, (enum sreg)i, code ? ENTRY_CS : ENTRY_DS, 0, 0xffffffff,
                code ? ATTR_CODE : ATTR_DATA);
    }
    cpu->halted = false;
    cpu->shadow = false;
    cpu_update_mode(cpu);
}
