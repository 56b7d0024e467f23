/* REPE and REPNE CMPS and SCAS that are left in the middle, by a fault or a trap: EFLAGS are those from before the
 * instruction; the last iteration writes them. (SDM vol. 2, REP)
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000
        .set    MARK, CF | AF | SF | OF

        .macro  exchanged_copy
        movl    $0x1111110d, %ebx
        xchgl   %eax, %ebx
        shlb    $1, %al                 /* 0d to 1a: no flag */
        movl    $0x30, %ecx
        rep     movsb
        .endm
        .macro  mark
        pushl   $(MARK | 2)
        popfl
        .endm
        .macro  marked insn:vararg
        mark
        \insn
        .endm

        .macro  single_step
        pushl   $(MARK | TF | 2)
        popfl
        repe    cmpsb
        .endm

        .globl  test_main
test_main:
        call    paging_on
        cld
        movl    $A, %edi
        movl    $0x800, %ecx
        movl    $0x55555555, %eax
        rep     stosl
        set_pte EDGE, 0

        movl    $(EDGE - 40), %edi
        movl    $100, %ecx
        expect_fault_far(PFV, 0, marked repe scasb)
        check_bits(fault_eflags, ARITH, MARK)
        check_eq(%ecx, $60)
        movl    $(A + 20), %edi         /* many, over a page's edge */
        movl    $0x2000, %ecx
        xorl    %eax, %eax
        expect_fault_far(PFV, 0, marked repne scasl)
        check_bits(fault_eflags, ARITH, MARK)
        movl    $(EDGE - 40), %esi
        movl    $A, %edi
        movl    $100, %ecx
        expect_fault_far(PFV, 0, marked repe cmpsw)
        check_bits(fault_eflags, ARITH, MARK)
        check_eq(%ecx, $80)

        /* Restarted, it ends as if it had not been interrupted. */
        set_pte EDGE, EDGE + P_P + P_W
        movb    $0x56, EDGE + 9
        movl    $(EDGE - 4), %esi
        movl    $A, %edi
        movl    $100, %ecx
        mark
        repe    cmpsb
        check_flags(ARITH, 0)           /* 56 - 55 = 1 */
        check_eq(%esi, $(EDGE + 10))
        xorl    %ecx, %ecx              /* no iteration: no flags */
        mark
        repe    cmpsb
        check_flags(ARITH, MARK)

        /* TF: the trap behind the first of two iterations, then the one at the end. */
        movl    $A, %esi
        movl    $(A + 8), %edi
        movl    $2, %ecx
        expect_fault_far(DB, 0, single_step)
        check_bits(fault_eflags, ARITH, MARK)
        check_eq(%ecx, $1)

        /* Flags that are still to be made, of a value that came by exchanges, when a short copy faults at once. */
        set_pte EDGE, 0
        movl    $EDGE, %edi
        movl    $A, %esi
        movl    $0x222222ef, %eax
        jmp     1f
        .balign 64
1:      mark
        expect_fault_far(PFV, E_W, exchanged_copy)
        check_bits(fault_eflags, ARITH, 0)
        check_eq(%eax, $0x1111111a)
        check_eq(%ebx, $0x222222ef)
        check_eq(%ecx, $0x30)
        pass
