/* A floppy disk that fills hard disk 80h by INT 13h, BLOCKS times 32 KiB whose words are the block's number, prints
 * a point for each, and ends by isa-debug-exit with the number of those that failed. */
        .code16
        .globl  _start
_start: ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        cli
        movw    %ax, %ss
        movw    $0x7c00, %sp
        sti
        cld
2:      movw    $0x1000, %ax
        movw    %ax, %es
        xorw    %di, %di
        movw    $0x4000, %cx
        movw    number, %ax
        rep stosw
        movw    $packet, %si
        movw    $0x4300, %ax
        movb    $0x80, %dl
        int     $0x13
        adcw    $0, failed
        movb    $'.', %al
        outb    %al, $0xe9
        addl    $64, lba
        incw    number
        cmpw    $BLOCKS, number
        jb      2b
        movb    $'\n', %al
        outb    %al, $0xe9
        movw    failed, %ax
        movw    $0x501, %dx
        outw    %ax, %dx
3:      hlt
        jmp     3b

number: .word   0
failed: .word   0
packet: .byte   16, 0
        .word   64, 0, 0x1000   /* sectors, to 1000:0 */
lba:    .long   0, 0
        .org    510
        .word   0xaa55
