/* Call gates: CPL 3 to CPL 0 with two parameters copied, RETF with release on both stacks, and refusals.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_call_gate T0, KCODE, $inner, GATE_CALL | GATE_DPL3, 2
        set_call_gate T1, KCODE, $inner, GATE_CALL, 2
        set_call_gate T2, KCODE, $inner, GATE_CALL + A_ABSENT | GATE_DPL3, 0
        set_call_gate T3, KDATA, $inner, GATE_CALL | GATE_DPL3, 0
        set_call_gate T4, 0, $inner, GATE_CALL | GATE_DPL3, 0
        set_call_gate T5, UCODE, $same, GATE_CALL | GATE_DPL3, 0
        set_desc T6, $0, $0xfffff, A_CODE_CONF + A_PAGES
        set_call_gate T7, T6, $conforming, GATE_CALL | GATE_DPL3, 0

        user_begin
        movl    %esp, %ebx
        pushl   $0x1111
        pushl   $0x2222
        lcall   $T0, $0x12345678        /* the offset is the gate's */
after_call:
        cmpl    %esp, %ebx
        jne     wrong
        movl    %cs, %eax
        check_eq(%eax, $UCODE)
        movl    %ss, %eax
        check_eq(%eax, $UDATA)
        check_eq(seen + 0, $after_call)
        cmpl    $UCODE, seen + 4
        jne     wrong
        check_eq(seen + 8, $0x2222)
        check_eq(seen + 12, $0x1111)
        leal    -8(%ebx), %eax
        cmpl    %eax, seen + 16
        jne     wrong
        check_eq(seen + 20, $UDATA)
        check_eq(seen + 24, $KCODE)
        check_eq(seen + 28, $(kernel_stack_top - 24))

        expect_fault(GP, T1, lcall $T1, $0)
        expect_fault(NP, T2, lcall $T2, $0)
        expect_fault(GP, KDATA, lcall $T3, $0)
        expect_fault(GP, 0, lcall $T4, $0)
        lcall   $T5, $0                 /* same privilege: no stack switch */
        check_eq(seen + 24, $UCODE)
        lcall   $T7, $0                 /* conforming: stays at CPL 3 */
        check_eq(seen + 24, $(T6 | 3))
        expect_fault(GP, KCODE, ljmp $T0, $0) /* JMP may not change the privilege */
        expect_fault(GP, KCODE, lcall $KCODE, $inner)
        user_end
        set_desc T6, $0, $0xfffff, A_CODE + A_PAGES + A_ABSENT
        set_call_gate T2, T6, $inner, GATE_CALL, 0
        expect_fault(NP, T6, lcall $T2, $0)
        expect_fault(NP, T6, ljmp $T2, $0)
        pass
wrong:  fail

inner:  pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, %ss:seen + 0
        movl    8(%esp), %eax
        movl    %eax, %ss:seen + 4
        movl    12(%esp), %eax
        movl    %eax, %ss:seen + 8
        movl    16(%esp), %eax
        movl    %eax, %ss:seen + 12
        movl    20(%esp), %eax
        movl    %eax, %ss:seen + 16
        movl    24(%esp), %eax
        movl    %eax, %ss:seen + 20
        movl    %cs, %eax
        movl    %eax, %ss:seen + 24
        leal    4(%esp), %eax
        movl    %eax, %ss:seen + 28
        popl    %eax
        lret    $8
same:
conforming:
        movl    %cs, %eax
        movl    %eax, seen + 24
        lret

        .data
seen:   .fill   8, 4, 0
