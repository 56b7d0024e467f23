/* A function as compilers make it: frame, saved registers, locals.
 * mode: user
 */
        .code32
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %ebx
        subl    $20, %esp
        movl    8(%ebp), %ebx
        movl    %ebx, -12(%ebp)
        pushl   $5
        pushl   -12(%ebp)
        call    1f
        addl    $8, %esp
        popl    %ebx
        leave
        ret     $4
1:      movl    4(%esp), %eax
        popl    (%eax)
        pushl   %esp
        popl    %esp
        ret
        int3
