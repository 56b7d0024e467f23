/* An instruction across the end of EIP is #GP(0), whatever CS's limit is, which the manual leaves open; one that ends
 * there goes on at 0. (SDM vol. 3A, 5.3)
 * expect: status 33
 */
#include "pm.h"
        .set    TOP_DIR, page_directory + 1023 * 4

        .globl  test_main
test_main:
        call    paging_on
        movl    $(top_table + 7), TOP_DIR
        movl    $(0x600000 + 7), top_table + 1023 * 4
        set_pte 0, 0x601000 | P_P | P_W
        movl    %cr3, %eax
        movl    %eax, %cr3
        movb    $0xb8, 0x601000 - 5     /* MOV EAX, 12345678h, and RET at 0 */
        movl    $0x12345678, 0x601000 - 4
        movb    $0xc3, 0x601000
        movl    $-5, %edx
        call    *%edx
        check_eq(%eax, $0x12345678)

        .irp    offset, -4, -3, -2, -1
        movb    $0xb8, 0x601000 + \offset
        movl    $0x0badcafe, 0x601000 + \offset + 1
        movl    $\offset, %edx
        expect_fault_far(GP, 0, jmp *%edx)
        check_eq(fault_eip, $\offset)
        check_eq(%eax, $0x12345678)
        .endr
        movb    $0x90, 0x601000 - 2     /* one that is whole goes first */
        movb    $0xb8, 0x601000 - 1
        movl    $-2, %edx
        expect_fault_far(GP, 0, jmp *%edx)
        check_eq(fault_eip, $-1)
        pass

        .bss
        .balign 4096
top_table:
        .space  4096
