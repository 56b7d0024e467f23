/* x87: #NM by CR0.TS and EM, WAIT with MP, #MF late and with its EIP, FERR as IRQ 13 with NE clear.
 * expect: status 33
 */
#include "pm.h"
        .set    CR0_MP, 2
        .set    CR0_EM, 4
        .set    CR0_TS, 8
        .set    CR0_NE, 0x20

        .macro  cr0_set set, clear
        movl    %cr0, %eax
        orl     $(\set), %eax
        andl    $~(\clear), %eax
        movl    %eax, %cr0
        .endm

        .globl  test_main
test_main:
        fninit
        cr0_set CR0_TS, CR0_MP
        expect_fault(NM, 0, fld1)
        expect_fault(NM, 0, fnstsw %ax)
        expect_fault(NM, 0, fnstcw scratch)
        fwait                           /* MP is clear: WAIT does not look at TS */
        cr0_set CR0_MP, 0
        expect_fault(NM, 0, fwait)
        clts
        fwait
        fld1
        fstp    %st
        cr0_set CR0_EM, CR0_MP
        expect_fault(NM, 0, fld1)
        fwait
        cr0_set CR0_MP, CR0_EM

        /* An unmasked exception is reported by the next waiting instruction, not by the one at fault. */
        fninit
        movw    $0x37b, scratch         /* ZM clear */
        fldcw   scratch
        fld1
        fldz
1:      fdivrp                          /* or the like: 1 / 0 */
        fnstsw  %ax
        andl    $0x80ff, %eax
        check_eq(%eax, $0x8084)         /* B, ES, ZE */
        expect_fault(MF, 0, fwait)
        expect_fault(MF, 0, fld1)
        expect_fault(MF, 0, fldcw scratch)
        fnstenv scratch                 /* no-wait ones go through; the environment has the culprit */
        check_eq(scratch + 12, $1b)
        movl    scratch + 4, %eax
        andl    $0x84, %eax
        check_eq(%eax, $0x84)
        fnclex
        fwait
        fninit
        fld1

        /* CR0.NE clear: FERR# raises IRQ 13, no #MF. */
        set_gate 0x2d, $irq13
        movb    $0xfb, %al              /* open the cascade and IRQ 13 */
        outb    %al, $0x21
        movb    $0xdf, %al
        outb    %al, $0xa1
        cr0_set 0, CR0_NE
        fninit
        movw    $0x37b, scratch
        fldcw   scratch
        fld1
        fldz
        fdivrp
        sti
4:      fwait                           /* waits for it, and is run behind it */
        nop
        cli
        check_eq(irqs, $1)
        check_eq(irq_at, $4b)

        /* In the middle of a block, too. */
        fninit
        fldcw   scratch
        fld1
        fldz
        sti
        nop
        fdivrp
5:      fld1
        cli
        check_eq(irqs, $2)
        check_eq(irq_at, $5b)
        pass

irq13:  incl    irqs
        pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, irq_at
        fnclex
        movb    $0, %al
        outb    %al, $0xf0              /* clears the latch behind FERR# */
        movb    $0x20, %al
        outb    %al, $0xa0
        outb    %al, $0x20
        popl    %eax
        iret

        .data
irqs:   .long   0
irq_at: .long   0
