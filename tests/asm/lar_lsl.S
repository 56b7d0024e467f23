/* LAR, LSL, VERR, VERW, ARPL: what each type and privilege gives, ZF, and a destination that stays.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $0, $0x12345, A_DATA_RO + A_PAGES
        set_desc T1, $0, $0xabc, A_CODE_XO
        set_desc T2, $0, $0xabc, A_CODE_CONF
        set_desc T3, $0, $0xabc, A_DATA + A_ABSENT
        set_call_gate T4, KCODE, $0, GATE_CALL, 0
        set_desc T5, $0, $0x67, A_LDT
        pushl   $(CF | OF | SF | 2)
        popfl
        movl    $KDATA, %ecx
        larl    %ecx, %eax              /* only ZF changes */
        check_flags(ARITH, CF | OF | SF | ZF)

        .macro  lar selector, zf, value
        movl    $\selector, %ecx
        movl    $0x5555, %eax
        larl    %ecx, %eax
        check_flags(ZF, \zf)
        .if     \zf
        check_eq(%eax, $(\value))
        .else
        check_eq(%eax, $0x5555)
        .endif
        .endm
        lar     KDATA, ZF, 0x00cf9300
        lar     T0, ZF, 0x00c19100
        lar     T1, ZF, 0x00409900
        lar     (T1|3), 0, 0
        lar     (T2|3), ZF, 0x00409f00
        lar     T3, ZF, 0x00401300
        lar     T4, ZF, 0x00008c00
        lar     T5, ZF, 0x00008200
        lar     TSS_SEL, ZF, 0x00008b00
        lar     0, 0, 0
        lar     0xfff8, 0, 0

        .macro  lsl selector, zf, value
        movl    $\selector, %ecx
        movl    $0x5555, %eax
        lsll    %ecx, %eax
        check_flags(ZF, \zf)
        .if     \zf
        check_eq(%eax, $(\value))
        .else
        check_eq(%eax, $0x5555)
        .endif
        .endm
        lsl     KDATA, ZF, 0xffffffff
        lsl     T0, ZF, 0x12345fff
        lsl     T1, ZF, 0xabc
        lsl     T4, 0, 0                /* a gate has no limit */
        lsl     T5, ZF, 0x67
        lsl     0, 0, 0

        .macro  ver selector, r, w
        movl    $\selector, %ecx
        verr    %cx
        check_flags(ZF, \r)
        verw    %cx
        check_flags(ZF, \w)
        .endm
        ver     KDATA, ZF, ZF
        ver     (KDATA|3), 0, 0
        ver     (UDATA), ZF, ZF
        ver     T0, ZF, 0
        ver     T1, 0, 0
        ver     KCODE, ZF, 0
        ver     (T2|3), ZF, 0
        ver     T4, 0, 0
        ver     TSS_SEL, 0, 0
        ver     0, 0, 0

        movl    $0x30, %eax
        movl    $0x13, %ecx
        arpl    %cx, %ax
        check_flags(ZF, ZF)
        check_eq(%eax, $0x33)
        arpl    %cx, %ax
        check_flags(ZF, 0)
        check_eq(%eax, $0x33)

        user_begin                      /* CPL counts as well as RPL */
        lar     KDATA, 0, 0
        lar     (UDATA), ZF, 0x00cff300
        lsl     TSS_SEL, 0, 0
        ver     KDATA, 0, 0
        user_end

        real_call low
        check_eq(%eax, $7)
        pass

        real_section
low:    movw    $1f, 6 * 4              /* not recognised in real mode: #UD */
        movw    $0, 6 * 4 + 2
        movw    %sp, %dx
        movl    $1, %eax
        larw    %ax, %ax
        retw
1:      movw    %dx, %sp
        movl    $7, %eax
        retw
        end_real_section
