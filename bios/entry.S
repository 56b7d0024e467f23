/* The way into every service: from an interrupt in real mode to a C function and back.
 *
 * A stub pushes its function's address and falls into `service`, which saves the caller's registers
 * as struct regs (bios.h), sets up the segments, and calls function(struct regs *). ESP's upper half,
 * which means nothing to a 16-bit stack, is cleared for C and restored after it.
 *
 * A chaining stub goes on, after the function and with the caller's registers, at the far address
 * that the function stored in regs->next; at an ordinary return there it is 0. */

#define BDA_SEG     0x40
#define BDA_EBDA    0x0e
#define BDA_JUMP    0x67
#define EBDA_SEG    0x9fc0
#define REGS_ESP    12
#define REGS_SIZE   40 /* up to `next` */
#define CMOS_RESET  0x8f
#define POST_STACK  0x7c00

    .code16
    .section .entry, "ax"

    .macro SERVICE name, function
    .globl \name
\name:
    pushl $\function
    jmp service
    .endm

    .macro SAVE
    cld
    pushw %ds
    pushw %es
    pushw %fs
    pushw %gs
    pushal
    movw %ss, %ax
    movw %ax, %ds
    movw %ax, %es
    movw $BDA_SEG, %ax
    movw %ax, %fs
    movw %fs:BDA_EBDA, %ax
    movw %ax, %gs
    movzwl %sp, %esp
    movl %esp, %eax
    .endm

    .macro RESTORE
    movl REGS_ESP(%esp), %esp
    subw $32, %sp
    popal
    popw %gs
    popw %fs
    popw %es
    popw %ds
    .endm

service:
    SAVE
    calll *REGS_SIZE(%esp)
    RESTORE
    addw $4, %sp /* IRET brings the flags back */
    iretw

    .macro CHAINING name, function
    .globl \name
\name:
    pushl $\function
    jmp chaining
    .endm

chaining:
    SAVE
    movl REGS_SIZE(%esp), %edx
    movl $0, REGS_SIZE(%esp)
    calll *%edx
    cmpl $0, REGS_SIZE(%esp)
    je 1f
    RESTORE
    lretw /* pops `next`: the next handler sees the interrupt's own frame */
1:  RESTORE
    addw $4, %sp
    iretw

    SERVICE entry_02, int02
    SERVICE entry_05, int05
    SERVICE entry_08, int08
    SERVICE entry_09, int09
    SERVICE entry_0e, int0e
    CHAINING entry_10, int10_none
    CHAINING entry_10_serial, int10_serial
    SERVICE entry_11, int11
    SERVICE entry_12, int12
    CHAINING entry_13, int13
    SERVICE entry_14, int14
    SERVICE entry_15, int15
    SERVICE entry_16, int16
    SERVICE entry_17, int17
    SERVICE entry_1a, int1a
    SERVICE entry_40, int40
    SERVICE entry_70, int70
    SERVICE entry_74, int74
    SERVICE entry_75, int75
    SERVICE entry_76, int76
    SERVICE entry_irq, int_irq
    SERVICE entry_irq2, int_irq2

/* Our own stack and segments, for what never returns. */
    .macro OWN_STACK
    xorw %ax, %ax
    movw %ax, %ss
    movl $POST_STACK, %esp
    movw %ax, %ds
    movw %ax, %es
    movw $BDA_SEG, %ax
    movw %ax, %fs
    cld
    .endm

    .globl entry_18, entry_19
entry_18:
    OWN_STACK
    movw %fs:BDA_EBDA, %ax
    movw %ax, %gs
    sti
    calll boot_failed
entry_19:
    OWN_STACK
    movw %fs:BDA_EBDA, %ax
    movw %ax, %gs
    sti
    calll boot
1:  hlt
    jmp 1b

/* After a reset. The CMOS shutdown byte says who wanted it. */
entry_post:
    cli
    cld
    movb $CMOS_RESET, %al
    outb %al, $0x70
    inb $0x71, %al
    movb %al, %bl
    movb $CMOS_RESET, %al
    outb %al, $0x70
    xorb %al, %al
    outb %al, $0x71
    movb $0x0d, %al /* NMI on again */
    outb %al, $0x70
    inb $0x71, %al
    movw $BDA_SEG, %ax
    movw %ax, %ds
    cmpb $0x05, %bl
    je 5f
    cmpb $0x0a, %bl
    je 6f
    cmpb $0x09, %bl
    je 7f
    OWN_STACK
    movw $EBDA_SEG, %ax
    movw %ax, %gs
    calll post
    int $0x19
1:  hlt
    jmp 1b
5:  movb $0x20, %al /* an interrupt may have been in service */
    outb %al, $0xa0
    outb %al, $0x20
6:  ljmpw *BDA_JUMP
7:  lssw BDA_JUMP, %sp /* return from a block move that went through a reset */
    popw %ds
    popw %es
    popaw
    iretw

/* void call_int(u8 vector, struct regs *r) and void call_far(u16 seg, u16 off, struct regs *r): see
 * bios.h. The callee is entered by LRETW, with a frame beneath it that brings it back here. */
    .macro CALL_BEGIN
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    pushw %ds
    pushw %fs
    pushw %gs
    .endm

    .globl call_int, call_far
