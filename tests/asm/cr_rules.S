/* Control registers: combinations that MOV CR0 and CR4 refuse, LMSW, CLTS, SMSW, and CR2.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    %cr0, %ebx
        movl    %ebx, %eax
        orl     $0x80000000, %eax
        andl    $~1, %eax               /* PG without PE */
        expect_fault(GP, 0, movl %eax, %cr0)
        movl    %ebx, %eax
        orl     $0x20000000, %eax       /* NW without CD */
        andl    $~0x40000000, %eax
        expect_fault(GP, 0, movl %eax, %cr0)
        movl    %cr0, %eax
        check_eq(%eax, %ebx)
        andl    $~0x10, %eax            /* ET cannot be cleared */
        movl    %eax, %cr0
        movl    %cr0, %eax
        check_eq(%eax, %ebx)

        movl    %ebx, %eax
        orl     $8, %eax
        lmsw    %ax
        movl    %cr0, %eax
        andl    $8, %eax
        check_eq(%eax, $8)
        clts
        xorl    %eax, %eax
        lmsw    %ax                     /* LMSW cannot clear PE */
        movl    %cr0, %eax
        andl    $1, %eax
        check_eq(%eax, $1)
        movl    %ebx, %cr0
        smsw    %eax
        xorl    %ebx, %eax
        andl    $0xffff, %eax
        check_eq(%eax, $0)

        movl    $0x12345678, %eax
        movl    %eax, %cr2
        movl    %cr2, %ecx
        check_eq(%ecx, $0x12345678)

        /* A task register that is busy, absent, or no TSS. */
        movl    $TSS_SEL, %eax
        expect_fault(GP, TSS_SEL, ltr %ax) /* busy since start-up */
        movl    $KDATA, %eax
        expect_fault(GP, KDATA, ltr %ax)
        xorl    %eax, %eax
        expect_fault(GP, 0, ltr %ax)
        set_desc T0, $tss, $103, A_TSS + A_ABSENT
        movl    $T0, %eax
        expect_fault(NP, T0, ltr %ax)

        /* An LDT: its selectors work; after LLDT 0 they do not. */
        set_desc T1, $scratch, $15, A_LDT
        movl    $0x0000ffff, scratch + 8
        movl    $0x00cf9300, scratch + 12
        movl    $T1, %eax
        lldt    %ax
        sldt    %ecx
        check_eq(%ecx, $T1)
        movl    $0xc, %eax
        movl    %eax, %gs
        movl    $0x14, %eax             /* beyond its limit */
        expect_fault(GP, 0x14, movl %eax, %gs)
        xorl    %eax, %eax
        lldt    %ax
        movl    $0xc, %eax
        expect_fault(GP, 0xc, movl %eax, %gs)
        movl    $KDATA, %eax
        expect_fault(GP, KDATA, lldt %ax)

        /* LGDT and SGDT, also with a 16-bit operand: 24 bits of base. */
        sgdt    scratch
        movl    scratch + 2, %eax
        check_eq(%eax, $gdt)
        movw    $0x7f, scratch
        movl    $0xff123456, scratch + 2
        data16 lidt scratch
        sidt    scratch + 16
        movl    scratch + 18, %eax
        lidt    idt_pointer
        check_eq(%eax, $0x00123456)
        pass
