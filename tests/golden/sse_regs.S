/* SSE with general registers, and helpers between SSE instructions: what is checked again behind which.
 * mode: user
 */
        .code32
        movd    %eax, %xmm1
        pinsrw  $3, %ebp, %xmm1
        pextrw  $2, %xmm1, %esi
        pmovmskb %xmm1, %edi
        movnti  %esp, (%ebx)
        cvtsi2ss %ecx, %xmm2
        cpuid
        addss   %xmm2, %xmm1
        stmxcsr (%ebx)
        paddd   %xmm2, %xmm1
        addss   %xmm2, %xmm1
        cvtss2si (%ebx), %edx
        ldmxcsr (%ebx)
        addss   %xmm2, %xmm1
        ret
        int3
