/* XMM registers, MXCSR and MMX registers are exact wherever a handler, a helper or FXSAVE looks, in the midst of
 * SSE code: page faults of loads and stores, interrupts, slow memory.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000
        .set    SEEN, scratch + 0x400   /* FXSAVE's image */
        .set    XMM, 160

#define check_seen(n, a, b)                                                                            \
        check_eq(SEEN + XMM + 16 * n, $a);                                                             \
        check_eq(SEEN + XMM + 16 * n + 12, $b)

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $0x600, %eax
        movl    %eax, %cr4
        call    paging_on
        set_gate PFV, $look_and_map
        set_gate 0x40, $look

        /* A store whose second page is not there, and what is done before and behind it. */
        movl    $0x11111111, EDGE - 8
        set_pte EDGE, 0
        movaps  ones, %xmm0
        movaps  twos, %xmm7
        addps   %xmm7, %xmm0            /* 3 */
        movaps  %xmm0, %xmm3
        movups  %xmm0, EDGE - 8         /* faults */
        addps   %xmm7, %xmm3            /* 5 */
        check_eq(%edx, $1)
        check_eq(fault_cr2, $EDGE)
        check_seen(0, 0x40400000, 0x40400000)
        check_seen(3, 0x40400000, 0x40400000)
        check_seen(7, 0x40000000, 0x40000000)
        check_eq(EDGE - 8, $0x40400000)
        check_eq(EDGE + 4, $0x40400000)
        movaps  %xmm3, scratch
        check_eq(scratch, $0x40a00000)

        /* An integer access faults between: a load, then a read-modify-write. The handler changes XMM6. */
        set_pte EDGE, 0
        mulps   %xmm7, %xmm3            /* 10 */
        movaps  ones, %xmm6
        movl    EDGE, %eax
        addps   %xmm6, %xmm3            /* 10 and 8 */
        check_eq(%edx, $2)
        check_seen(3, 0x41200000, 0x41200000)
        check_seen(6, 0x3f800000, 0x3f800000)
        movaps  %xmm3, scratch
        check_eq(scratch, $0x41900000)
        set_pte EDGE, 0
        subps   %xmm7, %xmm3            /* 16 */
        addl    $1, EDGE
        addps   %xmm7, %xmm3
        check_seen(3, 0x41800000, 0x41800000)
        movaps  %xmm3, scratch
        check_eq(scratch, $0x41900000)

        /* An operand of SSE in memory that is not there, of an instruction with a result. */
        movaps  %xmm7, EDGE
        set_pte EDGE, 0
        addps   EDGE, %xmm3             /* 20 */
        check_seen(3, 0x41900000, 0x41900000)
        movaps  %xmm3, scratch
        check_eq(scratch, $0x41a00000)

        /* An interrupt, and helpers. Flags stick: 1/3 is not exact. */
        movl    $0x1f80, scratch
        ldmxcsr scratch
        movaps  ones, %xmm1
        divps   threes, %xmm1
        int     $0x40
        check_seen(1, 0x3eaaaaab, 0x3eaaaaab)
        check_eq(SEEN + 24, $0x1fa0)
        movl    $0x7f80, scratch        /* towards zero */
        ldmxcsr scratch
        movaps  ones, %xmm1
        divps   threes, %xmm1
        cpuid
        movaps  ones, %xmm2
        divps   threes, %xmm2
        fxsave  SEEN
        check_seen(1, 0x3eaaaaaa, 0x3eaaaaaa)
        check_seen(2, 0x3eaaaaaa, 0x3eaaaaaa)
        check_eq(SEEN + 24, $0x7fa0)
        movaps  %xmm7, SEEN + XMM
        movl    $0x1f80, SEEN + 24
        fxrstor SEEN
        divps   threes, %xmm0           /* 2/3, to nearest */
        movaps  %xmm0, scratch
        check_eq(scratch, $0x3f2aaaab)

        /* The same with the x87's exceptions: MMX registers in the image, a handler between. */
        fninit
        movq    ones, %mm3
        int     $0x40
        check_eq(SEEN + 32 + 3 * 16, $0x3f800000)
        check_word(SEEN + 32 + 3 * 16 + 8, $0xffff)
        check_word(SEEN + 4, $0xff)
        set_pte EDGE, 0
        paddb   %mm3, %mm3
        movq    %mm3, EDGE + 8          /* faults */
        emms
        check_eq(SEEN + 32 + 3 * 16, $0x7e000000)
        check_eq(EDGE + 8, $0x7e000000)
        fxsave  SEEN
        check_word(SEEN + 4, $0)
        fld1
        fldcw   unmasked
        fsub    %st
        fdivrs  ones                    /* 1/0 is pending now */
        set_gate MF, $look_and_mask
        xorl    %edx, %edx
        pxor    %mm0, %mm0
        check_eq(%edx, $1)
        emms
        pass

/* What FXSAVE sees; then the page is there, and EDX counts. */
look_and_map:
        fxsave  SEEN
        movaps  twos, %xmm5
        cmpl    $0x3f800000, SEEN + XMM + 6 * 16
        jne     1f
        movups  eights, %xmm6
1:      movl    %cr2, %edx
        movl    %edx, fault_cr2
        set_pte EDGE, EDGE + P_P + P_W
        incl    count
        movl    count, %edx
        addl    $4, %esp
        iret

look:   fxsave  SEEN
        xorps   %xmm7, %xmm7
        movaps  twos, %xmm7
        iret

look_and_mask:
        fnclex
        incl    %edx
        iret

        .data
        .align  16
ones:   .float  1, 1, 1, 1
twos:   .float  2, 2, 2, 2
threes: .float  3, 3, 3, 3
eights: .float  8, 8, 8, 8
count:  .long   0
unmasked: .word 0x37b
