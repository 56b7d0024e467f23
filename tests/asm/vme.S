/* CR4.VME: a vm86 program below IOPL 3 has VIF for its IF, INT n goes by the redirection bitmap, and #GP tells the monitor
 * of a VIF that is set while VIP is. (SDM vol. 3B, 20.3)
 * expect: status 33
 */
#include "pm.h"
        .set    VIF, 0x80000
        .set    VIP, 0x100000
        .set    HLT, 0xf4

        .macro  enter_vm86 flags, code
        movl    $1f, at_end
        movl    $0, image
        pushl   $0                      /* GS FS DS ES */
        pushl   $0
        pushl   $0
        pushl   $0
        pushl   $0                      /* SS:SP */
        pushl   $0x7b00
        pushl   $(VM | 2 | \flags)
        pushl   $0
        pushl   $\code
        iret
1:
        .endm

        /* The program stopped with #GP at this instruction, and with these flags among VIF, VIP, IF and TF. */
        .macro  _ended line, opcode, flags
        _check_eq \line, stop_opcode, "$\opcode"
        movl    stop_flags, %eax
        andl    $(VIF | VIP | IF | TF | 0x3000), %eax
        _check_eq \line, %eax, "$\flags"
        .endm
#define ended(opcode, flags) _ended __LINE__, opcode, PM_STRING(flags)

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $1, %eax
        movl    %eax, %cr4
        movl    %esp, user_kernel_esp
        set_gate GP, $monitor
        set_gate 0x40, $through_idt, "GATE_INT | GATE_DPL3"
        set_gate 0x41, $through_idt, "GATE_INT | GATE_DPL3"
        movw    $(104 + 32), tss + 102  /* the redirection bitmap is at 104 */
        movl    $tss + 104, %edi
        movl    $8, %ecx
        xorl    %eax, %eax
        cld
        rep     stosl
        orb     $2, tss + 104 + 8       /* 41 is for the monitor */
        movl    $handler, 0x40 * 4
        movl    $handler, 0x41 * 4

        /* STI and CLI change VIF, PUSHF shows it as IF with IOPL 3, POPF sets it. IF itself stays. */
        enter_vm86 0, sti_pushf
        ended(HLT, VIF)
        check_word(image, $0x3202)
        enter_vm86 (IF | VIF | CF), cli_pushf
        ended(HLT, IF)
        check_word(image, $0x3003)
        enter_vm86 0x1000, popf_if      /* IOPL 1 */
        ended(HLT, (VIF | 0x1000))
        check_word(image, $0x7ed7)
        enter_vm86 VIF, popf_none
        ended(HLT, 0)
        enter_vm86 (VIF | VIP), popf_none /* not even the first instruction */
        ended(0x6a, (VIF | VIP))

        /* With VIP set, who would set VIF meets the monitor; so does TF. */
        enter_vm86 VIP, sti_pushf
        ended(0xfb, VIP)
        enter_vm86 VIP, popf_if
        ended(0x9d, VIP)
        enter_vm86 0, popf_tf
        ended(0x9d, 0)
        enter_vm86 VIP, iret_if
        ended(0xcf, VIP)
        check_eq(stop_sp, $0x7afa)
        enter_vm86 0, iret_tf
        ended(0xcf, 0)

        /* IRET. */
        enter_vm86 0, iret_if
        ended(HLT, VIF)
        check_eq(stop_sp, $0x7b00)
        enter_vm86 VIF, iret_none
        ended(HLT, 0)

        /* 32-bit operands need IOPL 3 all the same. */
        enter_vm86 0, pushf_32
        ended(0x9c66, 0)
        enter_vm86 0, popf_32
        ended(0x9d66, 0)
        enter_vm86 0, iret_32
        ended(0xcf66, 0)

        /* INT n. */
        enter_vm86 (VIF | CF), int_40   /* to the program: IOPL 3, and VIF for IF; VIF is cleared */
        ended(HLT, 0)
        check_word(image, $0x3203)
        check_word(image + 2, $0x0000)
        check_word(image + 4, $after_40)
        check_eq(stop_eip, $in_handler)
        enter_vm86 IF, int_40
        ended(HLT, IF)
        check_word(image, $0x3002)
        enter_vm86 (IF | 0x3000), int_40 /* IOPL 3: IF */
        ended(HLT, 0x3000)
        check_word(image, $0x3202)
        enter_vm86 VIF, int_41          /* the bitmap says: the monitor's */
        ended(0x41cd, VIF)
        movl    $0, came
        enter_vm86 (IF | 0x3000), int_41
        ended(HLT, (IF | 0x3000))
        check_eq(came, $1)

        /* IOPL 3 leaves VIF alone. */
        enter_vm86 (IF | VIF | 0x3000), cli_pushf
        ended(HLT, (VIF | 0x3000))
        check_word(image, $0x3002)
        enter_vm86 (VIF | VIP | 0x3000), cli_pushf /* but both do not go together */
        ended(0xfa, (VIF | VIP | 0x3000))
        enter_vm86 (VIP | 0x3000), sti_pushf
        ended(HLT, (VIP | IF | 0x3000))

        /* A TSS without the bitmap. */
        set_desc TSS_SEL, $tss, $(104 + 7), A_TSS
        movl    $TSS_SEL, %eax
        ltr     %ax
        enter_vm86 0, int_40
        ended(0x40cd, 0)
        set_desc TSS_SEL, $tss, $102, A_TSS /* nor all of its offset */
        movl    $TSS_SEL, %eax
        ltr     %ax
        enter_vm86 0, int_40
        ended(0x40cd, 0)

        /* And without VME. */
        movl    %cr4, %eax
        andl    $~1, %eax
        movl    %eax, %cr4
        enter_vm86 VIF, cli_pushf
        ended(0xfa, VIF)
        enter_vm86 (VIF | VIP), int_40  /* INT is the first to fault */
        ended(0x40cd, (VIF | VIP))
        enter_vm86 0, int_40
        ended(0x40cd, 0)
        pass

