/* Division: #DE is a fault that changes neither registers nor memory; the extremes that just fit.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    $7, %eax
        movl    $1, %edx
        xorl    %ecx, %ecx
        expect_fault(DE, 0, divl %ecx)
        check_eq(%eax, $7)
        check_eq(%edx, $1)
        expect_fault(DE, 0, idivl %ecx)
        expect_fault(DE, 0, divb %cl)
        expect_fault(DE, 0, divw %cx)
        movl    $1, %ecx
        expect_fault(DE, 0, divl %ecx)  /* 2^32 + 7 does not fit */
        check_eq(%edx, $1)
        movl    $2, %ecx
        divl    %ecx
        check_eq(%eax, $0x80000003)
        check_eq(%edx, $1)

        movl    $0x80000000, %eax       /* -2^31 / -1 overflows */
        movl    $-1, %edx
        movl    $-1, %ecx
        expect_fault(DE, 0, idivl %ecx)
        movl    $1, %ecx
        idivl   %ecx
        check_eq(%eax, $0x80000000)
        check_eq(%edx, $0)
        movl    $-7, %eax
        cltd
        movl    $2, %ecx
        idivl   %ecx                    /* towards zero; the remainder has the dividend's sign */
        check_eq(%eax, $-3)
        check_eq(%edx, $-1)

        movl    $0xff80, %eax           /* AX = -128: AL -128 fits */
        movb    $1, %cl
        idivb   %cl
        check_eq(%eax, $0x0080)
        movl    $0xff80, %eax
        movb    $-1, %cl
        expect_fault(DE, 0, idivb %cl)
        check_eq(%eax, $0xff80)
        movl    $0x8000, %eax
        movl    $0xffff, %edx
        movw    $-1, %cx
        expect_fault(DE, 0, idivw %cx)
        movl    $0x1234, %eax
        expect_fault(DE, 0, aam $0)
        check_eq(%eax, $0x1234)
        aam     $16
        check_eq(%eax, $0x0304)

        /* A divisor in memory that is not there: the page fault comes first. */
        call    paging_on
        set_pte 0x500000, 0
        expect_fault(PFV, 0, divl 0x500000)
        pass
