/* Task gates in the IDT: a fault with its error code on the new stack, RF in the image that is saved, a software
 * interrupt's DPL, an interrupt that comes back by IRET, and a double fault whose stack is gone. (SDM vol. 3A, 6.14.5)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .globl  test_main
test_main:
        set_desc T0, $tss_b, $0x67, A_TSS

        /* #GP with an error code; the handler steps over the instruction and returns. */
        set_gate GP, $0, GATE_TASK, T0
        make_tss tss_b, $on_gp, $stack_b
        movl    $KDATA, %eax
        movl    $0x10, %ecx
        stc
faulting:
        movw    %cx, %fs                /* fine: 0x10 is KDATA */
        movl    $0x7f8, %ecx
bad:    movw    %cx, %fs
        nop
after_bad:
        check_flags(CF + NT, CF)
        check_eq(error, $0x7f8)
        check_byte(ACCESS(T0), $0x89)
        check_bits(rf_seen, RF, RF)

        /* INT n looks at the gate's DPL, faults do not. */
        set_gate 0x40, $0, GATE_TASK, T0
        set_gate GP, $user_gp, GATE_INT
        user_begin
        int     $0x40
        user_end
        fail
user_gp:
        cmpl    $(0x40 * 8 + 2), (%esp)
        jne     1f
        movl    user_kernel_esp, %esp
        pushl   $KDATA
        popl    %ds
        pushl   $KDATA
        popl    %es
        jmp     2f
1:      fail
2:      set_gate 0x40, $0, GATE_TASK | GATE_DPL3, T0
        make_tss tss_b, $on_int, $stack_b
        user_begin
        int     $0x40
after_int:
        user_end
        check_eq(int_seen, $1)

        /* A timer's interrupt switches tasks and back while a loop counts. */
        make_tss tss_b, $on_tick, $stack_b
        set_gate 0x20, $0, GATE_TASK, T0
        movb    $0x34, %al
        outb    %al, $0x43
        movb    $0, %al
        outb    %al, $0x40
        movb    $4, %al                 /* some 1 ms */
        outb    %al, $0x40
        movb    $0xfe, %al
        outb    %al, $0x21
        xorl    %ebx, %ebx
        sti
3:      incl    %ebx
        cmpl    $5, ticks
        jb      3b
        cli
        movb    $0xff, %al
        outb    %al, $0x21
        check_bits(tss + TSS_EFLAGS, IF, IF)
        check_flags(NT, 0)

        /* A double fault: the stack segment is too small for any frame. The task has a stack of its own. */
        set_gate DOUBLE, $0, GATE_TASK, T0
        make_tss tss_b, $on_df, $stack_b
        set_desc T1, $0, $0xfff, A_DATA
        movl    $T1, %eax
        movw    %ax, %ss
        movl    $0x3000, %esp
lost:   pushl   %eax
        fail

on_gp:  popl    error
        movl    %esp, %eax
        check_eq(%eax, $stack_b)
        check_flags(NT, NT)
        check_word(tss_b + TSS_LINK, $TSS_SEL)
        check_eq(tss + TSS_EIP, $bad)
        movl    tss + TSS_EFLAGS, %eax
        movl    %eax, rf_seen
        addl    $2, tss + TSS_EIP
        iret

on_int: check_eq(tss + TSS_EIP, $after_int)
        check_word(tss + TSS_CS, $UCODE)
        check_bits(tss + TSS_EFLAGS, RF, 0)
        incl    int_seen
        iret

on_tick:
        incl    ticks
        movb    $0x20, %al
        outb    %al, $0x20
        iret
        jmp     on_tick                 /* the task goes on here */

on_df:  popl    error
        movl    %esp, %eax
        check_eq(%eax, $stack_b)
        check_eq(error, $0)
        check_eq(tss + TSS_EIP, $lost)
        check_eq(tss + TSS_ESP, $0x3000)
        check_word(tss + TSS_SS, $T1)
        check_flags(NT, NT)
        pass

        .data
error:  .long   -1
rf_seen: .long  0
int_seen: .long 0
ticks:  .long   0
        .bss
        .align  16
tss_b:  .skip   0x68
        .skip   0x400
stack_b:
