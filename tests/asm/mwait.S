/* MONITOR and MWAIT: rights, extensions; waits for an interrupt, and only where one can come.
 * expect: status 33
 * args: -cpu coreduo
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    $ticks, %eax
        xorl    %edx, %edx
        movl    $2, %ecx
        expect_fault(GP, 0, monitor %eax, %ecx, %edx)
        expect_fault(GP, 0, mwait %eax, %ecx)
        xorl    %ecx, %ecx
        mwait   %eax, %ecx              /* nothing is monitored */
        monitor %eax, %ecx, %edx
        mwait   %eax, %ecx              /* nothing could end it */
        user_begin
        expect_fault(UD, 0, monitor %eax, %ecx, %edx)
        expect_fault(UD, 0, mwait %eax, %ecx)
        user_end

        /* It sleeps until a tick, 10 of them in 100 ms: far fewer instructions than time stamps. */
        set_gate 0x20, $timer
        movb    $0x34, %al              /* channel 0, mode 2 */
        outb    %al, $0x43
        movb    $(11932 & 0xff), %al
        outb    %al, $0x40
        movb    $(11932 >> 8), %al
        outb    %al, $0x40
        movb    $0xfe, %al
        outb    %al, $0x21
        movl    $ticks, %eax
        xorl    %esi, %esi
1:      incl    %esi                    /* rounds */
        monitor %eax, %ecx, %edx
        sti
        mwait   %eax, %ecx
        cli
        cmpl    $10, ticks
        jb      1b
        check_eq(%esi, $10)

        /* A tick behind MONITOR ends the wait before it begins. */
        movl    $0, ticks
        monitor %eax, %ecx, %edx
        sti
2:      cmpl    $1, ticks
        jb      2b
        mwait   %eax, %ecx
        cli
        check_eq(ticks, $1)
        pass

timer:  incl    ticks
        pushl   %eax
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
        iret

        .data
ticks:  .long   0
