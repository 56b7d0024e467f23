/* INT 10h AH=0Eh with a pointer in BX, as many programs print: in text modes it writes to the page that is
 * shown. AH=13h is the one that takes a page. */
#include "sector.inc"

program:
        movw    $3, %ax
        int     $0x10
        movw    $shown, %bx
1:      movb    (%bx), %al
        testb   %al, %al
        jz      2f
        movb    $0x0e, %ah
        int     $0x10
        incw    %bx
        jmp     1b
2:      movw    $0xb800, %ax
        movw    %ax, %es
        movw    $shown, %si
        xorw    %di, %di
        movw    $4, %cx
3:      lodsb
        cmpb    %es:(%di), %al
        need    e, "teletype's text is not on the page that is shown"
        addw    $2, %di
        loop    3b
        cmpw    $0x0100, BDA + 0x50     /* row 1, column 0 */
        need    e, "the cursor is not behind the text"
        cmpw    $0, BDA + 0x52
        need    e, "another page's cursor has moved"

        movw    $0x0501, %ax            /* page 1 is shown: then BH = 0 writes there, too */
        int     $0x10
        movw    $0x0e5a, %ax
        movw    $0x0007, %bx
        int     $0x10
        movw    BDA + 0x4e, %di
        cmpb    $'Z', %es:(%di)
        need    e, "teletype's character is not on page 1"

        xorw    %ax, %ax
        movw    %ax, %es
        movw    $0x1300, %ax            /* a string to page 2, which is not shown */
        movw    $0x0207, %bx
        movw    $1, %cx
        xorw    %dx, %dx
        movw    $shown, %bp
        int     $0x10
        movw    $0xb800, %ax
        movw    %ax, %es
        movw    BDA + 0x4c, %di
        addw    %di, %di
        cmpb    $'T', %es:(%di)
        need    e, "AH=13h's string is not on the page in BH"
        jmp     good
shown:  .asciz  "Text\r\n"
