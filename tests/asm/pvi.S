/* CR4.PVI: at CPL 3 with IOPL below 3, CLI and STI change VIF; STI is #GP while VIP is set, and so is
 * a return there with both. POPF and PUSHF know nothing
 * of it. (SDM vol. 3B, 20.4)
 * expect: status 33
 */
#include "pm.h"
        .set    VIF, 0x80000
        .set    VIP, 0x100000
        .set    ALL, VIF | VIP | IF

        /* At CPL 3 with these flags; back by user_end. */
        .macro  user_with flags
        movl    %esp, user_kernel_esp
        pushl   $UDATA
        pushl   $0x500000
        pushl   $(2 | \flags)
        pushl   $UCODE
        pushl   $.Lthere\@
        iret
.Lthere\@:
        .endm

        .globl  test_main
test_main:
        user_with VIF                   /* without PVI: #GP */
        expect_fault(GP, 0, cli)
        expect_fault(GP, 0, sti)
        check_flags(ALL, VIF)
        user_end

        movl    %cr4, %eax
        orl     $2, %eax
        movl    %eax, %cr4
        user_with 0
        sti
        check_flags(ALL, VIF)
        cli
        check_flags(ALL, 0)
        pushl   $(VIF | VIP | IF | 2)
        popfl
        check_flags(ALL, 0)
        user_end

        pushl   idt + GP * 8            /* VIF and VIP together: not even the first instruction */
        pushl   idt + GP * 8 + 4
        set_gate GP, $9f
        user_with (VIF | VIP | 0x3000)
8:      cli
        fail
9:      movl    $KDATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        cmpl    $8b, 4(%esp)
        jne     7f
        movl    12(%esp), %ebx
        movl    user_kernel_esp, %esp
        popl    idt + GP * 8 + 4
        popl    idt + GP * 8
        andl    $ALL, %ebx
        check_eq(%ebx, $(VIF | VIP))

        user_with VIP
        cli
        check_flags(ALL, VIP)
        expect_fault(GP, 0, sti)
        check_flags(ALL, VIP)
        pushl   $2
        popfl
        check_flags(ALL, VIP)
        user_end

        user_with (VIP | 0x3000)        /* IOPL 3: IF */
        sti
        check_flags(ALL, VIP | IF)
        cli
        check_flags(ALL, VIP)
        user_end
        pass
7:      fail
