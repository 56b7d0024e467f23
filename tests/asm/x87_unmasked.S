/* Unmasked exceptions of x87 comparisons and loads: a comparison gives its answer but does not pop; FLD of a denormal
 * pushes it, FLD of a signalling NaN does not. (Processors; SDM vol. 1, 8.5.1 and 8.5.2, has less)
 * expect: status 33
 */
#include "pm.h"
        .set    IM, 0x37e               /* control words with one exception unmasked */
        .set    DM, 0x37d
        .set    C0, 0x0100
        .set    C2, 0x0400
        .set    C3, 0x4000
        .set    ANSWER, C0 | C2 | C3
        .set    UNORDERED, ANSWER
        .set    IE, 0x01
        .set    DE_, 0x02
        .set    SF_, 0x40
        .set    ES_, 0x80
        .set    TOP_, 0x3800

        /* ST(0) = \x, ST(1) = 1, the condition codes are something else, TOP is 6. */
        .macro  operands cw, x
        fninit
        fld1
        fldt    \x
        fldz
        ftst
        fstp    %st(0)
        movw    $\cw, word
        fldcw   word
        .endm

        /* The status word's exceptions, TOP and condition codes are these. */
        .macro  _status line, expected
        fnstsw  %ax
        fnclex
        andl    $(ANSWER | TOP_ | ES_ | SF_ | IE | DE_), %eax
        _check_eq \line, %eax, "$\expected"
        .endm
#define status(expected) _status __LINE__, PM_STRING(expected)

        .macro  compares x, cw, error, answer
        operands \cw, \x
        fcom    %st(1)
        status((\answer | \error | ES_ | 6 << 11))
        operands \cw, \x
        fcomp   %st(1)
        status((\answer | \error | ES_ | 6 << 11))
        operands \cw, \x
        fcompp
        status((\answer | \error | ES_ | 6 << 11))
        operands \cw, \x
        fcoms   one
        status((\answer | \error | ES_ | 6 << 11))
        operands \cw, \x
        ficomps integer
        status((\answer | \error | ES_ | 6 << 11))
        .endm
        .macro  compares_unordered x, cw, error, answer
        operands \cw, \x
        fucom   %st(1)
        status((\answer | \error | ES_ | 6 << 11))
        operands \cw, \x
        fucomp  %st(1)
        status((\answer | \error | ES_ | 6 << 11))
        operands \cw, \x
        fucompp
        status((\answer | \error | ES_ | 6 << 11))
        .endm

        .globl  test_main
test_main:
        compares quiet, IM, IE, UNORDERED
        compares signalling, IM, IE, UNORDERED
        compares_unordered signalling, IM, IE, UNORDERED
        compares denormal, DM, DE_, C0
        compares_unordered denormal, DM, DE_, C0
        operands DM, denormal
        ftst
        status((DE_ | ES_ | 6 << 11))
        operands IM, quiet
        ftst
        status((UNORDERED | IE | ES_ | 6 << 11))

        operands IM, quiet              /* FCOMI and kin: in EFLAGS */
        xorl    %eax, %eax
        fcomi   %st(1), %st
        check_flags(ARITH, ZF | PF | CF)
        status((C3 | IE | ES_ | 6 << 11))
        operands DM, denormal
        xorl    %eax, %eax
        fcomip  %st(1), %st
        check_flags(ARITH, CF)
        status((C3 | DE_ | ES_ | 6 << 11))

        fninit                          /* empty registers */
        movw    $IM, word
        fldcw   word
        fcomp   %st(1)
        status((UNORDERED | IE | SF_ | ES_))
        fnclex
        cmpl    $0, word
        fucomip %st(1), %st
        check_flags(ARITH, ZF | PF | CF)

        operands DM, zero
        flds    denormal32
        status((C3 | DE_ | ES_ | 5 << 11))
        fstpt   result
        check_eq(result, $0)
        check_eq(result + 4, $0x80000000)
        operands DM, zero
        fldl    denormal64
        status((C3 | DE_ | ES_ | 5 << 11))
        operands IM, zero
        flds    signalling32
        status((C3 | IE | ES_ | 6 << 11))
        operands IM, zero
        fldl    signalling64
        status((C3 | IE | ES_ | 6 << 11))
        pass

        .data
word:   .word   0
integer: .word  1
one:    .float  1
quiet:  .quad   0xc000000000000000
        .word   0x7fff
signalling:
        .quad   0xa000000000000000
        .word   0x7fff
denormal:
        .quad   1
        .word   0
zero:   .quad   0
        .word   0
denormal32:
        .long   1
denormal64:
        .quad   1
signalling32:
        .long   0x7fa00000
signalling64:
        .quad   0x7ff4000000000000
result: .fill   10, 1, 0
