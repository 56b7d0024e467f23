/* 100,000 loads of CR3 among 50 address spaces, whose tables change meanwhile: each sees its own memory.
 * expect: status 33
 */
#include "pm.h"
        .set    SPACES, 50
        .set    LOADS, 100000
        .set    TABLES, 0x200000        /* of each space a directory and a table for 4 to 8 MiB */
        .set    FRAMES, 0x800000        /* of each space eight pages, the last two of which take turns at TURNS */
        .set    COUNT, 0x400000
        .set    NAME, 0x401000
        .set    SUM, 0x402000
        .set    TURNS, 0x403000
        .set    SHARED, 0x404000        /* a global page, the same in all */
        .set    SHARED_FRAME, 0xf00000

        .globl  test_main
test_main:
        xorl    %ecx, %ecx
make:   movl    %ecx, %edi              /* edi: its tables; ebp: its frames */
        shll    $13, %edi
        addl    $TABLES, %edi
        movl    %ecx, %ebp
        shll    $15, %ebp
        addl    $FRAMES, %ebp
        movl    $(page_table + 7), (%edi)
        leal    0x1007(%edi), %eax
        movl    %eax, 4(%edi)
        leal    P_P + P_W(%ebp), %eax
        movl    %eax, 0x1000(%edi)
        addl    $0x1000, %eax
        movl    %eax, 0x1004(%edi)
        addl    $0x1000, %eax
        movl    %eax, 0x1008(%edi)
        leal    0x6000 + P_P + P_W(%ebp), %eax
        movl    %eax, 0x100c(%edi)
        movl    $(SHARED_FRAME + P_P + P_W + P_G), 0x1010(%edi)
        movl    %ecx, 0x1000(%ebp)
        movl    $6, 0x6000(%ebp)
        movl    $7, 0x7000(%ebp)
        incl    %ecx
        cmpl    $SPACES, %ecx
        jb      make
        call    paging_on
        movl    %cr4, %eax
        orl     $0x80, %eax             /* PGE */
        movl    %eax, %cr4

        movl    $LOADS, %ebp
        movl    $12345, %ebx
again:  imull   $1103515245, %ebx
        addl    $12345, %ebx
        movl    %ebx, %eax
        shrl    $16, %eax
        xorl    %edx, %edx
        movl    $SPACES, %ecx
        divl    %ecx
        movl    %edx, %esi              /* the space */
        movl    %esi, %edi
        shll    $13, %edi
        addl    $TABLES, %edi
        movl    %edi, %cr3
        cmpl    %esi, NAME
        jne     wrong
        incl    COUNT
        incl    counts(, %esi, 4)
        addl    %ebx, SUM
        addl    %ebx, sums(, %esi, 4)
        incl    SHARED
        movl    0x100c(%edi), %eax      /* 6 or 7, as the table said at the load of CR3 */
        shrl    $12, %eax
        andl    $7, %eax
        cmpl    %eax, TURNS
        jne     wrong
        testl   $0x70000, %ebx
        jnz     1f
        movl    0x100c(%edi), %eax      /* the other frame, not accessed, from the next load on */
        andl    $~0xfff, %eax
        xorl    $(0x1000 | P_P | P_W), %eax
        movl    %eax, 0x100c(%edi)
1:      decl    %ebp
        jnz     again

        xorl    %esi, %esi
        movl    $TABLES, %edi
check:  movl    %edi, %cr3
        movl    counts(, %esi, 4), %eax
        cmpl    %eax, COUNT
        jne     wrong
        movl    sums(, %esi, 4), %eax
        cmpl    %eax, SUM
        jne     wrong
        addl    $0x2000, %edi
        incl    %esi
        cmpl    $SPACES, %esi
        jb      check
        check_eq(SHARED, $LOADS)
        pass
wrong:  fail

        .bss
counts: .skip   4 * SPACES
sums:   .skip   4 * SPACES
