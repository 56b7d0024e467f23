/* What the host's signal handlers see, and change, of the code that a signal has interrupted. */
#ifndef PAGEWALK_USER_CONTEXT_H
#define PAGEWALK_USER_CONTEXT_H

#include <ucontext.h>

#include "mmu/host/base.h"

#if defined(__x86_64__)
static inline u64 context_pc(const ucontext_t *context)
{
    return (u64)context->uc_mcontext.gregs[REG_RIP];
}

static inline void context_set_pc(ucontext_t *context, u64 pc)
{
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

/* As behind a call, with the red zone let be. */
static inline void context_new_frame(ucontext_t *context)
{
    greg_t *sp = &context->uc_mcontext.gregs[REG_RSP];

    *sp = ((*sp - 256) & ~15ll) - 8;
}

/* Of a SIGSEGV: the access was a store. */
static inline bool context_is_store(const ucontext_t *context)
{
    return context->uc_mcontext.gregs[REG_ERR] >> 1 & 1;
}

/* The kernel is about to make a system call again, whose instruction ends at END: SYSCALL has left that in RCX. */
static inline bool context_calls_again(const ucontext_t *context, const char *end)
{
    return (u64)context->uc_mcontext.gregs[REG_RCX] == (u64)(uintptr_t)end;
}

#elif defined(__i386__)
static inline u64 context_pc(const ucontext_t *context)
{
    return (u32)context->uc_mcontext.gregs[REG_EIP];
}

static inline void context_set_pc(ucontext_t *context, u64 pc)
{
    context->uc_mcontext.gregs[REG_EIP] = (greg_t)pc;
}

/* As behind a call. */
static inline void context_new_frame(ucontext_t *context)
{
    greg_t *sp = &context->uc_mcontext.gregs[REG_ESP];

    *sp = ((*sp - 16) & ~15) - 4;
}

static inline bool context_is_store(const ucontext_t *context)
{
    return context->uc_mcontext.gregs[REG_ERR] >> 1 & 1;
}

/* The kernel has gone back to INT 80h: see aarch64's. */
static inline bool context_calls_again(const ucontext_t *context, const char *end)
{
    return context_pc(context) == (uintptr_t)end - 2;
}

#elif defined(__aarch64__)
static inline u64 context_pc(const ucontext_t *context)
{
    return context->uc_mcontext.pc;
}

static inline void context_set_pc(ucontext_t *context, u64 pc)
{
    context->uc_mcontext.pc = pc;
}

static inline void context_new_frame(ucontext_t *context)
{
    context->uc_mcontext.sp &= ~15ull;
}

/* By the instruction (Arm ARM, C4.1.94): the kernel's word for it (ESR) is not in every frame. */
static inline bool context_is_store(const ucontext_t *context)
{
    u32 insn = get32((const void *)(uintptr_t)context->uc_mcontext.pc);

    if ((insn & 0x3b200c00) == 0x38200000) /* atomic operations */
        return true;
    if ((insn & 0x3a000000) ==
        0x38000000) /* of one register: opc, where 10 of SIMD's 8 bits is STR Q */
        return !(insn & 0x00c00000) || (insn & 0xfec00000) == 0x3c800000;
    return !(insn & 0x00400000); /* pairs, exclusive ones, structures: L */
}

/* The kernel has gone back to SVC, which may also be about to be made for the first time: then the call ends as if it had
 * just begun. */
static inline bool context_calls_again(const ucontext_t *context, const char *end)
{
    return context->uc_mcontext.pc == (u64)(uintptr_t)end - 4;
}
#endif

#endif
