/* Code that goes on through jumps: stores from one piece into another that is still to come, into the one that
 * runs and between them; faults and steps behind a jump; a jump to another page, and one to itself.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* A store into the code behind the next jump, twice: the second time all of it is translated. */
        movl    $2, %ecx
1:      movb    $0x22, 3f + 1
        jmp     2f
        ud2
2:      jmp     3f
        ud2
3:      movb    $0x11, %al
        cmpb    $0x22, %al
        jne     wrong
        movb    $0x11, 3b + 1
        decl    %ecx
        jnz     1b

        /* Into the jump itself, which then leads to another place. */
        movl    $2, %ecx
1:      movl    $(3f - 2f), 2f - 4
        .byte   0xe9                    /* jmp 4f, and to 3f from now on */
        .long   4f - 2f
2:      ud2
4:      movl    $0, %ebx
        jmp     5f
3:      movl    $1, %ebx
5:      cmpl    $1, %ebx
        jne     wrong
        movl    $(4b - 2b), 2b - 4
        decl    %ecx
        jnz     1b

        /* From behind a jump into what ran before it, which a loop reaches again. */
        xorl    %eax, %eax
        movl    $10, %ecx
1:      addl    $1, %eax                /* 83 c0 ib */
        jmp     3f
2:      decl    %ecx
        jnz     1b
        jmp     4f
3:      incb    1b + 2
        jmp     2b
4:      check_eq(%eax, $55)             /* 1 + 2 + ... + 10 */

        /* Between the pieces. */
        xorl    %eax, %eax
        movl    $100, %ecx
1:      incl    %eax
        addl    %eax, 2f
        jmp     3f
2:      .long   0
3:      decl    %ecx
        jnz     1b
        check_eq(2b, $5050)

        /* By a push, at the target of the jump behind it. */
        movl    %esp, %ebx
        movl    $(3f + 5), %esp
        jmp     2f
        ud2
2:      pushl   $0x01020304
        jmp     3f
        ud2
3:      movl    $0x11111111, %eax
        movl    %ebx, %esp
        check_eq(%eax, $0x01020304)

        /* A fault behind a jump: its address, and flags that a piece before it made. */
        xorl    %eax, %eax
        subl    $1, %eax
        jmp     1f
2:      check_eq(%eax, $0xffffffff)
        check_bits(fault_eflags, 0x8d5, 0x95)
        jmp     3f
1:      expect_fault(UD, 0, ud2)
        jmp     2b

        /* Each jump is a step, and so is what it leads to. */
3:      set_gate DB, $step
        movl    $eips, list
        pushl   $(TF | 2)
        popfl
1:      jmp     3f
2:      pushl   $2
        jmp     4f
3:      jmp     2b
4:      popfl
5:      check_eq(eips + 0, $3b)
        check_eq(eips + 4, $2b)
        check_eq(eips + 8, $(2b + 2))
        check_eq(eips + 12, $4b)
        check_eq(eips + 16, $5b)

        /* To another page and back, and with calls on the way. */
        xorl    %eax, %eax
        movl    $1000, %ecx
1:      jmp     far_piece
return_here:
        call    function
        decl    %ecx
        jnz     1b
        check_eq(%eax, $4000)

        /* A function whose callers are in its page, which returns to somewhere else at times. */
        xorl    %eax, %eax
        movl    $300, %ecx
1:      call    3f
        incl    %eax
2:      decl    %ecx
        jnz     1b
        jmp     4f
3:      addl    $2, %eax
        testl   $1, %ecx
        jz      5f
        ret
5:      movl    $2b, (%esp)
        ret
4:      check_eq(%eax, $750)

        /* A jump to itself, until the timer's interrupt. */
        set_gate 0x20, $timer
        movb    $0x34, %al              /* channel 0, mode 2: 1 ms */
        outb    %al, $0x43
        movb    $(1193 & 0xff), %al
        outb    %al, $0x40
        movb    $(1193 >> 8), %al
        outb    %al, $0x40
        movb    $0xfe, %al
        outb    %al, $0x21
        xorl    %eax, %eax
        sti
        incl    %ebx
        jmp     1f
1:      jmp     1b
2:      cli
        check_eq(%eax, $1)
        pass
wrong:  fail

timer:  movb    $0x20, %al
        outb    %al, $0x20
        movl    $1, %eax
        movl    $2b, (%esp)
        iret

step:   pushl   %eax
        pushl   %ebx
        movl    8(%esp), %eax
        movl    list, %ebx
        movl    %eax, (%ebx)
        addl    $4, list
        xorl    %eax, %eax
        movl    %eax, %dr6
        popl    %ebx
        popl    %eax
        iret

function:
        incl    %eax
        jmp     1f
        ud2
1:      incl    %eax
        ret

        .balign 4096
far_piece:
        incl    %eax
        jmp     1f
        ud2
1:      incl    %eax
        jmp     2f
        .balign 4096
2:      jmp     back
        .balign 4096
back:   jmp     return_here

        .data
list:   .long   eips
eips:   .fill   64, 4, 0
