/* The stack segment: #SS(0) beyond its limit, ESP kept by faults, and 16-bit stacks that use SP only.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $0, $0x1ff, A_DATA + A_PAGES
        load_seg %ss, T0
        movl    %ss:0x1ffffc, %eax
        expect_fault(SSV, 0, movl %ss:0x1ffffd, %eax)
        load_seg %ss, T0
        movl    $0x1fffff, %ebp
        expect_fault(SSV, 0, movl (%ebp), %eax)
        load_seg %ss, T0
        expect_fault(SSV, 0, movw (%ebp, %ecx), %ax)
        load_seg %ss, T0
        movb    (%ebp), %al
        movb    %ds:0x200000, %al

        /* CPL 3 with a small stack: a push that does not fit leaves ESP alone. */
        set_desc T1, $scratch, $0xfff, A_DATA + A_DPL3
        user_begin
        movl    %esp, %ebx
        movl    $T1 | 3, %eax
        movl    %eax, %ss
        movl    $2, %esp
        movl    $1f, %ds:fault_resume
        movl    %ebx, %ds:fault_resume_esp
2:      pushl   %eax
1:      cmpl    $SSV, %ds:fault_vector
        jne     wrong
        cmpl    $2b, %ds:fault_eip
        jne     wrong
        cmpl    $2, %ds:fault_esp
        jne     wrong
        cmpl    $(T1 | 3), %ds:fault_ss
        jne     wrong
        movl    $T1 | 3, %eax
        movl    %eax, %ss
        movl    $0xffe, %esp
        movl    $1f, %ds:fault_resume
        movl    %ebx, %ds:fault_resume_esp
2:      popl    %eax
1:      cmpl    $SSV, %ds:fault_vector
        jne     wrong
        cmpl    $2b, %ds:fault_eip
        jne     wrong
        cmpl    $0xffe, %ds:fault_esp
        jne     wrong
        user_end

        /* A 16-bit stack: PUSH wraps SP at 64 KiB, the upper half of ESP stays. */
        set_desc T2, "$scratch - 0x1000", $0xffff, A_DATA + A_16BIT
        movl    %esp, %ebx
        movl    $T2, %eax
        movl    %eax, %ss
        movl    $0xabcd1004, %esp
        pushl   $0x11223344
        movl    %esp, %ecx
        pushw   $0x5566
        movl    %esp, %edx
        popw    %ax
        call    1f
1:      popl    %esi
        movl    %esp, %edi
        pushl   $KDATA
        popl    %ss
        movl    %ebx, %esp
        check_eq(%ecx, $0xabcd1000)
        check_eq(%edx, $0xabcd0ffe)
        check_eq(%edi, $0xabcd1000)
        check_eq(%esi, $1b)
        check_eq(scratch, $0x11223344)
        check_word(scratch - 4, $0x0010) /* the PUSH $KDATA went below */
        pass
wrong:  fail
