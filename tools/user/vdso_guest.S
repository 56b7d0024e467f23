/* The vDSO, guest code: how a program calls the kernel, and what handlers return to. ORDER vdso.c: 16 bytes apart, the first
 * is the image's entry. */
        .text
        .balign 16
        .globl  __kernel_vsyscall, __kernel_sigreturn, __kernel_rt_sigreturn
        .type   __kernel_vsyscall, @function
__kernel_vsyscall:
        .cfi_startproc
        int     $0x80
        ret
        .cfi_endproc
        .size   __kernel_vsyscall, . - __kernel_vsyscall
        .balign 16
        .type   __kernel_sigreturn, @function
__kernel_sigreturn:
        popl    %eax
        movl    $119, %eax
        int     $0x80
        .size   __kernel_sigreturn, . - __kernel_sigreturn
        .balign 16
        .type   __kernel_rt_sigreturn, @function
__kernel_rt_sigreturn:
        movl    $173, %eax
        int     $0x80
        .size   __kernel_rt_sigreturn, . - __kernel_rt_sigreturn
        .section .note.GNU-stack, "", @progbits
