/* RF in the images of what comes before the instruction that RF was loaded for: a trap of the T bit of a task, the single
 * step of the IRET itself, an interrupt that waits. Each has the RF that was loaded. (SDM vol. 3A, 6.8.3)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .set    LAPIC, 0xfee00000
        .set    VECTOR, 0x44

        .globl  test_main
test_main:
        set_desc T0, $tss_b, $0x67, A_TSS
        make_tss tss_b, $task_b, $stack_b
        movl    $(2 + RF), tss_b + TSS_EFLAGS
        movw    $1, tss_b + TSS_TRAP
        set_gate DB, $on_db
        movl    $1, %eax                /* a local breakpoint, which the switch disarms */
        movl    %eax, %dr7
        ljmp    $T0, $0
        fail
task_b: check_eq(seen, $(2 + RF))

        movl    $0, seen
        pushl   $2 + RF                 /* IRET's frame */
        pushl   $KCODE
        pushl   $1f
        pushl   $2 + TF
        popfl
        iret                            /* under TF */
1:      check_eq(seen, $(2 + RF))

        movl    $0, seen
        pushl   $2 + RF
        pushl   $KCODE
        pushl   $1f
        iret                            /* nothing comes */
1:      pushl   $2 + TF
        popfl
        nop
        check_eq(seen, $(2 + TF))       /* and RF is gone */

        set_gate VECTOR, $on_irq
        movl    $0x1ff, LAPIC + 0xf0
        movl    $0x40000 + VECTOR, LAPIC + 0x300 /* to itself */
        movl    $0, seen
        pushl   $2 + IF + RF
        pushl   $KCODE
        pushl   $1f
        iret
1:      cli
        check_eq(seen, $(2 + IF + RF))
        pass

on_irq: movl    $0, LAPIC + 0xb0
on_db:  pushl   8(%esp)
        popl    seen
        andl    $~(TF + RF), 8(%esp)
        iret

        .data
        .align  4
seen:   .long   0
tss_b:  .fill   104
        .fill   512
stack_b:
