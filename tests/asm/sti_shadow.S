/* The one-instruction shadow of STI (and of MOV SS and POP SS behind it), seen with a timer interrupt that is waiting.
 * expect: status 33
 */
#include "pm.h"

        .macro  wait_for_irq            /* until IRQ 0 is requested at the PIC */
        movl    $0, irq_eip
        movb    $0x30, %al              /* channel 0, mode 0: one interrupt after 20 ticks */
        outb    %al, $0x43
        movb    $20, %al
        outb    %al, $0x40
        movb    $0, %al
        outb    %al, $0x40
.Lw\@:  movb    $0x0a, %al              /* read IRR */
        outb    %al, $0x20
        inb     $0x20, %al
        testb   $1, %al
        jz      .Lw\@
        .endm

        .globl  test_main
test_main:
        set_gate 0x20, $timer
        movb    $0xfe, %al
        outb    %al, $0x21

        /* STI: the instruction behind it still runs. */
        wait_for_irq
        movl    $0, %ebx
        sti
        incl    %ebx
1:      incl    %ebx
        nop
        cli
        check_eq(irq_eip, $1b)
        check_eq(%ebx, $2)

        /* STI; CLI never opens the window. */
        wait_for_irq
        sti
        cli
        nop
        check_eq(irq_eip, $0)

        /* STI with IF set already: no new shadow, so the interrupt comes at once. Here it is the old one. */
        sti
        nop
1:      nop
        cli
        check_eq(irq_eip, $1b)

        /* MOV SS and POP SS in STI's shadow: they run in any case. Of several shadows in a row only the
         * first is promised (SDM vol. 2B, MOV). */
        wait_for_irq
        movl    %ss, %eax
        sti
        movl    %eax, %ss
1:      nop
2:      nop
        cli
        cmpl    $1b, irq_eip
        je      3f
        check_eq(irq_eip, $2b)
3:      wait_for_irq
        pushl   %ss
        sti
        popl    %ss
1:      nop
2:      nop
        cli
        cmpl    $1b, irq_eip
        je      3f
        check_eq(irq_eip, $2b)
3:

        /* POPF has no shadow. */
        wait_for_irq
        pushl   $(IF | 2)
        popfl
1:      nop
        cli
        check_eq(irq_eip, $1b)

        /* STI; HLT wakes and goes on behind the HLT; no interrupt is lost. */
        wait_for_irq
        sti
        hlt
1:      cli
        check_eq(irq_eip, $1b)
        pass

timer:  pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, irq_eip
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

        .data
irq_eip:
        .long   0
