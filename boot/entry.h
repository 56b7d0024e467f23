/* The CPU states in which the Linux boot protocol and multiboot start a kernel. */
#ifndef PAGEWALK_ENTRY_H
#define PAGEWALK_ENTRY_H

#include "cpu/cpu.h"

#define ENTRY_CS       0x10u
#define ENTRY_DS       0x18u
#define ENTRY_GDT_SIZE 32u

/* Puts the CPU in protected mode without paging, interrupts off, an empty IDT, A20 on,
 * every segment flat (CS 0x10; data and stack 0x18), its GDT of ENTRY_GDT_SIZE bytes written at
 * `gdt`, EIP and ESP as given and the other registers 0. */
void entry_flat(struct cpu *cpu, struct phys *phys, u32 gdt, u32 eip, u32 esp);

/* Real mode over a BIOS, whose interrupt table and data stay: interrupts off, A20 on, CS:IP as given;
 * DS, ES, FS, GS and SS are `seg`, and the general registers but SP 0. */
void entry_real(struct cpu *cpu, struct phys *phys, u16 cs, u16 ip, u16 seg, u16 sp);

#endif
