/* Real mode: code that runs past offset 0xffff: #GP at the limit of 64 KiB, on and on with a larger one.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        real_call low
        check_eq(%eax, $0)
        pass

        real_section
low:    cli
        movw    $1, %bp
        movw    $0x3000, %ax
        movw    %ax, %es
        movb    $0xea, %es:0            /* where IP would be if it wrapped */
        movw    $9f, %es:1
        movw    $0, %es:3
        movl    $0x90909090, %es:0xfffc
        movw    $1f, 13 * 4
        movw    $0, 13 * 4 + 2
        movw    %sp, %dx
        ljmp    $0x3000, $0xfffc
1:      incw    %bp
        movw    %sp, %bx
        cmpw    $0, (%bx)               /* IP 0x10000 in 16 bits */
        jne     9f
        cmpw    $0x3000, 2(%bx)
        jne     9f
        movw    %dx, %sp

        /* CS with 4 GiB, loaded in protected mode; PE is cleared just before the border. */
        incw    %bp
        movw    $0x4000, %ax
        movw    %ax, %es
        movb    $0xea, %es:0
        movw    $2f, %es:1
        movw    $0, %es:3
        movw    $0x3000, %ax
        movw    %ax, %es
        movl    $0x90c0220f, %es:0xfff0 /* mov %eax, %cr0 */
        movl    $0x90909090, %es:0xfff4
        movl    $0x90909090, %es:0xfff8
        lgdtl   %cs:pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        andb    $0xfe, %al
        ljmp    $8, $0xfff0
2:      xorw    %bp, %bp
9:      movw    %dx, %sp
        movzwl  %bp, %eax
        retw
pointer:
        .word   15
        .long   table
table:  .quad   0
        .quad   0x008f9b030000ffff
        end_real_section
