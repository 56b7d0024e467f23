/* CS: its limit on fetches, jumps and falling off the end; EIP of the fault; 16-bit code wraps nothing.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* Code of 0x100 bytes at scratch. CPL 0, so that the flat handlers can take over. */
        set_desc T0, $scratch, $0xff, A_CODE
        movl    $0x90909090, scratch + 0xf8
        movl    $0x90909090, scratch + 0xfc
        movl    $0xfc, %ebx
        expect_fault_far(GP, 0, ljmp $T0, $0xfc) /* four NOPs run, then the end */
        check_eq(fault_eip, $0x100)
        check_eq(fault_cs, $T0)

        movb    $0xb8, scratch + 0xfc   /* a MOV that crosses the limit */
        movl    $0x5555, %eax
        expect_fault_far(GP, 0, ljmp $T0, $0xf8)
        check_eq(fault_eip, $0xfc)
        check_eq(%eax, $0x5555)

        movw    $0xe0ff, scratch + 0x10 /* jmp *%eax: the target is checked, the fault is the jump's */
        movl    $0x100, %eax
        expect_fault_far(GP, 0, ljmp $T0, $0x10)
        check_eq(fault_eip, $0x10)
        movw    $0xd0ff, scratch + 0x10 /* call *%eax: nothing is pushed */
        movl    %esp, %ebx
        expect_fault_far(GP, 0, ljmp $T0, $0x10)
        check_eq(fault_eip, $0x10)
        cmpl    %ebx, fault_esp
        jne     wrong
        movb    $0xe9, scratch + 0x10   /* jmp rel32 */
        movl    $0xf0, scratch + 0x11
        expect_fault_far(GP, 0, ljmp $T0, $0x10)
        check_eq(fault_eip, $0x10)
        movb    $0xc3, scratch + 0x10   /* ret */
        pushl   $0x1000
        movl    %esp, %ebx
        expect_fault_far(GP, 0, ljmp $T0, $0x10)
        check_eq(fault_eip, $0x10)
        cmpl    %ebx, fault_esp
        jne     wrong
        addl    $4, %esp
        movw    $0x7f74, scratch + 0xf0 /* jz: checked only when taken */
        movl    $0x9090, scratch + 0xf2
        movb    $0xf4, %al
        xorl    %eax, %eax
        expect_fault_far(GP, 0, ljmp $T0, $0xf0)
        check_eq(fault_eip, $0xf0)

        movw    $0x7fe2, scratch + 0xf0 /* loop: a fault leaves the counter alone */
        movl    $0x90909090, scratch + 0xf2
        movl    $2, %ecx
        expect_fault_far(GP, 0, ljmp $T0, $0xf0)
        check_eq(fault_eip, $0xf0)
        check_eq(%ecx, $2)
        movl    $1, %ecx                /* not taken, not checked: on to the MOV at fc */
        expect_fault_far(GP, 0, ljmp $T0, $0xf0)
        check_eq(fault_eip, $0xfc)
        check_eq(%ecx, $0)
        movw    $0x7fe3, scratch + 0xf0 /* jecxz */
        expect_fault_far(GP, 0, ljmp $T0, $0xf0)
        check_eq(fault_eip, $0xf0)
        movl    $1, %ecx
        expect_fault_far(GP, 0, ljmp $T0, $0xf0)
        check_eq(fault_eip, $0xfc)
        pass
wrong:  fail
