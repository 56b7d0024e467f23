/* CLI; HLT is how a guest without power management ends, and one that cannot go on: exit status 6.
 * expect: status 6
 * expect-output: halting
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    $text, %esi
        call    debug_puts
        cli
        hlt
        fail

        .section .rodata
text:   .asciz  "halting\n"
