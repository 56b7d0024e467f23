/* The local APIC from a program: CPUID and IA32_APIC_BASE, interrupts to itself, end of interrupt, the timer, NMIs,
 * which wait for an IRET, also one that faults; the APIC in front of RAM. (SDM vol. 3A, chapter 10 and 6.7.1)
 * expect: status 33
 * args: -cpu coreduo
 */
#include "pm.h"

        .set    LAPIC, 0xfee00000
        .set    TPR, LAPIC + 0x80
        .set    EOI, LAPIC + 0xb0
        .set    SVR, LAPIC + 0xf0
        .set    ICR, LAPIC + 0x300
        .set    TIMER, LAPIC + 0x320
        .set    INITIAL, LAPIC + 0x380
        .set    DIVIDE, LAPIC + 0x3e0

        .globl  test_main
test_main:
        movl    $1, %eax
        cpuid
        check_bits(%edx, 0x200, 0x200)
        movl    $0x1b, %ecx
        rdmsr
        check_eq(%eax, $0xfee00900)
        check_eq(%edx, $0)
        movl    $0xfee00d00, %eax       /* x2APIC mode */
        expect_fault(GP, 0, wrmsr)

        set_gate 0x40, $count
        set_gate 0x50, $count
        set_gate 2, $on_nmi
        movl    $0x1ff, SVR
        check_eq(SVR, $0x1ff)

        /* To itself: right behind the store, and not before the last one's end. */
        sti
        movl    $0, %ebx
        movl    $0x40040, ICR
        movl    counted, %ebx
        check_eq(%ebx, $1)
        movl    $0x40040, ICR           /* in service: it waits */
        check_eq(counted, $1)
        movl    $0, EOI
        check_eq(counted, $2)
        movl    $0, EOI
        movl    $0x40, TPR
        movl    $0x40040, ICR
        check_eq(counted, $2)
        movl    $0x30, TPR
        check_eq(counted, $3)
        movl    $0, EOI
        movl    $0, TPR

        /* The timer wakes HLT, ten times. */
        movl    $0, counted
        movl    $0xb, DIVIDE
        movl    $0x20050, TIMER
        movl    $100000, INITIAL
1:      cli
        cmpl    $10, counted
        jae     2f
        sti
        hlt
        movl    $0, EOI
        jmp     1b
2:      movl    $0, INITIAL
        movl    $0, EOI
        sti
        nop
        movl    $0, EOI
        cli

        /* An NMI comes with interrupts off; another waits until IRET. */
        movl    $0x4400, ICR
        check_eq(nmis, $2)

        /* An IRET that faults ends the blocking, too: the NMI comes before the fault's handler runs on. */
        set_gate 2, $nmi_bad_iret
        movl    $0x4400, ICR
        check_eq(nmis, $4)
        set_gate 2, $on_nmi

        /* Over RAM, and away again: what was there is there. */
        movl    $0x12345678, page + 0x20
        movl    $0x1b, %ecx
        movl    $page, %eax
        orl     $0x900, %eax
        xorl    %edx, %edx
        wrmsr
        check_eq(page + 0xf0, $0x1ff)
        check_eq(page + 0x20, $0)
        check_eq(LAPIC, $0xffffffff)
        movl    $0xfee00900, %eax
        wrmsr
        check_eq(page + 0x20, $0x12345678)
        check_eq(SVR, $0x1ff)

        movl    $0xfee00000, %eax       /* off: CPUID has it no more */
        wrmsr
        movl    $1, %eax
        cpuid
        check_bits(%edx, 0x200, 0)
        pass

count:  incl    counted
        iret

/* Sends one more while it runs. */
on_nmi: incl    nmis
        testl   $1, nmis
        jz      1f
        movl    $0x4400, ICR
        nop
        testl   $1, nmis                /* not nested */
        jz      wrong
1:      iret

/* Asks for one more, then returns to a selector beyond the GDT. */
nmi_bad_iret:
        set_gate 2, $nmi_last
        set_gate GP, $after_bad
        movl    %esp, good_esp
        incl    nmis
        movl    $0x4400, ICR
        pushfl
        pushl   $0xfff8
        pushl   $0
        iret
        fail
nmi_last:
        incl    nmis
        iret
after_bad:
        movl    good_esp, %esp
        iret

wrong:  fail

        .data
counted: .long  0
nmis:   .long   0
good_esp: .long 0
        .balign 4096
page:   .space  4096
