/* Exceptions that nobody handles, as KIND says: an opcode that is none, a division by zero, a word beyond the
 * segment's end in the program; a buffer beyond its segment's end in a service. INTs through the same vectors return.
 * The BIOS says what it was, and the machine stops. */
#include "sector.inc"

program:
        int     $0x00
        int     $0x06
        int     $0x07
        int     $0x0c
        int     $0x0d
        movw    $text, %si
        call    say
        xorw    %bx, %bx
        .if     KIND == 0
at:     ud2
        .elseif KIND == 1
at:     divw    %bx
        .elseif KIND == 2
at:     movw    0xffff, %ax
        .else
        movl    $0xe820, %eax
        xorl    %ebx, %ebx
        movl    $20, %ecx
        movl    $0x534d4150, %edx
        movw    $0xfffe, %di
        int     $0x15
at:
        .endif
        movw    $past, %si
        jmp     bad
text:   .asciz  "INTs return\n"
past:   .asciz  "the program goes on"
        .globl  at
