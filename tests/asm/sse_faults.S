/* SSE faults: OSFXSR, EM, TS, alignment, #XM and its #UD, page faults; each leaves registers alone.
 * expect: status 33
 * args: -cpu pentium3
 */
#include "pm.h"
        .set    XM, 19
        .set    A, 0x500000
        .set    EDGE, A + 0x1000

        .macro  mxcsr value
        movl    $\value, scratch
        ldmxcsr scratch
        .endm
#define check_mxcsr(value)                                                                             \
        stmxcsr scratch;                                                                               \
        check_eq(scratch, $value)

        .globl  test_main
test_main:
        expect_fault(UD, 0, addps %xmm0, %xmm1)  /* OSFXSR is clear */
        expect_fault(UD, 0, ldmxcsr scratch)
        sfence
        pavgb   %mm0, %mm1              /* no XMM register in it */
        emms
        movl    %cr4, %eax
        orl     $0x600, %eax
        movl    %eax, %cr4
        addps   %xmm0, %xmm1
        expect_fault(UD, 0, addpd %xmm0, %xmm1)  /* SSE2: not in a Pentium III */
        expect_fault(UD, 0, movdqa %xmm0, %xmm1)
        expect_fault(UD, 0, paddq %mm0, %mm1)
        expect_fault(UD, 0, lfence)
        movl    %cr0, %ebx
        movl    %ebx, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        expect_fault(NM, 0, addps %xmm0, %xmm1)
        expect_fault(NM, 0, stmxcsr scratch)
        prefetcht0 0
        orl     $4, %eax
        movl    %eax, %cr0
        expect_fault(UD, 0, addps %xmm0, %xmm1)
        movl    %ebx, %cr0

        /* Alignment: #GP(0), but not for MOVUPS and scalars. */
        movaps  ones, %xmm0
        movups  ones + 4, %xmm1
        movss   ones + 1, %xmm2
        addss   ones + 1, %xmm2
        movlps  ones + 4, %xmm2
        expect_fault(GP, 0, movaps ones + 8, %xmm0)
        expect_fault(GP, 0, addps ones + 4, %xmm0)
        expect_fault(GP, 0, movaps %xmm0, scratch + 8)
        expect_fault(GP, 0, movntps %xmm0, scratch + 1)
        movaps  %xmm0, scratch + 16
        check_eq(scratch + 16, $0x3f800000)

        mxcsr   0x1f80

        /* Reserved bits of MXCSR; DAZ is one on a Pentium III. */
        movl    $0x11f80, scratch
        expect_fault(GP, 0, ldmxcsr scratch)
        movl    $0x1fc0, scratch
        expect_fault(GP, 0, ldmxcsr scratch)
        check_mxcsr(0x1f80)

        fxsave  scratch + 0x400
        movl    $0x11f80, scratch + 0x400 + 24
        movw    $0, scratch + 0x400
        fninit
        expect_fault(GP, 0, fxrstor scratch + 0x400)
        fnstcw  scratch
        check_word(scratch, $0x37f)

        /* 1 / 0 with ZM clear: flag set, no result. Vector 19 without an error code. */
        mxcsr   0x1d80
        xorps   %xmm3, %xmm3
        movaps  ones, %xmm0
        expect_fault(XM, 0, divps %xmm3, %xmm0)
        check_mxcsr(0x1d84)
        movaps  %xmm0, scratch
        check_eq(scratch, $0x3f800000)
        addps   %xmm0, %xmm0            /* an old flag raises nothing */
        movl    %cr4, %eax
        andl    $~0x400, %eax
        movl    %eax, %cr4
        expect_fault(UD, 0, divss %xmm3, %xmm0)
        orl     $0x400, %eax
        movl    %eax, %cr4

        /* COMISS that faults writes no flags: the handler is given those of before. */
        mxcsr   0x1f00
        set_gate XM, $comiss_fault
        xorl    %edx, %edx
        cmpl    $1, %edx                /* CF SF AF PF */
        comiss  nan, %xmm0
        check_eq(%edx, $1)
        check_eq(%esi, $(CF | SF | AF | PF))
        comiss  nan, %xmm0              /* masked by the handler */
        check_flags(ARITH, ZF | PF | CF)

        /* Page faults. Both pages of a store are checked before any byte is stored. */
        call    paging_on
        movaps  ones, %xmm0
        xorps   %xmm1, %xmm1
        movl    $0x5a5a5a5a, EDGE - 8
        movl    $0x5a5a5a5a, EDGE - 4
        set_pte EDGE, 0
        expect_fault(PFV, E_W, movups %xmm0, EDGE - 8)
        check_eq(fault_cr2, $EDGE)
        check_eq(EDGE - 8, $0x5a5a5a5a)
        expect_fault(PFV, E_W, movups %xmm0, EDGE - 1)
        check_eq(fault_cr2, $EDGE)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, 0, movups EDGE - 12, %xmm1)
        check_eq(fault_cr2, $EDGE)
        expect_fault(PFV, 0, addps EDGE, %xmm1)
        expect_fault(PFV, E_W, movss %xmm0, EDGE - 2)
        check_eq(EDGE - 4, $0x5a5a5a5a)
        expect_fault(PFV, E_W, stmxcsr EDGE)
        expect_fault(PFV, 0, fxrstor EDGE)
        movaps  %xmm1, scratch
        check_eq(scratch, $0)
        check_eq(scratch + 12, $0)
        fninit
        fld1
        expect_fault(PFV, 0, movq EDGE - 4, %mm0)
        fnstsw  %ax
        andl    $0x3800, %eax
        check_eq(%eax, $(7 << 11))
        pass

comiss_fault:
        movl    8(%esp), %esi
        andl    $ARITH, %esi
        incl    %edx
        movl    $0x1f80, scratch
        ldmxcsr scratch
        addl    $7, (%esp)
        iret

        .data
        .align  16
ones:   .float  1, 1, 1, 1, 1, 1, 1, 1
nan:    .long   0x7fc00000
