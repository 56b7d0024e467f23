/* DEBUGCTL: with BTF a single step goes on to the next branch that is taken, and LBR records where the last ones came
 * from and led to. A debug exception clears both. (SDM vol. 3B, 17.4 and 17.15)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .set    DEBUGCTL, 0x1d9
        .set    LAST_BRANCH_FROM, 0x1db

        .macro  set_debugctl value:req
        movl    $DEBUGCTL, %ecx
        xorl    %edx, %edx
        movl    $\value, %eax
        wrmsr
        .endm
        .macro  check_msr number:req, value:req
        movl    $(\number), %ecx
        rdmsr
        check_eq(%eax, $\value)
        .endm

        .macro  keep_msr number:req, where:req
        movl    $(\number), %ecx
        rdmsr
        movl    %eax, \where
        .endm

        .globl  test_main
test_main:
        set_gate DB, $on_db
        set_debugctl 2
        check_msr DEBUGCTL, 2
        pushfl
        orl     $TF, (%esp)
        popfl
        incl    %ebx
        cmpl    %ebx, %ebx
        jne     1f                      /* not taken */
        incl    %ebx
        jmp     2f
1:      fail
2:      pushfl                          /* trapped before it; BTF is clear, so the next trap is behind it */
3:      andl    $~TF, (%esp)
        popfl
        check_eq(traps, $4)
        check_eq(trap_at + 0, $2b)
        check_eq(trap_at + 4, $3b)
        check_msr DEBUGCTL, 0

        /* Last branch records. */
        set_debugctl 1
4:      jmp     5f
5:      nop
        keep_msr LAST_BRANCH_FROM, last_from /* before a check, which branches */
        keep_msr LAST_BRANCH_FROM + 1, last_to
        check_eq(last_from, $4b)
        check_eq(last_to, $5b)
        call    6f
6:      popl    %esi
        keep_msr LAST_BRANCH_FROM + 1, last_to
        check_eq(last_to, $6b)
        set_gate UD, $on_ud
7:      jmp     8f
8:      ud2
9:      check_eq(last_from, $8b)
        check_eq(last_to, $on_ud)
        check_eq(before_from, $7b)
        check_eq(before_to, $8b)
        set_debugctl 0
        pass

on_db:  pushl   %eax
        pushl   %ebx
        movl    traps, %ebx
        movl    8(%esp), %eax
        movl    %eax, trap_at(, %ebx, 4)
        incl    traps
        popl    %ebx
        popl    %eax
        iret

on_ud:  keep_msr LAST_BRANCH_FROM, last_from
        keep_msr LAST_BRANCH_FROM + 1, last_to
        keep_msr LAST_BRANCH_FROM + 2, before_from
        keep_msr LAST_BRANCH_FROM + 3, before_to
        addl    $2, (%esp)
        iret

        .bss
traps:  .skip   4
trap_at: .skip  64
last_from: .skip  4
last_to:  .skip   4
before_from: .skip 4
before_to: .skip 4
