/* RF where an instruction begins more than once: the handler of a fault in the middle of a repeated one is hit by each
 * of its own breakpoints, and an FWAIT that waits for IRQ 13 is hit once. (SDM vol. 3B, 17.3.1.1; vol. 1, 8.7.2)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .globl  test_main
test_main:
        call    paging_on
        set_pte 0x601000, 0
        set_gate DB, $on_db
        set_gate PFV, $on_pf
        set_dr  0, $first
        set_dr  1, $second
        set_dr  2, $repeat
        set_dr  7, $BREAK(0, ON_CODE, LEN1) + BREAK(1, ON_CODE, LEN1) + BREAK(2, ON_CODE, LEN1)
        movl    $0x600000, %edi
        movl    $0x1004, %ecx
        cld
repeat: rep stosb
        check_eq(%ecx, $0)
        check_eq(faults, $1)
        check_eq(hits, $3)
        check_eq(seen, $7)

        /* An unmasked division by zero, with CR0.NE clear. */
        set_gate 0x2d, $on_fpu
        movl    %cr0, %eax
        andl    $~0x20, %eax
        movl    %eax, %cr0
        movb    $0xfb, %al
        outb    %al, $0x21
        movb    $0xdf, %al
        outb    %al, $0xa1
        movl    $0, hits
        set_dr  0, $wait
        set_dr  7, $BREAK(0, ON_CODE, LEN1)
        fninit
        fldcw   control
        fld1
        fldz
        fdivrp                          /* 1 / 0 */
        sti
wait:   fwait
        cli
        check_eq(errors, $1)
        check_eq(hits, $1)
        pass

on_fpu: incl    errors
        pushl   %eax
        fnclex
        movb    $0, %al
        outb    %al, $0xf0
        movb    $0x20, %al
        outb    %al, $0xa0
        outb    %al, $0x20
        popl    %eax
        iret

        /* No register changes in either. */
on_pf:  incl    faults
first:  nop
second: nop
        movl    $(0x601000 + P_P + P_W), PTE(0x601000)
        addl    $4, %esp
        iret

on_db:  incl    hits
        pushl   %eax
        movl    %dr6, %eax
        andl    $0xf, %eax
        orl     %eax, seen
        popl    %eax
        orl     $RF, 8(%esp)
        iret

        .data
control: .word  0x37b
        .align  4
errors: .long   0
faults: .long   0
hits:   .long   0
seen:   .long   0
