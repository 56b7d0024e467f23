/* A system call that a signal cannot slip in front of.
 *
 * i64 safe_syscall(volatile sig_atomic_t *pending, i64 number, i64 a1 ... a6)
 *
 * A signal's handler sets *pending. When it interrupted what lies between safe_syscall_start and safe_syscall_end, it goes
 * on at safe_syscall_unbegun, or at safe_syscall_again when the kernel has come back to make the call once more: then SYSCALL
 * has left its return address in RCX. So the result tells -EUNBEGUN (513) from -ERESTARTSYS (512). */
        .globl  safe_syscall, safe_syscall_start, safe_syscall_end, safe_syscall_unbegun, safe_syscall_again
        .type   safe_syscall, @function
safe_syscall:
        push    %rbx
        mov     %rdi, %rbx
        mov     %rsi, %rax
        mov     %rdx, %rdi
        mov     %rcx, %rsi
        mov     %r8, %rdx
        mov     %r9, %r10
        mov     16(%rsp), %r8
        mov     24(%rsp), %r9
        xor     %ecx, %ecx
safe_syscall_start:
        cmpl    $0, (%rbx)
        jne     safe_syscall_unbegun
        syscall
safe_syscall_end:
        pop     %rbx
        ret
safe_syscall_unbegun:
        mov     $-513, %rax
        pop     %rbx
        ret
safe_syscall_again:
        mov     $-512, %rax
        pop     %rbx
        ret
        .size   safe_syscall, . - safe_syscall

/* What the host's signal frames return to. */
        .globl  signal_restorer
        .type   signal_restorer, @function
signal_restorer:
        mov     $15, %eax
        syscall
        .size   signal_restorer, . - signal_restorer
        .section .note.GNU-stack, "", @progbits
