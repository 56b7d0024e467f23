/* An integer kernel: rotates, adds and table loads, as in hashes and checksums.
 * mode: user
 */
        .code32
1:      movzbl  (%esi), %eax
        xorl    %edx, %eax
        movzbl  %al, %eax
        shrl    $8, %edx
        xorl    0x3000(,%eax,4), %edx
        roll    $5, %ebx
        addl    %edx, %ebx
        leal    0x5a827999(%ebx,%ecx), %ebx
        incl    %esi
        cmpl    %edi, %esi
        jb      1b
        movl    %edx, %eax
        ret
        int3
