/* Flags that a later block reads, and flags that none does.
 * mode: flat
 */
        .code32
        cmpl    %eax, %ebx
        jmp     1f
1:      jb      2f
        addl    $1, %eax
        jmp     3f
2:      adcl    $0, %edx
        incl    %ecx
3:      jc      4f
        shrl    $1, %ecx
        jz      1b
4:      pushfl
        popl    %eax
        ret
        int3
