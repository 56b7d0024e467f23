/* Breakpoints that meet blocks made before: a code breakpoint that is gone while one on data stays; a hit in a block
 * that ends with, or came from, a load of SS. (SDM vol. 3B, 17.3.1; vol. 3A, 6.8.3)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .globl  test_main
test_main:
        /* The code breakpoint goes; that on data keeps the blocks that were made for both. */
        set_dr  0, $second
        set_dr  1, $cell
        set_dr  7, $BREAK(0, ON_CODE, LEN1) + BREAK(1, ON_WRITE, LEN4)
        movl    $1f, fault_resume
        movl    %esp, fault_resume_esp
        call    plain
        fail
1:      check_eq(fault_vector, $DB)
        check_eq(fault_eip, $second)
        check_dr6(1)
        movl    $0, fault_count
        set_dr  7, $BREAK(1, ON_WRITE, LEN4)
        xorl    %ebx, %ebx
        call    plain
        check_eq(%ebx, $2)
        check_eq(fault_count, $0)
        check_dr6(0)
        /* Armed again, at the same place. */
        set_dr  7, $BREAK(0, ON_CODE, LEN1) + BREAK(1, ON_WRITE, LEN4)
        movl    $2f, fault_resume
        call    plain
        fail
2:      check_eq(fault_eip, $second)
        check_dr6(1)

        /* A hit earlier in a block whose last instruction loads SS. */
        set_dr  7, $BREAK(1, ON_WRITE, LEN4)
        movw    %ss, %ax
        movl    $5f, fault_resume
        jmp     3f
3:      movl    $1, cell
4:      nop
        movw    %ax, %ss
        nop
        fail
5:      check_eq(fault_eip, $4b)
        check_dr6(2)

        /* The load of SS hits, in a block that others jump to. */
        set_dr  1, $selector
        set_dr  7, $BREAK(1, ON_ACCESS, LEN2)
        movl    $8f, fault_resume
        movl    $64, %ecx
6:      movl    $selector + 64, %edx
        subl    %ecx, %edx
        jmp     7f
7:      movw    (%edx), %ss
        incl    %ebx
9:      decl    %ecx
        jns     6b
        fail
8:      check_eq(fault_eip, $9b)
        check_eq(%ecx, $64)
        check_dr6(2)

        /* A hit in what runs right behind a load of SS, in the same chain. */
        set_dr  1, $cell
        set_dr  7, $BREAK(1, ON_WRITE, LEN4)
        movl    $12f, fault_resume
        movl    $64, %ecx
        movl    $cell + 256, %edx
10:     movw    %ss, %ax
        movw    %ax, %ss
        nop
        subl    $4, %edx
        movl    $1, (%edx)
11:     decl    %ecx
        jnz     10b
        fail
12:     check_eq(fault_eip, $11b)
        check_eq(%ecx, $1)
        check_dr6(2)
        pass

plain:  incl    %ebx
second: incl    %ebx
        ret

        .data
        .align  4096
selector: .fill 80, 2, KDATA
        .align  4096
cell:   .skip   256
