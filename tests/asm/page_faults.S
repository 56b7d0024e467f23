/* Page faults: error code, CR2 and EIP for every combination of absent, read-only and supervisor pages.
 * expect: status 33
 */
#include "pm.h"
        .set    A, 0x500000
        .set    B, 0x600000

        .globl  test_main
test_main:
        call    paging_on

        /* Supervisor. */
        set_pte A, 0
        expect_fault(PFV, 0, movl A + 0x123, %eax)
        check_eq(fault_cr2, $(A + 0x123))
        expect_fault(PFV, E_W, movl %eax, A + 0x124)
        check_eq(fault_cr2, $(A + 0x124))
        expect_fault(PFV, E_W, incl A + 8)     /* read-modify-write counts as a write */
        expect_fault(PFV, E_W, xchgl %eax, A + 8)
        expect_fault(PFV, E_W, cmpxchgl %eax, A + 8)
        expect_fault(PFV, E_W, btsl %eax, A + 8)
        expect_fault(PFV, E_W, shll $1, A + 8)
        expect_fault(PFV, E_W, notb A + 8)
        expect_fault(PFV, E_W, sete A + 8)
        expect_fault(PFV, 0, cmpl %eax, A + 8)
        expect_fault(PFV, 0, testl %eax, A + 8)
        expect_fault(PFV, 0, btl %eax, A + 8)
        expect_fault(PFV, 0, pushl A + 8)
        expect_fault(PFV, 0, fldl A + 8)
        expect_fault(PFV, E_W, popl A + 8)
        expect_fault(PFV, 0, jmp *(A + 8))
        expect_fault(PFV, 0, call *(A + 8))
        set_pte A, A | P_P              /* present, read-only, supervisor */
        movl    A, %eax
        movl    %eax, A                 /* CR0.WP clear: the supervisor may write */
        movl    %cr0, %eax
        orl     $0x10000, %eax
        movl    %eax, %cr0
        expect_fault(PFV, E_P | E_W, movl %eax, A + 0x800)
        check_eq(fault_cr2, $(A + 0x800))
        expect_fault(PFV, E_P | E_W, incl A)
        movl    A, %eax

        /* User: what CR0.WP says does not matter. */
        set_pte B, B | P_P | P_U        /* read-only for users */
        user_begin
        movl    B, %eax
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, B + 4)
        expect_fault(PFV, E_P | E_U, movl A, %eax)
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, A)
        expect_fault(PFV, E_P | E_W | E_U, orl $0, B)
        check_eq(fault_cr2, $B)
        check_eq(fault_cs, $UCODE)
        user_end
        movl    %cr0, %eax
        andl    $~0x10000, %eax
        movl    %eax, %cr0
        movl    %eax, B                 /* the supervisor may, WP being clear again */
        user_begin
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, B + 4)
        user_end

        /* The directory entry's rights count too. */
        set_pte B, B | P_P | P_U | P_W
        andl    $~P_W, page_directory + 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        user_begin
        movl    B, %eax
        expect_fault(PFV, E_P | E_W | E_U, movl %eax, B)
        user_end
        andl    $~P_U, page_directory + 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        user_begin
        expect_fault(PFV, E_P | E_U, movl B, %eax)
        user_end
        movl    $0, page_directory + 4
        movl    %cr3, %eax
        movl    %eax, %cr3
        user_begin
        expect_fault(PFV, E_U, movl B, %eax)
        user_end
        expect_fault(PFV, 0, movl B, %eax)
        check_eq(fault_cr2, $B)
        pass
