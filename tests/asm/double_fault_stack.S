/* A page fault on the inner stack while a page fault is delivered is a double fault; with no stack for
 * that either, the processor shuts down.
 * expect: status 4
 */
#include "pm.h"

        .globl  test_main
test_main:
        call    paging_on
        set_pte 0x500000, 0
        movl    $0x501000, tss + 4
        user_begin
        movl    0x500000, %eax
        user_end
        fail
