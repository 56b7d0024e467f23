/* Ports at CPL 3: the TSS bitmap bit by bit, accesses that span two bytes of it, its end, INS and OUTS.
 * expect: status 33
 */
#include "pm.h"
#define OPEN(port) andb $~(1 << ((port) & 7)), tss_iomap + ((port) >> 3)
#define SHUT(port) orb $(1 << ((port) & 7)), tss_iomap + ((port) >> 3)

        .globl  test_main
test_main:
        OPEN(0x21)
        OPEN(0xa1)
        user_begin
        inb     $0x21, %al
        expect_fault(GP, 0, inb $0x20, %al)
        expect_fault(GP, 0, inb $0x22, %al)
        expect_fault(GP, 0, inw $0x21, %ax)
        expect_fault(GP, 0, inl $0x21, %eax)
        movw    $0xa1, %dx
        inb     %dx, %al
        outb    %al, %dx
        expect_fault(GP, 0, outw %ax, %dx)
        user_end

        /* Words and dwords need every bit, also across a byte of the map. */
        OPEN(0x2f6)
        OPEN(0x2f7)
        OPEN(0x2f8)
        OPEN(0x2f9)
        user_begin
        movw    $0x2f6, %dx
        inl     %dx, %eax
        movw    $0x2f7, %dx
        inw     %dx, %ax
        expect_fault(GP, 0, inl %dx, %eax)
        user_end
        SHUT(0x2f9)
        user_begin
        movw    $0x2f6, %dx
        expect_fault(GP, 0, inl %dx, %eax)
        inw     %dx, %ax
        user_end

        /* INS and OUTS: the port is checked before memory is touched, ECX stays on a refusal. */
        user_begin
        movw    $0x20, %dx
        movl    $scratch, %esi
        movl    $4, %ecx
        cld
        expect_fault(GP, 0, rep outsb)
        check_eq(%ecx, $4)
        check_eq(%esi, $scratch)
        movw    $0x21, %dx
        movl    $scratch, %edi
        movl    $2, %ecx
        rep insb
        check_eq(%edi, $(scratch + 2))
        user_end

        /* A map that ends early: ports beyond the TSS limit are shut. */
        set_desc TSS_SEL, $tss, "$(104 + 4)", A_TSS
        movl    $TSS_SEL, %eax
        ltr     %ax
        user_begin
        expect_fault(GP, 0, inb $0x21, %al)
        user_end
        /* At CPL 0 the map does not matter. */
        inb     $0x20, %al
        pass
