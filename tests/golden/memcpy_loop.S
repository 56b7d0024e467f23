/* memcpy by doublewords, as gcc has it at -O2.
 * mode: user
 */
        .code32
        pushl   %esi
        pushl   %ebx
        movl    12(%esp), %esi
        movl    16(%esp), %ebx
        xorl    %edx, %edx
1:      movl    (%ebx,%edx,4), %ecx
        movl    %ecx, (%esi,%edx,4)
        addl    $1, %edx
        cmpl    20(%esp), %edx
        jne     1b
        popl    %ebx
        popl    %esi
        ret
        int3
