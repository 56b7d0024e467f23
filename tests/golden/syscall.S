/* A user's system call, and what is behind it.
 * mode: user
 */
        .code32
        movl    $20, %eax
        int     $0x80
        cmpl    $-4095, %eax
        jae     1f
        sysenter
1:      negl    %eax
        movl    %eax, %gs:(%edx)
        ret
        int3
