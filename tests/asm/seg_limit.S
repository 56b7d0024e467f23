/* Every data segment register's limit is checked to the byte: the last byte is in, the next one is not.
 * expect: status 33
 */
#include "pm.h"

        .globl  test_main
test_main:
        /* 0x1234 bytes at scratch: offsets 0 to 0x1233. */
        set_desc T0, $scratch, $0x1233, A_DATA
        movb    $0x5a, scratch + 0x1233

        .macro  each_size seg
        load_seg \seg, T0
        movb    \seg:0x1233, %al
        cmpb $0x5a, %al; jne wrong
        expect_fault(GP, 0, movb \seg:0x1234, %al)
        load_seg \seg, T0
        movw    \seg:0x1232, %ax
        expect_fault(GP, 0, movw \seg:0x1233, %ax)
        load_seg \seg, T0
        movl    \seg:0x1230, %eax
        expect_fault(GP, 0, movl \seg:0x1231, %eax)
        load_seg \seg, T0
        expect_fault(GP, 0, movl %eax, \seg:0x1233)
        load_seg \seg, T0
        expect_fault(GP, 0, incl \seg:0x1232)
        load_seg \seg, T0
        expect_fault(GP, 0, fldl \seg:0x122d)
        load_seg \seg, T0
        fldl    \seg:0x122c
        fstp    %st
        load_seg \seg, T0
        expect_fault(GP, 0, movb \seg:0xffffffff, %al)
        load_seg \seg, KDATA
        .endm

        each_size %ds
        each_size %es
        each_size %fs
        each_size %gs
        pass
wrong:  fail
