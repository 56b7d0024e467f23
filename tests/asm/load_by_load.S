/* Loads by an address that was loaded just before: of pages by turns, misaligned, across pages, and of pages that get another
 * frame, or none, between two of them.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x600000             /* two linear pages */
        .set    B, A + 0x1000
        .set    ONE, 0x800000           /* and two frames */
        .set    TWO, ONE + 0x1000

        .macro  expect_loaded address:req, value:req
        movl    $(\address), pointer
        movl    $3, %ebp
1:      call    load
        check_eq(%eax, $(\value))
        movzbl  %al, %edx
        check_eq(%ecx, %edx)
        decl    %ebp
        jnz     1b
        .endm

        .globl  test_main
test_main:
        movl    $0x11121314, ONE
        movl    $0x15161718, ONE + 0xffc
        movl    $0x21222324, TWO
        movl    $0x25262728, TWO + 0xffc
        call    paging_on
        set_pte A, ONE | P_P | P_W
        set_pte B, TWO | P_P | P_W
        movl    $3, %esi
again:  expect_loaded A, 0x11121314
        expect_loaded B, 0x21222324
        expect_loaded A + 1, 0x111213           /* misaligned */
        expect_loaded A + 0xffe, 0x23241516     /* across the pages */
        expect_loaded A, 0x11121314
        set_pte A, TWO | P_P | P_W
        expect_loaded A, 0x21222324
        expect_loaded A + 0xffe, 0x23242526
        movl    $(ONE | P_P), PTE(A)            /* by a load of CR3 */
        movl    %cr3, %eax
        movl    %eax, %cr3
        expect_loaded A, 0x11121314
        set_pte A, 0
        movl    pointer, %edx
        expect_fault(PFV, 0, movl (%edx), %eax)
        set_pte A, ONE | P_P | P_W
        movl    pointer, %edx
        movl    (%edx), %eax
        check_eq(%eax, $0x11121314)
        decl    %esi
        jnz     again
        pass

load:   movl    pointer, %edx
        movl    (%edx), %eax
        movl    pointer, %edx
        movzbl  (%edx), %ecx
        ret

        .data
pointer:
        .long   0
