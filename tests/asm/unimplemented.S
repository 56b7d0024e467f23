/* What this version lacks stops the machine with its name and exit status 3: a hardware task switch.
 * expect: status 3
 * qemu: no (it has task switches)
 * bochs: no (it has task switches)
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $scratch, $103, A_TSS
        ljmp    $T0, $0
        fail
