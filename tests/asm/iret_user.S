/* IRET to CPL 3 and what CPL 3 may not do: privileged instructions, IF and IOPL in IRET and POPF.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        user_begin
        expect_fault(GP, 0, hlt)
        expect_fault(GP, 0, cli)
        expect_fault(GP, 0, sti)
        expect_fault(GP, 0, clts)
        expect_fault(GP, 0, movl %cr0, %eax)
        expect_fault(GP, 0, movl %eax, %cr3)
        expect_fault(GP, 0, movl %dr7, %eax)
        expect_fault(GP, 0, lgdt gdt_pointer)
        expect_fault(GP, 0, lidt idt_pointer)
        expect_fault(GP, 0, lldt %ax)
        expect_fault(GP, 0, ltr %ax)
        expect_fault(GP, 0, lmsw %ax)
        expect_fault(GP, 0, invlpg scratch)
        expect_fault(GP, 0, wbinvd)
        expect_fault(GP, 0, invd)
        expect_fault(GP, 0, rdmsr)
        expect_fault(GP, 0, wrmsr)
        expect_fault(GP, 0, inb $0x21, %al)
        expect_fault(GP, 0, outb %al, $0x21)
        expect_fault(GP, 0, outsb)
        sgdt    scratch                 /* these are allowed */
        sidt    scratch
        sldt    %eax
        str     %eax
        check_eq(%eax, $TSS_SEL)
        smsw    %eax

        /* POPF at CPL 3 and IOPL 0: IOPL and IF stay, no fault. */
        pushl   $0x3ad7
        andl    $~TF, (%esp)
        popfl
        check_flags(0x3000 | IF, 0)
        check_flags(CF | PF | AF | ZF | SF | OF, CF | PF | AF | ZF | SF | OF)
        cld

        /* IRET within CPL 3 cannot change them either. */
        pushl   $0x3202
        pushl   $UCODE
        pushl   $1f
        iret
1:      check_flags(0x3000 | IF, 0)
        user_end

        /* IOPL 3, given by CPL 0, makes CLI, STI and ports legal. */
        movl    %esp, user_kernel_esp
        pushl   $UDATA
        pushl   $user_stack_top
        pushl   $0x3002
        pushl   $UCODE
        pushl   $1f
        iret
1:      pushl   $UDATA
        popl    %ds
        sti
        check_flags(IF, IF)
        cli
        check_flags(IF | 0x3000, 0x3000)
        inb     $0x21, %al
        cmpb    $0xff, %al
        jne     wrong
        pushl   $IF                     /* IOPL 3: POPF changes IF, and never IOPL at CPL 3 */
        popfl
        check_flags(IF | 0x3000, IF | 0x3000)
        cli
        user_end
        pushl   $2
        popfl

        /* Bad frames: the fault is the IRET's, and ESP stays. */
        pushl   $2
        pushl   $0
        pushl   $1f
        expect_fault(GP, 0, iret)
        movl    $KDATA, 4(%esp)
        expect_fault(GP, KDATA, iret)
        addl    $12, %esp
        pushl   $KDATA
        pushl   $user_stack_top
        pushl   $2
        pushl   $UCODE
        pushl   $1f
        expect_fault(GP, KDATA, iret)
        addl    $20, %esp
        pass
1:
wrong:  fail
