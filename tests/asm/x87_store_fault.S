/* A store that an unmasked numeric exception stops has its operand's faults first, and then leaves the x87 alone.
 * (SDM vol. 3A, table 6-2: page and segment faults go before x87 exceptions)
 * expect: status 33
 */
#include "pm.h"

        /* FS:0 to FS:0fff are there. */
        .macro  faults insn:vararg
        load_seg %fs, T0
        fninit
        fldcw   unmasked
        expect_fault(GP, 0, \insn)
        fnstsw  %ax
        andl    $0xffff, %eax
        check_eq(%eax, $0)
        .endm

        .globl  test_main
test_main:
        set_desc T0, $0, $0xfff, A_DATA
        faults  fists %fs:0x1000        /* ST(0) is empty: stack underflow */
        faults  fistpl %fs:0xffd
        faults  fstps %fs:0x1000
        faults  fstl %fs:0xff9
        faults  fistpll %fs:0x1000
        faults  fbstp %fs:0xff7
        faults  fstpt %fs:0xff7
        load_seg %fs, T0
        fninit                          /* and within the limit: only the exception, and no store */
        fldcw   unmasked
        movl    $0x12345678, %fs:0xff0
        fstps   %fs:0xff0
        fnstsw  %ax
        andl    $0xffff, %eax
        check_eq(%eax, $0x80c1)
        fnclex
        movl    %fs:0xff0, %eax
        check_eq(%eax, $0x12345678)
        pass

unmasked: .word 0x37e
