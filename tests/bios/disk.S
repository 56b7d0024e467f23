/* A disk for any BIOS: its first sector says by int 10h that it runs, reads the second by int 13h, and prints
 * the text that is there. */
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
        cld
        movw    $hello, %si
        call    print
        xorb    %dh, %dh        /* DL: the drive, as the BIOS gave it */
        movw    $0x0201, %ax
        movw    $0x0002, %cx
        movw    $0x8000, %bx
        int     $0x13
        movw    $failed, %si
        jc      2f
        movw    $0x8000, %si
2:      call    print
3:      hlt
        jmp     3b

print:  pushw   %dx
4:      lodsb
        testb   %al, %al
        jz      5f
        movb    $0x0e, %ah
        movw    $7, %bx
        int     $0x10
        jmp     4b
5:      popw    %dx
        ret

hello:  .asciz  "The first sector runs.\r\n"
failed: .asciz  "The second sector cannot be read.\r\n"

        /* One active partition: some BIOSes want a table. */
        .org    446
        .byte   0x80, 0, 2, 0, 0x83, 15, 63, 9
        .long   1, 10079
        .org    510
        .word   0xaa55
        .asciz  "The second sector was read.\r\n"
        .org    1024
