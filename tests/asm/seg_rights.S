/* Segment rights on use: read-only data, execute-only and readable code, null selectors.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $scratch, $0xffff, A_DATA_RO
        set_desc T1, $scratch, $0xffff, A_CODE
        movl    $0x12345678, scratch

        load_seg %fs, T0
        movl    %fs:0, %eax
        check_eq(%eax, $0x12345678)
        expect_fault(GP, 0, movl %eax, %fs:0)
        expect_fault(GP, 0, addl $1, %fs:0)
        expect_fault(GP, 0, xchgl %eax, %fs:0)
        expect_fault(GP, 0, fstpl %fs:0)
        expect_fault(GP, 0, popl %fs:0)
        expect_fault(GP, 0, setc %fs:0)
        check_eq(scratch, $0x12345678)

        load_seg %gs, T1                /* readable code in a data segment register */
        movl    %gs:0, %eax
        check_eq(%eax, $0x12345678)
        expect_fault(GP, 0, movl %eax, %gs:0)

        expect_fault(GP, 0, movl %eax, %cs:scratch)
        movl    %cs:scratch, %eax
        check_eq(%eax, $0x12345678)

        /* Execute-only code: no reads through CS. */
        set_desc T2, $0, $0xfffff, A_CODE_XO + A_PAGES
        ljmp    $T2, $1f
1:      expect_fault(GP, 0, movl %cs:scratch, %eax)

        /* Null selectors load, and fault when used. */
        load_seg %fs, 0
        load_seg %gs, 3
        expect_fault(GP, 0, movl %fs:0, %eax)
        expect_fault(GP, 0, movl %eax, %gs:scratch)
        load_seg %es, 0
        movl    $scratch, %edi
        expect_fault(GP, 0, stosl)
        check_eq(fault_edi, $scratch)
        load_seg %es, 0
        movl    $3, %ecx
        expect_fault(GP, 0, rep stosl)
        check_eq(fault_ecx, $3)
        pass
