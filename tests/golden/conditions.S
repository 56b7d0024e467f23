/* Every condition behind a comparison, an AND, an INC and a SUB.
 * mode: flat
 */
        .code32
        cmpl    $7, %eax
        ja      1f
        andl    %ebx, %ecx
        js      1f
        decl    %edx
        jne     1f
        subl    %eax, %ebx
        jle     1f
        testb   $4, %cl
        jnz     1f
        addl    %eax, %ebx
        jo      1f
        cmpb    %al, (%esi)
        jbe     1f
        xorl    %eax, %ebx
        jp      1f
        cmpw    $0, 2(%edi)
        jge     1f
        nop
1:      ret
        int3
