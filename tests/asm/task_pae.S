/* Task switches under PAE paging: a 16-bit task keeps CR3, its IRET goes back to a 32-bit one with page tables of its
 * own; a PDPTE with reserved bits there is a fault of the new task.
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .set    PDPT, 0x600000
        .set    PDPT_B, 0x600020        /* maps 0xc0000000 to what DIR_B says */
        .set    PDPT_BAD, 0x600040
        .set    DIR, 0x601000
        .set    DIR_B, 0x602000
        .set    WINDOW, 0xc0000000

        .globl  test_main
test_main:
        movl    $PDPT, %edi
        xorl    %eax, %eax
        movl    $0xc00, %ecx
        cld
        rep stosl
        movl    $DIR + P_P, PDPT
        movl    $DIR + P_P, PDPT_B
        movl    $DIR_B + P_P, PDPT_B + 24
        movl    $DIR + P_P, PDPT_BAD
        movl    $DIR_B + P_P + P_W, PDPT_BAD + 24 /* bit 1 is reserved */
        movl    $0x000000 + P_P + P_W + P_PS, DIR
        movl    $0x200000 + P_P + P_W + P_PS, DIR + 8
        movl    $0x400000 + P_P + P_W + P_PS, DIR + 16
        movl    $0x600000 + P_P + P_W + P_PS, DIR + 24
        movl    $0x400000 + P_P + P_W + P_PS, DIR_B
        movl    $0x600df00d, 0x400000
        movl    $PDPT, %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        orl     $0x20, %eax
        movl    %eax, %cr4
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        set_desc T0, $tss_b, $0x67, A_TSS
        set_desc T1, $tss_16, $0x2b, A_TSS16
        set_desc T2, $tss_bad, $0x67, A_TSS
        set_desc T4, $tss_c, $0x67, A_TSS
        movl    $PDPT, tss + TSS_CR3

        make_tss tss_b, $task_b, $stack_b
        movl    $PDPT_B, tss_b + TSS_CR3
        expect_fault(PFV, 0, movl WINDOW, %eax)
        ljmp    $T0, $0
        movl    %cr3, %eax
        check_eq(%eax, $PDPT)
        expect_fault(PFV, 0, movl WINDOW, %eax)
        check_eq(seen, $0x600df00d)
        check_eq(rounds, $1)

        /* #TS in the new task: its registers are in place, and are saved by the switch to the handler's task. */
        make_tss tss_bad, $task_bad, $stack_b
        movl    $PDPT_BAD, tss_bad + TSS_CR3
        make_tss tss_c, $on_ts, $stack_b
        movl    $PDPT, tss_c + TSS_CR3
        set_gate TS, $0, GATE_TASK, T4
        movl    $0x89abcdef, tss_bad + TSS_EBX
        ljmp    $T2, $0
        fail
on_ts:  popl    %eax
        check_eq(%eax, $T2)
        check_word(tss_c + TSS_LINK, $T2)
        check_eq(tss_bad + TSS_EIP, $task_bad)
        check_eq(tss_bad + TSS_EBX, $0x89abcdef)
        pass

task_b: movl    WINDOW, %eax
        movl    %eax, seen
        /* A 16-bit task, which sees the same pages, and back. */
        set_desc T3, $code16, $0xff, A_CODE + A_16BIT
        movw    $0, tss_16 + TSS16_IP
        movw    $2, tss_16 + TSS16_FLAGS
        movw    $T3, tss_16 + TSS16_CS
        movw    $KDATA, tss_16 + TSS16_SS
        movw    $KDATA, tss_16 + TSS16_DS
        movw    $KDATA, tss_16 + TSS16_ES
        movl    $0x11112222, %esi
        lcall   $T1, $0
        check_eq(%esi, $0x11112222)
        check_eq(WINDOW, $0x12345678)
        movl    %cr3, %eax
        check_eq(%eax, $PDPT_B)
        incl    rounds
        ljmp    $TSS_SEL, $0

task_bad: fail

        .code16
code16: movl    $WINDOW, %edi
        addr32 movl $0x12345678, (%edi)
        movl    $-1, %esi
        iretw
        .code32

        .data
        .align  4
seen:   .long   0
rounds: .long   0
        .bss
        .align  16
tss_b:  .skip   0x68
tss_bad: .skip  0x68
tss_c:  .skip   0x68
tss_16: .skip   0x2c
        .skip   0x400
stack_b:
