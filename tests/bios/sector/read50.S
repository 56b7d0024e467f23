/* Fifty sectors of a floppy disk by one INT 13h, over tracks and cylinders, are the same as one by one. */
#include "sector.inc"

program:
        movw    $0x1000, %ax
        movw    %ax, %es
        xorw    %bx, %bx
        movw    $0x0232, %ax
        movw    $0x0001, %cx
        xorb    %dh, %dh
        movb    drive, %dl
        int     $0x13
        need    nc, "fifty sectors cannot be read at once"
        cmpb    $50, %al
        need    e, "fewer than fifty sectors were read"
        xorw    %bp, %bp                /* linear sector */
1:      movw    $0x2000, %ax
        movw    %ax, %es
        xorw    %bx, %bx
        movw    %bp, %ax
        movb    $18, %cl
        divb    %cl                     /* AL: track, AH: sector */
        movb    %ah, %cl
        incb    %cl
        movb    %al, %dh
        andb    $1, %dh
        shrb    $1, %al
        movb    %al, %ch
        movb    drive, %dl
        movw    $0x0201, %ax
        int     $0x13
        need    nc, "a sector cannot be read"
        movw    %bp, %si
        shlw    $9, %si
        xorw    %di, %di
        movw    $256, %cx
        movw    $0x1000, %ax
        movw    %ax, %ds
        repe cmpsw
        movw    $0, %ax
        movw    %ax, %ds
        need    e, "a sector differs"
        incw    %bp
        cmpw    $50, %bp
        jb      1b
        jmp     good
