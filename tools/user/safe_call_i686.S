/* See safe_call.S, which has the same for x86-64. Each argument takes 8 bytes of the stack; what is not an error is a number
 * without a sign. */
        .globl  safe_syscall, safe_syscall_start, safe_syscall_end, safe_syscall_unbegun, safe_syscall_again
        .type   safe_syscall, @function
safe_syscall:
        push    %ebp
        push    %ebx
        push    %esi
        push    %edi
        mov     24(%esp), %eax
        mov     32(%esp), %ebx
        mov     40(%esp), %ecx
        mov     48(%esp), %edx
        mov     56(%esp), %esi
        mov     64(%esp), %edi
        mov     20(%esp), %ebp
safe_syscall_start:
        cmpl    $0, (%ebp)
        jne     safe_syscall_unbegun
        mov     72(%esp), %ebp
        int     $0x80
safe_syscall_end:
        xor     %edx, %edx
        cmp     $-4095, %eax
        jb      1f
        dec     %edx
1:      pop     %edi
        pop     %esi
        pop     %ebx
        pop     %ebp
        ret
safe_syscall_unbegun:
        mov     $-513, %eax
        jmp     safe_syscall_end
safe_syscall_again:
        mov     $-512, %eax
        jmp     safe_syscall_end
        .size   safe_syscall, . - safe_syscall

/* What the host's signal frames return to. */
        .globl  signal_restorer
        .type   signal_restorer, @function
signal_restorer:
        mov     $173, %eax
        int     $0x80
        .size   signal_restorer, . - signal_restorer
        .section .note.GNU-stack, "", @progbits
