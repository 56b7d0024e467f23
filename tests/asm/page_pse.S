/* 4 MiB pages: CR4.PSE, offsets across the page, error codes, A/D in the directory entry, INVLPG.
 * expect: status 33
 */
#include "pm.h"
        .set    LA, 0x40000000
        .set    PDE, page_directory + (LA >> 22) * 4

        .globl  test_main
test_main:
        call    paging_on
        movl    %cr4, %eax
        orl     $0x10, %eax
        movl    %eax, %cr4
        movl    $0x11111111, 0x401234   /* through the identity map */
        movl    $0x22222222, 0x7ffffc
        movl    $(0x400000 | P_P | P_W | P_PS), PDE
        movl    LA + 0x1234, %eax
        check_eq(%eax, $0x11111111)
        check_bits(PDE, P_A | P_D, P_A)
        movl    LA + 0x3ffffc, %eax
        check_eq(%eax, $0x22222222)
        movl    $0x33333333, LA + 0x1234
        check_bits(PDE, P_A | P_D, P_A | P_D)
        check_eq(0x401234, $0x33333333)

        expect_fault(PFV, 0, movl LA + 0x3ffffd, %eax) /* the next directory entry is absent */
        check_eq(fault_cr2, $(LA + 0x400000))

        user_begin
        expect_fault(PFV, E_P | E_U, movl LA, %eax)
        user_end
        movl    $(0x400000 | P_P | P_U | P_PS), PDE
        invlpg  LA + 0x200000           /* any address in it flushes the page */
        user_begin
        movl    LA + 0x1234, %eax
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, LA + 0x1234)
        user_end

        /* Without CR4.PSE the same entry is a page table's. */
        movl    $(page_table + 0x1000 + 7 + P_PS), PDE
        movl    %cr4, %eax
        andl    $~0x10, %eax
        movl    %eax, %cr4
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    LA + 0x1234, %eax
        check_eq(%eax, $0x33333333)
        pass
