/* PUSHA, POPA, ENTER, LEAVE, PUSH and CALL that fault half-way: ESP, EBP and memory are as before, and CR2 is
 * what a CPU accesses first.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000

        .globl  test_main
test_main:
        call    paging_on
        set_pte A, 0
        set_pte EDGE, EDGE | P_P | P_W | P_U
        user_begin                      /* the handler has the TSS's stack, so ESP may be anything */
        movl    %esp, saved_esp

        .macro  at_hole esp, cr2, error, kept_ebp, insn:vararg
        movl    $0x44444444, EDGE
        movl    $0x44444444, EDGE + 4
        movl    $.Lback\@, fault_resume
        movl    saved_esp, %eax
        movl    %eax, fault_resume_esp
        movl    $(\esp), %esp
.Lat\@: \insn
        _fail   __LINE__
.Lback\@:
        check_eq(fault_vector, $PFV)
        check_eq(fault_eip, $.Lat\@)
        check_eq(fault_esp, $(\esp))
        check_eq(fault_error, $\error)
        check_eq(%ebp, $(\kept_ebp))
        check_eq(fault_cr2, $(\cr2))
        check_eq(EDGE, $0x44444444)
        check_eq(EDGE + 4, $0x44444444)
        .endm

        movl    $0x1234, %ebp
        at_hole EDGE, EDGE-4, "(E_W|E_U)", 0x1234, pushl %eax
        at_hole EDGE, EDGE-4, "(E_W|E_U)", 0x1234, pushal
        at_hole EDGE+2, EDGE-2, "(E_W|E_U)", 0x1234, pushl %eax
        at_hole EDGE, EDGE-4, "(E_W|E_U)", 0x1234, call wrong
        at_hole EDGE, EDGE-4, "(E_W|E_U)", 0x1234, pushfl
        at_hole EDGE, EDGE-4, "(E_W|E_U)", 0x1234, pushl %ds
        at_hole EDGE, EDGE-4, "(E_W|E_U)", 0x1234, enter $8, $0
        at_hole EDGE-4, EDGE-4, E_U, 0x1234, popl %ecx
        at_hole EDGE-4, EDGE-4, E_U, 0x1234, popal
        at_hole EDGE-4, EDGE-4, E_U, 0x1234, ret
        at_hole EDGE-4, EDGE-4, E_U, 0x1234, lret
        at_hole EDGE-4, EDGE-4, E_U, 0x1234, iret
        at_hole EDGE-4, EDGE-4, E_U, 0x1234, popfl
        movl    $(EDGE - 8), %ebp
        at_hole EDGE+64, EDGE-8, E_U, (EDGE-8), leave

        /* POP to memory: when the destination faults, ESP has not moved. */
        movl    saved_esp, %esp
        pushl   $0x99
        movl    %esp, %ebx
        expect_fault(PFV, E_W | E_U, popl A)
        cmpl    %ebx, fault_esp
        jne     wrong
        user_end
        pass
wrong:  fail

        .data
saved_esp:
        .long   0
