/* Real mode: INT through the IVT, its frame, IF and TF; IRET; faults without error codes; IDT limit.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        real_call low
        check_eq(%eax, $0)
        pass

        real_section
low:    movw    $1, %bp
        movw    $handler, 0x40 * 4
        movw    $0, 0x40 * 4 + 2
        movw    $handler, 0 * 4
        movw    $0, 0 * 4 + 2
        movw    $handler, 6 * 4
        movw    $0, 6 * 4 + 2
        movw    $handler, 13 * 4
        movw    $0, 13 * 4 + 2
        movw    $handler, 5 * 4
        movw    $0, 5 * 4 + 2
        pushw   $(IF | CF | 2)
        popfw
        movw    %sp, %dx
        int     $0x40
1:      cmpw    $1b, seen_ip
        jne     9f
        incw    %bp
        cmpw    $0, seen_cs
        jne     9f
        incw    %bp
        movw    seen_flags, %ax
        andw    $(IF | TF | CF), %ax
        cmpw    $(IF | CF), %ax
        jne     9f
        incw    %bp
        movw    flags_inside, %ax
        andw    $(IF | TF), %ax
        jnz     9f
        incw    %bp
        pushfw
        popw    %ax
        testw   $IF, %ax
        jz      9f
        incw    %bp
        cmpw    %dx, %sp
        jne     9f
        cli

        /* #DE is a fault: its IP is the DIV. */
        incw    %bp
        movw    $2f, resume
        xorw    %cx, %cx
        movw    $7, %ax
divide: divw    %cx
        jmp     9f
2:      cmpw    $divide, seen_ip
        jne     9f
        incw    %bp
        movw    $3f, resume
        .byte   0xf0, 0x90              /* LOCK NOP: #UD */
        jmp     9f
3:      incw    %bp
        movw    $4f, resume
        movw    $0xffff, %bx
        movw    (%bx), %ax              /* a word at 0xffff: #GP in real mode */
        jmp     9f
4:      incw    %bp
        movl    $0x10000, %ebx
        movw    $5f, resume
        movb    (%ebx), %al             /* beyond 64 KiB */
        jmp     9f
5:      incw    %bp
        cmpw    %dx, %sp
        jne     9f
        movw    $6f, resume
        movw    $0, low_bounds
        movw    $9, low_bounds + 2
        movw    $10, %ax
        boundw  %ax, low_bounds
        jmp     9f
6:      xorw    %bp, %bp
9:      movzwl  %bp, %eax
        retw

handler:
        pushw   %ax
        pushw   %bp
        movw    %sp, %bp
        movw    4(%bp), %ax
        movw    %ax, %cs:seen_ip
        movw    6(%bp), %ax
        movw    %ax, %cs:seen_cs
        movw    8(%bp), %ax
        movw    %ax, %cs:seen_flags
        pushfw
        popw    %ax
        movw    %ax, %cs:flags_inside
        cmpw    $0, %cs:resume
        je      1f
        movw    %cs:resume, %ax
        movw    %ax, 4(%bp)
1:      popw    %bp
        popw    %ax
        iretw
seen_ip:        .word 0
seen_cs:        .word 0
seen_flags:     .word 0
flags_inside:   .word 0
resume:         .word 0
low_bounds:     .word 0, 0
        end_real_section