call_int:
    CALL_BEGIN
    pushl %edx
    movzbl %al, %eax
    xorw %cx, %cx
    movw %cx, %es
    pushfw
    pushw %cs
    pushw $called
    pushl %es:(, %eax, 4)
    jmp call_common
call_far:
    CALL_BEGIN
    pushl %ecx
    xchgl %ecx, %edx /* as call_int has it: r in EDX */
    pushw %cs
    pushw $called
    pushw %ax
    pushw %cx
call_common:
    movw 36(%edx), %es
    movl 0(%edx), %edi
    movl 4(%edx), %esi
    movl 8(%edx), %ebp
    movl 16(%edx), %ebx
    movl 24(%edx), %ecx
    movl 28(%edx), %eax
    pushw 48(%edx) /* the carry flag goes in, too */
    andw $0x0001, (%esp)
    orw $0x0002, (%esp) /* IF is clear, as an interrupt leaves it */
    popfw
    movw 38(%edx), %ds
    movl %ss:20(%edx), %edx
    lretw
called:
    movzwl %sp, %esp
    pushfw
    pushl %ebp
    movl 6(%esp), %ebp /* r, addressed through SS */
    movl %edi, 0(%ebp)
    movl %esi, 4(%ebp)
    popl 8(%ebp)
    movl %ebx, 16(%ebp)
    movl %edx, 20(%ebp)
    movl %ecx, 24(%ebp)
    movl %eax, 28(%ebp)
    movw %es, 36(%ebp)
    movw %ds, 38(%ebp)
    popw 48(%ebp)
    popl %edx
    popw %gs
    popw %fs
    popw %ds
    movw %ds, %ax
    movw %ax, %es
    cld
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    retl

/* void call_mouse_driver(u32 driver, u16 status, u16 x, u32 y): far, with status, X, Y and Z words on
 * the stack; y has Z in its upper half. */
    .globl call_mouse_driver
call_mouse_driver:
    CALL_BEGIN
    movl 26(%esp), %ebx /* 16 + 6 bytes of registers, and the return address */
    pushw %dx
    pushw %cx
    pushw %bx
    shrl $16, %ebx
    pushw %bx
    pushw %cs
    pushw $1f
    pushl %eax
    lretw
1:  movzwl %sp, %esp
    addw $8, %sp
    popw %gs
    popw %fs
    popw %ds
    movw %ds, %ax
    movw %ax, %es
    cld
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    retl

/* Where programs of old jump to, and where some look for data. */
    .section .fixed, "ax"
    .macro AT offset
    .org \offset - 0xe000, 0xff
    .endm
    AT 0xe000
    .ascii "Pagewalk BIOS"
    AT 0xe05b
    jmp entry_post
    AT 0xe2c3
    jmp entry_02
    AT 0xe3fe
    jmp entry_13
    AT 0xe6f2
    jmp entry_19
    AT 0xe6f5 /* int 15h C0h */
    .globl config_table
config_table:
    .word 8
    .byte 0xfc, 0x00, 0x01
    .byte 0x74 /* second 8259, RTC, keyboard intercept, EBDA */
    .byte 0x40 /* int 16h 09h */
    .byte 0, 0, 0
    AT 0xe729 /* 8250 divisors of 110 to 9600 baud */
    .globl baud_table
baud_table:
    .word 1047, 768, 384, 192, 96, 48, 24, 12
    AT 0xe739
    jmp entry_14
    AT 0xe82e
    jmp entry_16
    AT 0xe987
    jmp entry_09
    AT 0xec59
    jmp entry_40
    AT 0xef57
    jmp entry_0e
    AT 0xefc7 /* vector 1Eh: step rate, head load, motor off ticks, 512 bytes, 18 sectors, gap, DTL, format
               * gap, fill byte, head settle ms, motor start in 1/8 s */
    .globl diskette_table
diskette_table:
    .byte 0xaf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08
    AT 0xefd2
    jmp entry_17
    AT 0xf065
    jmp entry_10
    AT 0xf0a4 /* vector 1Dh: the 6845's registers for text 40, 80, graphics, monochrome */
    .globl video_table
video_table:
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x1f, 0x06, 0x19, 0x1c, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x71, 0x50, 0x5a, 0x0a, 0x1f, 0x06, 0x19, 0x1c, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x7f, 0x06, 0x64, 0x70, 0x02, 0x01, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x61, 0x50, 0x52, 0x0f, 0x19, 0x06, 0x19, 0x19, 0x02, 0x0d, 0x0b, 0x0c, 0, 0, 0, 0
    .word 0x0800, 0x1000, 0x4000, 0x4000
    .byte 40, 40, 80, 80, 40, 40, 80, 80
    .byte 0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29
    AT 0xf841
    jmp entry_12
    AT 0xf84d
    jmp entry_11
    AT 0xf859
    jmp entry_15
    AT 0xfa6e /* the 8x8 font's first 128 characters */
    .include "font8x8-low.inc"
    AT 0xfe6e
    jmp entry_1a
    AT 0xfea5
    jmp entry_08
    AT 0xff53
    .globl entry_iret
entry_iret:
    iretw
    AT 0xff54
    jmp entry_05
    AT 0xfff0
    .globl reset_vector
reset_vector:
    ljmpw $0xf000, $0xe05b
    AT 0xfff5
    .ascii "11/24/26"
    AT 0xfffe
    .byte 0xfc, 0x00
