/* HLT sleeps until the PIT's interrupt; a tick every 10 ms, counted; with time that passes while halted.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_gate 0x20, $timer
        movb    $0x34, %al              /* channel 0, mode 2 */
        outb    %al, $0x43
        movb    $(11932 & 0xff), %al
        outb    %al, $0x40
        movb    $(11932 >> 8), %al
        outb    %al, $0x40
        movb    $0xfe, %al
        outb    %al, $0x21
        rdtsc
        movl    %eax, %esi
        movl    %edx, %edi
1:      sti
        hlt
        cli
        cmpl    $10, ticks
        jb      1b
        check_eq(ticks, $10)
        rdtsc                           /* the TSC counted on through the HLTs */
        subl    %esi, %eax
        sbbl    %edi, %edx
        testl   %edx, %edx
        jnz     2f
        cmpl    $10000, %eax
        jb      wrong

        /* A running loop is interrupted as well. */
2:      movl    $0, ticks
        sti
3:      cmpl    $2, ticks
        jb      3b
        cli
        pass
wrong:  fail

timer:  incl    ticks
        pushl   %eax
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

        .data
ticks:  .long   0
