/* The A20 gate as a BIOS leaves it: open, and closed by the 8042 alone or by port 92h alone; INT 15h AH=24h says
 * and does the same, and a block move leaves it closed. */
#include "sector.inc"

program:
        call    is_open
        need    e, "A20 is not open"
        movb    $0xdd, %al
        call    output_port
        call    is_open
        need    ne, "the 8042 does not close A20"
        movw    $0x2402, %ax
        int     $0x15
        testb   %al, %al
        need    e, "INT 15h AX=2402h does not say that it is closed"
        movb    $0x87, %ah
        movw    $1, %cx
        movw    $table, %si
        int     $0x15
        need    nc, "the block move fails"
        cmpw    $0x600d, moved
        need    e, "the block move did not move"
        call    is_open
        need    ne, "the block move has opened A20"
        movb    $0xdf, %al
        call    output_port
        call    is_open
        need    e, "the 8042 does not open A20"
        movb    $0xdd, %al
        call    output_port
        call    is_open
        need    ne, "the 8042 does not close A20 again"
        movw    $0x2401, %ax
        int     $0x15
        call    is_open
        need    e, "INT 15h AX=2401h does not open A20"
        movw    $0x2402, %ax
        int     $0x15
        cmpb    $1, %al
        need    e, "INT 15h AX=2402h does not say that it is open"
        movw    $0x2400, %ax
        int     $0x15
        call    is_open
        need    ne, "INT 15h AX=2400h does not close A20"
        movb    $0xdf, %al
        call    output_port
        movw    $0x2400, %ax
        int     $0x15
        call    is_open
        need    ne, "INT 15h AX=2400h does not close what the 8042 has opened"
        jmp     good

/* ZF: A20 is open. */
is_open:
        pushw   %ds
        movw    $0xffff, %ax
        movw    %ax, %ds
        movw    $0x1234, %cs:probe
        movw    $0x5678, probe + 16     /* 1 MiB above, or the same */
        cmpw    $0x1234, %cs:probe
        popw    %ds
        ret

output_port:
        movb    %al, %ah
        call    wait_8042
        movb    $0xd1, %al
        outb    %al, $0x64
        call    wait_8042
        movb    %ah, %al
        outb    %al, $0x60
wait_8042:
        inb     $0x64, %al
        testb   $2, %al
        jnz     wait_8042
        ret

        .balign 8
table:  .fill   16, 1, 0
        .word   0xffff, what, 0x9300, 0
        .word   0xffff, moved, 0x9300, 0
        .fill   16, 1, 0
what:   .word   0x600d
moved:  .word   0
probe:  .word   0
