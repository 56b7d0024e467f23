/* 64-bit arithmetic of pairs of registers, with carries.
 * mode: user
 */
        .code32
        addl    %eax, %ecx
        adcl    %edx, %ebx
        subl    8(%esp), %ecx
        sbbl    12(%esp), %ebx
        shldl   $3, %ecx, %ebx
        negl    %ecx
        adcl    $0, %ebx
        cmpl    %esi, %ecx
        movl    %ebx, %eax
        sbbl    %edi, %eax
        jl      1f
        sbbl    %eax, %eax
1:      ret
        int3
