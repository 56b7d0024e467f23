/* Inner loops over pages: up, down, with strides, misaligned, overlapping, to a fault, past 4 GiB; and the flags with
 * which they are left.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000             /* where the data is */
        .set    B, 0x520000
        .set    SIZE, 0x5000

        .globl  test_main
test_main:
        call    paging_on
        cld
        call    fill

        /* Copies: dwords by pointers, by an index, bytes down from the end, misaligned. */
        call    clear
        movl    $A, %edx
        movl    $B, %eax
        movl    $(B + SIZE), %edi
1:      movl    (%edx), %ecx
        addl    $4, %eax
        addl    $4, %edx
        movl    %ecx, -4(%eax)
        cmpl    %edi, %eax
        jne     1b
        check_flags(ARITH, ZF + PF)
        call    compare

        call    clear
        xorl    %edx, %edx
        movl    $A, %ebx
        movl    $B, %esi
        movl    $(SIZE / 4), counter
1:      movl    (%ebx,%edx,4), %ecx
        movl    %ecx, (%esi,%edx,4)
        addl    $1, %edx
        cmpl    counter, %edx
        jne     1b
        call    compare

        call    clear
        movl    $SIZE, %ecx
        stc
1:      movb    A - 1(%ecx), %al
        movb    %al, B - 1(%ecx)
        decl    %ecx
        jnz     1b
        check_flags(ARITH, CF + ZF + PF)        /* DEC keeps CF */
        call    compare

        call    clear
        movl    $(A + 1), %esi
        movl    $(B + 1), %edi
        movl    $(SIZE / 4 - 1), %ecx
1:      movsl
        loop    1b
        movb    A, %al
        movb    %al, B
        movw    A + SIZE - 3, %ax
        movw    %ax, B + SIZE - 3
        movb    A + SIZE - 1, %al
        movb    %al, B + SIZE - 1
        call    compare

        /* A negative index that goes up to 0, and one that wraps on its way. */
        call    clear
        movl    $-SIZE, %ecx
1:      movl    A + SIZE(%ecx), %eax
        movl    %eax, B + SIZE(%ecx)
        addl    $4, %ecx
        jnz     1b
        call    compare
        call    clear
        movl    $-(SIZE / 2), %ecx
1:      movl    A + SIZE / 2(%ecx), %eax
        movl    %eax, B + SIZE / 2(%ecx)
        addl    $4, %ecx
        cmpl    $(SIZE / 2), %ecx
        jne     1b
        call    compare

        /* Every byte takes that of 64 before. */
        call    fill
        movl    $A, %esi
        movl    $(A + 64), %edi
        movl    $(SIZE - 64), %ecx
1:      movb    (%esi), %al
        movb    %al, (%edi)
        incl    %esi
        incl    %edi
        subl    $1, %ecx
        jnz     1b
        movl    $(SIZE / 4 - 16), %ecx
        movl    $A, %esi
1:      movl    (%esi), %eax
        cmpl    64(%esi), %eax
        jne     wrong
        addl    $4, %esi
        decl    %ecx
        jnz     1b

        /* Strides: 12, 1000, more than a page; and a word that all turns add to. */
        call    fill
        movl    $A, %ebx
        movl    $0, counter
1:      incl    (%ebx)
        addl    $1, counter
        addl    $12, %ebx
        cmpl    $(A + SIZE), %ebx
        jb      1b
        check_eq(counter, $((SIZE + 11) / 12))
        movl    $(A + SIZE - 1000), %ebx
        movl    $0, counter
1:      addl    $0x100, 996(%ebx)
        incl    counter
        subl    $1000, %ebx
        cmpl    $A, %ebx
        jae     1b
        check_eq(counter, $(SIZE / 1000))
        movl    $A, %ebx
        xorl    %edx, %edx
1:      addl    (%ebx), %edx
        addl    $0x1004, %ebx
        cmpl    $(A + SIZE - 4), %ebx
        jb      1b
        check_eq(%edx, $0xacb2ca8c)

        /* PUSH and POP in the body. */
        movl    $1000, %ecx
        movl    %esp, %ebp
1:      pushl   %ecx
        popl    counter
        decl    %ecx
        jne     1b
        check_eq(counter, $1)
        movl    %esp, %eax
        check_eq(%ebp, %eax)

        /* The carry from one turn to the next. */
        movl    $B, %edi
        movl    $0xffffffff, %eax
        movl    $(SIZE / 4), %ecx
        rep     stosl
        movl    $(SIZE / 4), %ecx
        movl    $B, %edi
        stc
