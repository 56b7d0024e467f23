/* Expand-down segments: offsets above the limit are in, up to 64 KiB or 4 GiB by the B bit.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        set_desc T0, $0, $0xfff, A_DATA_DOWN
        set_desc T1, $0, $0xfff, A_DATA_DOWN + A_16BIT
        set_desc T2, $0, $0xf, A_DATA_DOWN + A_PAGES
        load_seg %fs, T0
        load_seg %gs, T1

        expect_fault(GP, 0, movb %fs:0xfff, %al)
        expect_fault(GP, 0, movb %fs:0, %al)
        expect_fault(GP, 0, movl %fs:0xffd, %eax)
        movl    %fs:0x1000, %eax
        movb    %fs:scratch, %al
        expect_fault(GP, 0, movl %fs:0xfffffffd, %eax)

        expect_fault(GP, 0, movb %gs:0xfff, %al)
        movb    %gs:0x1000, %al
        movb    %gs:0xffff, %al
        movl    %gs:0xfffc, %eax
        expect_fault(GP, 0, movl %gs:0xfffd, %eax)
        expect_fault(GP, 0, movb %gs:0x10000, %al)

        load_seg %fs, T2                /* limit 0xffff */
        expect_fault(GP, 0, movb %fs:0xffff, %al)
        movb    %fs:0x10000, %al
        movb    %fs:scratch, %al
        pass
