/* The A20 gate at port 0x92: masked, 1 MiB wraps to 0; open, it does not. Translated code notices too.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* Everything that runs or is touched while A20 is masked must be on an even MiB: copy it low. */
        real_call low
        testl   %eax, %eax
        jnz     1f
        pass
1:      check_eq(%eax, $0)

        real_section
        /* AX 0 when right, else the number of the step. */
low:    movw    $0xffff, %cx
        movw    %cx, %fs                /* fs:0x0510 is 0x100500, or 0x500 with A20 masked */
        inb     $0x92, %al
        orb     $2, %al
        outb    %al, $0x92
        movw    $0x1111, 0x500
        pushw   %fs:0x510               /* the snippet's own code is there */
        movw    $0x2222, %fs:0x510
        movw    $1, %bx
        cmpw    $0x1111, 0x500
        jne     9f
        inb     $0x92, %al
        andb    $0xfd, %al
        outb    %al, $0x92
        movw    $2, %bx
        cmpw    $0x1111, %fs:0x510
        jne     9f
        movw    $0x3333, %fs:0x510
        movw    $3, %bx
        cmpw    $0x3333, 0x500
        jne     9f
        movb    $0xb0, 0x500            /* code at 0x500, which ffff:0510 reaches as well */
        movb    $0x42, 0x501            /* movb $0x42, %al; retf */
        movb    $0xcb, 0x502
        lcallw  $0xffff, $0x510
        movw    $4, %bx
        cmpb    $0x42, %al
        jne     9f
        inb     $0x92, %al
        orb     $2, %al
        outb    %al, $0x92
        movw    $5, %bx
        cmpw    $0x2222, %fs:0x510
        jne     9f
        movb    $0xb0, %fs:0x510
        movb    $0x43, %fs:0x511
        pushw   %fs:0x512
        movb    $0xcb, %fs:0x512
        lcallw  $0xffff, $0x510         /* the same linear address, other memory now */
        popw    %fs:0x512
        movw    $6, %bx
        cmpb    $0x43, %al
        jne     9f
        movw    $0, %bx
9:      inb     $0x92, %al
        orb     $2, %al
        outb    %al, $0x92
        popw    %fs:0x510
        movzwl  %bx, %eax
        retw
        end_real_section
