# A boot sector that sets video mode MODE by the BIOS and draws in it: --defsym MODE=N (0x100 and up: VBE).
#
# Teletype text, 256 characters, 16 colours, a run of text that scrolls a window, exclusive or, lines of pixels. Then it
# reads a character back and writes R and it to port e9, M and the mode that AH=0Fh tells, and halts.
        .code16
        .text
        .globl  _start
_start: ljmp    $0, $start
start:  xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        sti
        .if     MODE >= 0x100
        movw    $0x4f02, %ax
        movw    $MODE, %bx
        .else
        movw    $MODE, %ax
        .endif
        int     $0x10

        movw    $title, %si     # teletype
        movw    $0x000e, %bx
1:      lodsb
        testb   %al, %al
        jz      2f
        movb    $0x0e, %ah
        int     $0x10
        jmp     1b

2:      xorw    %di, %di        # 256 characters from row 2 on, 32 in a row
3:      movw    %di, %dx
        movw    %di, %ax
        shrw    $5, %ax
        addb    $2, %al
        movb    %al, %dh
        andb    $31, %dl
        incb    %dl
        movb    $2, %ah
        xorb    %bh, %bh
        int     $0x10
        movw    %di, %ax
        movb    $0x09, %ah
        movw    $0x0007, %bx
        movw    $1, %cx
        int     $0x10
        incw    %di
        cmpw    $256, %di
        jb      3b

        xorw    %di, %di        # 16 colours, in row 11
4:      movw    %di, %dx
        shlb    $1, %dl
        movb    $11, %dh
        movb    $2, %ah
        xorb    %bh, %bh
        int     $0x10
        movw    $0x09db, %ax
        movw    %di, %bx
        movw    $2, %cx
        int     $0x10
        incw    %di
        cmpw    $16, %di
        jb      4b

        movw    $0x1301, %ax    # a string, and a window of which it scrolls a part
        movw    $0x000a, %bx
        movw    $text_end - text, %cx
        movw    $0x0d00, %dx
        movw    $text, %bp
        int     $0x10
        movw    $0x0601, %ax
        movb    $0x00, %bh
        movw    $0x0e02, %cx
        movw    $0x1010, %dx
        int     $0x10
        movw    $0x0701, %ax
        movw    $0x0e14, %cx
        movw    $0x1020, %dx
        int     $0x10

        movw    $20, %di        # pixels
5:      movw    $0x0c0f, %ax
        xorb    %bh, %bh
        movw    %di, %cx
        leaw    120(%di), %dx
        int     $0x10
        movw    $0x0c0c, %ax
        movw    %di, %cx
        movw    $190, %dx
        int     $0x10
        movw    $0x0c8a, %ax    # exclusive or, across the characters
        movw    %di, %cx
        movw    $42, %dx
        int     $0x10
        incw    %di
        cmpw    $180, %di
        jb      5b

        movw    $0x0200, %ax    # reads the A of the chart
        xorb    %bh, %bh
        movw    $0x0402, %dx
        int     $0x10
        movb    $8, %ah
        int     $0x10
        movb    %al, %bl
        movb    $1, %ah         # no cursor: it blinks
        movw    $0x2000, %cx
        int     $0x10
        movb    $'R', %al
        outb    %al, $0xe9
        movb    %bl, %al
        outb    %al, $0xe9
        movb    $'M', %al
        outb    %al, $0xe9
        movb    $0x0f, %ah
        int     $0x10
        outb    %al, $0xe9
        movb    $'.', %al
        outb    %al, $0xe9
6:      hlt
        jmp     6b

title:  .asciz  "Pagewalk VGA BIOS: teletype\r\n"
text:   .ascii  "Hello, world! A string.\r\n"
        .ascii  "abcdefghijklmnopqrstuvwxyz 0123456\r\n"
        .ascii  "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456\r\n"
        .ascii  "0123456789012345678901234567890123"
text_end:
        .org    510
        .word   0xaa55
