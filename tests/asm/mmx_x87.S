/* MMX registers are the x87's: MMn is Rn, tags and TOP change, sign and exponent are filled; EMMS; #MF.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        fninit
        fld1
        fldpi                           /* ST0 is R6, ST1 is R7 */
        movq    %mm7, scratch
        check_eq(scratch, $0)           /* 1.0's significand */
        check_eq(scratch + 4, $0x80000000)
        fnstsw  %ax
        andl    $0x3800, %eax
        check_eq(%eax, $0)              /* TOP */
        fnstenv scratch
        check_bits(scratch + 8, 0xf000, 0) /* R6 and R7 are valid */
        fldcw   scratch
        movl    $0x89abcdef, %ecx
        movd    %ecx, %mm0
        fnsave  scratch
        check_eq(scratch + 28, $0x89abcdef)
        check_eq(scratch + 32, $0)
        check_word(scratch + 36, $0xffff)
        check_eq(scratch + 28 + 60, $0x2168c235) /* R6 is still pi */

        /* EMMS empties, contents stay. */
        fninit
        movq    sevens, %mm3
        paddw   sevens, %mm3
        emms
        fnstenv scratch
        check_bits(scratch + 8, 0xffff, 0xffff)
        fld1
        fstp    %st
        movq    %mm3, scratch
        check_eq(scratch, $0x000e000e)
        emms

        /* What MMX computes. */
        movq    bytes, %mm0
        movq    %mm0, %mm1
        punpcklbw %mm0, %mm1
        movd    %mm1, %ecx
        check_eq(%ecx, $0x02020101)
        packsswb bytes, %mm1
        movq    %mm1, scratch
        check_eq(scratch, $0x7f7f7f7f)
        pmaddwd sevens, %mm0
        movd    %mm0, %ecx
        check_eq(%ecx, $(7 * (0x0201 + 0x0403)))
        psllq   $40, %mm0
        psrlq   $36, %mm0
        movd    %mm0, %ecx
        check_eq(%ecx, $(7 * (0x0201 + 0x0403) << 4))
        movl    $64, scratch
        movl    $0, scratch + 4
        psrlq   scratch, %mm0           /* a count beyond the width */
        movd    %mm0, %ecx
        check_eq(%ecx, $0)
        pshufw  $0x1b, bytes, %mm2
        movd    %mm2, %ecx
        check_eq(%ecx, $0x06050807)
        movq    signs, %mm4
        pmovmskb %mm4, %ecx
        check_eq(%ecx, $0xa5)
        movl    $scratch, %edi
        movl    $0, scratch
        maskmovq %mm4, %mm2
        check_bits(scratch, 0x00ff00ff, 0x00050007)
        emms

        /* A pending x87 exception comes first, at the MMX instruction; registers stay. */
        fninit
        movw    $0x37b, scratch
        fldcw   scratch
        fld1
        fldz
        fdivrp
        expect_fault(MF, 0, paddb %mm0, %mm1)
        expect_fault(MF, 0, emms)
        expect_fault(MF, 0, movq 0, %mm0)
        fnstsw  %ax
        andl    $0x3800, %eax
        check_eq(%eax, $(6 << 11))      /* no transition */
        fnclex
        paddb   %mm0, %mm1
        emms

        /* CVTPI2PS from memory is no MMX instruction: neither the x87 nor its pending exception matters. From a
         * register it is one. */
        movl    %cr4, %eax
        orl     $0x200, %eax            /* OSFXSR */
        movl    %eax, %cr4
        fninit
        movw    $0x37b, scratch
        fldcw   scratch
        fld1
        fldz
        fdivrp
        movl    $-3, scratch
        movl    $0x01000001, scratch + 4 /* 2^24 + 1 is rounded */
        cvtpi2ps scratch, %xmm0
        expect_fault(MF, 0, cvtpi2ps %mm0, %xmm0)
        fnstenv scratch
        check_bits(scratch + 4, 0x3800, 0x3000)
        check_bits(scratch + 8, 0xffff, 0x1fff) /* 1 and 0 */
        movlps  %xmm0, scratch
        check_eq(scratch, $0xc0400000)
        check_eq(scratch + 4, $0x4b800000)
        stmxcsr scratch
        check_eq(scratch, $0x1fa0)      /* PE */
        fninit

        /* CR0. */
        movl    %cr0, %ebx
        movl    %ebx, %eax
        orl     $8, %eax                /* TS */
        movl    %eax, %cr0
        expect_fault(NM, 0, paddb %mm0, %mm1)
        expect_fault(NM, 0, emms)
        orl     $12, %ebx               /* EM goes first */
        movl    %ebx, %cr0
        expect_fault(UD, 0, paddb %mm0, %mm1)
        pass

        .data
        .align  8
sevens: .word   7, 7, 7, 7
bytes:  .byte   1, 2, 3, 4, 5, 6, 7, 8
signs:  .byte   0x80, 0, 0xff, 0x7f, 0, 0x81, 1, 0xfe
