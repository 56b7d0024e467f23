/* A 486 lacks what came later: CMOV, RDTSC, CMPXCHG8B, SYSENTER and FXSAVE are undefined; 486 ones work.
 * expect: status 33
 * expect-stderr: cmove ecx, eax (0f 44 c8)
 * args: -cpu 486
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    $0x12345678, %eax
        bswap   %eax
        check_eq(%eax, $0x78563412)
        movl    $1, scratch
        movl    $2, %ecx
        xaddl   %ecx, scratch
        check_eq(scratch, $3)
        invlpg  scratch
        expect_fault(UD, 0, cmovel %eax, %ecx)
        expect_fault(UD, 0, rdtsc)
        expect_fault(UD, 0, cmpxchg8b scratch)
        expect_fault(UD, 0, sysenter)
        expect_fault(UD, 0, fxsave scratch)
        expect_fault(UD, 0, fcmove %st(1), %st)
        expect_fault(UD, 0, fcomi %st(1), %st)
        expect_fault(UD, 0, fucomip %st(1), %st)
        expect_fault(UD, 0, .byte 0x0f, 0x6f, 0xc1) /* MMX MOVQ */
        pass
