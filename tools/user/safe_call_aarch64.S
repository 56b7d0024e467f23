/* See safe_call.S, which has the same for x86-64. */
        .globl  safe_syscall, safe_syscall_start, safe_syscall_end, safe_syscall_unbegun, safe_syscall_again
        .type   safe_syscall, %function
safe_syscall:
        mov     x9, x0
        mov     x8, x1
        mov     x0, x2
        mov     x1, x3
        mov     x2, x4
        mov     x3, x5
        mov     x4, x6
        mov     x5, x7
safe_syscall_start:
        ldr     w10, [x9]
        cbnz    w10, safe_syscall_unbegun
        svc     #0
safe_syscall_end:
        ret
safe_syscall_unbegun:
        mov     x0, #-513
        ret
safe_syscall_again:
        mov     x0, #-512
        ret
        .size   safe_syscall, . - safe_syscall

        .globl  signal_restorer
        .type   signal_restorer, %function
signal_restorer:
        mov     x8, #139
        svc     #0
        .size   signal_restorer, . - signal_restorer
        .section .note.GNU-stack, "", %progbits
