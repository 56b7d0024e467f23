/* Many task switches of every kind: calls, jumps and interrupts between 32- and 16-bit tasks, and faults in the middle of
 * them that handlers and tasks repair: a million switches. tests/bench/tasks/run measures them.
 * (SDM vol. 3A, 7.3)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .ifndef ROUNDS
        .set    ROUNDS, 125000
        .endif
        .ifndef FAULT_EVERY
        .set    FAULT_EVERY, 16         /* rounds */
        .endif
        .set    LINEAR, 0x300000        /* a page that comes and goes */

        .globl  test_main
test_main:
        call    paging_on
        set_desc T0, $tss_call, $0x67, A_TSS
        set_desc T1, $tss16, $0x2b, A_TSS16
        set_desc T2, $tss_jump, $0x67, A_TSS
        set_desc T3, $tss_ud, $0x67, A_TSS
        set_desc T4, $tss_pf, $0x67, A_TSS
        set_desc T5, $code16, $0xffff, A_CODE + A_16BIT
        set_desc T6, $0, $0xffff, A_DATA
        make_tss tss_call, $on_call, $stack_call
        make_tss tss_jump, $on_jump, $stack_jump
        make_tss tss_ud, $on_ud, $stack_ud
        make_tss tss_pf, $on_pf, $stack_pf
        movl    $T6, tss_jump + TSS_FS
        movl    %cr3, %eax
        movl    %eax, tss + TSS_CR3
        movl    %eax, tss_call + TSS_CR3
        movl    %eax, tss_jump + TSS_CR3
        movl    %eax, tss_ud + TSS_CR3
        movl    %eax, tss_pf + TSS_CR3
        movw    $2, tss16 + TSS16_FLAGS
        movw    $0x7c00, tss16 + TSS16_SP
        movw    $T5, tss16 + TSS16_CS
        movw    $KDATA, tss16 + TSS16_SS
        movw    $KDATA, tss16 + TSS16_DS
        movw    $KDATA, tss16 + TSS16_ES
        set_gate UD, $0, GATE_TASK, T3
        set_gate PFV, $0, GATE_TASK, T4
        set_gate NP, $on_np, GATE_INT
        movl    $ROUNDS, %ebx
        movl    $0x12345678, %esi

round:  testl   $(FAULT_EVERY - 1), %ebx
        jnz     1f
        set_pte LINEAR, 0               /* for the call's task */
        andb    $0x7f, ACCESS(T1)       /* for the call of the 16-bit task */
        andb    $0x7f, ACCESS(T6)       /* for the task that is jumped to, after the switch */
        incl    faults
1:      lcall   $T0, $0
        lcall   $T1, $0
        ljmp    $T2, $0
        ud2
        clts
        decl    %ebx
        jnz     round

        check_eq(%esi, $0x12345678)
        check_eq(calls, $ROUNDS)
        check_eq(calls16, $ROUNDS)
        check_eq(jumps, $ROUNDS)
        check_eq(uds, $ROUNDS)
        movl    faults, %eax
        check_eq(pfs, %eax)
        addl    %eax, %eax
        check_eq(nps, %eax)
        check_byte(ACCESS(T0), $0x89)
        check_byte(ACCESS(T1), $0x81)
        check_byte(ACCESS(T2), $0x89)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        pass

on_call:
        movl    LINEAR, %eax
        incl    calls
        iret
        jmp     on_call

on_jump:
        incl    jumps
        ljmp    $TSS_SEL, $0
        jmp     on_jump

on_ud:  incl    uds
        addl    $2, tss + TSS_EIP
        iret
        jmp     on_ud

on_pf:  addl    $4, %esp                /* the error code */
        incl    pfs
        movl    $(LINEAR + P_P + P_W), PTE(LINEAR)
        iret
        jmp     on_pf

        /* A segment that is not present: the 16-bit task's TSS, in the old task, or FS of the one that is jumped to,
         * which the fault has left without a segment. */
on_np:  incl    nps
        pushl   %eax
        movl    4(%esp), %eax
        orb     $0x80, gdt + 5(%eax)
        cmpl    $T6, %eax
        jne     1f
        movw    %ax, %fs
1:      popl    %eax
        addl    $4, %esp
        iret

        .balign 16
        .code16
code16: addr32 incl calls16
        iretw
        jmp     code16
        .code32

        .data
calls:  .long   0
calls16: .long  0
jumps:  .long   0
uds:    .long   0
pfs:    .long   0
nps:    .long   0
faults: .long   0
        .bss
        .align  16
tss_call: .skip 0x68
tss_jump: .skip 0x68
tss_ud: .skip   0x68
tss_pf: .skip   0x68
tss16:  .skip   0x2c
        .skip   0x100
stack_call:
        .skip   0x100
stack_jump:
        .skip   0x100
stack_ud:
        .skip   0x100
stack_pf:
