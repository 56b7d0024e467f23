/* Segments with bases and limits: every access is checked, and code too.
 * mode: based
 */
        .code32
1:      movl    (%eax), %ebx
        movl    %ebx, 4(%ebp)
        pushl   %ebx
        popl    %ecx
        incl    (%ebx)
        movsl
        movb    %al, %fs:(%esi)
        jne     1b
        call    2f
2:      ret
        int3
