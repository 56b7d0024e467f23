/* A store that an unmasked numeric exception stops does not look at its operand: the exception is there and nothing else, as on
 * Intel's processors. One that is not stopped has its operand's faults, and leaves the x87 alone.
 * expect: status 33
 */
#include "pm.h"

        /* FS:0 to FS:0fff are there. */
        .macro  stopped insn:vararg
        load_seg %fs, T0
        fninit                          /* ST(0) is empty: stack underflow */
        fldcw   unmasked
        \insn
        fnstsw  %ax
        andl    $0xffff, %eax
        check_eq(%eax, $0x80c1)
        fnclex
        .endm

        .macro  faults insn:vararg
        load_seg %fs, T0
        fninit
        fld1
        fldcw   unmasked
        expect_fault(GP, 0, \insn)
        fnstsw  %ax
        andl    $0xffff, %eax
        check_eq(%eax, $0x3800)
        .endm

        .globl  test_main
test_main:
        set_desc T0, $0, $0xfff, A_DATA
        stopped fists %fs:0x1000
        stopped fistpl %fs:0xffd
        stopped fstps %fs:0x1000
        stopped fstl %fs:0xff9
        stopped fistpll %fs:0x1000
        stopped fbstp %fs:0xff7
        stopped fstpt %fs:0xff7
        faults  fists %fs:0x1000
        faults  fistpl %fs:0xffd
        faults  fstps %fs:0x1000
        faults  fstl %fs:0xff9
        faults  fistpll %fs:0x1000
        faults  fbstp %fs:0xff7
        faults  fstpt %fs:0xff7
        load_seg %fs, T0
        fninit                          /* and within the limit: no store */
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
