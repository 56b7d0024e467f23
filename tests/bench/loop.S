/* A bare-metal guest to time: sieve, checksum and memory copies with paging on, no devices.
 * Linked like a snippet of tests/asm; tests/bench/interp runs it.
 */
#include "pm.h"
        .set    FLAGS, 0x400000
        .set    LIMIT, 0x200000
        .set    ROUNDS, 40

        .globl  test_main
test_main:
        call    paging_on
        movl    $ROUNDS, rounds
        cld
again:  movl    $FLAGS, %edi
        movl    $(LIMIT / 4), %ecx
        movl    $0x01010101, %eax
        rep     stosl

        movl    $2, %ebx                /* sieve of Eratosthenes */
1:      cmpb    $0, FLAGS(%ebx)
        je      3f
        leal    (%ebx, %ebx), %esi
2:      movb    $0, FLAGS(%esi)
        addl    %ebx, %esi
        cmpl    $LIMIT, %esi
        jb      2b
3:      incl    %ebx
        cmpl    $1449, %ebx
        jb      1b

        xorl    %eax, %eax              /* a rolling checksum */
        xorl    %ecx, %ecx
4:      movzbl  FLAGS(%ecx), %edx
        addl    %edx, %eax
        roll    $3, %eax
        xorl    %ecx, %eax
        call    mix
        incl    %ecx
        cmpl    $LIMIT, %ecx
        jb      4b
        decl    rounds
        jnz     again
        pass

mix:    pushl   %eax
        imull   $0x01000193, (%esp), %eax
        addl    $4, %esp
        ret

        .data
rounds: .long   0
