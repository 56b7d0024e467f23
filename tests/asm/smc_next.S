/* Self-modifying code with no barrier: the next instruction, later ones of the same block, and earlier ones.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* The very next instruction's immediate. */
        movb    $0x22, 1f + 1
1:      movb    $0x11, %al
        cmpb    $0x22, %al
        jne     wrong

        /* Three instructions on, in the same block, by a dword store. */
        xorl    %eax, %eax
        movl    $0x90909090, 2f         /* four NOPs over INC EAX */
        nop
        nop
2:      incl    %eax
        incl    %eax
        .byte   0x40, 0x40
        check_eq(%eax, $0)

        /* A loop whose body changes itself every time round. */
        xorl    %eax, %eax
        movl    $100, %ecx
3:      addl    $0, %eax                /* 83 c0 ib */
        incb    3b + 2
        decl    %ecx
        jnz     3b
        check_eq(%eax, $4950)           /* 0 + 1 + ... + 99 */

        /* The opcode of an instruction before, reached again by a jump. */
        movl    $5, %ebx
        movl    $2, %ecx
4:      incl    %ebx                    /* becomes DEC EBX */
        movb    $0x4b, 4b
        decl    %ecx
        jnz     4b
        check_eq(%ebx, $5)

        /* By a read-modify-write, a push, and a string store. */
        xorl    %eax, %eax
        addb    $7, 5f + 1
5:      movb    $1, %al
        check_eq(%eax, $8)
        movl    %esp, %ebx
        movl    $(6f + 5), %esp
        pushl   $0x01020304             /* over the immediate */
6:      movl    $0x11111111, %eax
        movl    %ebx, %esp
        check_eq(%eax, $0x01020304)
        movl    $(7f + 1), %edi
        movl    $0x55667788, %eax
        movl    $0, %edx
        cld
        stosl
7:      movl    $0x11111111, %edx
        check_eq(%edx, $0x55667788)

        /* A store that misses the code of its page, then one that changes an instruction's last byte. */
        movb    $1, data_beside_code
        movb    $0x77, 8f - 1
        movl    $0x66112233, %eax       /* its last byte is at 8f - 1 */
8:      check_eq(%eax, $0x77112233)
        jmp     9f
data_beside_code:
        .byte   0

        /* Once its block is chained: the last instruction, which has no host code of its own but its flags'. */
9:      movl    $4, %ebp
        xorl    %ebx, %ebx
        movl    $data_beside_code, %edi
        movl    $0x2222, %eax
10:     movb    %al, (%edi)
11:     cmpb    $0x11, %ah
        jmp     12f
12:     sete    %bl
        decl    %ebp
        jz      13f
        cmpl    $1, %ebp
        jne     10b
        movl    $(11b + 2), %edi
        jmp     10b
13:     check_eq(%ebx, $1)

        /* By the last of several pushes, over what reads ESP next: a stack that lies right above its code. */
        movl    14f, %eax
        movw    $0xe189, %ax            /* MOV ECX, ESP */
        movl    %esp, %edx
        movl    $(14f + 12), %esp
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        pushl   %eax
        pushl   %eax
        pushl   %eax
14:     movl    %esp, %ebx              /* becomes MOV ECX, ESP */
        jmp     15f
        .long   0, 0
15:     movl    %edx, %esp
        check_eq(%ecx, $14b)
        check_eq(%ebx, $0)
        pass
wrong:  fail
