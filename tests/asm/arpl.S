/* ARPL raises the RPL of a selector in a register or in memory, and says so in ZF. When there is nothing to raise it
 * writes nothing: the memory may be read-only, by its page or its segment, as processors have it.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000

        .globl  test_main
test_main:
        call    paging_on
        movl    %cr0, %eax
        orl     $0x10000, %eax          /* WP */
        movl    %eax, %cr0

        movl    $0x12345670, %ebx
        movl    $2, %ecx
        arpl    %cx, %bx
        check_flags(ZF, ZF)
        check_eq(%ebx, $0x12345672)
        movl    $1, %ecx
        arpl    %cx, %bx
        check_flags(ZF, 0)
        check_eq(%ebx, $0x12345672)

        movl    $0xffff1230, A
        pushl   $(CF | SF | OF | AF | PF | 2)
        popfl
        movl    $3, %ecx
        arpl    %cx, A
        check_flags(ARITH, CF | SF | OF | AF | PF | ZF)
        check_eq(A, $0xffff1233)

        set_pte A, A | P_P
        movl    $2, %ecx
        arpl    %cx, A
        check_flags(ZF, 0)
        arpl    %cx, A + 2              /* ffff */
        check_flags(ZF, 0)
        set_pte A, A | P_P | P_W
        movb    $0x30, A
        set_pte A, A | P_P
        expect_fault(PFV, E_P | E_W, arpl %cx, A)
        check_eq(A, $0xffff1230)

        set_desc T0, $A, $0xfff, A_DATA_RO
        load_seg %fs, T0
        arpl    %cx, %fs:2
        check_flags(ZF, 0)
        expect_fault(GP, 0, arpl %cx, %fs:0)
        expect_fault(GP, 0, arpl %cx, %fs:0xfff)
        pass
