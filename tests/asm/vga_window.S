/* The VGA's window changes under translated code: the same load and store see chain-4 memory (plain RAM after
 * a while) and single planes by turns, mode after mode, with paging off and on.
 * expect: status 33
 */
#include "pm.h"

        /* Sequencer register `index` to `value`. */
        .macro  seq index:req, value:req
        movw    $0x3c4, %dx
        movw    $((\value) << 8 | \index), %ax
        outw    %ax, %dx
        .endm
        .macro  gfx index:req, value:req
        movw    $0x3ce, %dx
        movw    $((\value) << 8 | \index), %ax
        outw    %ax, %dx
        .endm

        .globl  test_main
test_main:
        movw    $0x3c2, %dx
        movb    $0x63, %al
        outb    %al, %dx
        seq     0, 3
        gfx     0, 0
        gfx     1, 0
        gfx     3, 0
        gfx     6, 5
        gfx     8, 0xff
        call    rounds
        call    paging_on
        call    rounds
        pass

rounds: movl    $20, %ebp
1:      seq     2, 0x0f                 /* chain-4 */
        seq     4, 0x0e
        gfx     5, 0x40
        cld
        movl    $0x100000, %esi         /* string instructions, in the middle of which it becomes RAM */
        movl    $0xa0000, %edi
        movl    $0x400, %ecx
        rep movsl
        movl    $0x100000, %esi
        movl    $0xa0000, %edi
        movl    $0x400, %ecx
        repe cmpsl
        check_eq(%ecx, $0)
        check_eq(%edi, $0xa1000)
        movl    $0x4000, %ecx
        movl    $0xa0000, %edi
2:      imull   $0x9e3779b1, %edi, %eax
        xorl    %ebp, %eax
        call    store
        addl    $4, %edi
        decl    %ecx
        jnz     2b
        movl    $0xa1234, %edi
        call    fetch
        imull   $0x9e3779b1, %edi, %ebx
        xorl    %ebp, %ebx
        check_eq(%eax, %ebx)

        /* Plane 2 alone: the third byte of each four, four apart. */
        seq     4, 0x06
        gfx     4, 2
        call    fetch
        shrl    $16, %ebx
        movzbl  %al, %eax
        movzbl  %bl, %ebx
        check_eq(%eax, %ebx)
        seq     2, 0x04
        movl    %ebp, %eax
        call    store                   /* AL, and zeros into three bytes that chain-4 does not show */

        seq     2, 0x0f
        seq     4, 0x0e
        call    fetch
        imull   $0x9e3779b1, %edi, %ebx
        xorl    %ebp, %ebx
        movl    %ebp, %ecx
        shll    $16, %ecx
        andl    $0x00ff0000, %ecx
        andl    $0xff00ffff, %ebx
        orl     %ecx, %ebx
        check_eq(%eax, %ebx)
        decl    %ebp
        jnz     1b
        ret

        .p2align 4
store:  movl    %eax, (%edi)
        ret
fetch:  movl    (%edi), %eax
        ret
