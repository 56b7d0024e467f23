/* SSE and SSE2 compute: moves of all widths, arithmetic, shuffles, compares, conversions, memory forms.
 * expect: status 33
 * args: -cpu pentium4
 * qemu: -cpu pentium3,+sse2,+clflush
 * bochs: p4_willamette
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $0x600, %eax            /* OSFXSR, OSXMMEXCPT */
        movl    %eax, %cr4
        stmxcsr scratch
        check_eq(scratch, $0x1f80)

        /* Arithmetic and memory forms. */
        movaps  ones, %xmm0
        addps   counts, %xmm0
        movups  %xmm0, scratch + 4
        check_eq(scratch + 4, $0x40000000)  /* 2 3 4 5 */
        check_eq(scratch + 8, $0x40400000)
        check_eq(scratch + 12, $0x40800000)
        check_eq(scratch + 16, $0x40a00000)
        mulss   counts + 8, %xmm0       /* 2 * 3, the others stay */
        movaps  %xmm0, scratch + 16
        check_eq(scratch + 16, $0x40c00000)
        check_eq(scratch + 20, $0x40400000)
        sqrtsd  four, %xmm1
        movsd   %xmm1, scratch
        check_eq(scratch + 4, $0x40000000)
        divpd   four, %xmm1

        /* Scalar loads clear the rest of the register, moves between registers do not. */
        movaps  ones, %xmm2
        movss   counts, %xmm2
        movaps  %xmm2, scratch
        check_eq(scratch, $0x3f800000)
        check_eq(scratch + 4, $0)
        check_eq(scratch + 12, $0)
        movaps  ones, %xmm2
        movss   %xmm0, %xmm2
        movaps  %xmm2, scratch
        check_eq(scratch, $0x40c00000)
        check_eq(scratch + 12, $0x3f800000)
        movq    %xmm2, %xmm3
        movdqa  %xmm3, scratch
        check_eq(scratch + 4, $0x3f800000)
        check_eq(scratch + 8, $0)

        /* Halves. */
        movlps  bytes, %xmm4
        movhps  bytes, %xmm4
        movhlps %xmm4, %xmm5
        movlhps %xmm4, %xmm5
        movdqu  %xmm5, scratch + 1
        check_eq(scratch + 1, $0x03020100)
        check_eq(scratch + 9, $0x03020100)
        movhps  %xmm4, scratch
        check_eq(scratch + 4, $0x07060504)

        /* Integers, 128 bits wide. */
        movdqa  bytes, %xmm6
        paddb   %xmm6, %xmm6
        movdqa  %xmm6, scratch
        check_eq(scratch + 12, $0x1e1c1a18)
        pshufd  $0x1b, bytes, %xmm6
        movd    %xmm6, %ecx
        check_eq(%ecx, $0x0f0e0d0c)
        pslldq  $3, %xmm6
        movd    %xmm6, %ecx
        check_eq(%ecx, $0x0c000000)
        movdqa  bytes, %xmm7
        pextrw  $7, %xmm7, %ecx
        check_eq(%ecx, $0x0f0e)
        pinsrw  $2, scratch + 12, %xmm7
        pextrw  $2, %xmm7, %ecx
        check_eq(%ecx, $0x1a18)
        pcmpeqb %xmm7, %xmm7
        pmovmskb %xmm7, %ecx
        check_eq(%ecx, $0xffff)
        movmskps %xmm7, %ecx
        check_eq(%ecx, $0xf)
        psrlw   $8, %xmm7
        packuswb %xmm7, %xmm7
        psadbw  bytes, %xmm7
        movd    %xmm7, %ecx
        check_eq(%ecx, $(8 * 255 - 28))

        /* Conversions and rounding by MXCSR. */
        movl    $-7, scratch
        cvtsi2sd scratch, %xmm0
        divsd   two, %xmm0              /* -3.5 */
        cvtsd2si %xmm0, %ecx
        check_eq(%ecx, $-4)
        cvttsd2si %xmm0, %ecx
        check_eq(%ecx, $-3)
        movl    $0x5f80, scratch        /* up */
        ldmxcsr scratch
        cvtsd2si %xmm0, %edx
        check_eq(%edx, $-3)
        stmxcsr scratch
        check_eq(scratch, $0x5fa0)      /* inexact */
        movl    $0x1f80, scratch
        ldmxcsr scratch
        cvtsd2si huge, %edx
        check_eq(%edx, $0x80000000)
        stmxcsr scratch
        check_eq(scratch, $0x1f81)      /* invalid */
        movl    $0x1f80, scratch
        ldmxcsr scratch

        /* Compares. */
        movss   ones, %xmm0
        orl     $1, %eax
        ucomiss ones, %xmm0
        check_flags(ARITH, ZF)
        ucomiss counts + 4, %xmm0
        check_flags(ARITH, CF)
        ucomiss nan, %xmm0
        check_flags(ARITH, ZF | PF | CF)
        comiss  zero, %xmm0
        check_flags(ARITH, 0)
        stmxcsr scratch
        check_eq(scratch, $0x1f80)      /* UCOMISS does not mind a quiet NaN */
        comiss  nan, %xmm0
        stmxcsr scratch
        check_eq(scratch, $0x1f81)
        cmpltss counts + 4, %xmm0
        movd    %xmm0, %ecx
        check_eq(%ecx, $-1)

        /* MASKMOVDQU at DS:EDI; MOVNTI; what does nothing. */
        movl    $0x55555555, scratch
        movl    $0x55555555, scratch + 4
        movl    $scratch, %edi
        movdqa  bytes, %xmm0
        movdqa  mask, %xmm1
        maskmovdqu %xmm1, %xmm0
        check_eq(scratch, $0x55025500)
        check_eq(scratch + 4, $0x55555555)
        movl    $0x12345678, %eax
        movntil %eax, scratch
        check_eq(scratch, $0x12345678)
        sfence
        lfence
        mfence
        clflush scratch
        prefetchnta scratch
        pause

        /* Unaligned across a page edge. */
        movdqu  bytes, %xmm0
        movdqu  %xmm0, scratch + 0xff7
        movups  scratch + 0xff7, %xmm1
        pcmpeqb %xmm0, %xmm1
        pmovmskb %xmm1, %ecx
        check_eq(%ecx, $0xffff)
        check_eq(scratch + 0xffe, $0x0a090807)

        /* FXSAVE has it all; FXRSTOR brings it back. */
        fxsave  scratch
        check_eq(scratch + 24, $0x1f81)
        check_eq(scratch + 160, $0x03020100)
        pxor    %xmm0, %xmm0
        fxrstor scratch
        movd    %xmm0, %ecx
        check_eq(%ecx, $0x03020100)
        pass

        .data
        .align  16
ones:   .float  1, 1, 1, 1
counts: .float  1, 2, 3, 4
four:   .double 4, 4
two:    .double 2
huge:   .double 1e300
bytes:  .byte   0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
mask:   .byte   0x80, 0, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
nan:    .long   0x7fc00000
zero:   .long   0
