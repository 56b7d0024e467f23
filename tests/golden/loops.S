/* Counting loops: by DEC, by LOOP, by JECXZ.
 * mode: flat
 */
        .code32
        movl    $10, %ecx
1:      addl    %ecx, %eax
        decl    %ecx
        jnz     1b
2:      loop    2b
3:      loopne  3b
        jecxz   3b
        xorl    %ecx, %ecx
4:      movb    (%esi,%ecx), %al
        movb    %al, (%edi,%ecx)
        incl    %ecx
        cmpl    $100, %ecx
        jb      4b
        ret
        int3
