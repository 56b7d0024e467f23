/* An instruction across a page edge in a loop that has run often: its second page changes, moves, goes and comes back, by
 * a store, by INVLPG, by a load of CR3, while the loop runs.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000
        .set    LOOP, EDGE - 5
        .set    ACROSS, EDGE - 3
        .set    OTHER, 0x700000         /* another second page, in memory */

        .globl  test_main
test_main:
        call    paging_on
        /* LOOP: call *%edx; ACROSS: movl $0x00020001, %eax; addl %eax, %ebx; decl %ecx; jnz LOOP; ret */
        movl    $0xb8d2ff90, EDGE - 6
        movw    $0x0001, EDGE - 2
        movl    $0xc3010002, EDGE
        movl    $0xc3f47549, EDGE + 4
        movl    $0xc3010005, OTHER      /* its constant is 0x00050001 */
        movl    $0xc3f47549, OTHER + 4
        movl    $LOOP, %esi

        .macro  round doing, sum
        movl    $\doing, %edx
        xorl    %ebx, %ebx
        movl    $100, %ecx
        call    *%esi
        check_eq(%ebx, $(\sum))
        .endm

        round   nothing, "100 * 0x20001"
        round   nothing, "100 * 0x20001"
        round   store_second, "50 * 0x20001 + 50 * 0x30001"
        movb    $2, EDGE
        round   nothing, "100 * 0x20001"
        round   move_second, "50 * 0x20001 + 50 * 0x50001"
        round   nothing, "100 * 0x50001"
        round   move_back, "50 * 0x50001 + 50 * 0x20001"
        round   move_by_cr3, "50 * 0x20001 + 50 * 0x50001"
        set_pte EDGE, EDGE | P_P | P_W | P_U

        /* The memory that is mapped there changes by its other address. */
        set_pte OTHER, EDGE | P_P | P_W
        round   store_alias, "50 * 0x20001 + 50 * 0x30001"
        set_pte OTHER, OTHER | P_P | P_W
        movb    $2, EDGE

        /* It is away, and the loop goes on where it was when it is there again. */
        movl    $take_away, %edx
        xorl    %ebx, %ebx
        movl    $100, %ecx
        pushl   $.Ldone
        expect_fault_far(PFV, 0, jmp *%esi)
        check_eq(fault_eip, $ACROSS)
        check_eq(fault_cr2, $EDGE)
        check_eq(%ecx, $50)
        set_pte EDGE, EDGE | P_P | P_W | P_U
        movl    $nothing, %edx
        jmp     *fault_eip
.Ldone: check_eq(%ebx, $(100 * 0x20001))
        pass

nothing:
        ret

        /* In the middle of a round. */
        .macro  half name, what:vararg
\name:  cmpl    $50, %ecx
        jne     1f
        \what
1:      ret
        .endm
        half    store_second, movb $3, EDGE
        half    store_alias, movb $3, OTHER
        half    move_second, set_pte EDGE, OTHER | P_P | P_W
        half    move_back, set_pte EDGE, EDGE | P_P | P_W | P_U
        half    move_by_cr3, call load_cr3
        half    take_away, set_pte EDGE, 0
load_cr3:
        movl    $(OTHER | P_P | P_W), PTE(EDGE)
        movl    %cr3, %eax
        movl    %eax, %cr3
        ret
