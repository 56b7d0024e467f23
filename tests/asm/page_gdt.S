/* Descriptor tables are read and written as supervisor, whatever the CPL.
 * expect: status 33
 */
#include "pm.h"
        .set    GDT_LA, 0x500000

        .globl  test_main
test_main:
        /* A second GDT in a supervisor page: the first copied, at linear 0x500000. */
        call    paging_on
        movl    $gdt, %esi
        movl    $GDT_LA, %edi
        movl    $(0x80 / 4), %ecx
        cld
        rep     movsl
        movl    %cr0, %eax
        orl     $0x10000, %eax          /* WP */
        movl    %eax, %cr0
        set_pte GDT_LA, GDT_LA | P_P | P_W
        lgdt    new_gdt

        user_begin
        expect_fault(PFV, E_P | E_U, movl GDT_LA, %eax)
        movl    $UDATA, %eax            /* but loading a segment is fine */
        movl    %eax, %gs
        user_end

        /* The accessed bit is a write: in a read-only page with WP it faults as supervisor. */
        movb    $0xf2, GDT_LA + T0 + 5  /* T0: user data, not accessed */
        movl    $0x0000ffff, GDT_LA + T0
        movw    $0x00cf, GDT_LA + T0 + 6
        set_pte GDT_LA, GDT_LA | P_P
        user_begin
        movl    $T0 | 3, %eax
        expect_fault(PFV, E_P | E_W, movl %eax, %gs)
        check_bits(fault_cr2, ~7, GDT_LA + T0) /* which byte is the CPU's business */
        movl    %gs, %ebx
        check_eq(%ebx, $UDATA)
        user_end
        set_pte GDT_LA, GDT_LA | P_P | P_W
        user_begin
        movl    $T0 | 3, %eax
        movl    %eax, %gs
        user_end
        check_byte(GDT_LA + T0 + 5, $0xf3)
        lgdt    gdt_pointer
        pass

        .data
new_gdt:
        .word   0x7f
        .long   GDT_LA
