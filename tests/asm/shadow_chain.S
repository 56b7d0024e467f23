/* Loads of SS in a row: only the first has a shadow, for single steps, for breakpoints on data and for interrupts; so
 * they cannot keep those out for ever. (SDM vol. 2B, MOV; vol. 3A, 6.8.3)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        /* Under TF from here on. */
        .macro  step
        movl    $0, trap_eip
        pushfl
        orl     $TF, (%esp)
        popfl
        .endm

        .globl  test_main
test_main:
        set_gate DB, $on_db
        movl    %ss, %eax

        /* One load: the trap is behind the next instruction. */
        step
        movl    %eax, %ss
        nop
1:      nop
        check_eq(trap_eip, $1b)

        /* Two, by MOV and by POP, alike and mixed: behind the second. */
        step
        movl    %eax, %ss
        movl    %eax, %ss
2:      nop
        nop
        check_eq(trap_eip, $2b)
        pushl   %ss
        pushl   %ss
        step
        popl    %ss
        popl    %ss
3:      nop
        nop
        check_eq(trap_eip, $3b)
        pushl   %ss
        step
        movl    %eax, %ss
        popl    %ss
4:      nop
        nop
        check_eq(trap_eip, $4b)
        pushl   %ss
        step
        popl    %ss
        movl    %eax, %ss
5:      nop
        nop
        check_eq(trap_eip, $5b)

        /* A breakpoint on the operand of the first is reported behind the second; of the second, at once. */
        set_dr  6, $0
        set_dr  0, $selector
        set_dr  7, $BREAK(0, ON_ACCESS, LEN2)
        movl    $0, trap_eip
        movw    selector, %ss
        movw    other, %ss
6:      nop
        nop
        check_eq(trap_eip, $6b)
        movl    $0, trap_eip
        movw    other, %ss
        movw    selector, %ss
7:      nop
        nop
        check_eq(trap_eip, $7b)
        set_dr  7, $0

        /* Three: the third has one again. LSS has none. */
        step
        movl    %eax, %ss
        movl    %eax, %ss
8:      nop
        check_eq(trap_eip, $8b)
        movl    %esp, far_esp
        step
        lss     far_esp, %esp
9:      nop
        nop
        check_eq(trap_eip, $9b)

        /* A breakpoint on the code behind a load of SS is not seen, behind the second it is. */
        set_dr  0, $10f
        set_dr  7, $BREAK(0, ON_CODE, LEN1)
        movl    $0, trap_eip
        movl    %eax, %ss
10:     nop
        check_eq(trap_eip, $0)
        set_dr  0, $11f
        movl    %eax, %ss
        movl    %eax, %ss
11:     nop
        check_eq(trap_eip, $11b)
        set_dr  7, $0

        /* An interrupt. */
        set_gate 0x20, $on_timer
        movb    $0xfe, %al
        outb    %al, $0x21
        call    request
        movl    %ss, %eax
        sti                             /* STI's shadow is over when the second load is done */
        movl    %eax, %ss
        movl    %eax, %ss
12:     nop
        cli
        cmpl    $12b, irq_eip
        je      13f
        check_eq(irq_eip, $(12b - 2))
13:     pass

        /* A timer interrupt is asked for at the PIC. */
request:
        movb    $0x30, %al
        outb    %al, $0x43
        movb    $20, %al
        outb    %al, $0x40
        movb    $0, %al
        outb    %al, $0x40
1:      movb    $0x0a, %al
        outb    %al, $0x20
        inb     $0x20, %al
        testb   $1, %al
        jz      1b
        ret

        /* Keeps where it came, clears TF, and sets RF. */
on_db:  pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, trap_eip
        popl    %eax
        andl    $~TF, 8(%esp)
        orl     $RF, 8(%esp)
        iret
on_timer:
        pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, irq_eip
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

        .data
trap_eip: .long 0
irq_eip: .long  0
far_esp: .long  0, KDATA
        .balign 4096
selector: .long KDATA
        .balign 4096
other:  .long   KDATA
