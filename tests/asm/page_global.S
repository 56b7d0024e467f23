/* Global pages and INVLPG: what a guest may rely on after each kind of flush.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    B, 0x600000

        .globl  test_main
test_main:
        movl    $0xaaaaaaaa, A
        movl    $0xbbbbbbbb, B
        call    paging_on
        movl    %cr4, %eax
        orl     $0x80, %eax             /* PGE */
        movl    %eax, %cr4
        set_pte A, A | P_P | P_W | P_G
        movl    A, %eax
        check_eq(%eax, $0xaaaaaaaa)

        movl    $(B | P_P | P_W | P_G), PTE(A)
        invlpg  A                       /* flushes global pages too */
        movl    A, %eax
        check_eq(%eax, $0xbbbbbbbb)

        movl    $(A | P_P | P_W | P_G), PTE(A)
        movl    %cr4, %eax              /* so does a change of CR4.PGE */
        andl    $~0x80, %eax
        movl    %eax, %cr4
        orl     $0x80, %eax
        movl    %eax, %cr4
        movl    A, %eax
        check_eq(%eax, $0xaaaaaaaa)

        set_pte A, A | P_P | P_W        /* not global: a CR3 load is enough */
        movl    A, %eax
        movl    $(B | P_P | P_W), PTE(A)
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    A, %eax
        check_eq(%eax, $0xbbbbbbbb)

        /* Code through a remapped page: the new bytes run. */
        movl    $A, %ebx
        movw    $0x01b0, B              /* movb $1, %al; ret   (A maps B now) */
        movb    $0xc3, B + 2
        call    *%ebx
        cmpb    $1, %al
        jne     wrong
        set_pte A, A | P_P | P_W
        movw    $0x02b0, A
        movb    $0xc3, A + 2
        call    *%ebx
        cmpb    $2, %al
        jne     wrong
        set_pte A, B | P_P | P_W
        call    *%ebx
        cmpb    $1, %al
        jne     wrong
        pass
wrong:  fail
