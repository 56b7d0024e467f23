/* REP string instructions that fault in the middle: registers tell what was done, memory agrees, and they restart.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    EDGE, A + 0x1000
        .set    B, 0x600000

        .globl  test_main
test_main:
        call    paging_on
        set_pte EDGE, 0
        cld

        /* STOS: 4 dwords fit before the hole. */
        movl    $(EDGE - 16), %edi
        movl    $10, %ecx
        movl    $0x01010101, %eax
        expect_fault(PFV, E_W, rep stosl)
        check_eq(%edi, $EDGE)
        check_eq(%ecx, $6)
        check_eq(fault_cr2, $EDGE)
        check_eq(EDGE - 16, $0x01010101)
        check_eq(EDGE - 4, $0x01010101)

        /* Unaligned: the third dword would cross into the hole and is not written in part. */
        movl    $0, EDGE - 4
        movl    $(EDGE - 10), %edi
        movl    $10, %ecx
        expect_fault(PFV, E_W, rep stosl)
        check_eq(%edi, $(EDGE - 2))
        check_eq(%ecx, $8)
        check_eq(fault_cr2, $EDGE)
        check_eq(EDGE - 4, $0x00000101)

        /* MOVS with the hole in the source, then in the destination. */
        movl    $(EDGE - 3), %esi
        movl    $B, %edi
        movl    $5, %ecx
        expect_fault(PFV, 0, rep movsb)
        check_eq(%esi, $EDGE)
        check_eq(%edi, $(B + 3))
        check_eq(%ecx, $2)
        movl    $B, %esi
        movl    $(EDGE - 6), %edi
        movl    $5, %ecx
        expect_fault(PFV, E_W, rep movsw)
        check_eq(%esi, $(B + 6))
        check_eq(%edi, $EDGE)
        check_eq(%ecx, $2)

        /* Backwards, from above into the hole. */
        set_pte (EDGE+0x1000), "(EDGE+0x1000)|P_P|P_W"
        movl    $(EDGE + 0x1004), %edi
        movl    $8, %ecx
        movl    $0x02020202, %eax
        std
        expect_fault(PFV, E_W, rep stosl)
        cld
        check_eq(%edi, $(EDGE + 0xffc))
        check_eq(%ecx, $6)
        check_eq(EDGE + 0x1004, $0x02020202)
        check_eq(EDGE + 0x1000, $0x02020202)

        /* CMPS and SCAS: registers behind the last comparison made; for their flags see string_flags.S. */
        movl    $0, EDGE - 4
        movl    $(EDGE - 4), %edi
        movl    $100, %ecx
        movb    $0, %al
        expect_fault(PFV, 0, repe scasb)
        check_eq(%edi, $EDGE)
        check_eq(%ecx, $96)
        movb    $9, EDGE - 2
        movl    $(EDGE - 4), %edi
        movl    $100, %ecx
        repe scasb
        check_eq(%edi, $(EDGE - 1))
        check_eq(%ecx, $97)
        check_flags(ZF | CF, CF)
        movl    $(EDGE - 4), %esi
        movl    $(EDGE - 4), %edi
        movl    $2, %ecx
        repe cmpsw
        check_eq(%ecx, $0)
        check_flags(ZF, ZF)
        movl    $0, %ecx                /* no iteration: nothing is touched, no flag changes */
        movl    $EDGE, %edi
        repe scasb
        rep stosb
        check_flags(ZF, ZF)
        check_eq(%edi, $EDGE)

        /* The page appears; the instruction is run again and finishes. */
        movl    $(EDGE - 8), %edi
        movl    $4, %ecx
        movl    $0x33333333, %eax
        expect_fault(PFV, E_W, rep stosl)
        check_eq(%ecx, $2)
        set_pte EDGE, EDGE | P_P | P_W
        rep stosl
        check_eq(%ecx, $0)
        check_eq(EDGE + 4, $0x33333333)

        /* Overlap: MOVSB forward by one replicates the first byte. */
        movb    $0x5a, B
        movl    $0, B + 1
        movl    $B, %esi
        movl    $(B + 1), %edi
        movl    $4, %ecx
        rep movsb
        check_eq(B + 1, $0x5a5a5a5a)

        /* 16-bit addresses: SI, DI and CX wrap, upper halves stay. */
        movl    $0xabcdffff, %edi
        movl    $0x77770002, %ecx
        movl    $0xee, %eax
        .byte   0x67
        rep stosb                       /* 0xffff, then 0x0000 */
        check_eq(%edi, $0xabcd0001)
        check_eq(%ecx, $0x77770000)
        check_byte(0xffff, $0xee)
        check_byte(0, $0xee)
        pass
