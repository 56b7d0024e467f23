/* "Unreal" mode: limits loaded in protected mode stay in real mode, and segment loads there keep them.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    $0x600d600d, scratch
        real_call low
        check_eq(%eax, $0x600d600d)
        pass

        real_section
        /* do_real_call left 64 KiB limits: give DS 4 GiB, keep ES. */
low:    cli
        lgdtl   %cs:pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        movw    $8, %bx
        movw    %bx, %ds
        andb    $0xfe, %al
        movl    %eax, %cr0
        movl    $scratch, %ebx
        movl    (%ebx), %eax            /* the base is still 0, the limit 4 GiB */
        cmpl    $0x600d600d, %eax
        jne     9f
        movw    $0x10, %cx
        movw    %cx, %ds                /* a real-mode load changes base and selector only */
        movl    -0x100(%ebx), %eax
        cmpl    $0x600d600d, %eax
        jne     9f

        /* ES still has its 64 KiB: #GP through the IVT. */
        xorw    %cx, %cx
        movw    %cx, %ds
        movw    $1f, 13 * 4
        movw    $0, 13 * 4 + 2
        movw    %sp, %dx
        movl    %es:(%ebx), %eax
        movl    $2, %eax
        retw
1:      movw    %dx, %sp
        movl    (%ebx), %eax
9:      retw
pointer:
        .word   15
        .long   table
table:  .quad   0
        .quad   0x008f92000000ffff
        end_real_section
