/* Without the PAT: bit 7 of a PTE and bit 12 of a large page are reserved, with 32-bit entries while CR4.PSE is set.
 * (SDM vol. 3A, 4.3 and 4.4.2)
 * expect: status 33
 * args: -cpu pentium2,-pat
 */
#include "pm.h"
        .set    A, 0x300000
        .set    E_RSVD, 8

        .globl  test_main
test_main:
        call    paging_on
        movl    $1, A
        set_pte A, A + P_P + P_W + P_PS
        check_eq(A, $1)                 /* CR4.PSE is clear */
        movl    %cr4, %eax
        orl     $0x10, %eax
        movl    %eax, %cr4
        expect_fault(PFV, E_RSVD | E_P, movl A, %eax)
        expect_fault(PFV, E_RSVD | E_P | E_W, movl %eax, A)
        set_pte A, 0x80                 /* not present: nothing is reserved */
        expect_fault(PFV, 0, movl A, %eax)
        set_pte A, A + P_P + P_W
        check_eq(A, $1)
        movl    $(0x800000 + P_P + P_W + P_PS), page_directory + 8
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    0x800000, %eax
        orl     $0x1000, page_directory + 8
        movl    %cr3, %eax
        movl    %eax, %cr3
        expect_fault(PFV, E_RSVD | E_P, movl 0x800000, %eax)
        pass
