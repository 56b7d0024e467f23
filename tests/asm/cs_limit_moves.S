/* CS: a limit that comes nearer counts for code that has run with a wider one.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        movb    $0xb9, scratch + 0x20   /* MOV $imm, %ecx; MOV $imm, %edx; UD2 */
        movb    $0xba, scratch + 0x25
        movw    $0x0b0f, scratch + 0x2a
        set_desc T0, $scratch, $0xff, A_CODE
        expect_fault_far(UD, 0, ljmp $T0, $0x20)
        check_eq(fault_eip, $0x2a)
        set_desc T0, $scratch, $0x27, A_CODE
        movl    $1, %ecx
        movl    $1, %edx
        expect_fault_far(GP, 0, ljmp $T0, $0x20)
        check_eq(fault_eip, $0x25)
        check_eq(%ecx, $0)
        check_eq(%edx, $1)
        set_desc T0, $scratch, $0x23, A_CODE
        movl    $1, %ecx
        expect_fault_far(GP, 0, ljmp $T0, $0x20)
        check_eq(fault_eip, $0x20)
        check_eq(%ecx, $1)
        set_desc T0, $scratch, $0xff, A_CODE
        expect_fault_far(UD, 0, ljmp $T0, $0x20)
        check_eq(%edx, $0)
        pass
