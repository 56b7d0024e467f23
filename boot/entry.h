/* The CPU states in which the Linux boot protocol and multiboot start a kernel. */
#ifndef PAGEWALK_ENTRY_H
#define PAGEWALK_ENTRY_H

#include "cpu/cpu.h"

/* Linux demands these selectors. Multiboot leaves them open; kernels that use the loader's own GDT
 * expect what QEMU and the first GRUB have. The data segment is the one behind. */
#define ENTRY_CS_LINUX     0x10u
#define ENTRY_CS_MULTIBOOT 0x08u
#define ENTRY_GDT_SIZE     32u

/* Puts the CPU in protected mode without paging, interrupts off, an empty IDT, A20 on,
 * every segment flat (`cs`, the others cs + 8), its GDT of ENTRY_GDT_SIZE bytes written at
 * `gdt`, EIP and ESP as given and the other registers 0. */
void entry_flat(struct cpu *cpu, struct phys *phys, u32 gdt, u16 cs, u32 eip, u32 esp);

/* Real mode over a BIOS, whose interrupt table and data stay: interrupts off, A20 on, CS:IP as given;
 * DS, ES, FS, GS and SS are `seg`, and the general registers but SP 0. */
void entry_real(struct cpu *cpu, struct phys *phys, u16 cs, u16 ip, u16 seg, u16 sp);

#endif
