/* Task switches between 32-bit TSSs by JMP, CALL, IRET and task gates: what is saved and loaded, busy bits, back
 * links, NT, CR0.TS, the LDT of the new task. (SDM vol. 3A, 7.3 and 7.4)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .globl  test_main
test_main:
        set_desc T0, $tss_b, $0x67, A_TSS
        set_desc T1, $tss_c, $0x67, A_TSS
        set_desc T2, $table, $7, A_LDT
        set_desc T4, $ldt_word, $3, A_DATA
        movl    gdt + T4, %eax
        movl    %eax, table
        movl    gdt + T4 + 4, %eax
        movl    %eax, table + 4
        set_call_gate T3, T1, $0, GATE_TASK

        /* JMP: the task that is left becomes available, and all of its registers are in its TSS. */
        make_tss tss_b, $task_b, $stack_b
        movl    $0x10203041, tss_b + TSS_EAX
        movl    $0x10203042, tss_b + TSS_EBX
        movl    $0x10203043, tss_b + TSS_ECX
        movl    $0x10203044, tss_b + TSS_EDX
        movl    $0x10203045, tss_b + TSS_ESI
        movl    $0x10203046, tss_b + TSS_EDI
        movl    $0x10203047, tss_b + TSS_EBP
        movl    $(2 + CF + DF), tss_b + TSS_EFLAGS
        movl    $T2, tss_b + TSS_LDT
        movl    $4, tss_b + TSS_GS      /* slot 0 of the task's own LDT */
        movl    $0, tss_b + TSS_FS
        movw    $0x1234, tss_b + TSS_LINK
        movl    $0xaaaa0001, %eax
        movl    $0xaaaa0002, %ebx
        movl    $0xaaaa0003, %ecx
        movl    $0xaaaa0004, %edx
        movl    $0xaaaa0005, %esi
        movl    $0xaaaa0006, %edi
        movl    $0xaaaa0007, %ebp
        movl    %esp, kept_esp
        movl    $-1, tss + TSS_CS       /* of these only the low halves are written */
        cmpl    %eax, %eax              /* ZF, PF */
        ljmp    $T0, $0xdeadbeef        /* the offset does not matter */
back:   check_eq(%eax, $0xaaaa0001)
        check_eq(%ebx, $0xaaaa0002)
        check_eq(%ecx, $0xaaaa0003)
        check_eq(%edx, $0xaaaa0004)
        check_eq(%esi, $0xaaaa0005)
        check_eq(%edi, $0xaaaa0006)
        check_eq(%ebp, $0xaaaa0007)
        check_flags(ARITH + NT, ZF + PF)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        check_byte(ACCESS(T0), $0x89)
        check_word(tss + TSS_LINK, $0)  /* a jump leaves no link */

        /* CALL through a task gate: nested, and IRET comes back. */
        make_tss tss_c, $task_c, $stack_c
        movl    $0x55, %eax
        stc
        lcall   $T3, $0
        check_flags(CF + NT, CF)
        check_eq(%eax, $0x55)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        check_byte(ACCESS(T1), $0x89)
        check_eq(tss_c + TSS_EIP, $task_c_again)
        check_bits(tss_c + TSS_EFLAGS, NT, 0) /* IRET clears it in what it saves */

        /* It goes on where it was. */
        lcall   $T1, $0
        check_eq(tss_c + TSS_EAX, $0x77)

        /* Two deep: main calls B, B calls C, both return. */
        make_tss tss_b, $nest_b, $stack_b
        movl    $0, tss_b + TSS_LDT
        make_tss tss_c, $nest_c, $stack_c
        lcall   $T0, $0
        check_eq(depth, $2)
        check_byte(ACCESS(T0), $0x89)
        check_byte(ACCESS(T1), $0x89)
        pass

task_b: movl    %eax, seen
        pushfl
        popl    seen + 4
        cld
        movl    %gs:0, %eax
        check_eq(seen, $0x10203041)
        check_eq(%ebx, $0x10203042)
        check_eq(%ecx, $0x10203043)
        check_eq(%edx, $0x10203044)
        check_eq(%esi, $0x10203045)
        check_eq(%edi, $0x10203046)
        check_eq(%ebp, $0x10203047)
        movl    %esp, %ecx
        check_eq(%ecx, $stack_b)
        check_bits(seen + 4, ARITH + DF + NT + IF, CF + DF)
        check_eq(%eax, $0x600df00d)     /* through the LDT */
        str     %ax
        check_word(%ax, $T0)
        sldt    %ax
        check_word(%ax, $T2)
        movl    %cr0, %eax
        andl    $8, %eax
        check_eq(%eax, $8)              /* CR0.TS */
        clts
        check_byte(ACCESS(TSS_SEL), $0x89)
        check_byte(ACCESS(T0), $0x8b)
        check_word(tss_b + TSS_LINK, $0x1234)
        check_eq(tss + TSS_EAX, $0xaaaa0001)
        check_eq(tss + TSS_EBX, $0xaaaa0002)
        check_eq(tss + TSS_ECX, $0xaaaa0003)
        check_eq(tss + TSS_EDX, $0xaaaa0004)
        check_eq(tss + TSS_ESI, $0xaaaa0005)
        check_eq(tss + TSS_EDI, $0xaaaa0006)
        check_eq(tss + TSS_EBP, $0xaaaa0007)
        movl    kept_esp, %eax
        check_eq(%eax, tss + TSS_ESP)
        check_eq(tss + TSS_EIP, $back)
        check_bits(tss + TSS_EFLAGS, ARITH + NT, ZF + PF)
        check_word(tss + TSS_CS, $KCODE)
        check_word(tss + TSS_SS, $KDATA)
        check_word(tss + TSS_GS, $KDATA)
        ljmp    $TSS_SEL, $0

task_c: check_flags(NT, NT)
        check_word(tss_c + TSS_LINK, $TSS_SEL)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        check_byte(ACCESS(T1), $0x8b)
        expect_fault_far(GP, T1, ljmp $T1, $0) /* busy */
        expect_fault_far(GP, TSS_SEL, lcall $TSS_SEL, $0)
        pushfl                          /* the recorder of faults cleared it */
        orl     $NT, (%esp)
        popfl
        iret
task_c_again:
        check_flags(NT, NT)
        movl    $0x77, %eax
        iret

nest_b: incl    depth
        check_word(tss_b + TSS_LINK, $TSS_SEL)
        lcall   $T1, $0
        check_byte(ACCESS(T1), $0x89)
        check_flags(NT, NT)
        iret
nest_c: incl    depth
        check_word(tss_c + TSS_LINK, $T0)
        check_byte(ACCESS(T0), $0x8b)
        check_byte(ACCESS(TSS_SEL), $0x8b)
        iret

        .data
        .align  8
table:  .quad   0
ldt_word: .long 0x600df00d
kept_esp: .long 0
seen:   .long   0, 0
depth:  .long   0
        .bss
        .align  16
tss_b:  .skip   0x68
tss_c:  .skip   0x68
        .skip   0x400
stack_b:
        .skip   0x400
stack_c:
