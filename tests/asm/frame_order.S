/* In which order a call gate reads the parameters that it copies, and RETF the stack of an outer level: the first one that
 * cannot be read is in CR2. Parameters are pushed as they lie, the highest first; SS is looked at before ESP is popped.
 * (SDM vol. 2, CALL: MORE-PRIVILEGE; RET: RETURN-OUTER-PRIVILEGE-LEVEL)
 * expect: status 33
 */
#include "pm.h"

        .set    PAGE1, 0x500000
        .set    PAGE2, 0x501000

        .globl  test_main
test_main:
        call    paging_on
        set_call_gate T0, KCODE, $inner, GATE_CALL | GATE_DPL3, 3
        set_call_gate T1, KCODE, $inner, GATE_CALL | GATE_DPL3, 31
        set_pte PAGE1, PAGE1 | P_P | P_W | P_U
        set_pte PAGE2, 0

        user_begin                      /* two of three parameters lie in a page that is absent */
        movl    $PAGE2 - 4, %esp
        expect_fault(PFV, E_U, lcall $T0, $0)
        check_eq(fault_cr2, $PAGE2 + 4)
        movl    $PAGE2 - 4, %esp
        expect_fault(PFV, E_U, lcall $T1, $0)
        check_eq(fault_cr2, $PAGE2 + 4 * 29)
        movl    $PAGE2 - 12, %esp
        lcall   $T0, $0                 /* none does */
        user_end

        set_pte PAGE1, PAGE1 | P_P | P_W
        movl    $1f, PAGE2 - 8          /* EIP and CS are there, ESP and SS are not */
        movl    $UCODE, PAGE2 - 4
        movl    $PAGE2 - 8, %esp
        expect_fault(PFV, 0, lret)
        check_eq(fault_cr2, $PAGE2 + 4)
        pass
1:      fail

inner:  lret    $12
