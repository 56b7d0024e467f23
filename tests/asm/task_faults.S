/* Faults of task switches: in the old task before the switch, with nothing changed, and in the new task after it,
 * before its first instruction, each with its vector and selector. (SDM vol. 3A, table 7-1)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        /* The switch to TSS T0 leads to a fault of the new task, at CPL 3: its handler runs on the new TSS's stack
         * for CPL 0, and jumps back here. */
        .macro  expect_new vector:req, error:req
        movl    $-1, fault_vector
        ljmp    $T0, $0
        clts
        check_eq(fault_vector, $\vector)
        check_eq(fault_error, $(\error))
        check_eq(fault_eip, $task_b)
        check_byte(ACCESS(T0), $0x89)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        call    fresh_tss
        .endm

        .macro  new_task_handler name:req, vector:req
\name: movl    $\vector, %ss:fault_vector
        jmp     new_task_faulted
        .endm

        .globl  test_main
test_main:
        set_desc T0, $tss_b, $0x67, A_TSS
        call    fresh_tss

        /* Faults in the old task. */
        set_desc T1, $tss_b, $0x66, A_TSS
        expect_fault(TS, T1, ljmp $T1, $0)
        expect_fault(TS, T1, lcall $T1, $0)
        set_desc T1, $tss_b, $0x2a, A_TSS16
        expect_fault(TS, T1, ljmp $T1, $0)
        set_desc T1, $tss_b, $0x67, A_TSS + A_ABSENT
        expect_fault(NP, T1, ljmp $T1, $0)
        set_desc T1, $tss_b, $0x67, A_TSS + A_BUSY
        expect_fault(GP, T1, ljmp $T1, $0)
        expect_fault(GP, T1, lcall $T1, $0)
        set_call_gate T2, T1, $0, GATE_TASK
        expect_fault(GP, T1, ljmp $T2, $0)
        set_call_gate T2, 0, $0, GATE_TASK
        expect_fault(GP, 0, lcall $T2, $0)
        set_call_gate T2, (T1 | 4), $0, GATE_TASK
        expect_fault(GP, T1 | 4, lcall $T2, $0)
        set_call_gate T2, 0x7f8, $0, GATE_TASK
        expect_fault(GP, 0x7f8, lcall $T2, $0)
        set_call_gate T2, KDATA, $0, GATE_TASK
        expect_fault(GP, KDATA, lcall $T2, $0)
        set_call_gate T2, T0, $0, GATE_TASK + A_ABSENT
        expect_fault(NP, T2, lcall $T2, $0)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        check_byte(ACCESS(T0), $0x89)

        /* Privilege: the TSS's own DPL, or the gate's instead of it. */
        set_call_gate T2, T0, $0, GATE_TASK
        user_begin
        expect_fault(GP, T0, ljmp $T0, $0)
        expect_fault(GP, T2, lcall $T2, $0)
        user_end

        /* IRET with NT by a back link that is none. */
        movw    $0, tss + TSS_LINK
        call    nested_iret_fails
        check_eq(fault_error, $0)
        movw    $T0, tss + TSS_LINK     /* available, not busy */
        call    nested_iret_fails
        check_eq(fault_error, $T0)
        movw    $KDATA, tss + TSS_LINK
        call    nested_iret_fails
        check_eq(fault_error, $KDATA)
        movw    $(T0 | 4), tss + TSS_LINK
        call    nested_iret_fails
        check_eq(fault_error, $(T0 | 4))
        movw    $0, tss + TSS_LINK

        /* An old TSS without room. */
        set_desc TSS_SEL, $tss, $0x5d, A_TSS
        movl    $TSS_SEL, %eax
        ltr     %ax
        expect_fault(TS, TSS_SEL, ljmp $T0, $0)
        expect_fault(TS, TSS_SEL, lcall $T0, $0)
        set_desc TSS_SEL, $tss, $0x67, A_TSS
        movl    $TSS_SEL, %eax
        ltr     %ax
        check_byte(ACCESS(T0), $0x89)

        /* Faults in the new task. */
        set_gate TS, $on_ts
        set_gate NP, $on_np
        set_gate SSV, $on_ss
        set_gate GP, $on_gp
        movw    $0x7f8, tss_b + TSS_LDT
        expect_new TS, 0x7f8
        movw    $KDATA, tss_b + TSS_LDT
        expect_new TS, KDATA
        set_desc T3, $0, $7, A_LDT + A_ABSENT
        movw    $T3, tss_b + TSS_LDT
        expect_new TS, T3
        movw    $0x7f8, tss_b + TSS_DS
        expect_new TS, 0x7f8
        movw    $TSS_SEL, tss_b + TSS_ES
        expect_new TS, TSS_SEL
        set_desc T3, $0, $0xfffff, A_CODE_XO + A_PAGES
        movw    $T3, tss_b + TSS_FS
        expect_new TS, T3
        set_desc T3, $0, $0xfffff, A_DATA + A_DPL3 + A_PAGES + A_ABSENT
        movw    $T3, tss_b + TSS_GS
        expect_new NP, T3
        movw    $(KDATA | 3), tss_b + TSS_GS
        expect_new TS, KDATA
        set_desc T3, $0, $0xfff, A_CODE
        movw    $(T3 | 3), tss_b + TSS_CS
        expect_new TS, T3               /* DPL 0, RPL 3 */
        set_desc T3, $0, $0xfff, A_CODE + A_DPL3
        movw    $(T3 | 3), tss_b + TSS_CS
        expect_new GP, 0                /* EIP is beyond its limit */
        movw    $3, tss_b + TSS_CS
        expect_new TS, 0
        movw    $UDATA, tss_b + TSS_CS
        expect_new TS, (UDATA-3)
        set_desc T3, $0, $0xfffff, A_CODE + A_DPL3 + A_PAGES + A_ABSENT
        movw    $(T3 | 3), tss_b + TSS_CS
        expect_new NP, T3
        movw    $0, tss_b + TSS_SS
        expect_new TS, 0
        movw    $0x7fb, tss_b + TSS_SS
        expect_new TS, 0x7f8
        movw    $UCODE, tss_b + TSS_SS
        expect_new TS, (UCODE-3)
        movw    $(KDATA | 3), tss_b + TSS_SS
        expect_new TS, KDATA
        movw    $(UDATA - 3), tss_b + TSS_SS
        expect_new TS, (UDATA-3)
        set_desc T3, $0, $0xfffff, A_DATA + A_DPL3 + A_PAGES + A_ABSENT
        movw    $(T3 | 3), tss_b + TSS_SS
        expect_new SSV, T3

        /* The order: SS before DS, LDT before both. */
        movw    $(T3 | 3), tss_b + TSS_SS
        movw    $0x7e8, tss_b + TSS_DS
        expect_new SSV, T3
        movw    $0x7f0, tss_b + TSS_LDT
        movw    $0x7e8, tss_b + TSS_DS
        expect_new TS, 0x7f0
        pass