1:      adcl    $0, (%edi)
        leal    4(%edi), %edi
        decl    %ecx
        jnz     1b
        check_flags(CF, CF)
        movl    $B, %edi
        movl    $(SIZE / 4), %ecx
        xorl    %eax, %eax
        repe    scasl
        jne     wrong

        /* Left between INC and CMP: CF is that of the CMP before, which was set for half of the turns. */
        movl    $A, %ebx
        movl    $0x7fffff01, %edx
1:      movl    (%ebx), %eax
        incl    %edx
        incl    %edx
        js      2f
        cmpl    $0x7fffff80, %edx
        jne     1b
        jmp     wrong
2:      check_flags(CF + SF + OF + ZF, SF)

        /* To a page that is not there: registers, CR2 and EIP of the very turn. */
        set_pte A + 0x3000, 0
        call    fill_head
        movl    $(A + 0x2100), %ebx
        movl    $0x1000, %edi
        movl    $7, %eax
        expect_fault_far(PFV, E_W, jmp 3f)
        check_eq(fault_cr2, $(A + 0x3000))
        check_eq(fault_eip, $4f)
        check_eq(%ebx, $(A + 0x3000))
        check_eq(%edi, $(0x1000 - 0xf00 / 4))
        check_eq(%eax, $(7 + 0xf00 / 4))
        check_eq(A + 0x2ffc, $(6 + 0xf00 / 4))
        jmp     5f
3:      nop
4:      movl    %eax, (%ebx)
        addl    $1, %eax
        addl    $4, %ebx
        subl    $1, %edi
        jne     4b
        jmp     wrong
5:
        /* Down to one that is read-only, by its last two bytes. */
        set_pte A + 0x3000, A + 0x3000 | P_P | P_W
        set_pte A + 0x1000, A + 0x1000 | P_P
        movl    %cr0, %eax
        orl     $0x10000, %eax          /* WP */
        movl    %eax, %cr0
        movl    $(A + 0x2402), %ebx
        movl    A + 0x1ffc, %ebp
        expect_fault_far(PFV, E_P + E_W, jmp 6f)
        check_eq(fault_cr2, $(A + 0x1ffe))
        check_eq(%ebx, $(A + 0x1ffe))
        check_eq(A + 0x1ffc, %ebp)
        set_pte A + 0x1000, A + 0x1000 | P_P | P_W
        jmp     7f
6:      orl     $0x55, (%ebx)
        subl    $4, %ebx
        cmpl    $A, %ebx
        jne     6b
        jmp     wrong
7:
        /* Past 4 GiB. */
        movl    page_directory, %eax
        movl    %eax, page_directory + 1023 * 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    $0x01010101, 0x3ffffc
        movl    $0x02020202, %ebp
        xchgl   0, %ebp
        movl    $0xfffff800, %ebx
        movl    $0x300, %ecx
        xorl    %edx, %edx
        xorl    %eax, %eax
8:      xorl    (%ebx), %edx
        cmovzl  %ebx, %eax
        addl    $4, %ebx
        decl    %ecx
        jnz     8b
        check_eq(%ebx, $0x400)
        movl    %edx, %esi
        movl    $0x3ff800, %ebx
        movl    $0x200, %ecx
        xorl    %edx, %edx
9:      xorl    (%ebx), %edx
        addl    $4, %ebx
        decl    %ecx
        jnz     9b
        xorl    %ebx, %ebx
        movl    $0x100, %ecx
9:      xorl    (%ebx), %edx
        addl    $4, %ebx
        decl    %ecx
        jnz     9b
        check_eq(%edx, %esi)
        xchgl   0, %ebp
        pass
wrong:  fail

        /* Dword n of A is n * 0x01041041, of all its pages. */
fill:   movl    $A, %edi
        movl    $(SIZE / 4), %ecx
        xorl    %eax, %eax
1:      movl    %eax, (%edi)
        addl    $0x01041041, %eax
        addl    $4, %edi
        decl    %ecx
        jnz     1b
        ret
fill_head:
        movl    $A, %edi
        movl    $(0x3000 / 4), %ecx
        movl    $0x33333333, %eax
        rep     stosl
        ret
clear:  movl    $B, %edi
        movl    $(SIZE / 4), %ecx
        xorl    %eax, %eax
        rep     stosl
        ret
compare:
        movl    $A, %esi
        movl    $B, %edi
        movl    $(SIZE / 4), %ecx
        repe    cmpsl
        jne     wrong
        ret

        .data
        .align  4
counter: .long  0
