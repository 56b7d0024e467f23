/* CPUID agrees with what works: each reported feature's instruction runs; CR4 takes the bits that go with it.
 * expect: status 33
 */
#include "pm.h"
        .set    VME, 1
        .set    PSE, 3
        .set    TSC, 4
        .set    PAE, 6
        .set    CX8, 8
        .set    PGE, 13
        .set    CMOV, 15
        .set    MMX, 23
        .set    FXSR, 24
        .set    SSE, 25
        .set    SSE2, 26

        /* jumps over the instruction when the feature is not there */
        .macro  feature bit, insn:vararg
        btl     $\bit, features
        jnc     .Lno\@
        \insn
.Lno\@:
        .endm
        .macro  cr4_bit feature_bit, cr4_mask
        btl     $\feature_bit, features
        jnc     .Lno\@
        movl    %cr4, %eax
        orl     $\cr4_mask, %eax
        movl    %eax, %cr4
        andl    $~\cr4_mask, %eax
        movl    %eax, %cr4
.Lno\@:
        .endm

        .globl  test_main
test_main:
        xorl    %eax, %eax
        cpuid
        check_eq(%ebx, $0x756e6547)     /* GenuineIntel */
        check_eq(%edx, $0x49656e69)
        check_eq(%ecx, $0x6c65746e)
        cmpl    $1, %eax
        jb      wrong
        movl    $1, %eax
        cpuid
        movl    %edx, features
        shrl    $8, %eax
        andl    $15, %eax
        check_eq(%eax, $6)              /* the default model is of the P6 family */
        btl     $TSC, features          /* these the default model must have */
        jnc     wrong
        btl     $CX8, features
        jnc     wrong
        btl     $CMOV, features
        jnc     wrong
        btl     $PAE, features
        jnc     wrong
        feature TSC, rdtsc
        feature CX8, cmpxchg8b scratch
        feature CMOV, cmovel %eax, %ecx
        feature FXSR, fxsave scratch
        cr4_bit PSE, 0x10
        cr4_bit PAE, 0x20
        cr4_bit PGE, 0x80
        cr4_bit FXSR, 0x200
        cr4_bit SSE, 0x400
        cr4_bit VME, 0x01
        btl     $MMX, features
        jnc     wrong
        btl     $SSE, features
        jnc     wrong
        feature MMX, emms
        feature SSE, sfence
        feature SSE2, mfence
        movl    $0x40000000, %eax       /* a reserved bit of CR4 */
        expect_fault(GP, 0, movl %eax, %cr4)

        /* EFLAGS.ID can be changed: that is how CPUID is found. */
        pushfl
        popl    %eax
        xorl    $0x200000, %eax
        movl    %eax, %ecx
        pushl   %eax
        popfl
        pushfl
        popl    %eax
        check_eq(%eax, %ecx)

        /* A leaf beyond the last answers as the last one does; nothing faults. */
        movl    $0x7fffffff, %eax
        cpuid
        pass
wrong:  fail

        .data
features:
        .long   0
