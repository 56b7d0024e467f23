/* A program without a library: write() and exit(). */
        .globl  _start
_start: movl    $4, %eax
        movl    $1, %ebx
        movl    $text, %ecx
        movl    $end - text, %edx
        int     $0x80
        movl    $1, %eax
        movl    $42, %ebx
        int     $0x80
text:   .ascii  "hello, world\n"
end:
        .section .note.GNU-stack, "", @progbits
