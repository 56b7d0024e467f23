/* SSE3 computes, moves and converts; what must be aligned; FISTTP.
 * expect: status 33
 * args: -cpu coreduo
 * bochs: core_duo_t2400_yonah
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $0x600, %eax            /* OSFXSR, OSXMMEXCPT */
        movl    %eax, %cr4

        /* Pairs: 1+2, 3+4, then the source's. */
        movaps  counts, %xmm0
        haddps  tens, %xmm0
        movaps  %xmm0, scratch
        check_eq(scratch, $0x40400000)          /* 3 */
        check_eq(scratch + 4, $0x40e00000)      /* 7 */
        check_eq(scratch + 8, $0x41f00000)      /* 30 */
        check_eq(scratch + 12, $0x428c0000)     /* 70 */
        movaps  counts, %xmm1
        hsubps  %xmm1, %xmm1
        movaps  %xmm1, scratch
        check_eq(scratch + 4, $0xbf800000)      /* 3 - 4 */
        check_eq(scratch + 12, $0xbf800000)
        movaps  counts, %xmm2
        addsubps counts, %xmm2
        movaps  %xmm2, scratch
        check_eq(scratch, $0)                   /* 1 - 1 */
        check_eq(scratch + 4, $0x40800000)      /* 2 + 2 */
        movapd  doubles, %xmm3
        haddpd  %xmm3, %xmm3
        addsubpd doubles, %xmm3                 /* 3 - 1, 3 + 2 */
        hsubpd  %xmm3, %xmm3
        movapd  %xmm3, scratch
        check_eq(scratch + 4, $0xc0080000)      /* 2 - 5 */
        movsldup counts, %xmm4
        movshdup counts, %xmm5
        movaps  %xmm4, scratch
        check_eq(scratch + 4, $0x3f800000)
        check_eq(scratch + 12, $0x40400000)
        movaps  %xmm5, scratch
        check_eq(scratch, $0x40000000)
        check_eq(scratch + 8, $0x40800000)
        movddup counts, %xmm6
        movaps  %xmm6, scratch
        check_eq(scratch + 12, $0x40000000)
        lddqu   counts + 4, %xmm7
        movd    %xmm7, %eax
        check_eq(%eax, $0x40000000)

        /* All but MOVDDUP and LDDQU want their operand aligned. */
        expect_fault(GP, 0, haddps counts + 4, %xmm0)
        expect_fault(GP, 0, movsldup counts + 8, %xmm0)
        expect_fault(UD, 0, .byte 0xf2, 0x0f, 0xf0, 0xc0)        /* LDDQU of a register */

        /* FISTTP truncates whatever the control word says, and pops. */
        fninit
        fldl    big
        fldl    big
        fldl    big
        fistpl  scratch
        check_eq(scratch, $-4)                  /* -3.5 to even */
        fisttpl scratch
        check_eq(scratch, $-3)
        fisttps scratch
        check_eq(scratch, $0xfffffffd)          /* the upper half of the -4 stays */
        fldl    big
        fisttpll scratch
        check_eq(scratch, $-3)
        check_eq(scratch + 4, $-1)
        fnstsw  %ax
        andl    $0x3800, %eax
        check_eq(%eax, $0)                      /* TOP as at first */
        pass

        .data
        .align  16
counts: .float  1, 2, 3, 4
        .float  0
        .align  16
tens:   .float  10, 20, 30, 40
doubles: .double 1, 2
big:    .double -3.5
