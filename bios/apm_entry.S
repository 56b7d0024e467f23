/* APM functions 05h and up, as a far procedure that runs in any mode: real, 16-bit and 32-bit
 * protected. It touches no memory but the stack, since it does not know which selectors a caller made. */

#define APM_ERROR_NO_EVENT    0x80
#define APM_ERROR_UNSUPPORTED 0x0c
#define PIIX4_PM              0x71138086
#define PIIX4_PMBASE          0x40
#define PM1_CNT               4
#define SLP_EN_S5             0x2000 /* the PIIX4's soft off is type 0 */
#define SHUTDOWN_PORT         0x8900 /* Bochs' and old QEMUs' */

    .section .entry, "ax"

    .macro APM_BODY
    cld
    cmpb $0x05, %al
    je 5f
    cmpb $0x06, %al
    je 9f
    cmpb $0x07, %al
    je 7f
    cmpb $0x08, %al
    je 9f
    cmpb $0x0a, %al
    je 1f
    cmpb $0x0b, %al
    je 2f
    cmpb $0x0c, %al
    je 3f
    cmpb $0x0d, %al
    je 9f
    cmpb $0x0e, %al
    je 4f
    cmpb $0x04, %al
    je 9f
    cmpb $0x0f, %al
    je 9f
    cmpb $0x10, %al
    je 6f
    movb $APM_ERROR_UNSUPPORTED, %ah
    stc
    jmp 10f
1:  movw $0x01ff, %bx /* on line; no battery */
    movw $0x80ff, %cx
    movw $0xffff, %dx
    movw $0, %si
    jmp 9f
2:  movb $APM_ERROR_NO_EVENT, %ah
    stc
    jmp 10f
3:  movw $0, %cx
    jmp 9f
4:  movw $0x0102, %ax
    jmp 9f
5:  sti /* idle: until something happens */
    hlt
    jmp 9f
6:  movb $0, %bl /* no batteries, no capabilities */
    movw $0, %cx
    jmp 9f
7:  cmpw $1, %bx
    jne 9f
    cmpw $3, %cx
    jne 9f
    pushl %eax
    pushl %edx
    pushl %ecx
    movl $0x80000000, %ecx /* every function of bus 0 */
71: movw $0xcf8, %dx
    movl %ecx, %eax
    outl %eax, %dx
    movw $0xcfc, %dx
    inl %dx, %eax
    cmpl $PIIX4_PM, %eax
    je 72f
    addl $0x100, %ecx
    cmpl $0x80010000, %ecx
    jne 71b
    jmp 73f
72: movw $0xcf8, %dx
    leal PIIX4_PMBASE(%ecx), %eax
    outl %eax, %dx
    movw $0xcfc, %dx
    inl %dx, %eax
    andl $0xffc0, %eax
    jz 73f
    leal PM1_CNT(%eax), %edx
    movw $SLP_EN_S5, %ax
    outw %ax, %dx
73: movw $SHUTDOWN_PORT, %dx
    .irpc c, Shutdown
    movb $'\c, %al
    outb %al, %dx
    .endr
    popl %ecx
    popl %edx
    popl %eax
9:  clc
10:
    .endm

    .code16
    .globl apm_entry_16
apm_entry_16:
    APM_BODY
    lretw

    .code32
    .globl apm_entry_32
apm_entry_32:
    APM_BODY
    lretl
    .code16
