/* Loading segment registers: each reason to refuse has its vector and its error code; the accessed bit.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $0, $0xfffff, A_DATA + A_PAGES + A_ABSENT
        set_desc T1, $0, $0xfffff, A_CODE_XO + A_PAGES
        set_desc T2, $0, $0xfffff, A_DATA_RO + A_PAGES
        set_desc T3, $0, $0xfffff, "A_DATA + A_PAGES - 1" /* not accessed yet */
        set_desc T4, $0, $0xfffff, A_CODE_CONF + A_PAGES
        set_desc T5, $0, $0xfffff, A_DATA + A_PAGES + A_DPL3

        movl    $T0, %eax
        expect_fault(NP, T0, movl %eax, %ds)
        expect_fault(NP, T0, movl %eax, %gs)
        expect_fault(SSV, T0, movl %eax, %ss)
        movl    $T0 + 1, %eax           /* RPL is not in the error code */
        expect_fault(GP, T0, movl %eax, %ss)
        movl    $T1, %eax
        expect_fault(GP, T1, movl %eax, %fs)
        expect_fault(GP, T1, movl %eax, %ss)
        movl    $T2, %eax
        expect_fault(GP, T2, movl %eax, %ss)
        movl    %eax, %fs
        xorl    %eax, %eax
        expect_fault(GP, 0, movl %eax, %ss)
        movl    $TSS_SEL, %eax
        expect_fault(GP, TSS_SEL, movl %eax, %es)
        movl    $0x80, %eax             /* just beyond the GDT's limit */
        expect_fault(GP, 0x80, movl %eax, %es)
        movl    $0xfff8, %eax
        expect_fault(GP, 0xfff8, movl %eax, %es)
        xorl    %eax, %eax
        lldt    %ax
        movl    $4, %eax                /* no LDT */
        expect_fault(GP, 4, movl %eax, %es)
        movl    $T5, %eax               /* SS: DPL must be CPL */
        expect_fault(GP, T5, movl %eax, %ss)
        movl    $KDATA | 3, %eax        /* RPL 3 needs DPL 3 */
        expect_fault(GP, KDATA, movl %eax, %ds)
        expect_fault(GP, KDATA, movl %eax, %ss)
        movl    $T5 | 3, %eax
        movl    %eax, %gs
        movl    $T4 | 3, %eax           /* conforming code: no privilege check */
        movl    %eax, %gs

        /* A failed load leaves the register as it was. */
        movl    $T5, %eax
        movl    %eax, %fs
        movl    $T0, %eax
        expect_fault(NP, T0, movl %eax, %fs)
        movl    %fs, %eax
        check_eq(%eax, $T5)

        check_byte(gdt + T3 + 5, $0x92)
        movl    $T3, %eax
        movl    %eax, %fs
        check_byte(gdt + T3 + 5, $0x93)

        /* POP and the far loads fault with the stack and the register untouched. */
        pushl   $T0
        movl    %esp, %ebx
        expect_fault(NP, T0, popl %es)
        cmpl    %ebx, fault_esp
        jne     wrong
        addl    $4, %esp
        movl    $0x1111, scratch
        movw    $T0, scratch + 4
        movl    $0x2222, %ecx
        expect_fault(NP, T0, lfs scratch, %ecx)
        check_eq(%ecx, $0x2222)
        movw    $T5, scratch + 4
        lfs     scratch, %ecx
        check_eq(%ecx, $0x1111)
        movl    %fs, %eax
        check_eq(%eax, $T5)

        /* A null selector's later use and MOV from it: upper bits are zero. */
        movl    $-1, %eax
        movl    %gs, %eax
        check_eq(%eax, $(T4 | 3))
        pass
wrong:  fail
