/* A boot sector that computes for a while, and then reads what differs between machines (the RTC's year): as `read` into
 * AL, or by INSB into memory, where only memory tells. It ends by isa-debug-exit. */
        .set    CMOS_YEAR, 9
        .code16
        .globl  _start, read, end
_start: ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7000, %sp
        cli
        movl    $300001, %ecx
1:      addl    %ecx, 0x600
        loopl   1b
        movb    $CMOS_YEAR, %al
        outb    %al, $0x70
        movw    $0x71, %dx
        movw    $0x2345, %di
#ifdef TO_MEMORY
read:   insb
#else
read:   inb     $0x71, %al
#endif
        movl    $200001, %ecx
1:      addl    %ecx, 0x600
        loopl   1b
        movw    $0x501, %dx
        movb    $0x10, %al
end:    outb    %al, %dx
        .org    510
        .word   0xaa55
