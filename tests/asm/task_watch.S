/* Task switches whose own stores are watched, or lie in pages of code.
 * expect: status 33
 */
#include "pm.h"
#include "task.h"
#include "debug.h"

        .set    PAGE, 0x600000          /* code, and the TSS of the task that is left */

        .globl  test_main
test_main:
        call    paging_on
        set_desc T0, $tss_b, $0x67, A_TSS
        set_desc T1, $PAGE, $0x67, A_TSS
        movl    %cr3, %eax
        movl    %eax, tss_b + TSS_CR3
        movl    %eax, PAGE + TSS_CR3
        movl    %eax, tss + TSS_CR3
        movw    $T1, %ax
        ltr     %ax

        /* A breakpoint on what is saved: it is the new task that is trapped, before its first instruction. */
        make_tss tss_b, $task_b, $stack_b
        set_dr  0, $PAGE + TSS_EIP
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        set_dr  6, $0
        set_gate DB, $on_db
        movl    $0, trapped
        ljmp    $T0, $0
        check_eq(trapped, $task_b)
        check_dr6(1)

        /* On the busy bit, and a local breakpoint, which the switch disarms. */
        make_tss tss_b, $task_b, $stack_b
        set_dr  0, $ACCESS(T0)
        set_dr  7, $BREAK(0, ON_WRITE, LEN1)
        movl    $0, trapped
        ljmp    $T0, $0
        check_eq(trapped, $task_b)
        check_dr6(1)
        set_dr  0, $cell
        set_dr  7, $1 + (ON_WRITE << 16)
        make_tss tss_b, $task_store, $stack_b
        movl    $0, trapped
        ljmp    $T0, $0
        check_eq(trapped, $0)
        movl    %dr7, %eax
        andl    $1, %eax
        check_eq(%eax, $0)
        set_dr  7, $0

        /* The TSS of the task that is left is in the page that it runs in. */
        movl    $0x5, %ebp
2:      movb    $0xbb, PAGE + 0x200     /* movl $1, %ebx; ljmp to task B; */
        movl    $1, PAGE + 0x201
        movl    $jumper, %esi
        movl    $PAGE + 0x205, %edi
        movl    $(jumper_end - jumper), %ecx
        cld
        rep movsb
        make_tss tss_b, $task_b, $stack_b
        movl    %ebp, %eax
        orl     $0x100, %eax
        movl    $PAGE + 0x200, %edx
        call    *%edx
        movl    %ebp, %edx
        orl     $0x100, %edx
        check_eq(%ebx, $1)
        check_eq(PAGE + TSS_EAX, %edx)
        decl    %ebp
        jnz     2b
        pass

task_b: nop
        ljmp    $T1, $0
task_store:
        movl    $1, cell
        ljmp    $T1, $0

on_db:  pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, trapped
        xorl    %eax, %eax
        movl    %eax, %dr7
        popl    %eax
        iret

jumper: ljmp    $T0, $0
        ret
jumper_end:

        .data
        .align  4
trapped: .long  0
        .align  4096
cell:   .long   0
        .align  4096
        .bss
        .align  16
tss_b:  .skip   0x68
        .skip   0x400
stack_b:
