/* Protected mode for a moment: a copy of physical memory, and POST's flat 32-bit code.
 *
 * The IDT stays the real mode one: interrupts are off, and none must happen. */

#define SEL_CODE32 0x08
#define SEL_DATA32 0x10
#define SEL_CODE16 0x18
#define SEL_DATA16 0x20

    .code16
    .section .entry, "ax"

    .macro PROTECT
    lgdtl %cs:gdt_pointer
    movl %cr0, %ecx
    orb $1, %cl
    movl %ecx, %cr0
    .endm

    .macro UNPROTECT
    movl %cr0, %ecx
    andb $0xfe, %cl
    movl %ecx, %cr0
    ljmpw $0xf000, $1f
1:
    .endm

/* void copy_physical(u32 to, u32 from, u32 words). SS is not loaded: its cached descriptor goes on. */
    .globl copy_physical
copy_physical:
    pushl %esi
    pushl %edi
    pushw %ds
    pushfw
    cli
    movl %eax, %edi
    movl %edx, %esi
    movl %ecx, %edx
    PROTECT
    ljmpw $SEL_CODE16, $2f
2:  movw $SEL_DATA32, %cx
    movw %cx, %ds
    movw %cx, %es
    movl %edx, %ecx
    addr32 rep movsw
    movw $SEL_DATA16, %cx
    movw %cx, %ds
    movw %cx, %es
    UNPROTECT
    popfw
    popw %ds
    movw %ds, %cx
    movw %cx, %es
    popl %edi
    popl %esi
    retl

/* u32 call32(u32 address, u32 argument). SS is 0, so ESP means the same in both modes. */
    .globl call32
call32:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    pushfw
    cli
    pushw %gs
    PROTECT
    ljmpl $SEL_CODE32, $(0xf0000 + 2f)
    .code32
2:  movw $SEL_DATA32, %cx
    movw %cx, %ds
    movw %cx, %es
    movw %cx, %fs
    movw %cx, %gs
    movw %cx, %ss
    movl %eax, %ecx
    movl %edx, %eax
    call *%ecx
    ljmpl $SEL_CODE16, $3f
    .code16
3:  movw $SEL_DATA16, %cx
    movw %cx, %ds
    movw %cx, %es
    movw %cx, %fs
    movw %cx, %gs
    movw %cx, %ss
    UNPROTECT
    xorw %cx, %cx
    movw %cx, %ds
    movw %cx, %es
    movw %cx, %ss
    movw $0x40, %cx
    movw %cx, %fs
    popw %gs
    popfw
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    retl

/* void big_real(bool on): the data segments' limits become 4 GiB, or 64 KiB again. */
    .globl big_real
big_real:
    pushw %ds
    pushw %es
    pushw %fs
    pushw %gs
    pushfw
    cli
    movw $SEL_DATA16, %dx
    testb %al, %al
    jz 4f
    movw $SEL_DATA32, %dx
4:  PROTECT
    ljmpw $SEL_CODE16, $5f
5:  movw %dx, %ds
    movw %dx, %es
    movw %dx, %fs
    movw %dx, %gs
    UNPROTECT
    popfw
    popw %gs
    popw %fs
    popw %es
    popw %ds
    retl

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* flat code */
    .quad 0x00cf93000000ffff /* flat data */
    .quad 0x00009b0f0000ffff /* segment F000 */
    .quad 0x000093000000ffff /* as real mode leaves a data segment */
gdt_pointer:
    .word 5 * 8 - 1
    .long 0xf0000 + gdt
