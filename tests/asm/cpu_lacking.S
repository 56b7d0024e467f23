/* An instruction of later CPUs that a guest runs into again and again is said once, with the model that has it; one that
 * it only jumps over is not.
 * expect: status 33
 * expect-stderr: endbr32 (f3 0f 1e fb) at 0008:
 * args: -cpu pentium
 */
#include "pm.h"

        .globl  test_main
test_main:
        xorl    %eax, %eax
        jz      1f
        cmovel  %eax, %ecx
1:      .rept   3
        expect_fault(UD, 0, .byte 0xf3, 0x0f, 0x1e, 0xfb)
        .endr
        expect_fault(UD, 0, cmovel %eax, %ecx)
        expect_fault(UD, 0, ud2)
        pass
