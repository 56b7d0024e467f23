/* Interrupt and trap gates: IF, TF and NT, DPL of the gate, absent gates, and the inner stack of the TSS.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_gate 0x40, $handler, GATE_INT
        set_gate 0x41, $handler, GATE_TRAP
        set_gate 0x42, $handler, GATE_INT | GATE_DPL3
        set_gate 0x43, $handler, "GATE_INT - 0x80"
        set_gate 0x44, $handler, GATE_INT, 0
        set_gate 0x45, $handler, GATE_INT, KDATA
        set_gate 0x46, $handler, 0x8d           /* no such gate type */
        set_desc T0, $0, $0xfffff, A_CODE + A_PAGES + A_ABSENT
        set_gate 0x47, $handler, GATE_INT, T0

        /* Nothing is unmasked in the PICs, so IF may be set. */
        pushl   $(IF | NT | CF | 2)
        popfl
        int     $0x40
        check_eq(seen_flags, $(NT | IF | CF | 2))
        check_bits(flags_inside, IF | NT | TF | CF, CF)
        check_eq(seen_cs, $KCODE)
        int     $0x41
        check_bits(flags_inside, IF | NT | TF | CF, IF | CF)
        check_flags(IF | NT, IF | NT)
        pushl   $2
        popfl
        cmpl    $after_0x42, seen_eip
        je      wrong
        int     $0x42
after_0x42:
        cmpl    $after_0x42, seen_eip
        jne     wrong

        expect_fault(NP, 0x43 * 8 + 2, int $0x43)
        expect_fault(GP, 0, int $0x44)
        expect_fault(GP, KDATA, int $0x45)
        expect_fault(GP, 0x46 * 8 + 2, int $0x46)
        expect_fault(NP, T0, int $0x47)
        lidt    short_idt
        expect_fault(GP, 0x90 * 8 + 2, int $0x90)
        lidt    idt_pointer

        user_begin
        expect_fault(GP, 0x40 * 8 + 2, int $0x40)
        expect_fault(GP, 3 * 8 + 2, int3)       /* gate 3 has DPL 0 */
        check_eq(fault_cs, $UCODE)
        movl    %esp, %ebx
        int     $0x42
        cmpl    %ebx, seen_esp
        jne     wrong
        check_eq(seen_ss, $UDATA)
        check_eq(seen_cs, $UCODE)
        check_eq(esp_inside, $(kernel_stack_top - 20))
        check_eq(ss_inside, $KDATA)
        user_end
        pass
wrong:  fail

handler:
        movl    %esp, %ss:esp_inside
        movw    %ss, %ss:ss_inside
        pushfl
        popl    %ss:flags_inside
        pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, %ss:seen_eip
        movl    8(%esp), %eax
        andl    $0xffff, %eax
        movl    %eax, %ss:seen_cs
        movl    12(%esp), %eax
        movl    %eax, %ss:seen_flags
        testl   $3, 8(%esp)
        jz      1f
        movl    16(%esp), %eax
        movl    %eax, %ss:seen_esp
        movl    20(%esp), %eax
        andl    $0xffff, %eax
        movl    %eax, %ss:seen_ss
1:      popl    %eax
        iret                            /* NT is clear here; the NT of the frame comes back */

        .data
short_idt:
        .word   0x90 * 8 + 6
        .long   idt
seen_eip:       .long 0
seen_cs:        .long 0
seen_flags:     .long 0
seen_esp:       .long 0
seen_ss:        .long 0
flags_inside:   .long 0
esp_inside:     .long 0
ss_inside:      .long 0
