/* Double faults: which pairs of exceptions become one, its error code 0, and which are delivered in turn.
 * expect: status 33
 */
#include "pm.h"
        .set    HOLE, 0x500000

        .globl  test_main
test_main:
        /* #GP whose gate is absent: #NP is contributory after a contributory one: #DF. */
        set_gate GP, $0, "GATE_INT - 0x80"
        movl    $0xfff8, %eax
        expect_fault(DOUBLE, 0, movl %eax, %es)

        /* #UD is benign: an absent gate for it gives #NP, with EXT set. */
        set_gate UD, $0, "GATE_INT - 0x80"
        expect_fault(NP, UD * 8 + 2 + 1, ud2)
        set_gate NP, $0, "GATE_INT - 0x80" /* then #NP's gate is absent too: contributory twice: #DF */
        expect_fault(DOUBLE, 0, ud2)

        /* INT n to an absent gate: no EXT; #NP's own gate absent: double. */
        expect_fault(DOUBLE, 0, int $0x6f)

        /* #PF with a contributory exception in its delivery: #DF; CR2 is the page fault's. */
        call    paging_on
        set_pte HOLE, 0
        set_desc T0, $0, $0xfffff, A_CODE + A_PAGES + A_ABSENT
        set_gate PFV, $0, GATE_INT, T0
        expect_fault(DOUBLE, 0, movl HOLE, %eax)
        check_eq(fault_cr2, $HOLE)
        pass