monitor:
        pushl   $KDATA
        popl    %ds
        pushl   $KDATA
        popl    %es
        movl    4(%esp), %ebx
        movl    %ebx, stop_eip
        movzwl  (%ebx), %eax
        cmpb    $0x66, %al
        je      1f
        cmpb    $0xcd, %al
        je      1f
        movzbl  %al, %eax
1:      movl    %eax, stop_opcode
        movl    12(%esp), %eax
        movl    %eax, stop_flags
        movl    16(%esp), %eax
        movl    %eax, stop_sp
        movl    user_kernel_esp, %esp
        jmp     *at_end

through_idt:
        pushl   $KDATA
        popl    %ds
        incl    came
        iret

        real_section
sti_pushf:
        sti
        pushfw
        jmp     keep
cli_pushf:
        cli
        pushfw
keep:   popw    image
        hlt
popf_if:
        pushw   $0x4ed7                 /* everything but TF; IOPL is not taken */
        popfw
        pushfw
        jmp     keep
popf_none:
        pushw   $2
        popfw
        hlt
popf_tf:
        pushw   $0x102
        popfw
        hlt
iret_if:
        pushw   $0x202
        jmp     1f
iret_tf:
        pushw   $0x102
        jmp     1f
iret_none:
        pushw   $2
1:      pushw   %cs
        pushw   $2f
        iretw
2:      hlt
pushf_32:
        pushfl
popf_32:
        popfl
iret_32:
        iretl
int_40: int     $0x40
after_40:
        hlt
int_41: int     $0x41
        hlt
handler:
        popw    image + 4
        popw    image + 2
        popw    image
in_handler:
        hlt
image:  .fill   3, 2, 0
        end_real_section

        .data
at_end: .long   0
came:   .long   0
stop_opcode:
        .long   0
stop_eip:
        .long   0
stop_flags:
        .long   0
stop_sp:
        .long   0
