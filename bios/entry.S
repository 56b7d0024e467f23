/* The way into every service: from an interrupt in real mode to a C function and back.
 *
 * A stub pushes its function's offset and falls into `service`, which saves the caller's registers as
 * struct regs (bios.h) on the BIOS's stack (stack.inc), sets up the segments, and calls
 * function(struct regs *). Then it goes on, with the caller's registers and on the caller's stack, at
 * the far address regs->next: an IRET, unless the function has stored another. */
#include "stack.inc"

#define BDA_JUMP    0x67
#define EBDA_SEG    0x9fc0
#define CMOS_RESET  0x8f
#define NEED        288  /* bytes of the stack that a service takes, and some */
#define NEED_LIGHT  144

    .code16
    .section .entry, "ax"

    .macro SERVICE name, function, kind=service
    .globl \name
\name:
    pushw $\function
    jmp \kind
    .endm

service:
    ENTER_SERVICE entry_iret, NEED
serve:
    movw $BDA_SEG, %ax
    movw %ax, %fs
    movw %fs:BDA_EBDA, %gs
    movl %esp, %eax
    calll *%edx
    LEAVE_SERVICE

/* Those that come while another waits, and take little. */
light:
    ENTER_SERVICE entry_iret, NEED_LIGHT
    jmp serve

/* A far call with arguments on the caller's stack, where it stays: POST's, for an option ROM. The frame is pmm.c's. */
    .macro FAR_CALL name, function
    .globl \name
\name:
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
    movw %fs:BDA_EBDA, %gs
    movzwl %sp, %esp
    movl %esp, %eax
    cld
    calll \function
    popal
    popw %gs
    popw %fs
    popw %es
    popw %ds
    lretw
    .endm

    FAR_CALL pmm_entry, pmm_service
    FAR_CALL pnp_entry, pnp_service

/* In protected mode nobody is told anything: PNP_NO_SUCH. */
    .globl pnp_entry_protected
pnp_entry_protected:
    movw $0x82, %ax
    lretw

    SERVICE entry_00, int00
    SERVICE entry_02, int02
    SERVICE entry_05, int05
    SERVICE entry_06, int06
    SERVICE entry_07, int07
    SERVICE entry_08, int08, light
    SERVICE entry_09, int09
    SERVICE entry_0c, int0c
    SERVICE entry_0d, int0d
    SERVICE entry_0e, int0e, light
    SERVICE entry_10, int10_none
    SERVICE entry_10_serial, int10_serial
    SERVICE entry_11, int11, light
    SERVICE entry_12, int12, light
    SERVICE entry_13, int13
    SERVICE entry_14, int14
    SERVICE entry_15, int15
    SERVICE entry_16, int16, light
    SERVICE entry_17, int17
    SERVICE entry_1a, int1a
    SERVICE entry_40, int40
    SERVICE entry_70, int70, light
    SERVICE entry_74, int74
    SERVICE entry_75, int75
    SERVICE entry_76, int76, light
    SERVICE entry_irq, int_irq, light
    SERVICE entry_irq2, int_irq2, light

/* Behind int08, on the interrupted stack: INT 1Ch as IBM's BIOS calls it, with DS the BIOS data area's
 * and nothing of ours but three words beneath it. */
    .globl tick_hook
tick_hook:
    pushw %ds
    pushw %ax
    pushw %dx
    movw $BDA_SEG, %ax
    movw %ax, %ds
    int $0x1c
    cli
    movb $0x20, %al
    outb %al, $0x20
    popw %dx
    popw %ax
    popw %ds
    iretw

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

    .globl exception_stop
exception_stop:
    cli
    movl %eax, %ebx
    OWN_STACK
    movl %ebx, %eax
    calll exception_report
1:  cli
    hlt
    jmp 1b

    .globl entry_18, entry_19
entry_18:
    OWN_STACK
    movw %fs:BDA_EBDA, %gs
    calll stack_init
    sti
    calll boot_failed
entry_19:
    OWN_STACK
    movw %fs:BDA_EBDA, %gs
    calll stack_init
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
