/* A handler of INT 09h that reads port 60h, and then goes on to the BIOS's, which must read the same byte
 * again; with RTC the same for INT 70h, whose status register C is empty when it has been read: SeaBIOS'
 * handler does nothing then. */
#include "sector.inc"

program:
        cli
        movl    0x09 * 4, %eax
        movl    %eax, old_09
        movl    $handler_09, 0x09 * 4
        .ifdef  RTC
        movl    0x70 * 4, %eax
        movl    %eax, old_70
        movl    $handler_70, 0x70 * 4
        .endif
        sti

        movw    $codes, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        call    scan_code
        jmp     1b
2:      cmpw    $codes_end - codes - 1, count
        need    e, "the handler was not called for each byte"
        movb    $0x00, %ah
        call    key
        cmpw    $0x1e61, %ax
        need    e, "the first key is not A"
        movb    $0x10, %ah
        call    key
        cmpw    $0x48e0, %ax
        need    e, "the second key is not the grey arrow"

        .ifdef  RTC
        movw    $0x8600, %ax            /* 100 ms by the RTC's periodic interrupt */
        movw    $1, %cx
        movw    $0x86a0, %dx
        int     $0x15
        need    nc, "INT 15h AH=86h fails"
        cmpw    $10, periods
        need    a, "the RTC's handler was not called"
        .endif
        jmp     good

/* AL from the keyboard controller as if the keyboard had sent it, and until it was taken. */
scan_code:
        movw    count, %bx
        movb    %al, %ah
1:      inb     $0x64, %al
        testb   $2, %al
        jnz     1b
        movb    $0xd2, %al
        outb    %al, $0x64
2:      inb     $0x64, %al
        testb   $2, %al
        jnz     2b
        movb    %ah, %al
        outb    %al, $0x60
        movw    $20, %cx                /* ticks */
3:      cmpw    count, %bx
        jne     4f
        hlt
        loop    3b
4:      ret

/* The key that function AH returns; 0: none. */
key:    movb    %ah, %bh
        incb    %ah
        int     $0x16
        movb    %bh, %ah
        jz      1f
        int     $0x16
        ret
1:      xorw    %ax, %ax
        ret

handler_09:
        pushw   %ax
        inb     $0x60, %al
        incw    %cs:count
        popw    %ax
        ljmp    *%cs:old_09
handler_70:
        pushw   %ax
        movb    $0x0c, %al
        outb    %al, $0x70
        inb     $0x71, %al
        incw    %cs:periods
        popw    %ax
        ljmp    *%cs:old_70

codes:  .byte   0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8, 0
codes_end:
        .balign 4
old_09: .long   0
old_70: .long   0
count:  .word   0
periods: .word  0
