/* Port 0xe9 takes what the guest prints; the exit status is (value << 1) | 1.
 * expect: status 69
 * expect-output: hello from the guest
 */
#include "pm.h"

        .globl  test_main
test_main:
        movl    $text, %esi
        call    debug_puts
        movl    $34, %eax
        outl    %eax, $0xf4
        cli
        hlt

        .section .rodata
text:   .asciz  "hello from the guest\n"
