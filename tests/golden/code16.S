/* A 16-bit code segment with flat data: sizes, addresses, prefixes, LOOP on CX.
 * mode: code16
 */
        .code16
1:      movw    (%bx,%si), %ax
        movl    %eax, 0x1234
        movl    (%ebx), %edx
        addw    $5, %ax
        pushw   %ax
        popl    %ecx
        lodsw
        loop    1b
        jcxz    1b
        call    2f
        incw    %ax
        jne     1b
2:      ret
        int3