new_task_faulted:
        pushl   $KDATA
        popl    %ds
        popl    fault_error
        popl    fault_eip
        str     %ax
        check_word(%ax, $T0)
        check_byte(ACCESS(TSS_SEL), $0x89)
        smsw    %ax
        andl    $8, %eax
        check_eq(%eax, $8)              /* CR0.TS */
        ljmp    $TSS_SEL, $0
        new_task_handler on_ts, TS
        new_task_handler on_np, NP
        new_task_handler on_ss, SSV
        new_task_handler on_gp, GP

nested_iret_fails:
        popl    %ebx
        pushfl
        orl     $NT, (%esp)
        popfl
        movl    $1f, fault_resume
        movl    %esp, fault_resume_esp
        movl    $-1, fault_vector
        iret
1:      check_eq(fault_vector, $TS)
        jmp     *%ebx

fresh_tss:
        make_tss tss_b, $task_b, $stack_b
        movl    $UCODE, tss_b + TSS_CS
        movl    $UDATA, tss_b + TSS_SS
        movl    $UDATA, tss_b + TSS_DS
        movl    $UDATA, tss_b + TSS_ES
        movl    $0, tss_b + TSS_FS
        movl    $0, tss_b + TSS_GS
        movl    $0, tss_b + TSS_LDT
        movl    $stack_b, tss_b + 4     /* for CPL 0 */
        movl    $KDATA, tss_b + 8
        ret

task_b: fail

        .bss
        .align  16
tss_b:  .skip   0x68
        .skip   0x800
stack_b:
