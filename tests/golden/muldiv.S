/* Multiplication and division.
 * mode: flat
 */
        .code32
        imull   %ecx, %eax
        imull   $100, (%esi), %edx
        imulw   $3, %bx, %cx
        mull    %ebx
        imull   %edi
        mulb    %cl
        cltd
        idivl   %ecx
        xorl    %edx, %edx
        divl    8(%ebp)
        divw    %bx
        idivb   %cl
        cwtl
        cbtw
        aam
        ret
        int3
