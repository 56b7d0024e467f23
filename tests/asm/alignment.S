/* #AC: only at CPL 3 with CR0.AM and EFLAGS.AC, error code 0, by operand size; page faults in its place.
 * expect: status 33
 */
#include "pm.h"

        .macro  with_esp delta, insn:vararg
        leal    \delta(%esp), %esp
        \insn
        .endm
        .macro  with_ebp delta, insn:vararg
        leal    \delta(%esp), %ebp
        \insn
        .endm

        .globl  test_main
test_main:
        movl    %cr0, %eax
        orl     $0x40000, %eax          /* AM */
        movl    %eax, %cr0
        pushl   $(AC | 2)
        popfl
        movl    scratch + 1, %eax       /* CPL 0: never */
        user_begin
        check_flags(AC, AC)
        movl    scratch, %eax
        movb    scratch + 1, %al
        movw    scratch + 2, %ax
        expect_fault(ACV, 0, movw scratch + 1, %ax)
        expect_fault(ACV, 0, movl scratch + 2, %eax)
        expect_fault(ACV, 0, movl %eax, scratch + 1)
        expect_fault(ACV, 0, incl scratch + 3)
        expect_fault(ACV, 0, fldl scratch + 4)
        fldl    scratch + 8
        fstp    %st
        movl    $(scratch + 1), %esi
        movl    $scratch, %edi
        movl    $3, %ecx
        cld
        expect_fault(ACV, 0, rep movsl)
        check_eq(%ecx, $3)

        /* The stack: items are aligned by their size. */
        expect_fault_far(ACV, 0, with_esp -62, pushal)
        expect_fault_far(ACV, 0, with_esp -62, popal)
        expect_fault_far(ACV, 0, with_esp -61, pushaw)
        expect_fault_far(ACV, 0, with_esp -61, popaw)
        expect_fault_far(ACV, 0, with_esp -62, enter $0, $0)
        expect_fault_far(ACV, 0, with_esp -62, enter $8, $2)
        expect_fault_far(ACV, 0, enter $2, $0)
        expect_fault_far(ACV, 0, with_ebp 2, enter $8, $2)
        expect_fault_far(ACV, 0, with_ebp -62, leave)
        expect_fault_far(ACV, 0, with_esp -62, iret)
        expect_fault_far(ACV, 0, with_esp -61, iretw)
        expect_fault_far(ACV, 0, with_esp -62, lret)
        expect_fault_far(ACV, 0, with_esp -62, ret)
        expect_fault_far(ACV, 0, with_esp -62, lcall $UCODE, $scratch)
        expect_fault_far(ACV, 0, with_esp -62, popfl)
        expect_fault_far(ACV, 0, with_esp -62, pushfl)
        expect_fault_far(ACV, 0, with_esp -61, push %ds)
        leal    -62(%esp), %esp         /* 16-bit items may lie there */
        pushaw
        popaw
        leal    62(%esp), %esp

        /* Images: fields of 4 bytes, or 2 with 16-bit operands. */
        expect_fault(ACV, 0, fnstenv image + 2)
        expect_fault(ACV, 0, fldenv image + 2)
        expect_fault(ACV, 0, fnsave image + 2)
        expect_fault(ACV, 0, frstor image + 2)
        expect_fault(ACV, 0, fnstenvs image + 1)
        fnstenvs image + 2
        fldenvs image + 2
        expect_fault(ACV, 0, fldt image + 4)
        expect_fault(ACV, 0, fbld image + 4)

        /* Limit and base of a table register, each by its own size. */
        expect_fault(ACV, 0, sgdt image + 1)
        expect_fault(ACV, 0, sidt image + 4)
        sgdt    image + 2

        expect_fault(ACV, 0, boundl %eax, image + 2)
        expect_fault(ACV, 0, arpl %ax, image + 1)
        expect_fault(ACV, 0, cmpxchg8b image + 4)
        expect_fault(ACV, 0, smsw image + 1)
        expect_fault(ACV, 0, ldsl image + 2, %eax)

        leal    1(%esp), %ebx
        pushfl                          /* AC off: anything goes */
        andl    $~AC, (%esp)
        popfl
        movl    scratch + 1, %eax
        user_end
        pass

        .data
        .balign 16
image:  .fill   128, 1, 0
