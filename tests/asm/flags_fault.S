/* EFLAGS pushed by a fault are exactly those after the last instruction that completed.
 * expect: status 33
 */
#include "pm.h"
        .set    HOLE, 0x500000

        .macro  flags_after value:req, insn:vararg
        pushl   $2
        popfl
        \insn
        expect_pf
        check_bits(fault_eflags, 0x8d5, \value)
        .endm
        .macro  expect_pf
        movl    $.Lgo\@, fault_resume
        movl    %esp, fault_resume_esp
        movl    HOLE, %edx
.Lgo\@:
        .endm

        .globl  test_main
test_main:
        call    paging_on
        set_pte HOLE, 0
        movl    $0x7fffffff, %eax
        movl    $0x80000000, %ebx
        movl    $0xff, %ecx
        movl    $1, %esi

        flags_after OF|SF|AF|PF, addl %esi, %eax /* 0x80000000 */
        movl    $0x7fffffff, %eax
        flags_after ZF|PF|AF|CF, addb %cl, scratch_one
        movb    $1, scratch_one
        flags_after CF|SF|AF|PF, subb $2, scratch_one
        movb    $1, scratch_one
        flags_after CF|SF|OF|PF, cmpl %ebx, %eax
        flags_after ZF|PF, testl %edx, %edi
        flags_after SF|PF, orl %ebx, %edi
        flags_after 0, andl %esi, %esi
        flags_after ZF|PF, xorl %edi, %edi
        flags_after CF|SF|PF|AF, negb scratch_one
        movb    $1, scratch_one
        flags_after 0, notl %ecx
        notl    %ecx
        flags_after OF|SF|AF|PF, incl %eax
        movl    $0x7fffffff, %eax
        flags_after OF|PF|AF, decl %ebx
        movl    $0x80000000, %ebx
        flags_after 0, movl %ebx, %edi
        flags_after 0, leal 4(%ebx), %edi

        /* INC and DEC keep CF. */
        stc
        incl    %edi
        expect_pf
        check_bits(fault_eflags, CF, CF)
        clc
        decl    %edi
        expect_pf
        check_bits(fault_eflags, CF, 0)

        /* ADC and SBB with carry in. */
        movl    $0xffffffff, %edi
        stc
        adcl    $0, %edi
        expect_pf
        check_bits(fault_eflags, ARITH, CF|ZF|PF|AF)
        movl    $0, %edi
        stc
        sbbl    $0, %edi
        expect_pf
        check_bits(fault_eflags, ARITH, CF|SF|PF|AF)

        /* Shifts: a count of 0 leaves all flags alone. */
        movl    $0x80000001, %edi
        shll    $1, %edi
        expect_pf
        check_bits(fault_eflags, CF|ZF|SF|OF|PF, CF|OF)
        movl    $32, %ecx
        stc
        shll    %cl, %edi
        expect_pf
        check_bits(fault_eflags, CF|ZF|SF|OF|PF, CF|OF)
        movl    $3, %edi
        sarl    $1, %edi
        expect_pf
        check_bits(fault_eflags, CF|ZF|SF|OF|PF, CF)
        movb    $0x81, %cl
        rolb    $1, %cl                 /* rotates change CF and OF only: 0x03 */
        expect_pf
        check_bits(fault_eflags, CF|ZF|SF|OF|PF, CF|OF)

        /* An instruction that faults itself has changed no flag: ADD with a memory operand in the hole. */
        pushl   $(CF | ZF | SF | OF | 2)
        popfl
        expect_fault(PFV, E_W, addl $1, HOLE)
        check_bits(fault_eflags, ARITH, CF|ZF|SF|OF)
        cmpl    %ecx, %ecx
        expect_fault(PFV, 0, cmpl %ecx, HOLE)
        check_bits(fault_eflags, ARITH, ZF|PF)
        stc
        expect_fault(PFV, E_W, rcll $1, HOLE)
        check_bits(fault_eflags, CF|ZF, CF|ZF)
        expect_fault(PFV, E_W, btsl $3, HOLE)
        check_bits(fault_eflags, CF|ZF, CF|ZF)

        /* Flags across a jump and a call, and RF: set in the image of a fault, not of INT n. */
        cmpl    %ebx, %ebx
        jmp     1f
1:      expect_pf
        check_bits(fault_eflags, ARITH | RF, ZF | PF | RF)
        expect_trap(0x2f, 0, int $0x2f)
        check_bits(fault_eflags, RF, 0)
        pass

        .data
scratch_one:
        .byte   1
