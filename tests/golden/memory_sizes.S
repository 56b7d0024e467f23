/* Loads and stores of each size, with every shape of address.
 * mode: flat
 */
        .code32
        movb    (%eax), %bl
        movw    2(%ecx), %dx
        movl    0x12345678(%ebx,%esi,4), %eax
        movzbl  (%edi), %ecx
        movswl  0x1000, %edx
        movsbl  (,%eax,8), %eax
        movb    %ah, (%esi)
        movw    %bp, (%edi,%eax)
        movl    %esp, 0x2000
        movb    $1, (%ebx)
        movw    $2, 4(%ebx)
        movl    $3, -4(%ebx)
        jmp     1f
1:      ret
        int3
