/* Single steps over what moves the flags or the flow: POPF, IRET, MOV to SS, INT, REP, HLT, and breakpoints on data in
 * the same instruction. (SDM vol. 3B, 17.3.1.4)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .globl  test_main
test_main:
        set_gate DB, $on_db
        set_gate 0x40, $soft
        set_dr  0, $cell
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        movl    $log, next
        pushfl
        orl     $TF, (%esp)
        popfl
s0:     nop                             /* 0: BS, s1 */
s1:     movl    $1, cell                /* 1: BS + B0, s2 */
s2:     movw    %ss, %ax                /* 2: BS, s3 */
s3:     movw    %ax, %ss                /* no trap */
s4:     nop                             /* 3: BS, s5 */
s5:     pushl   %ds                     /* 4: BS, s6 */
s6:     popl    %ss                     /* no trap */
s7:     movl    $2, cell                /* 5: BS + B0, s8 */
s8:     int     $0x40                   /* no trap: 6 is at the INT's end */
s9:     movl    $2, %ecx                /* 6: BS, s10 */
s10:    movl    $cell, %edi
s11:    rep stosb                       /* 7: s11, 8: s11 with B0, 9: s12 with B0 */
s12:    xorl    %ecx, %ecx              /* 10 */
s13:    rep stosb                       /* 11: no iteration, one trap */
s14:    jmp     s15                     /* 12: s15 */
        nop
s15:    call    sub                     /* 13: sub, 14: s16 */
s16:    pushfl                          /* 15 */
s17:    andl    $~TF, (%esp)            /* 16 */
s18:    popfl                           /* 17: it began with TF set */
s19:    nop
        set_dr  7, $0
        movl    $expected, %esi
        movl    $log, %edi
        movl    $(expected_end - expected) / 4, %ecx
1:      movl    (%esi), %eax
        movl    (%edi), %ebx
        check_eq(%ebx, %eax)
        addl    $4, %esi
        addl    $4, %edi
        decl    %ecx
        jnz     1b
        movl    next, %eax
        check_eq(%eax, $log + (expected_end - expected))

        /* IRET that sets TF: the trap is behind the next instruction. */
        movl    $log, next
        pushfl
        orl     $TF, (%esp)
        pushl   %cs
        pushl   $i0
        iret
i0:     nop
i1:     pushfl
i2:     andl    $~TF, (%esp)
i3:     popfl
i4:     nop
        check_eq(log, $i1)
        check_eq(log + 8, $i2)
        check_eq(next, $log + 8 * 4)
        pass

sub:    ret

soft:   nop
        iret

on_db:  pushl   %eax
        pushl   %edi
        movl    next, %edi
        movl    8(%esp), %eax
        movl    %eax, (%edi)
        movl    %dr6, %eax
        andl    $0xf00f, %eax
        movl    %eax, 4(%edi)
        xorl    %eax, %eax
        movl    %eax, %dr6
        addl    $8, next
        popl    %edi
        popl    %eax
        iret

        .data
        .align  4
expected:
        .long   s1, DR6_BS, s2, DR6_BS + 1, s3, DR6_BS, s5, DR6_BS, s6, DR6_BS
        .long   s8, DR6_BS + 1, s10, DR6_BS, s11, DR6_BS, s11, DR6_BS + 1, s12, DR6_BS + 1
        .long   s13, DR6_BS, s14, DR6_BS, s15, DR6_BS, sub, DR6_BS, s16, DR6_BS, s17, DR6_BS
        .long   s18, DR6_BS, s19, DR6_BS
expected_end:
next:   .long   0
        .align  4096
log:    .skip   1024
        .align  4096
cell:   .skip   16
