/* SSE and SSE2 as compilers use them: scalar, packed, aligned and unaligned, conversions, comparisons.
 * mode: user
 */
        .code32
1:      movaps  (%esi,%eax), %xmm0
        mulps   (%edi,%eax), %xmm0
        addps   %xmm0, %xmm1
        addl    $16, %eax
        cmpl    %eax, %ecx
        jne     1b
        movsd   (%esi), %xmm2
        mulsd   %xmm3, %xmm2
        cvttsd2si %xmm2, %eax
        cvtsi2sd %eax, %xmm4
        ucomisd %xmm2, %xmm4
        ja      2f
        movups  %xmm1, 4(%edi)
        paddd   %xmm1, %xmm2
        pshufd  $0x1b, %xmm2, %xmm3
        psrldq  $8, %xmm3
        movq    %xmm3, (%edi)
        pxor    %xmm0, %xmm0
2:      ret
        int3
