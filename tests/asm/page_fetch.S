/* Instructions across a page edge, and fetches from absent or supervisor pages: EIP, CR2, error code.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000

        .globl  test_main
test_main:
        call    paging_on
        /* movl $0x11223344, %eax; ret    with two bytes before the edge */
        movl    $0x3344b890, EDGE - 4
        movl    $0x00c31122, EDGE
        movl    $(EDGE - 3), %ebx
        xorl    %eax, %eax
        call    *%ebx
        check_eq(%eax, $0x11223344)

        /* Second page absent: the instruction faults as a whole, EIP on its start, CR2 at the edge. */
        set_pte EDGE, 0
        movl    $7, %eax
        pushl   $0
        expect_fault_far(PFV, 0, call *%ebx)
        check_eq(fault_eip, $(EDGE - 3))
        check_eq(fault_cr2, $EDGE)
        check_eq(%eax, $7)
        addl    $4, %esp

        /* The block's first instruction runs, the second one faults. */
        movl    $0x40404040, EDGE - 8   /* four INC EAX before the one across the edge */
        movb    $0x90, EDGE - 4
        movl    $(EDGE - 8), %ecx
        movl    $0, %eax
        expect_fault_far(PFV, 0, call *%ecx)
        check_eq(fault_eip, $(EDGE - 3))
        check_eq(%eax, $4)

        /* An instruction that ends at the edge does not touch the next page. */
        movb    $0xc3, EDGE - 1
        movl    $(EDGE - 1), %ecx
        call    *%ecx
        movb    $0x33, EDGE - 1

        /* The whole target absent; in another mapping present. */
        movl    $EDGE, %ecx
        expect_fault_far(PFV, 0, jmp *%ecx)
        check_eq(fault_eip, $EDGE)
        check_eq(fault_cr2, $EDGE)
        set_pte EDGE, EDGE | P_P
        call    *%ebx
        check_eq(%eax, $0x11223344)

        /* CPL 3 may not run supervisor pages. */
        set_pte EDGE, EDGE | P_P
        user_begin
        movl    $EDGE, %ecx
        expect_fault_far(PFV, E_P | E_U, jmp *%ecx)
        check_eq(fault_eip, $EDGE)
        user_end
        pass
