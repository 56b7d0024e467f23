/* A task in vm86, and tasks with page directories of their own: CR3 and the TLB change with the task, and a page fault
 * of the new task's stack is its own. (SDM vol. 3A, 7.3; vol. 3B, 20.3)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"

        .globl  test_main
test_main:
        set_desc T0, $tss_b, $0x67, A_TSS

        /* vm86: the segments are bases, CPL is 3, and a privileged instruction faults. */
        make_tss tss_b, $v86_code, $0x7a00
        movl    $(VM + 2), tss_b + TSS_EFLAGS
        movl    $0, tss_b + TSS_CS
        movl    $0x100, tss_b + TSS_SS
        movl    $0x7b0, tss_b + TSS_DS
        movl    $0x1234, tss_b + TSS_ES
        movl    $0xffff, tss_b + TSS_FS /* no selector of anything */
        movl    $stack_0, tss_b + 4
        movl    $KDATA, tss_b + 8
        movl    $0x0badcafe, 0x7b00
        set_gate GP, $on_gp, GATE_INT
        ljmp    $T0, $0
        check_eq(v86_eax, $0x0badcafe)
        check_word(v86_es, $0x1234)
        check_word(v86_fs, $0xffff)

        /* Paging: the task's own directory maps 4 MiB elsewhere. */
        call    paging_on
        cld
        movl    $page_directory, %esi
        movl    $directory_b, %edi
        movl    $1024, %ecx
        rep movsl
        movl    $page_table + 0x1000, %esi
        movl    $table_b, %edi
        movl    $1024, %ecx
        rep movsl
        movl    $(table_b + 7), directory_b + 4
        movl    $(0x500000 + 7), table_b        /* la 4 MiB: pa 5 MiB */
        movl    $0x44444444, 0x400000
        movl    $0x55555555, 0x500000
        movl    $page_directory, tss + TSS_CR3
        make_tss tss_b, $other_map, $stack_0
        movl    $directory_b, tss_b + TSS_CR3
        check_eq(0x400000, $0x44444444)
        lcall   $T0, $0
        check_eq(0x400000, $0x44444444)
        check_eq(seen, $0x55555555)
        movl    %cr3, %eax
        check_eq(%eax, $page_directory)

        /* The error code's push faults in the new task: #PF after #GP is a double fault, whose own task sees it. */
        set_gate GP, $0, GATE_TASK, T0
        set_desc T1, $tss_c, $0x67, A_TSS
        set_gate DOUBLE, $0, GATE_TASK, T1
        make_tss tss_b, $other_map, $0x401004
        movl    $0, table_b + 4         /* la 0x401000 is not there in task B */
        make_tss tss_c, $on_df, $stack_c
        movl    $page_directory, tss_c + TSS_CR3
        movl    $0x7f8, %ecx
        movw    %cx, %fs
        fail
on_df:  check_word(tss_c + TSS_LINK, $T0)
        movl    %cr2, %eax
        check_eq(%eax, $0x401000)
        check_eq(tss_b + TSS_EIP, $other_map)
        check_byte(ACCESS(T0), $0x8b)
        pass

other_map:
        movl    0x400000, %eax
        movl    %eax, seen
        iret

/* The error code, then nine words: EIP CS EFLAGS ESP SS ES DS FS GS. */
on_gp:  pushl   $KDATA
        popl    %ds
        movl    %eax, v86_eax
        movw    24(%esp), %ax
        movw    %ax, v86_es
        movw    32(%esp), %ax
        movw    %ax, v86_fs
        pushl   $KDATA
        popl    %es
        movl    %ss, %eax
        check_word(%ax, $KDATA)
        str     %ax
        check_word(%ax, $T0)
        movl    %cs, %eax
        check_word(%ax, $KCODE)
        ljmp    $TSS_SEL, $0

        real_section
v86_code:
        movl    0, %eax
        hlt
        end_real_section

        .bss
        .align  4096
directory_b: .skip 4096
table_b: .skip  4096
tss_b:  .skip   0x68
tss_c:  .skip   0x68
        .skip   0x800
stack_0:
        .skip   0x400
stack_c:
seen:   .skip   4
v86_eax: .skip  4
v86_es: .skip   2
v86_fs: .skip   2
