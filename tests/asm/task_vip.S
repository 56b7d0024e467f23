/* A task switch to a program with VIF and VIP set: #GP in the new task, before its first instruction, in vm86 under VME and
 * at CPL 3 under PVI; none at CPL 0, or with one of them. (SDM vol. 3B, 20.3.3 and 20.4)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .set    VIF, 0x80000
        .set    VIP, 0x100000

        .macro  run flags, code, at
        movl    $(2 | \flags), tss_b + TSS_EFLAGS
        movl    $0, seen_eip
        ljmp    $T0, $0
        check_eq(seen_eip, $\at)
        .endm

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $3, %eax
        movl    %eax, %cr4
        set_desc T0, $tss_b, $0x67, A_TSS
        set_gate GP, $on_gp
        set_gate UD, $on_ud

        /* vm86: the program's first instruction is UD2. */
        make_tss tss_b, $program, $0x7a00
        movl    $0, tss_b + TSS_CS
        movl    $0, tss_b + TSS_SS
        movl    $stack_0, tss_b + 4
        movl    $KDATA, tss_b + 8
        run     VM + VIF + VIP, program, program + 0x10000
        call    again
        run     VM + VIF, program, program
        call    again
        run     VM + VIP, program, program

        /* CPL 3. */
        make_tss tss_b, $user, $stack_0
        movl    $UCODE, tss_b + TSS_CS
        movl    $UDATA, tss_b + TSS_SS
        movl    $UDATA, tss_b + TSS_DS
        movl    $UDATA, tss_b + TSS_ES
        movl    $UDATA, tss_b + TSS_FS
        movl    $UDATA, tss_b + TSS_GS
        run     VIF + VIP, user, user + 0x10000
        call    again_user
        run     VIF, user, user
        movl    %cr4, %eax              /* without PVI */
        andl    $~2, %eax
        movl    %eax, %cr4
        call    again_user
        run     VIF + VIP, user, user
        movl    %cr4, %eax
        orl     $2, %eax
        movl    %eax, %cr4

        /* CPL 0. */
        make_tss tss_b, $user, $stack_0
        run     VIF + VIP, user, user
        pass

again:  movl    $program, tss_b + TSS_EIP
        movl    $0x7a00, tss_b + TSS_ESP
        movl    $0, tss_b + TSS_CS
        movl    $0, tss_b + TSS_SS
        ret
again_user:
        movl    $user, tss_b + TSS_EIP
        movl    $stack_0, tss_b + TSS_ESP
        movl    $UCODE, tss_b + TSS_CS
        movl    $UDATA, tss_b + TSS_SS
        movl    $UDATA, tss_b + TSS_DS
        movl    $UDATA, tss_b + TSS_ES
        movl    $UDATA, tss_b + TSS_FS
        movl    $UDATA, tss_b + TSS_GS
        ret

        /* In the new task: with #GP the address and 10000h, with #UD the address. */
on_gp:  addl    $4, %esp
        addl    $0x10000, (%esp)
on_ud:  movl    $KDATA, %eax
        movl    %eax, %ds
        popl    seen_eip
        ljmp    $TSS_SEL, $0

user:   ud2

        real_section
program:
        ud2
        end_real_section

        .data
seen_eip: .long 0
        .bss
        .align  16
tss_b:  .skip   0x68
        .skip   0x400
stack_0:
