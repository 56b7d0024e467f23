/* SYSENTER and SYSEXIT: selectors from the MSR, flat segments, IF cleared, refusals.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* The layout they demand: CS, SS = +8, user CS = +16, user SS = +24: KCODE is such a base. */
        movl    $0x174, %ecx
        xorl    %eax, %eax
        xorl    %edx, %edx
        wrmsr
        user_begin
        expect_fault(GP, 0, sysenter)   /* MSR 0x174 is 0 */
        expect_fault(GP, 0, sysexit)    /* CPL 3 */
        user_end
        expect_fault(GP, 0, sysexit)
        movl    $KCODE, %eax
        wrmsr
        movl    $0x175, %ecx
        movl    $kernel_stack_top - 64, %eax
        wrmsr
        movl    $0x176, %ecx
        movl    $entry, %eax
        wrmsr
        rdmsr
        check_eq(%eax, $entry)
        check_eq(%edx, $0)

        movl    %esp, user_kernel_esp
        pushl   $UDATA
        pushl   $user_stack_top
        pushl   $0x3202                 /* IOPL 3, IF */
        pushl   $UCODE
        pushl   $1f
        iret
1:      pushl   $UDATA
        popl    %ds
        movl    %esp, %ebp
        movl    $2f, %edi
        sysenter
        fail
2:      cmpl    %ebp, %esp
        jne     wrong
        movl    %cs, %eax
        check_eq(%eax, $UCODE)
        movl    %ss, %eax
        check_eq(%eax, $UDATA)
        check_flags(IF, 0)
        user_end
        pass
wrong:  fail

entry:  movl    %cs, %eax
        cmpl    $KCODE, %eax
        jne     wrong
        movl    %ss, %eax
        cmpl    $KDATA, %eax
        jne     wrong
        cmpl    $kernel_stack_top - 64, %esp
        jne     wrong
        check_flags(IF, 0)
        movl    %edi, %edx
        movl    %ebp, %ecx
        sysexit
