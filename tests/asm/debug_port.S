/* Breakpoints on ports with CR4.DE, the debug trap of a TSS, and what a task switch clears in DR7.
 * (SDM vol. 3B, 17.2.4 and 17.3.1.5)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"
#include "debug.h"

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $8, %eax
        movl    %eax, %cr4
        set_dr  0, $0x80
        set_dr  7, $BREAK(0, ON_PORT, LEN2)
        movw    $0x81, %dx
        expect_trap(DB, 0, outb %al, $0x80)
        check_dr6(1)
        expect_trap(DB, 0, inb %dx, %al)
        check_dr6(1)
        expect_trap(DB, 0, outl %eax, $0x7e)
        check_dr6(1)
        outb    %al, $0x82
        check_dr6(0)
        movw    $0x80, %dx
        movl    $buffer, %esi
        movl    $4, %ecx
        cld
        movl    $2f, fault_resume
        movl    %esp, fault_resume_esp
1:      rep outsb
        fail
2:      check_eq(fault_eip, $1b)
        check_eq(%ecx, $3)
        check_dr6(1)

        /* Without CR4.DE such a breakpoint is none. */
        movl    %cr4, %eax
        andl    $~8, %eax
        movl    %eax, %cr4
        outb    %al, $0x80
        check_dr6(0)
        set_dr  7, $0

        /* T: a trap in the new task, before its first instruction. L0-L3 and LE are cleared, G0-G3 and GE are not. */
        set_desc T0, $tss_b, $0x67, A_TSS
        make_tss tss_b, $task_b, $stack_b
        movb    $1, tss_b + TSS_TRAP
        set_gate DB, $on_db
        set_dr  0, $buffer
        set_dr  7, $0x00010303
        ljmp    $T0, $0
        check_eq(seen_eip, $task_b)
        check_eq(seen_dr7, $0x00010602)
        pass

on_db:  movl    (%esp), %eax
        movl    %eax, seen_eip
        check_dr6(DR6_BT)
        movl    %dr7, %eax
        movl    %eax, seen_dr7
        ljmp    $TSS_SEL, $0
task_b: fail

        .bss
        .align  16
tss_b:  .skip   0x68
        .skip   0x400
stack_b:
buffer: .skip   4
seen_eip: .skip 4
seen_dr7: .skip 4
