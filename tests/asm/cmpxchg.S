/* CMPXCHG and CMPXCHG8B: both outcomes, flags, and the write that is checked even when none is needed.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000

        .globl  test_main
test_main:
        movl    $0x11, scratch
        movl    $0x22, scratch + 4
        movl    $0x11, %eax
        movl    $0x22, %edx
        movl    $0xaa, %ebx
        movl    $0xbb, %ecx
        pushl   $(CF | SF | OF | 2)
        popfl
        cmpxchg8b scratch
        check_flags(ARITH, ZF | CF | SF | OF) /* only ZF changes */
        check_eq(scratch, $0xaa)
        check_eq(scratch + 4, $0xbb)
        movl    $0x22, %edx
        cmpxchg8b scratch
        check_flags(ZF, 0)
        check_eq(%eax, $0xaa)
        check_eq(%edx, $0xbb)
        check_eq(scratch, $0xaa)
        expect_fault(UD, 0, .byte 0x0f, 0xc7, 0xc8) /* register form */

        movl    $5, %eax
        movl    $5, scratch
        movl    $9, %ecx
        cmpxchgl %ecx, scratch
        check_flags(ZF | CF, ZF)
        check_eq(scratch, $9)
        movl    $4, %eax
        cmpxchgl %ecx, scratch
        check_flags(ZF | CF, CF)        /* flags of CMP 4, 9 */
        check_eq(%eax, $9)
        movl    $0x12345678, %eax
        movl    $0x00000079, %ecx
        movb    $0x78, %dl
        cmpxchgb %cl, %dl
        check_eq(%edx, $0x79)
        check_eq(%eax, $0x12345678)

        /* A read-only page: the fault is a write's, whether or not the values are equal. */
        call    paging_on
        movl    $1, A
        set_pte A, A | P_P | P_U
        user_begin
        movl    $0, %eax
        expect_fault(PFV, E_P | E_W | E_U, cmpxchgl %ecx, A)
        check_eq(%eax, $0)
        expect_fault(PFV, E_P | E_W | E_U, cmpxchg8b A)
        movl    $1, %eax
        expect_fault(PFV, E_P | E_W | E_U, cmpxchgl %ecx, A)
        expect_fault(PFV, E_P | E_W | E_U, xaddl %ecx, A)
        user_end
        pass
