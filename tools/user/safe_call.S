/* A system call that a signal cannot slip in front of.
 *
 * i64 safe_syscall(volatile sig_atomic_t *pending, i64 number, i64 a1 ... a6)
 *
 * A signal's handler sets *pending. When it interrupted what lies between safe_syscall_start and safe_syscall_end, it goes
 * on at safe_syscall_abort, so a call has either begun or is not made at all. */
        .globl  safe_syscall, safe_syscall_start, safe_syscall_end, safe_syscall_abort
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
safe_syscall_start:
        cmpl    $0, (%rbx)
        jne     safe_syscall_abort
        syscall
safe_syscall_end:
        pop     %rbx
        ret
safe_syscall_abort:
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
