/* Rotates change CF and OF alone, and INC and DEC all but CF, in whatever order they come, also where each ends a block of
 * its own whose flags somebody else looks at. (SDM vol. 2, RCL/RCR/ROL/ROR, INC)
 * expect: status 33
 */
#include "pm.h"
        .set    ALL, 0x8d5

        /* Runs code that ends its block behind itself. */
        .macro  apart insn:vararg
        call    1f
        jmp     2f
1:      \insn
        ret
2:
        .endm

        .globl  test_main
test_main:
        movl    $0x80000001, %eax
        movl    $1, %ebx
        cmpl    $2, %ebx                        /* CF SF AF PF */
        apart   roll $1, %eax                   /* 3: CF OF */
        check_flags(ALL, CF|OF|SF|AF|PF)
        movl    $0x7ffffffe, %esi
        cmpl    $2, %ebx
        apart   roll $1, %eax                   /* 6: neither */
        check_flags(ALL, SF|AF|PF)

        /* A step behind a rotate has its own OF, and the rotate's CF. */
        movl    $0x80000001, %eax
        apart   roll $1, %eax
        apart   incl %esi                       /* 7fffffff */
        check_flags(ALL, CF|PF)
        movl    $0x80000001, %eax
        movl    $0x7fffffff, %esi
        apart   rorl $1, %eax                   /* c0000000: CF */
        apart   incl %esi                       /* 80000000 */
        check_flags(ALL, CF|OF|SF|AF|PF)

        /* A rotate behind a step has both, and the step's others; so has a second one. */
        movl    $0x7fffffff, %esi
        cmpl    %ebx, %ebx
        apart   incl %esi
        apart   rorb $1, %bh                    /* 0 */
        check_flags(ALL, SF|AF|PF)
        movl    $0x7fffffff, %esi
        movw    $0x8001, %dx
        cmpl    %ebx, %ebx
        apart   incl %esi
        apart   rorw $1, %dx                    /* c000: CF */
        check_flags(ALL, CF|SF|AF|PF)
        apart   rolw $1, %dx                    /* 8001: CF */
        check_flags(ALL, CF|SF|AF|PF)
        apart   rolw $1, %dx                    /* 0003: CF OF */
        check_flags(ALL, CF|OF|SF|AF|PF)
        apart   decl %ebx                       /* 0 */
        check_flags(ALL, CF|ZF|PF)

        /* High bytes, counts in CL, and a count of 0, which changes nothing. */
        movl    $0x8000, %eax
        movb    $9, %cl
        cmpl    %ebx, %ebx
        apart   rolb %cl, %ah                   /* 01: CF; OF is not defined */
        check_flags(ALL & ~OF, CF|ZF|PF)
        check_eq(%eax, $0x0100)
        movb    $32, %cl
        apart   rorb %cl, %ah
        check_flags(ALL & ~OF, CF|ZF|PF)
        check_eq(%eax, $0x0100)
        movb    $8, %cl
        apart   rorb %cl, %ah                   /* 01 as it was: no CF */
        check_flags(ALL & ~OF, ZF|PF)

        /* The carry goes on into another block, and ends with the next operation. */
        movl    $0x40000000, %eax
        xorl    %edx, %edx
        apart   roll $2, %eax                   /* 1: CF */
        apart   adcl $5, %edx
        check_eq(%edx, $6)
        apart   roll $31, %eax                  /* 80000000: OF */
        apart   adcl $5, %edx
        check_eq(%edx, $11)
        apart   rorl $31, %eax                  /* 1 */
        check_eq(%eax, $1)
        apart   andl %eax, %eax
        check_flags(ALL, 0)
        pass
