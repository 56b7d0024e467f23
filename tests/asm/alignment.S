/* #AC: only at CPL 3 with CR0.AM and EFLAGS.AC, error code 0, by operand size; page faults in its place.
 * expect: status 33
 * qemu: no (its TCG has no #AC)
 */
#include "pm.h"

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
        leal    1(%esp), %ebx
        pushfl                          /* AC off: anything goes */
        andl    $~AC, (%esp)
        popfl
        movl    scratch + 1, %eax
        user_end
        pass
