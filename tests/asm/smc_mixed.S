/* Pages of code and data that are stored to again and again: what the emulator keeps of them must not outlive a
 * change of the page tables, of CR0.WP or of CPL, or a breakpoint on data; stores of every size that touch code, or
 * the next page.
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .set    MIXED, 0x600000
        .set    ALIAS, 0x602000
        .set    OTHER, 0x604000
        .set    CODE, 0x100             /* movl $imm, %eax; ret */

        /* Demands that the code there returns the value. */
        .macro  _check_code line, value:req
        call    *%ebp
        _check_eq \line, %eax, "\value"
        .endm
#define check_code(value) _check_code __LINE__, value

        /* Calls the code at page + CODE, then stores beside it. */
        .macro  mix page
        movl    $\page + CODE, %ebp
        call    *%ebp
        movl    $10, %ecx
1:      movl    %ecx, \page + 0x80
        movl    %ecx, \page + CODE + 6
        call    *%ebp
        decl    %ecx
        jnz     1b
        .endm

        .globl  test_main
test_main:
        call    paging_on
        movb    $0xb8, MIXED + CODE
        movl    $1, MIXED + CODE + 1
        movb    $0xc3, MIXED + CODE + 5
        mix     MIXED

        /* Another page behind the address, and back. */
        movl    $0, OTHER + 0x80
        movl    $0x600000 + P_P + P_W, PTE(ALIAS)
        set_pte MIXED, OTHER + P_P + P_W
        movl    $0x1234, MIXED + 0x80
        check_eq(OTHER + 0x80, $0x1234)
        check_eq(ALIAS + 0x80, $1)
        set_pte MIXED, 0x600000 + P_P + P_W
        check_eq(MIXED + 0x80, $1)
        mix     MIXED

        /* The same by a load of CR3. */
        movl    $OTHER + P_P + P_W, PTE(MIXED)
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    $0x2345, MIXED + 0x80
        check_eq(OTHER + 0x80, $0x2345)
        set_pte MIXED, 0x600000 + P_P + P_W
        mix     MIXED

        /* Code changed by the other address of the page, and by each store that reaches into it. */
        movl    $2, ALIAS + CODE + 1
        check_code($2)
        movl    $10, %ecx
2:      movl    %ecx, ALIAS + 0x80
        decl    %ecx
        jnz     2b
        movb    $3, ALIAS + CODE + 1
        check_code($3)
        mix     MIXED
        movw    $0x05b8, MIXED + CODE
        check_code($5)
        movl    $0xb8909090, MIXED + CODE - 3
        check_code($5)
        mix     MIXED
        movl    $7, patch + 4
        movb    $0xb8, patch + 3
        movq    patch, %mm0
        movq    %mm0, MIXED + CODE - 3  /* the first six bytes */
        emms
        check_code($7)
        mix     MIXED
        fildll  small
        fistpll MIXED + CODE - 7        /* the first byte, to 0x00: addb %al, ... */
        movb    $0xb8, MIXED + CODE
        check_code($7)
        mix     MIXED
        movl    $9, MIXED + CODE + 1
        fldt    ten
        fstpt   MIXED + CODE - 9
        movb    $0xb8, MIXED + CODE
        check_code($9)

        /* New code where only data was. */
        mix     MIXED
        movb    $0xb8, MIXED + CODE + 0x20
        movl    $11, MIXED + CODE + 0x21
        movb    $0xc3, MIXED + CODE + 0x25
        movl    $MIXED + CODE + 0x20, %ebp
        check_code($11)
        movb    $12, MIXED + CODE + 0x21
        check_code($12)

        /* Over the end of the page, into one that is not there. */
        mix     MIXED
        movl    $0, MIXED + 0xffc
        set_pte 0x601000, 0
        expect_fault(PFV, E_W, movl $-1, MIXED + 0xffe)
        check_eq(fault_cr2, $0x601000)
        check_eq(MIXED + 0xffc, $0)
        set_pte 0x601000, 0x601000 + P_P + P_W
        movl    $-1, MIXED + 0xffe
        check_eq(MIXED + 0xffc, $0xffff0000)

        /* Read-only under CR0.WP. */
        set_pte MIXED, 0x600000 + P_P
        mix     MIXED
        movl    %cr0, %eax
        orl     $0x10000, %eax
        movl    %eax, %cr0
        expect_fault(PFV, E_P + E_W, movl $0, MIXED + 0x80)
        movl    %cr0, %eax
        andl    $~0x10000, %eax
        movl    %eax, %cr0
        movl    $0x55, MIXED + 0x80
        check_eq(MIXED + 0x80, $0x55)

        /* The D bit once more. */
        set_pte MIXED, 0x600000 + P_P + P_W
        movl    $0x56, MIXED + 0x80
        check_bits(PTE(MIXED), P_D, 0x40)

        /* The user may not. */
        mix     MIXED
        user_begin
        expect_fault(PFV, E_P + E_W + E_U, movl $0, MIXED + 0x80)
        user_end

        /* A watched cell beside the code; it is watched from now on, and then no more. */
        mix     MIXED
        set_dr  0, $MIXED + 0x80
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        expect_trap(DB, 0, movl $1, MIXED + 0x80)
        check_dr6(1)
        movl    $10, %ecx
3:      movl    %ecx, MIXED + 0x84
        decl    %ecx
        jnz     3b
        expect_trap(DB, 0, movb $1, MIXED + 0x83)
        check_dr6(1)
        set_dr  7, $0
        movl    $2, MIXED + 0x80
        check_dr6(0)
        /* By another address it is another. */
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        movl    $3, ALIAS + 0x80
        check_dr6(0)
        check_eq(MIXED + 0x80, $3)
        /* The watched bytes are the running block's own. */
        set_dr  0, $4f + 1
        movl    $5f, fault_resume
        movl    %esp, fault_resume_esp
        movl    $77, 4f + 1
6:      fail
4:      movl    $1, %eax
        fail
5:      check_eq(fault_eip, $6b)
        check_eq(4b + 1, $77)
        check_dr6(1)
        pass

        .data
        .align  16
patch:  .byte   0x90, 0x90, 0x90, 0xb8, 7, 0, 0, 0
small:  .quad   1
ten:    .tfloat 10.0
