/* INT3, INTO, INT n, BOUND, UD2, ICEBP: trap or fault, and the EIP that each pushes.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        expect_trap(BP, 0, int3)
        expect_trap(BP, 0, .byte 0xcd, 3)
        expect_trap(0x2e, 0, int $0x2e)
        movb    $0x7f, %al
        addb    $1, %al                 /* OF */
        expect_trap(OFV, 0, into)
        xorl    %eax, %eax
        into                            /* OF clear: nothing */

        movl    $-5, scratch
        movl    $5, scratch + 4
        movl    $5, %eax
        bound   %eax, scratch
        movl    $-5, %eax
        bound   %eax, scratch
        movl    $6, %eax
        expect_fault(BR, 0, bound %eax, scratch)
        movl    $-6, %eax
        expect_fault(BR, 0, bound %eax, scratch)
        movw    $1, scratch
        movw    $2, scratch + 2
        movl    $0xffff0002, %eax       /* the 16-bit form looks at AX only */
        boundw  %ax, scratch
        movw    $3, %ax
        expect_fault(BR, 0, boundw %ax, scratch)

        expect_fault(UD, 0, ud2)
        expect_fault(UD, 0, .byte 0x0f, 0xff)
        expect_fault(UD, 0, .byte 0x8e, 0xc8) /* MOV to CS */
        expect_fault(UD, 0, .byte 0x0f, 0x20, 0xc8) /* MOV from CR1 */
        expect_fault(UD, 0, .byte 0x62, 0xc0) /* BOUND with a register */
        expect_fault(UD, 0, .byte 0x8d, 0xc0) /* LEA with a register */
        expect_fault(UD, 0, .byte 0x0f, 0x01, 0xd0) /* LGDT with a register */
        expect_fault(UD, 0, .byte 0xc4, 0xc0) /* LES with a register */
        expect_fault(UD, 0, .byte 0xff, 0xf8) /* group 5, /7 */
        expect_fault(UD, 0, .byte 0xff, 0xd8) /* CALLF with a register */
        expect_fault(UD, 0, .byte 0x0f, 0xba, 0xc0, 1) /* group 8, /0 */
        expect_fault(UD, 0, .byte 0xc6, 0xc8, 1) /* group 11, /1 */
        expect_trap(DB, 0, .byte 0xf1)  /* ICEBP */

        /* From CPL 3 the gates' DPL counts for INT3 and INTO, not for BOUND and ICEBP. */
        set_gate BP, $breakpoint, "GATE_INT | GATE_DPL3"
        user_begin
        movl    $0, %ebx
        int3
        check_eq(%ebx, $1)
        movb    $0x7f, %al
        addb    $1, %al
        expect_fault(GP, 4 * 8 + 2, into)
        expect_trap(DB, 0, .byte 0xf1)
        movl    $6, scratch
        movl    $7, scratch + 4
        expect_fault(BR, 0, bound %ebx, scratch)
        user_end
        pass

breakpoint:
        incl    %ebx
        iret
