/* What this version lacks stops the machine with its name and exit status 3: MMX.
 * expect: status 3
 * qemu: no (it has MMX)
 * bochs: no (it has MMX)
 */
#include "pm.h"

        .globl  test_main
test_main:
        paddb   %mm1, %mm0
        fail
