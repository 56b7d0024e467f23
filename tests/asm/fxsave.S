/* FXSAVE and FXRSTOR: layout, abridged tags, alignment, and a round trip that keeps every bit.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    %cr4, %eax
        orl     $0x200, %eax            /* OSFXSR */
        movl    %eax, %cr4
        fninit
        fldpi
        fld1
        fldz
        fxsave  scratch
        check_bits(scratch, 0xffff, 0x037f)
        check_byte(scratch + 4, $0xe0)  /* R5, R6, R7 in use */
        check_bits(scratch, 0x38000000, 5 << 27) /* TOP */
        check_eq(scratch + 32, $0)      /* ST0 = 0 */
        check_eq(scratch + 36, $0)
        check_eq(scratch + 48 + 4, $0x80000000) /* ST1 = 1.0 */
        check_word(scratch + 48 + 8, $0x3fff)
        check_eq(scratch + 64, $0x2168c235) /* ST2 = pi */
        check_eq(scratch + 64 + 4, $0xc90fdaa2)
        check_word(scratch + 64 + 8, $0x4000)
        fninit
        fxrstor scratch
        fnstsw  %ax
        andl    $0x3800, %eax
        check_eq(%eax, $(5 << 11))
        faddp                           /* 0 + 1 */
        faddp                           /* + pi */
        fstpl   scratch + 0x300
        check_eq(scratch + 0x304, $0x401090fd)
        expect_fault(GP, 0, fxsave scratch + 8)
        expect_fault(GP, 0, fxrstor scratch + 1)

        /* A signalling NaN and an unnormal survive. */
        movl    $0x00000001, scratch + 32
        movl    $0x80000000, scratch + 36
        movl    $0x7fff, scratch + 40
        movl    $0x12345678, scratch + 48
        movl    $0x01000000, scratch + 52
        movl    $0x4005, scratch + 56
        fxrstor scratch
        fxsave  scratch + 0x400
        check_eq(scratch + 0x400 + 32, $0x00000001)
        check_eq(scratch + 0x400 + 36, $0x80000000)
        check_eq(scratch + 0x400 + 48, $0x12345678)
        check_eq(scratch + 0x400 + 52, $0x01000000)
        movl    %cr0, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        expect_fault(NM, 0, fxsave scratch)
        pass
