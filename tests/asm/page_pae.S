/* PAE: three levels, 2 MiB pages, PDPTEs loaded with CR3, reserved bits of a PDPTE, error codes.
 * expect: status 33
 */
#include "pm.h"
        .set    LA, 0x40000000          /* PDPTE 1 */

        .globl  test_main
test_main:
        /* scratch: PDPT; +4096: directory for 0-1 GiB; +8192: for 1-2 GiB; +12288: a page table. */
        movl    $(scratch + 0x1001), scratch
        movl    $(scratch + 0x2001), scratch + 8
        movl    $(0x000000 | P_P | P_W | P_U | P_PS), scratch + 0x1000
        movl    $(0x200000 | P_P | P_W | P_U | P_PS), scratch + 0x1008
        movl    $(0x400000 | P_P | P_W | P_U | P_PS), scratch + 0x1010
        movl    $(0x600000 | P_P | P_W | P_U | P_PS), scratch + 0x1018
        movl    $(scratch + 0x3000 + 7), scratch + 0x2000
        movl    $(0x500000 | P_P | P_W), scratch + 0x3000
        movl    $(0x501000 | P_P | P_U), scratch + 0x3008
        movl    %cr4, %eax
        orl     $0x20, %eax
        movl    %eax, %cr4
        movl    $scratch, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0

        movl    $0x12345678, 0x500abc
        movl    LA + 0xabc, %eax
        check_eq(%eax, $0x12345678)
        check_bits(scratch + 0x3000, P_A | P_D, P_A)
        check_bits(scratch + 0x2000, P_A, P_A)
        check_bits(scratch + 0x1010, P_A | P_D | P_PS, P_A | P_D | P_PS)
        movl    %eax, LA + 0xffe        /* into the second page: WP is clear */
        check_bits(scratch + 0x3008, P_A | P_D, P_A | P_D)
        expect_fault(PFV, 0, movl LA + 0x2000, %eax)
        check_eq(fault_cr2, $(LA + 0x2000))
        expect_fault(PFV, E_W, movl %eax, 0x80000000) /* PDPTE 2 is absent */
        check_eq(fault_cr2, $0x80000000)
        user_begin
        expect_fault(PFV, E_P | E_U, movl LA, %eax)
        movl    LA + 0x1000, %eax
        expect_fault(PFV, E_P | E_U | E_W, movl %eax, LA + 0x1000)
        expect_fault(PFV, E_U, movl 0xc0000000, %eax)
        user_end

        /* PDPTEs are read when CR3 is written, not at each walk. */
        movl    $0, scratch + 8
        invlpg  LA
        movl    LA + 0xabc, %eax
        check_eq(%eax, $0x12345678)
        movl    %cr3, %eax
        movl    %eax, %cr3
        expect_fault(PFV, 0, movl LA + 0xabc, %eax)

        /* A reserved bit in a PDPTE: MOV CR3 faults. */
        movl    $(scratch + 0x2003), scratch + 8
        movl    %cr3, %eax
        expect_fault(GP, 0, movl %eax, %cr3)
        movl    $(scratch + 0x2001), scratch + 8
        movl    %eax, %cr3
        movl    LA + 0xabc, %eax
        check_eq(%eax, $0x12345678)
        pass
