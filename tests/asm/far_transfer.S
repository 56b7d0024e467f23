/* Far jumps, calls and returns: refusals with their error codes, conforming code, returns to CPL 3.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $0, $0xfffff, A_CODE + A_PAGES + A_ABSENT
        set_desc T1, $0, $0xfffff, A_CODE_CONF + A_PAGES
        set_desc T2, $0, $0xfff, A_CODE
        set_desc T3, $0, $0xfffff, "A_CODE + A_PAGES + A_DPL3 - 1"

        expect_fault(GP, 0, ljmp $0, $1f)
        expect_fault(GP, KDATA, ljmp $KDATA, $1f)
        expect_fault(NP, T0, ljmp $T0, $1f)
        expect_fault(NP, T0, lcall $T0, $1f)
        expect_fault(GP, 0x80, ljmp $0x80, $1f)
        expect_fault(GP, UCODE - 3, ljmp $UCODE, $1f) /* DPL 3 from CPL 0 */
        expect_fault(GP, KCODE, ljmp $KCODE | 3, $1f) /* RPL above CPL */
        expect_fault(GP, 0, lcall $T2, $0x1000) /* beyond the new limit */
        movl    %esp, %ebx
        ljmp    $T1, $1f
1:      movl    %cs, %eax
        check_eq(%eax, $T1)
        lcall   $KCODE, $2f
        movl    %cs, %eax
        check_eq(%eax, $T1)
        ljmp    $KCODE, $3f
2:      movl    (%esp), %ecx
        lret
3:      cmpl    %ebx, %esp
        jne     wrong

        /* The accessed bit of code is set by the jump. */
        pushl   $UDATA
        pushl   $user_stack_top
        pushl   $T3 | 3
        pushl   $1f
        movl    %esp, user_kernel_esp
        load_seg %fs, KDATA
        load_seg %gs, UDATA
        lret
1:      movl    %cs, %eax
        movl    %ds, %ebx               /* DPL 0 data is not left in reach: null */
        movl    %gs, %ecx
        movl    %fs, %edx
        pushl   $UDATA
        popl    %ds
        cmpl    $(T3 | 3), %eax
        jne     wrong
        cmpl    $0, %ebx
        jne     wrong
        cmpl    $UDATA, %ecx
        jne     wrong
        cmpl    $0, %edx
        jne     wrong
        cmpl    $user_stack_top, %esp
        jne     wrong
        ljmp    $UCODE, $1f
1:      expect_fault(GP, KCODE, ljmp $KCODE, $1f)
        expect_fault(GP, KCODE, ljmp $KCODE | 3, $1f)
        user_end
        check_byte(gdt + T3 + 5, $0xfb)

        /* RETF to an inner privilege is refused, as is one to a null selector; ESP stays. */
        pushl   $0
        pushl   $1f
        expect_fault(GP, 0, lret)
        addl    $8, %esp
        pushl   $T0
        pushl   $1f
        expect_fault(NP, T0, lret)
        addl    $8, %esp
        pushl   $0x1234                 /* SS that CPL 3 cannot have */
        pushl   $user_stack_top
        pushl   $UCODE
        pushl   $1f
        expect_fault(GP, 0x1234, lret)
        addl    $16, %esp
        user_begin
        pushl   $KCODE
        pushl   $1f
        expect_fault(GP, KCODE, lret)
        addl    $8, %esp
        user_end
        pass
1:
wrong:  fail
