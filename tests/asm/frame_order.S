/* In which order a call gate reads the parameters that it copies, and RETF the stack of an outer level: the first one that
 * cannot be read is in CR2. Parameters are pushed as they lie, the highest first; SS is looked at before ESP is popped.
 * Where both stacks are one, what was pushed before is copied.
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

        movl    tss + 4, %eax           /* the outer stack right where the inner one is pushed to */
        movl    %eax, inner_top
        movl    $top, tss + 4
        movl    $T0 | 3, pointer + 4
        user_begin
        movl    $top - 8, %esp
        movl    $0x1111, top
        lcall   *pointer
        user_end
        movl    inner_top, %eax
        movl    %eax, tss + 4
        check_eq(copied + 8, $0x1111)
        check_eq(copied + 4, $UDATA)
        check_eq(copied, $(top - 8))

        set_pte PAGE1, PAGE1 | P_P | P_W
        movl    $1f, PAGE2 - 8          /* EIP and CS are there, ESP and SS are not */
        movl    $UCODE, PAGE2 - 4
        movl    $PAGE2 - 8, %esp
        expect_fault(PFV, 0, lret)
        check_eq(fault_cr2, $PAGE2 + 4)
        pass
1:      fail

inner:  popl    %ss:back
        popl    %ss:back + 4
        popl    %ss:copied
        popl    %ss:copied + 4
        popl    %ss:copied + 8
        subl    $12, %esp
        pushl   %ss:back + 4
        pushl   %ss:back
        lret    $12

        .data
        .align  4
pointer:
        .long   0, 0
inner_top:
        .long   0
back:   .long   0, 0
copied: .long   0, 0, 0
        .fill   256
top:    .fill   16
