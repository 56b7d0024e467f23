/* Jumps and a call within the page: each block goes on through them, but not through the call.
 * mode: flat
 */
        .code32
        pushl   %ebx
        movl    8(%esp), %ebx
        jmp     2f
1:      addl    $4, %esp
        jmp     4f
        int3
3:      pushl   %esi
        movl    8(%esp), %eax
        testl   %eax, %eax
        je      5f
        movl    (%eax), %eax
5:      popl    %esi
        ret
2:      pushl   %ebx
        call    3b
        jmp     1b
4:      popl    %ebx
        ret
