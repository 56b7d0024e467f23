/* Accesses across a page edge: data is right, and a fault in the second page changes nothing at all.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000

        .globl  test_main
test_main:
        call    paging_on
        movl    $0x11111111, EDGE - 4
        movl    $0x22222222, EDGE
        movl    $0x87654321, EDGE - 2
        check_eq(EDGE - 4, $0x43211111)
        check_eq(EDGE, $0x22228765)
        movl    EDGE - 1, %eax
        check_eq(%eax, $0x22876543)
        movzwl  EDGE - 1, %eax
        check_eq(%eax, $0x6543)
        addl    $0x10000, EDGE - 3
        check_eq(EDGE - 4, $0x43211111 + 0x01000000)

        /* The two linear pages need not be neighbours in memory. */
        set_pte EDGE, 0x700000 | P_P | P_W
        movl    $0xcafebabe, EDGE - 2
        check_word(0x700000, $0xcafe)
        check_word(A + 0xffe, $0xbabe)

        /* Second page absent: CR2 is its first byte, W as ever, no byte is written. */
        set_pte EDGE, 0
        movl    $0x5a5a5a5a, EDGE - 4
        movl    $0x01020304, %eax
        expect_fault(PFV, E_W, movl %eax, EDGE - 2)
        check_eq(fault_cr2, $EDGE)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, 0, movl EDGE - 1, %eax)
        check_eq(fault_cr2, $EDGE)
        check_eq(%eax, $0x01020304)
        expect_fault(PFV, E_W, addl %eax, EDGE - 3)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, E_W, xchgl %eax, EDGE - 2)
        check_eq(%eax, $0x01020304)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, E_W, movw %ax, EDGE - 1)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        fldpi
        expect_fault(PFV, E_W, fstpl EDGE - 4)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, E_W, fstpt EDGE - 4)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        fstpl   scratch                 /* the register was not popped */
        check_eq(scratch + 4, $0x400921fb)
        /* First page absent, second present: CR2 is the access's own first byte. */
        set_pte EDGE, EDGE | P_P | P_W
        set_pte A, 0
        movl    $0x77777777, EDGE
        expect_fault(PFV, E_W, movl %eax, EDGE - 2)
        check_eq(fault_cr2, $(EDGE - 2))
        check_eq(EDGE, $0x77777777)
        expect_fault(PFV, 0, movl EDGE - 3, %eax)
        check_eq(fault_cr2, $(EDGE - 3))

        /* Second page read-only for CPL 3. */
        set_pte A, A | P_P | P_W | P_U
        set_pte EDGE, EDGE | P_P | P_U
        user_begin
        movl    $0x5a5a5a5a, EDGE - 4
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, EDGE - 2)
        check_eq(fault_cr2, $EDGE)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        user_end
        pass
