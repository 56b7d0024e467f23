/* A floppy disk that writes its second sector to the first one of hard disk 80h by INT 13h, and ends by
 * isa-debug-exit with the BIOS's status: Pagewalk's is twice that, plus one. */
        .code16
        .globl  _start
_start: ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        cli
        movw    %ax, %ss
        movw    $0x7c00, %sp
        sti
        movw    $0x0201, %ax    /* DL: the drive, as the BIOS gave it */
        movw    $0x0002, %cx
        xorb    %dh, %dh
        movw    $0x8000, %bx
        int     $0x13
        jc      2f
        movw    $0x0301, %ax
        movw    $0x0001, %cx
        movw    $0x0080, %dx
        int     $0x13
2:      movb    $'.', %al
        outb    %al, $0xe9
        movb    $'\n', %al
        outb    %al, $0xe9
        movb    %ah, %al
        xorb    %ah, %ah
        movw    $0x501, %dx
        outw    %ax, %dx
3:      hlt
        jmp     3b

        .org    510
        .word   0xaa55
