/* Neighbouring accesses off one register, which the native engine checks together: across a page edge, into an
 * absent or read-only page, to code, with flags that only a fault sees.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000

        .globl  test_main
test_main:
        call    paging_on

        /* A frame across two pages that are no neighbours in memory. */
        set_pte EDGE, 0x700000 | P_P | P_W
        movl    $EDGE, %ebp
        movl    $0x10, %eax
        movl    %eax, -8(%ebp)
        addl    $0x10, %eax
        movl    %eax, -4(%ebp)
        addl    $0x10, %eax
        movl    %eax, (%ebp)
        incl    -8(%ebp)
        decl    4(%ebp)
        movl    -8(%ebp), %ebx
        addl    -4(%ebp), %ebx
        addl    (%ebp), %ebx
        movw    -2(%ebp), %cx
        movzbl  -8(%ebp), %edx
        check_eq(%ebx, $0x61)
        check_eq(%edx, $0x11)
        check_eq(A + 0xff8, $0x11)
        check_eq(0x700000, $0x30)
        check_eq(0x700004, $-1)

        /* The third store faults: the two before are done, the flags are those of the comparison. */
        set_pte EDGE, 0
        movl    $(EDGE - 8), %ebp
        movl    $5, %ecx
        cmpl    $6, %ecx
        movl    %ecx, (%ebp)
        movl    $7, 4(%ebp)
        movl    $9, %ecx
        expect_fault(PFV, E_W, movl %ecx, 8(%ebp))
        check_eq(fault_cr2, $EDGE)
        check_bits(fault_eflags, 0x8d5, 0x095)
        check_eq(EDGE - 8, $5)
        check_eq(EDGE - 4, $7)

        /* So the third load, and one that crosses; registers loaded before keep what they got. */
        xorl    %eax, %eax
        movl    (%ebp), %eax
        movl    4(%ebp), %edx
        expect_fault(PFV, 0, movl 8(%ebp), %eax)
        check_eq(%eax, $5)
        movl    4(%ebp), %eax
        movl    (%ebp), %edx
        expect_fault(PFV, 0, addl 6(%ebp), %eax)
        check_eq(%eax, $7)
        check_eq(fault_cr2, $EDGE)

        /* Downwards into a page that may not be written. */
        movl    %cr0, %edi
        movl    %edi, %eax
        orl     $0x10000, %eax          /* WP */
        movl    %eax, %cr0
        set_pte A, A | P_P
        set_pte EDGE, EDGE | P_P | P_W
        movl    $EDGE, %ebp
        movl    $1, 4(%ebp)
        movl    $2, (%ebp)
        expect_fault(PFV, E_W | E_P, movl $3, -4(%ebp))
        movl    %edi, %cr0
        check_eq(EDGE, $2)
        check_eq(EDGE + 4, $1)
        check_eq(EDGE - 4, $7)
        set_pte A, A | P_P | P_W

        /* Stores to the code that runs: over the next instruction, with NOPs between, and over a later one. */
        movl    $1f, %ebp
        xorl    %eax, %eax
        movl    $0x90909090, %ebx
        movl    $0x40404040, %edx       /* INC EAX */
        movl    %ebx, 4(%ebp)
        movl    %edx, 8(%ebp)
        movl    %ebx, (%ebp)
1:      .byte   0x48, 0x48, 0x48, 0x48  /* DEC EAX: become NOPs */
        .byte   0x48, 0x48, 0x48, 0x48
        .byte   0x90, 0x90, 0x90, 0x90  /* become INC EAX */
        check_eq(%eax, $4)
        movl    $2f, %ebp
        xorl    %eax, %eax
        movl    %ebx, 4(%ebp)
        movl    %ebx, 8(%ebp)
        movl    %edx, (%ebp)
        nop
2:      nop
        nop
        nop
        nop
        .byte   0x48, 0x48, 0x48, 0x48
        .byte   0x48, 0x48, 0x48, 0x48
        check_eq(%eax, $4)

        /* The same with jumps out of the middle, to code that changed. */
        movl    $2, %ecx
3:      movl    $5f, %ebp
        movl    $0x43434343, %edx       /* INC EBX */
        xorl    %ebx, %ebx
        movl    %edx, 4(%ebp)
        decl    %ecx
        movl    %edx, (%ebp)
        jz      4f
        movl    %edx, 8(%ebp)
        jmp     3b
4:      cmpl    $0x43434343, 8(%ebp)
5:      .byte   0x90, 0x90, 0x90, 0x90
        .byte   0x90, 0x90, 0x90, 0x90
        .byte   0x90, 0x90, 0x90, 0x90
        sete    %cl
        check_eq(%ebx, $12)
        pass

