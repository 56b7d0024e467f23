# VBE function 0Ah: the window, the display start and the palette for 32-bit protected mode.
#
# A program copies all of it anywhere and calls it near, with a flat ES where memory is read; nothing but ports is
# touched, and all jumps are relative. VBE 2.0, section 4.12: DX:CX of the display start are an address in units of four
# bytes; the list of ports follows the code.
        .code32
        .section .romdata, "a"

        .set    DISPI_BPP, 3
        .set    DISPI_BANK, 5
        .set    DISPI_VIRT_WIDTH, 6
        .set    DISPI_X_OFFSET, 8
        .set    DISPI_Y_OFFSET, 9

        .globl  vbe_pm, vbe_pm_end
        .balign 4
vbe_pm: .word   pm_window - vbe_pm
        .word   pm_start - vbe_pm
        .word   pm_palette - vbe_pm
        .word   pm_ports - vbe_pm

# AX = index: reads or writes its value in EAX or CX.
dispi_read:
        pushl   %edx
        movw    $0x1ce, %dx
        outw    %ax, %dx
        incl    %edx
        xorl    %eax, %eax
        inw     %dx, %ax
        popl    %edx
        ret
dispi_write:
        pushl   %edx
        movw    $0x1ce, %dx
        outw    %ax, %dx
        incl    %edx
        movl    %ecx, %eax
        outw    %ax, %dx
        popl    %edx
        ret

pm_window:
        cmpw    $0, %bx                 # BH = 0: set; BL = 0: window A
        jne     pm_get_window
        pushl   %ecx
        movl    %edx, %ecx
        movw    $DISPI_BANK, %ax
        call    dispi_write
        popl    %ecx
        movw    $0x004f, %ax
        ret
pm_get_window:
        cmpw    $0x0100, %bx
        jne     pm_failed
        movw    $DISPI_BANK, %ax
        call    dispi_read
        movw    %ax, %dx
        movw    $0x004f, %ax
        ret
pm_failed:
        movw    $0x014f, %ax
        ret

# The address by the line's length is the line, what remains by the pixel's size is the column.
pm_start:
        testb   $0x7f, %bl              # 00h, or 80h: at the retrace
        jnz     pm_failed
        pushal
        movzwl  %cx, %esi
        shll    $16, %edx
        orl     %edx, %esi
        shll    $2, %esi                # bytes
        movw    $DISPI_BPP, %ax
        call    dispi_read
        leal    7(%eax), %ebx
        shrl    $3, %ebx                # bytes a pixel
        jnz     1f
        incl    %ebx
1:      movw    $DISPI_VIRT_WIDTH, %ax
        call    dispi_read
        mull    %ebx
        movl    %eax, %ecx
        jecxz   2f                      # no mode is set
        movl    %esi, %eax
        xorl    %edx, %edx
        divl    %ecx
        pushl   %eax
        movl    %edx, %eax
        xorl    %edx, %edx
        divl    %ebx
        movl    %eax, %ecx
        movw    $DISPI_X_OFFSET, %ax
        call    dispi_write
        popl    %ecx
        movw    $DISPI_Y_OFFSET, %ax
        call    dispi_write
2:      popal
        movw    $0x004f, %ax
        ret

# CX colours from DX on, at ES:EDI: blue, green, red, nothing.
pm_palette:
        testb   $0x7f, %bl
        jnz     pm_failed
        pushal
        movl    %edx, %eax
        movw    $0x3c8, %dx
        outb    %al, %dx
        incl    %edx
        movzwl  %cx, %ecx
        jecxz   4f
3:      movb    %es:2(%edi), %al
        outb    %al, %dx
        movb    %es:1(%edi), %al
        outb    %al, %dx
        movb    %es:(%edi), %al
        outb    %al, %dx
        addl    $4, %edi
        decl    %ecx
        jnz     3b
4:      popal
        movw    $0x004f, %ax
        ret

pm_ports:
        .word   0x1ce, 0x1cf, 0x3c8, 0x3c9, 0xffff        # ports; and of memory
        .word   0xffff                                    # there is none
vbe_pm_end:
