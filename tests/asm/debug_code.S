/* Breakpoints on code: a fault before the instruction, in straight code and as a jump's target; RF skips it once;
 * several at one address; nothing after they are disarmed or moved. (SDM vol. 3B, 17.3.1.1)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .globl  test_main
test_main:
        /* In the middle of what would be one block. */
        movl    $3, %ebp                /* the second round is translated already */
1:      xorl    %ebx, %ebx
        call    plain
        check_eq(%ebx, $3)
        set_dr  0, $second
        set_dr  7, $BREAK(0, ON_CODE, LEN1)
        xorl    %ebx, %ebx
        movl    $2f, fault_resume
        movl    %esp, fault_resume_esp
        call    plain
        fail
2:      check_eq(fault_vector, $DB)
        check_eq(fault_eip, $second)
        check_bits(fault_eflags, RF, 0) /* the one fault whose image has RF clear */
        check_eq(%ebx, $1)
        check_dr6(1)
        set_dr  7, $0
        decl    %ebp
        jnz     1b

        /* RF in the image: the instruction runs, and the breakpoint is there again afterwards. */
        set_gate DB, $on_db
        set_dr  7, $BREAK(0, ON_CODE, LEN1)
        xorl    %ebx, %ebx
        call    plain
        check_eq(%ebx, $3)
        check_eq(hits, $1)
        call    plain
        check_eq(hits, $2)

        /* Two addresses and two registers for one of them; a register that is not armed does not count. */
        set_dr  1, $third
        set_dr  2, $third
        set_dr  3, $second
        set_dr  7, $BREAK(1, ON_CODE, LEN1) + BREAK(2, ON_CODE, LEN1)
        movl    $0, hits
        call    plain
        check_eq(hits, $1)
        check_eq(last_eip, $third)
        check_dr6(6)

        /* A breakpoint that moves while armed. */
        set_dr  1, $plain
        set_dr  7, $BREAK(1, ON_CODE, LEN1)
        movl    $0, hits
        call    plain
        check_eq(hits, $1)
        check_eq(last_eip, $plain)
        set_dr  1, $second
        call    plain
        check_eq(hits, $2)
        check_eq(last_eip, $second)

        /* A repeated instruction is hit once, however many iterations it has. */
        set_dr  0, $repeat
        set_dr  7, $BREAK(0, ON_CODE, LEN1)
        movl    $0, hits
        movl    $0x3000, %ecx
        movl    $0x300000, %edi
        cld
repeat: rep stosb
        check_eq(hits, $1)

        /* Single step and a breakpoint: the trap comes first, then the fault. */
        xorl    %eax, %eax
        movl    %eax, %dr6
        set_dr  0, $stepped
        movl    $0, hits
        set_gate DB, $on_step
        pushfl
        orl     $TF, (%esp)
        popfl
        nop                             /* trapped behind it */
stepped:
        nop
        pushfl
        andl    $~TF, (%esp)
        popfl
        check_byte(step_log + 0, $0x40) /* BS, behind the first NOP */
        check_byte(step_log + 1, $0x01) /* B0 */
        check_byte(step_log + 2, $0x40) /* behind the second */

        /* General detect: every access to a debug register faults, and DR7.GD is clear in the handler. */
        set_gate DB, $on_gd
        set_dr  7, $0x2000
        movl    $0, hits
        movl    %dr0, %eax
        check_eq(hits, $1)
        set_dr  7, $0x2000
        movl    %eax, %dr3
        check_eq(hits, $2)
        movl    %dr7, %eax
        check_eq(%eax, $0x400)

        user_begin
        expect_fault(GP, 0, movl %dr0, %eax)
        user_end
        pass

plain:  incl    %ebx
second: incl    %ebx
third:  incl    %ebx
        ret

on_db:  incl    hits
        pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, last_eip
        popl    %eax
        orl     $RF, 8(%esp)
        iret

on_step:
        pushl   %eax
        pushl   %ebx
        movl    hits, %ebx
        incl    hits
        movl    %dr6, %eax
        andl    $0xe00f, %eax
        orb     %ah, %al
        movb    %al, step_log(%ebx)
        xorl    %eax, %eax
        movl    %eax, %dr6
        testb   $1, step_log(%ebx)
        popl    %ebx
        popl    %eax
        jz      3f
        orl     $RF, 8(%esp)            /* the breakpoint's instruction is to run now */
3:      iret

on_gd:  incl    hits
        pushl   %eax
        movl    %dr7, %eax
        testl   $0x2000, %eax
        jnz     3f
        movl    %dr6, %eax
        andl    $(DR6_BD | 0x0f), %eax
        cmpl    $DR6_BD, %eax
        jne     3f
        xorl    %eax, %eax
        movl    %eax, %dr6
        popl    %eax
        addl    $3, (%esp)              /* MOV to or from DR has three bytes */
        iret
3:      fail

        .bss
hits:   .skip   4
last_eip: .skip 4
step_log: .skip 64
