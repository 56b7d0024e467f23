/* Instruction length: 15 bytes run, 16 are #GP(0); prefixes repeat and the last segment override wins.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000

        .globl  test_main
test_main:
        xorl    %eax, %eax
        .byte   0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x40
        check_eq(%eax, $1)              /* 14 prefixes and INC AX */
        expect_fault(GP, 0, .byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x40)
        check_eq(%eax, $1)
        /* addl $imm32, disp32(%ebx, %esi, 4) is 11 bytes: 4 prefixes fit, 5 do not. */
        movl    $scratch, %ebx
        xorl    %esi, %esi
        movl    $0, scratch
        .byte   0x3e, 0x3e, 0x3e, 0x3e, 0x81, 0x84, 0xb3
        .long   0, 0x11223344
        check_eq(scratch, $0x11223344)
        movl    $1f, fault_resume
        movl    %esp, fault_resume_esp
2:      .byte   0x3e, 0x3e, 0x3e, 0x3e, 0x3e, 0x81, 0x84, 0xb3
        .long   0, 0x11223344
        fail
1:      check_eq(fault_vector, $GP)
        check_eq(fault_eip, $2b)
        check_eq(scratch, $0x11223344)

        /* The last override wins: FS is null, DS is not. */
        load_seg %fs, 0
        .byte   0x64, 0x3e, 0x8b, 0x03  /* movl %fs:%ds:(%ebx), %eax */
        check_eq(%eax, $0x11223344)

        /* The limit goes before a page fault only where the 15 bytes end before the page does. */
        call    paging_on
        movl    $(A + 0xff0), %edi
        movl    $16, %ecx
        movb    $0x66, %al
        cld
        rep     stosb
        set_pte (A+0x1000), 0
        movl    $(A + 0xff0), %ebx
        expect_fault_far(GP, 0, jmp *%ebx)
        movl    $(A + 0xff2), %ebx
        expect_fault_far(PFV, 0, jmp *%ebx)
        check_eq(fault_eip, $(A + 0xff2))
        check_eq(fault_cr2, $(A + 0x1000))
        pass
