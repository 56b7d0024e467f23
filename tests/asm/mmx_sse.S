/* MMX and SSE as CPUID reports them: state shared with x87, #NM, #UD by CR0.EM and CR4.OSFXSR, alignment.
 * expect: status 33
 */
#include "pm.h"
        .set    MMX, 23
        .set    SSE, 25

        .globl  test_main
test_main:
        movl    $1, %eax
        cpuid
        movl    %edx, features
        btl     $MMX, features
        jnc     no_mmx

        fninit
        fldpi
        movl    $0x01020304, scratch
        movl    $0x7f80fe01, scratch + 4
        movq    scratch, %mm3
        paddb   %mm3, %mm3
        movq    %mm3, scratch + 8
        check_eq(scratch + 8, $0x02040608)
        check_eq(scratch + 12, $0xfe00fc02)
        fnstenv scratch + 16            /* TOP is 0 and every tag in use after an MMX instruction */
        check_bits(scratch + 20, 0x3800, 0)
        emms
        fnstenv scratch + 16
        check_bits(scratch + 24, 0xffff, 0xffff)
        movl    %cr0, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        expect_fault(NM, 0, paddb %mm3, %mm3)
        expect_fault(NM, 0, emms)
        movl    %cr0, %eax
        andl    $~8, %eax
        orl     $4, %eax
        movl    %eax, %cr0
        expect_fault(UD, 0, paddb %mm3, %mm3)
        movl    %cr0, %eax
        andl    $~4, %eax
        movl    %eax, %cr0
no_mmx:
        btl     $SSE, features
        jnc     no_sse
        expect_fault(UD, 0, movups scratch, %xmm0) /* CR4.OSFXSR is clear */
        movl    %cr4, %eax
        orl     $0x200, %eax
        movl    %eax, %cr4
        movl    $0x3f800000, scratch    /* 1.0 */
        movl    $0x40000000, scratch + 4
        movl    $0x40400000, scratch + 8
        movl    $0x40800000, scratch + 12
        movaps  scratch, %xmm0
        addps   %xmm0, %xmm0
        movups  %xmm0, scratch + 33
        check_eq(scratch + 33, $0x40000000)
        check_eq(scratch + 33 + 12, $0x41000000)
        expect_fault(GP, 0, movaps scratch + 4, %xmm0)
        expect_fault(GP, 0, addps scratch + 8, %xmm0)
        movups  scratch + 4, %xmm1
        stmxcsr scratch
        check_eq(scratch, $0x1f80)
        movl    $0x00010000, scratch    /* a reserved bit of MXCSR */
        expect_fault(GP, 0, ldmxcsr scratch)
        movl    %cr0, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        expect_fault(NM, 0, addps %xmm0, %xmm0)
        clts

        /* Division by zero, unmasked: #XM with CR4.OSXMMEXCPT, #UD without; the destination stays. */
        movl    $0x1d80, scratch
        ldmxcsr scratch
        xorps   %xmm1, %xmm1
        expect_fault(UD, 0, divps %xmm1, %xmm0)
        movl    %cr4, %eax
        orl     $0x400, %eax
        movl    %eax, %cr4
        expect_fault(19, 0, divps %xmm1, %xmm0)
        stmxcsr scratch
        check_bits(scratch, 0x3f, 4)
        movups  %xmm0, scratch + 16
        check_eq(scratch + 16, $0x40000000)
no_sse: pass

        .data
features:
        .long   0
