/* DR4 and DR5 are DR6 and DR7 without CR4.DE. With it they are no registers: #UD, also at CPL 3, since a fault that is
 * found in decoding comes before #GP for the CPL. (SDM vol. 3A, table 6-2; vol. 3B, 17.2.2)
 * expect: status 33
 */
#include "pm.h"
#include "debug.h"

        .globl  test_main
test_main:
        set_dr  6, $0
        movl    %dr4, %eax
        check_bits(%eax, 0xe00f, 0)
        set_dr  4, $DR6_BS
        check_dr6(DR6_BS)
        set_dr  5, $BREAK(0, ON_WRITE, LEN4)
        movl    %dr7, %eax
        check_eq(%eax, $(0x400 + BREAK(0, ON_WRITE, LEN4)))
        movl    %dr5, %ebx
        check_eq(%ebx, %eax)
        set_dr  5, $0
        user_begin
        expect_fault(GP, 0, movl %dr4, %eax)
        expect_fault(GP, 0, movl %eax, %dr5)
        user_end

        movl    %cr4, %eax
        orl     $8, %eax
        movl    %eax, %cr4
        expect_fault(UD, 0, movl %dr4, %eax)
        expect_fault(UD, 0, movl %dr5, %eax)
        expect_fault(UD, 0, movl %eax, %dr4)
        expect_fault(UD, 0, movl %eax, %dr5)
        user_begin
        expect_fault(UD, 0, movl %dr4, %eax)
        expect_fault(UD, 0, movl %dr5, %eax)
        expect_fault(UD, 0, movl %eax, %dr4)
        expect_fault(UD, 0, movl %eax, %dr5)
        expect_fault(GP, 0, movl %dr6, %eax)
        user_end
        pass
