/* Self-modifying code across pages, through another mapping, by REP MOVS, and after a cached run.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000

        .globl  test_main
test_main:
        call    paging_on
        cld

        /* A routine copied by REP MOVS, run, replaced, run: the second version must run. */
        movl    $1f, %esi
        movl    $A, %edi
        movl    $(2f - 1f), %ecx
        rep     movsb
        movl    $A, %ebx
        xorl    %eax, %eax
        call    *%ebx
        call    *%ebx
        check_eq(%eax, $2)
        movl    $2f, %esi
        movl    $A, %edi
        movl    $(3f - 2f), %ecx
        rep     movsb
        call    *%ebx
        check_eq(%eax, $102)
        jmp     3f
1:      incl    %eax
        nop
        nop
        ret
2:      addl    $100, %eax
        ret
3:
        /* An instruction across a page edge, its second half rewritten. */
        movb    $0xb8, EDGE - 2         /* movl $imm, %eax; ret */
        movl    $0x00000011, EDGE - 1
        movb    $0xc3, EDGE + 3
        movl    $(EDGE - 2), %ebx
        call    *%ebx
        check_eq(%eax, $0x11)
        movb    $0x22, EDGE
        call    *%ebx
        check_eq(%eax, $0x2211)
        movw    $0x4433, EDGE - 1       /* a store across the edge */
        call    *%ebx
        check_eq(%eax, $0x4433)

        /* Through another linear address of the same memory. */
        set_pte 0x600000, A | P_P | P_W
        movl    $0x00c3c031, A          /* xorl %eax, %eax; ret */
        movl    $A, %ebx
        call    *%ebx
        check_eq(%eax, $0)
        movl    $0x00c340f9, 0x600000   /* stc; incl %eax; ret */
        call    *%ebx
        check_eq(%eax, $1)

        /* A block that overwrites itself with REP STOS, including what follows the REP. */
        movl    $4f, %edi
        movl    $4, %ecx
        movb    $0x90, %al
        movl    $0, %edx
        rep     stosb
4:      incl    %edx
        incl    %edx
        incl    %edx
        incl    %edx
        check_eq(%edx, $0)

        /* CPL 3 rewrites its own code. */
        user_begin
        movb    $9, 5f + 1
5:      movb    $1, %cl
        cmpb    $9, %cl
        jne     wrong
        user_end

        /* A store that faults in its second page leaves the code in the first alone. */
        set_pte EDGE, 0
        movw    $0x07b0, EDGE - 3       /* movb $7, %al; ret */
        movb    $0xc3, EDGE - 1
        movl    $(EDGE - 3), %ebx
        call    *%ebx
        expect_fault(PFV, E_W, movl %ebx, EDGE - 2)
        xorl    %eax, %eax
        call    *%ebx
        check_eq(%eax, $7)
        pass
wrong:  fail
