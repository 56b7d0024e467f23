/* Services on the stacks that boot loaders leave: SS:SP of 9000:0100, 9000:0080, 9000:FFFF and 9000:0000. Disk
 * reads with the timer running, whose handler at INT 1Ch prints and looks for keys: so the BIOS is called
 * while it waits. */
#include "sector.inc"

program:
        cli
        movl    $hook_1c, 0x1c * 4
        sti
        movw    $stacks, %si
1:      cli
        movw    $0x9000, %ax
        movw    %ax, %ss
        movw    (%si), %sp
        sti
        movw    %sp, %di
        movw    $READS, %bp
2:      movw    $0x0201, %ax
        movw    $0xa000, %bx
        movw    %bp, %cx                /* another cylinder each time: the head moves */
        movb    %cl, %ch
        movb    $2, %cl
        movb    drive, %dl
        xorb    %dh, %dh
        int     $0x13
        need    nc, "a sector cannot be read"
        movw    $0x8600, %ax            /* 20 ms */
        xorw    %cx, %cx
        movw    $20000, %dx
        int     $0x15
        need    nc, "INT 15h AH=86h fails"
        xorb    %ah, %ah
        movb    drive, %dl
        int     $0x13
        need    nc, "the disk system cannot be reset"
        cmpw    %sp, %di
        need    e, "SP has moved"
        decw    %bp
        jnz     2b
        addw    $2, %si
        cmpw    $stacks_end, %si
        jb      1b
        cmpw    $4, ticks
        need    a, "INT 1Ch was not called"
        jmp     good

hook_1c:
        pushw   %ax
        pushw   %bx
        movw    $0x0e2e, %ax
        movw    $0x0007, %bx
        int     $0x10
        movb    $0x01, %ah
        int     $0x16
        incw    %cs:ticks
        popw    %bx
        popw    %ax
        iretw
stacks: .word   0x0100, 0x0080, 0xffff, 0x0000
stacks_end:
ticks:  .word   0
