/* The loop of doc/translate.md: flags that only a fault could see, and a compare that the jump reads.
 * mode: flat
 */
        .code32
1:      addl    %ecx, %eax
        movl    4(%ebx), %edx
        cmpl    %edx, %eax
        movl    %eax, (%ebx)
        jne     1b
        ret
        int3
