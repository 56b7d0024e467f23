/* How the templates of this test reach their state and holes on each host: R(hole) is a register of the test's machine, IMM 32 bits,
 * PTR an address. */
#ifndef TESTS_DYNGEN_HOST_H
#define TESTS_DYNGEN_HOST_H

#include "mmu/host/base.h"

extern char hole_d[], hole_a[], hole_b[], hole_imm[], hole_ptr[], hole_ptr_high[];

#if defined(__x86_64__) || defined(__i386__)
register u8 *state asm("ebx");
#define LOAD(hole)     (*(u32 *)(state + (uintptr_t)hole_##hole))
#define STORE(hole, v) (*(u32 *)(state + (uintptr_t)hole_##hole) = (v))
#define IMM            ((u32)(uintptr_t)hole_imm)
#ifdef __x86_64__
#define PTR                                                                                        \
    ({                                                                                             \
        u64 v_;                                                                                    \
        asm("movabs $hole_ptr, %0" : "=r"(v_));                                                    \
        (u32 *)v_;                                                                                 \
    })
#else
#define PTR ((u32 *)hole_ptr)
#endif

#elif defined(__aarch64__)
register u8 *state asm("x27");
#define LOAD(hole)                                                                                 \
    ({                                                                                             \
        u32 v_;                                                                                    \
        asm volatile("ldr %w0, [%1, #:lo12:hole_" #hole "]" : "=r"(v_) : "r"(state) : "memory");   \
        v_;                                                                                        \
    })
#define STORE(hole, v)                                                                             \
    asm volatile("str %w0, [%1, #:lo12:hole_" #hole "]" ::"r"((u32)(v)), "r"(state) : "memory")
#define IMM                                                                                        \
    ({                                                                                             \
        u32 v_;                                                                                    \
        asm("movz %w0, #:abs_g1:hole_imm\n\tmovk %w0, #:abs_g0_nc:hole_imm" : "=r"(v_));           \
        v_;                                                                                        \
    })
#define PTR                                                                                        \
    ({                                                                                             \
        u32 *v_;                                                                                   \
        asm("movz %0, #:abs_g3:hole_ptr\n\tmovk %0, #:abs_g2_nc:hole_ptr\n\t"                      \
            "movk %0, #:abs_g1_nc:hole_ptr\n\tmovk %0, #:abs_g0_nc:hole_ptr"                       \
            : "=r"(v_));                                                                           \
        v_;                                                                                        \
    })

#elif defined(__riscv)
register u8 *state asm("s1");
#define LOAD(hole)     (*(u32 *)(state + (uintptr_t)hole_##hole))
#define STORE(hole, v) (*(u32 *)(state + (uintptr_t)hole_##hole) = (v))
#define IMM            ((u32)(uintptr_t)hole_imm)
/* By two numbers, each sign-extended. */
#define PTR            ((u32 *)(((uintptr_t)hole_ptr_high << 32) + (uintptr_t)hole_ptr))

#elif defined(__powerpc64__)
register u8 *state asm("r14");
#define LOAD(hole)                                                                                 \
    ({                                                                                             \
        u32 v_;                                                                                    \
        asm volatile("lwz %0, hole_" #hole "@l(%1)" : "=r"(v_) : "b"(state) : "memory");           \
        v_;                                                                                        \
    })
#define STORE(hole, v)                                                                             \
    asm volatile("stw %0, hole_" #hole "@l(%1)" ::"r"((u32)(v)), "b"(state) : "memory")
#define IMM                                                                                        \
    ({                                                                                             \
        u32 v_;                                                                                    \
        asm("lis %0, hole_imm@ha\n\taddi %0, %0, hole_imm@l" : "=b"(v_));                          \
        v_;                                                                                        \
    })
#define PTR                                                                                        \
    ({                                                                                             \
        u32 *v_;                                                                                   \
        asm("lis %0, hole_ptr@highest\n\tori %0, %0, hole_ptr@higher\n\tsldi %0, %0, 32\n\t"       \
            "oris %0, %0, hole_ptr@high\n\tori %0, %0, hole_ptr@l"                                 \
            : "=b"(v_));                                                                           \
        v_;                                                                                        \
    })
#endif
#endif
