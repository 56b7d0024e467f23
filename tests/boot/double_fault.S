/* What a kernel module does to bring about a double fault: registers with values of their own, and a push to a stack
 * that is nowhere. See tools/guests/make-debug. */
        .text
        movl    $0xaaaa0001, %eax
        movl    $0xbbbb0002, %ebx
        movl    $0xcccc0003, %ecx
        movl    $0xdddd0004, %edx
        movl    $0x51515151, %esi
        movl    $0xd1d1d1d1, %edi
        movl    $0xb9b9b9b9, %ebp
        movl    $0x00002000, %esp
        pushl   %eax
