/* Pages that get another frame over and over, without a flush of all: each access sees the one of the last INVLPG.
 * expect: status 33
 */
#include "pm.h"
        .set    ROUNDS, 60000
        .set    PAGES, 512
        .set    AREA, 0x600000          /* PAGES of linear addresses */
        .set    FRAMES, 0x800000        /* and 1024 frames, each with its number in its first word */

        .globl  test_main
test_main:
        xorl    %ecx, %ecx
        movl    $FRAMES, %edi
1:      movl    %ecx, (%edi)
        addl    $0x1000, %edi
        incl    %ecx
        cmpl    $1024, %ecx
        jb      1b
        call    paging_on

        movl    $ROUNDS, %ebp
        movl    $1, %ebx
again:  imull   $1103515245, %ebx
        addl    $12345, %ebx
        movl    %ebx, %esi              /* esi: page; edi: frame */
        shrl    $10, %esi
        andl    $(PAGES - 1), %esi
        movl    %ebx, %edi
        shrl    $20, %edi
        andl    $1023, %edi
        movl    %edi, %eax
        shll    $12, %eax
        addl    $(FRAMES | P_P | P_W), %eax
        movl    %esi, %edx
        shll    $12, %edx
        addl    $AREA, %edx
        movl    %eax, page_table + (AREA >> 12) * 4(, %esi, 4)
        invlpg  (%edx)
        cmpl    %edi, (%edx)
        jne     wrong
        incl    4(%edx)
        incl    counts(, %edi, 4)
        decl    %ebp
        jnz     again

        xorl    %edi, %edi              /* each frame has been counted in as often as it was put */
2:      movl    %edi, %eax
        shll    $12, %eax
        addl    $(FRAMES | P_P | P_W), %eax
        movl    %eax, PTE(AREA)
        invlpg  AREA
        movl    counts(, %edi, 4), %eax
        cmpl    %eax, AREA + 4
        jne     wrong
        incl    %edi
        cmpl    $1024, %edi
        jb      2b
        pass
wrong:  fail

        .bss
counts: .skip   4 * 1024
