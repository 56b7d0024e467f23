/* Accessed and dirty bits: set by what accesses, not by what faults.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    B, 0x600000

        .globl  test_main
test_main:
        call    paging_on
        set_pte A, A | P_P | P_W | P_U
        movl    page_directory + 4, %ebx
        andl    $~P_A, page_directory + 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    A, %eax
        check_bits(PTE(A), P_A | P_D, P_A)
        check_bits(page_directory + 4, P_A, P_A)
        movl    %eax, A + 0xffc
        check_bits(PTE(A), P_A | P_D, P_A | P_D)

        /* A write first: both at once. */
        set_pte A, A | P_P | P_W | P_U
        movb    $1, A
        check_bits(PTE(A), P_A | P_D, P_A | P_D)

        /* A read-modify-write dirties; a compare does not. */
        set_pte A, A | P_P | P_W | P_U
        cmpl    $5, A
        check_bits(PTE(A), P_A | P_D, P_A)
        addl    $0, A
        check_bits(PTE(A), P_A | P_D, P_A | P_D)

        /* Dirty again after the guest cleared it and flushed. */
        andl    $~P_D, PTE(A)
        invlpg  A
        movl    A, %eax
        check_bits(PTE(A), P_D, 0)
        movl    %eax, A
        check_bits(PTE(A), P_D, P_D)

        /* A write that faults sets no dirty bit. */
        set_pte B, B | P_P | P_U
        user_begin
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, B)
        user_end
        check_bits(PTE(B), P_D, 0)

        /* A page-crossing write marks both pages. */
        set_pte A, A | P_P | P_W
        set_pte (A+0x1000), "(A+0x1000)|P_P|P_W"
        movl    %eax, A + 0xffe
        check_bits(PTE(A), P_A | P_D, P_A | P_D)
        check_bits(PTE(A + 0x1000), P_A | P_D, P_A | P_D)

        /* Instruction fetch sets accessed, a stack push sets dirty. */
        movb    $0xc3, A                /* RET */
        set_pte A, A | P_P | P_W
        movl    $A, %eax
        call    *%eax
        check_bits(PTE(A), P_A | P_D, P_A)
        set_pte A, A | P_P | P_W
        movl    %esp, %ebx
        movl    $(A + 8), %esp
        pushl   %eax
        movl    %ebx, %esp
        check_bits(PTE(A), P_A | P_D, P_A | P_D)
        pass
