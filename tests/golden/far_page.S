/* Direct jumps into another page, whose mapping is checked: conditional and not, with flags alive.
 * mode: user
 */
        .code32
        cmpl    %eax, %ebx
        je      1f
        movl    %eax, %ebx
        jmp     1f
        int3
        .org    0x1000, 0xcc
1:      jb      2f
        ret
2:      xorl    %eax, %eax
        jmp     2b - 0x1000
        int3
