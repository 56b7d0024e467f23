/* A boot sector that meets an interrupt of each source in real mode, a fault with an error code in protected mode, and
 * a triple fault; the third time that it is booted it ends by isa-debug-exit (status 33). */
        .set    CMOS_BOOTS, 0x5f
        .code16
        .globl  _start
_start: ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7000, %sp
        movb    $CMOS_BOOTS, %al
        outb    %al, $0x70
        inb     $0x71, %al
        incb    %al
        outb    %al, $0x71
        cmpb    $3, %al
        jb      2f
        movw    $0x501, %dx
        movb    $0x10, %al
        outb    %al, %dx

2:      movl    $skip2, 0 * 4           /* #DE, whose DIV has two bytes */
        movl    $return, 1 * 4
        movl    $return, 3 * 4
        movl    $return, 4 * 4
        sti
        int     $0x12
        int3
        .byte   0xcd, 3                 /* INT 3 in two bytes */
        movb    $0x7f, %al
        incb    %al
        into
        .byte   0xf1                    /* ICEBP */
        xorb    %cl, %cl
        divb    %cl
        movw    $0x0201, %ax            /* reads a sector: IRQ 6 */
        movw    $0x0002, %cx
        xorw    %dx, %dx
        movw    $0x8000, %bx
        int     $0x13
        movw    0x46c, %ax
3:      hlt                             /* IRQ 0 */
        cmpw    0x46c, %ax
        je      3b

        cli
        lgdt    gdt_pointer
        lidt    idt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmp    $8, $4f
        .code32
4:      movw    $0x18, %ax              /* beyond the GDT */
        movw    %ax, %ss
fault:  lidt    zeros
        int3

        .code16
skip2:  pushw   %bp
        movw    %sp, %bp
        addw    $2, 2(%bp)
        popw    %bp
return: iretw

        .balign 8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
zeros:  .quad   0
gdt_pointer:
        .word   zeros - gdt - 1
        .long   gdt
idt_pointer:
        .word   0x6f
        .long   idt - 13 * 8
idt:    .word   fault, 8, 0x8e00, 0     /* #GP */
        .org    510
        .word   0xaa55
        .org    1024
