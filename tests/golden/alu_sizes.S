/* Arithmetic of registers in each size, high bytes among them, and the flags that are read later.
 * mode: flat
 */
        .code32
        addb    %ah, %al
        adcb    $3, %bh
        subw    %cx, %dx
        sbbl    %esi, %edi
        xorl    %eax, %eax
        andb    $0x0f, %ch
        orw     $0x100, %bp
        negl    %ecx
        notb    %dl
        incw    %ax
        decl    %edi
        testl   %ecx, %ecx
        setl    %dh
        cmovgl  %ebx, %eax
        ret
        int3
