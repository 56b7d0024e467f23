/* PDPTEs are read when CR3 is written, and when MOV to CR0 changes CD or NW. (SDM vol. 3A, 4.4.1)
 * expect: status 33
 */
#include "pm.h"
        .set    PDPT, 0x300000
        .set    LOW, 0x301000           /* the first page directory; the second one differs in what is at 4 MiB */
        .set    HIGH, 0x302000
        .set    PAGE, P_P | P_W | P_PS

        .globl  test_main
test_main:
        cld
        movl    $PDPT, %edi
        movl    $(0x3000 / 4), %ecx
        xorl    %eax, %eax
        rep     stosl
        movl    $PAGE, LOW
        movl    $(0x200000 | PAGE), LOW + 8
        movl    $(0x400000 | PAGE), LOW + 16
        movl    $PAGE, HIGH
        movl    $(0x200000 | PAGE), HIGH + 8
        movl    $(0x600000 | PAGE), HIGH + 16
        movl    $1, 0x400000
        movl    $2, 0x600000
        movl    $(LOW | P_P), PDPT
        movl    $PDPT, %eax
        movl    %eax, %cr3
        movl    $0x20, %eax             /* PAE */
        movl    %eax, %cr4
        movl    %cr0, %eax
        andl    $0x9fffffff, %eax       /* CD and NW clear */
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        check_eq(0x400000, $1)

        movl    $(HIGH | P_P), PDPT
        invlpg  0x400000
        check_eq(0x400000, $1)

        movl    %cr0, %eax
        orl     $0x40000000, %eax       /* CD */
        movl    %eax, %cr0
        invlpg  0x400000
        check_eq(0x400000, $2)

        movl    $(LOW | P_P), PDPT
        movl    %cr0, %eax
        orl     $0x20000000, %eax       /* NW */
        movl    %eax, %cr0
        invlpg  0x400000
        check_eq(0x400000, $1)

        movl    $(HIGH | P_P), PDPT
        movl    %cr3, %eax
        movl    %eax, %cr3
        check_eq(0x400000, $2)

        movl    $(LOW | P_P | 6), PDPT  /* reserved bits are found by such a write, too */
        movl    %cr0, %eax
        andl    $0x9fffffff, %eax
        expect_fault(GP, 0, movl %eax, %cr0)
        check_eq(0x400000, $2)
        pass
