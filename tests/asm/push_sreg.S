/* PUSH of a segment register with a 32-bit operand moves ESP by 4 and stores 2 bytes. (SDM vol. 2, PUSH)
 * expect: status 33
 */
#include "pm.h"
        .globl  test_main
test_main:
        movl    $0xa5a5a5a5, %eax
        pushl   %eax
        pushl   %eax
        movl    %esp, %ebx
        addl    $8, %esp
        movl    %esp, %ebp
        pushl   %ds
        pushl   %fs
        subl    %esp, %ebp
        check_eq(%ebp, $8)
        popl    %ecx
        popl    %edx
        movl    $(0xa5a50000 + KDATA), %eax
        check_eq(%ecx, %eax)
        check_eq(%edx, %eax)

        /* The two bytes alone are what must be within the segment. */
        set_desc T0, $0x300000, $0x101, A_DATA
        movl    %esp, %edi
        movl    $T0, %eax
        movw    %ax, %ss
        movl    $0x104, %esp
        movl    $-1, 0x300100
        pushl   %es
        movl    %esp, %esi
        movl    $KDATA, %eax
        movw    %ax, %ss
        movl    %edi, %esp
        check_eq(%esi, $0x100)
        movl    $(0xffff0000 + KDATA), %eax
        check_eq(0x300100, %eax)
        pass
