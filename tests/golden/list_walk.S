/* A linked list's search: dependent loads, two exits.
 * mode: user
 */
        .code32
1:      testl   %eax, %eax
        je      2f
        cmpl    %edx, 4(%eax)
        je      2f
        movl    (%eax), %eax
        jmp     1b
2:      ret
        int3
