/* A reset by the keyboard controller ends the run under -no-reboot: exit status 0.
 * expect: status 0
 */
#include "pm.h"

        .globl  test_main
test_main:
        movb    $0xfe, %al
        outb    %al, $0x64
1:      jmp     1b
