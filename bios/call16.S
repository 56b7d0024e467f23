/* Calls from the BIOS to what may be a program's: interrupts, far procedures, the mouse's driver; and
 * interrupts that are let in. All of it happens on the caller's stack (stack.inc), or where the BIOS runs
 * on POST's on that. */
#include "stack.inc"

    .code16
    .section .entry, "ax"

/* What C wants back, and the way to where the BIOS's stack is found again. */
    .macro CALL_BEGIN
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    pushfw
    pushw %ds
    pushw %fs
    pushw %gs
    pushw %dx
    pushw %gs:OWN_POS
    pushw %gs:OWN_BACK_SEG
    pushw %gs:OWN_BACK_POS
    movw %ss, %bx
    movw %bx, %gs:OWN_BACK_SEG
    movw %sp, %gs:OWN_BACK_POS
    movw %bx, %fs
    cmpw %gs:OWN_SEG, %bx
    jne 1f
    movw %gs:OWN_POS, %bx
    movw %sp, %gs:OWN_POS
    lssl %ss:-6(%bx), %esp
1:
    .endm

/* DS is the EBDA; DX's place is left on the stack. */
    .macro CALL_RETURN
    movw OWN_BACK_SEG, %ss
    movw OWN_BACK_POS, %sp
    movzwl %sp, %esp
    popw OWN_BACK_POS
    popw OWN_BACK_SEG
    popw OWN_POS
    .endm
    .macro CALL_END
    popw %gs
    popw %fs
    popw %ds
    movw %ds, %ax
    movw %ax, %es
    popfw
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    retl
    .endm

/* void call_int(u8 vector, struct regs *r) and void call_far(u16 seg, u16 off, struct regs *r): see
 * bios.h. The callee is entered by LRETW, with a frame beneath it that brings it back here; what it
 * leaves of that does not matter. */
    .globl call_int, call_far
call_int:
    andb $0xfd, REGS_FLAGS + 1(%edx) /* IF is clear, as an interrupt leaves it */
    movzbl %al, %eax
    xorw %cx, %cx
    movw %cx, %es
    movl %es:(, %eax, 4), %eax
    jmp 2f
call_far:
    shll $16, %eax
    movw %dx, %ax
    movl %ecx, %edx
2:  CALL_BEGIN
    pushfw
    pushw %cs
    pushw $called
    movl %eax, %ecx
    shrl $16, %ecx
    pushw %cx
    pushw %ax
    movw REGS_FLAGS(%edx), %cx /* the carry flag goes in, too, and for a far call IF */
    andw $0x0201, %cx
    orw $0x0002, %cx
    pushw %cx
    popfw
    movw REGS_ES(%edx), %es
    movl 0(%edx), %edi
    movl 4(%edx), %esi
    movl 8(%edx), %ebp
    movl REGS_EBX(%edx), %ebx
    movl REGS_ECX(%edx), %ecx
    movl REGS_EAX(%edx), %eax
    movw REGS_DS(%edx), %ds
    movl %fs:REGS_EDX(%edx), %edx
    lretw
called:
    pushfw
    cli
    cld
    pushw %ds
    pushw %bx
    EBDA_DS %bx
    popw OWN_TMP_BX
    popw OWN_TMP_DS
    popw OWN_TMP_FLAGS
    CALL_RETURN
    popw %bx
    movl %edi, %ss:0(%bx)
    movl %esi, %ss:4(%bx)
    movl %ebp, %ss:8(%bx)
    movl %ebx, %ss:REGS_EBX(%bx) /* its upper half */
    movl %edx, %ss:REGS_EDX(%bx)
    movl %ecx, %ss:REGS_ECX(%bx)
    movl %eax, %ss:REGS_EAX(%bx)
    movw %es, %ss:REGS_ES(%bx)
    movw OWN_TMP_BX, %ax
    movw %ax, %ss:REGS_EBX(%bx)
    movw OWN_TMP_DS, %ax
    movw %ax, %ss:REGS_DS(%bx)
    movw OWN_TMP_FLAGS, %ax
    movw %ax, %ss:REGS_FLAGS(%bx)
    CALL_END

/* void call_mouse_driver(u32 driver, u16 status, u16 x, u32 y): far, with status, X, Y and Z words on
 * the stack; y has Z in its upper half. */
    .globl call_mouse_driver
call_mouse_driver:
    CALL_BEGIN
    movw %gs:OWN_BACK_POS, %bx
    movl %fs:36(%bx), %esi /* y: behind what CALL_BEGIN pushed, and the return address */
    pushw %dx
    pushw %cx
    pushw %si
    shrl $16, %esi
    pushw %si
    pushw %cs
    pushw $driver_called
    movl %eax, %ecx
    shrl $16, %ecx
    pushw %cx
    pushw %ax
    lretw
driver_called:
    cli
    cld
    EBDA_DS %bx
    CALL_RETURN
    popw %dx
    CALL_END

/* void irq_window(void): whatever waits is let in. Where interrupts are on already there is nothing to
 * do, but for the flag. */
    .globl irq_window, irq_wait
irq_window:
    movw %ss, %ax
    cmpw %gs:OWN_SEG, %ax
    jne 1f
    pushl %ebx
    HOP_OUT gs
    sti
    nop
    cli
    HOP_BACK gs
    popl %ebx
    retl
1:  pushfw
    sti
    nop
    popfw
    retl

/* void irq_wait(void): waits for any interrupt; they are off afterwards. */
irq_wait:
    movw %ss, %ax
    cmpw %gs:OWN_SEG, %ax
    jne 1f
    pushl %ebx
    HOP_OUT gs
    sti
    hlt
    cli
    HOP_BACK gs
    popl %ebx
    retl
1:  sti
    hlt
    cli
    retl
