/* Execute-disable: EFER.NXE, bit 63 of page-table and directory entries, error code bit 4; data stays readable, and
 * code that was translated and run before runs no more.
 * expect: status 33
 * args: -cpu coreduo
 * bochs: core_duo_t2400_yonah
 */
#include "pm.h"
        .set    A, 0x600000             /* code under test: two pages */
        .set    B, A + 0x1000
        .set    PTE_A, table + 8 * ((A >> 12) & 511)
        .set    PTE_B, PTE_A + 8
        .set    PDE_A, directory + 8 * (A >> 21)
        .set    XD, 0x80000000          /* in the upper half */
        .set    E_I, 0x10

        .globl  test_main
test_main:
        movl    $0x00c3c031, A          /* xor %eax, %eax; ret */
        movl    $0xe9, A + 16           /* jmp B */
        movl    $(B - A - 21), A + 17
        movl    $0x00c3c031, B

        /* Identity: 2 MiB pages, but for A's 2 MiB. */
        movl    $(directory + 1), pdpt
        movl    $0x87, directory
        movl    $0x200087, directory + 8
        movl    $0x400087, directory + 16
        movl    $(table + 7), PDE_A
        movl    $512, %ecx
        movl    $(A | 7), %eax
        movl    $table, %edi
1:      movl    %eax, (%edi)
        addl    $0x1000, %eax
        addl    $8, %edi
        loop    1b
        movl    $pdpt, %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        orl     $0x20, %eax
        movl    %eax, %cr4
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0

        /* Without NXE bit 63 is reserved, and a fetch has no bit of its own in the error code. */
        movl    $1, %eax
        movl    $A, %ebx
        call    *%ebx
        check_eq(%eax, $0)
        movl    $XD, PTE_A + 4
        invlpg  A
        expect_fault(PFV, E_P | 8, movl A, %eax)
        expect_fault_far(PFV, E_P | 8, jmp *%ebx)

        /* EFER has NXE alone. */
        movl    $0xc0000080, %ecx
        xorl    %edx, %edx
        movl    $0x801, %eax
        expect_fault(GP, 0, wrmsr)
        movl    $0x800, %eax
        wrmsr
        rdmsr
        check_eq(%eax, $0x800)

        /* Now data may be read and written, but not run: before and after a read fills the TLB. */
        expect_fault_far(PFV, E_P | E_I, jmp *%ebx)
        check_eq(fault_eip, $A)
        check_eq(fault_cr2, $A)
        cmpl    $0x00c3c031, A
        jne     wrong
        expect_fault_far(PFV, E_P | E_I, jmp *%ebx)
        movl    $0x90c3c031, A
        expect_fault_far(PFV, E_P | E_I, jmp *%ebx)

        /* Cleared again it runs; a chained jump into a page that then gets XD faults. */
        movl    $0, PTE_A + 4
        invlpg  A
        call    *%ebx
        leal    16(%ebx), %esi
        movl    $5, %ecx
2:      call    *%esi
        loop    2b
        movl    $XD, PTE_B + 4
        invlpg  B
        cmpl    $0x00c3c031, B          /* readable: the TLB has the page */
        jne     wrong
        pushl   $0                      /* in place of the return address */
        expect_fault_far(PFV, E_P | E_I, jmp *%esi)
        addl    $4, %esp
        check_eq(fault_eip, $B)

        /* An absent page and user's rights, with the bit; a directory entry's XD counts for all below. */
        movl    $0, PTE_B
        invlpg  B
        expect_fault_far(PFV, E_I, jmp *%esi)
        movl    $(B | 7), PTE_B
        movl    $0, PTE_B + 4
        movl    $XD, PDE_A + 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        expect_fault_far(PFV, E_P | E_I, jmp *%ebx)
        movl    A, %eax
        user_begin
        movl    $A, %ebx
        expect_fault_far(PFV, E_P | E_I | E_U, jmp *%ebx)
        user_end
        movl    $0, PDE_A + 4
        movl    %cr3, %eax
        movl    %eax, %cr3

        /* NXE off again: the bit is reserved again. */
        movl    $XD, PTE_B + 4
        invlpg  B
        movl    B, %eax
        movl    $0xc0000080, %ecx
        xorl    %eax, %eax
        wrmsr
        invlpg  B
        expect_fault(PFV, E_P | 8, movl B, %eax)
        pass
wrong:  fail

        .bss
        .balign 4096
pdpt:   .skip   4096
directory: .skip 4096
table:  .skip   4096
