/* Breakpoints on data where memory is not plain: with A20 off, in display memory, in a PCI card's memory that moves, in the
 * TSS that a task switch reads; and by an instruction that meets one on a port, too. They are linear addresses,
 * whatever is there. (SDM vol. 3B, 17.2.4)
 * expect: status 33
 */
#include "pm.h"
#include "task.h"
#include "debug.h"

        .set    BAR, 0x80001010         /* of the display adapter's memory */
        .set    AWAY, 0xd0000000

        .macro  pci_write address:req, value:req
        movl    \address, %eax
        movw    $0xcf8, %dx
        outl    %eax, %dx
        movl    \value, %eax
        movw    $0xcfc, %dx
        outl    %eax, %dx
        .endm

        .macro  seq index:req, value:req
        movw    $0x3c4, %dx
        movw    $((\value) << 8 | \index), %ax
        outw    %ax, %dx
        .endm
        .macro  gfx index:req, value:req
        movw    $0x3ce, %dx
        movw    $((\value) << 8 | \index), %ax
        outw    %ax, %dx
        .endm

        .globl  test_main
test_main:
        /* With A20 off: two linear addresses of one byte. */
        real_call a20
        check_eq(%eax, $0x0101)         /* traps behind a store to 100500h, and one to 500h as well */

        /* The VGA's window, by planes and as memory. */
        movb    $0x63, %al
        movw    $0x3c2, %dx
        outb    %al, %dx
        set_dr  6, $0
        set_dr  0, $0xa0010
        movl    $2, %ebp
1:      seq     2, 0x0f
        gfx     6, 5
        gfx     5, 0
        gfx     8, 0xff
        seq     4, 0x06                 /* planes */
        cmpl    $2, %ebp
        je      2f
        seq     4, 0x0e                 /* chain-4: memory after a while */
        gfx     5, 0x40
        movl    $0x4000, %ecx
        movl    $0xa0000, %edi
        cld
        rep stosl
2:      set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        movl    $0, 0xa000c
        movl    $0, 0xa0014
        movl    0xa0010, %eax
        check_dr6(0)
        expect_trap(DB, 0, movl $1, 0xa0010)
        check_dr6(1)
        expect_trap(DB, 0, movb $1, 0xa0013)
        check_dr6(1)
        set_dr  7, $BREAK(0, ON_ACCESS, LEN4)
        expect_trap(DB, 0, movb 0xa0011, %al)
        check_dr6(1)
        set_dr  7, $0
        decl    %ebp
        jnz     1b

        /* A card's memory, whose place is written between two accesses. */
        movl    $BAR, %eax
        movw    $0xcf8, %dx
        outl    %eax, %dx
        movw    $0xcfc, %dx
        inl     %dx, %eax
        andl    $~15, %eax
        movl    %eax, home
        movl    %eax, %ebx
        movl    $0x11111111, 0x10(%ebx)
        set_dr  0, $AWAY + 0x10
        set_dr  7, $BREAK(0, ON_WRITE, LEN4)
        movl    $3, %ebp
3:      movl    home, %ebx
        movl    $0x11111111, 0x10(%ebx)
        check_dr6(0)
        pci_write $BAR, $AWAY
        expect_trap(DB, 0, movl $0x22222222, AWAY + 0x10)
        check_dr6(1)
        check_eq(AWAY + 0x10, $0x22222222)
        pci_write $BAR, home
        check_eq(0x10(%ebx), $0x22222222)
        expect_trap(DB, 0, movl $0, AWAY + 0x10) /* nothing is there, but the address is */
        check_dr6(1)
        check_eq(0x10(%ebx), $0x22222222)
        decl    %ebp
        jnz     3b
        set_dr  7, $0

        /* A task switch that reads the watched field of the new TSS. */
        set_desc T0, $tss_b, $0x67, A_TSS
        make_tss tss_b, $task_b, $stack_b
        set_gate DB, $on_db
        set_dr  0, $tss_b + TSS_EBX
        set_dr  7, $BREAK(0, ON_ACCESS, LEN4)
        ljmp    $T0, $0
        check_eq(seen, $task_b)
        check_dr6(1)
        set_dr  0, $tss + 4             /* an inner stack, which a switch does not read */
        set_dr  7, $BREAK(0, ON_ACCESS, LEN4)
        set_desc T0, $tss_b, $0x67, A_TSS
        movl    $0, seen
        lcall   $T0, $0
        check_eq(seen, $0)
        set_dr  7, $0

        /* A port and memory in one instruction: both bits, behind the iteration. */
        movl    %cr4, %eax
        orl     $8, %eax
        movl    %eax, %cr4
        set_gate DB, $on_db
        set_dr  0, $0x21
        set_dr  1, $tss_b + 1
        set_dr  7, $BREAK(0, ON_PORT, LEN1) + BREAK(1, ON_WRITE, LEN1)
        movw    $0x21, %dx
        movl    $tss_b, %edi
        movl    $4, %ecx
        movl    $0, seen
        cld
4:      rep insb                        /* on_db disarms all */
        check_eq(seen, $4b)
        check_dr6(1)
        set_dr  7, $BREAK(0, ON_PORT, LEN1) + BREAK(1, ON_WRITE, LEN1)
        movl    $tss_b + 1, %edi
        movl    $1, %ecx
        movl    $0, seen
        rep insb
5:      check_eq(seen, $5b)
        check_dr6(3)
        pass

task_b: nop
        ljmp    $TSS_SEL, $0

on_db:  pushl   %eax
        movl    4(%esp), %eax
        movl    %eax, seen
        xorl    %eax, %eax
        movl    %eax, %dr7
        popl    %eax
        iret

        real_section
        /* AH: traps until behind the store to 100500h; AL: until behind that to 500h. */
a20:    movw    $0xffff, %cx
        movw    %cx, %fs
        pushw   %fs:0x510
        pushl   4
        movw    $0, 6
        movw    $real_db, 4
        movl    $0x100500, %eax
        movl    %eax, %dr0
        xorl    %eax, %eax
        movl    %eax, %dr6
        movl    $BREAK(0, ON_WRITE, LEN2), %eax
        movl    %eax, %dr7
        movb    $0, %cl
        inb     $0x92, %al
        andb    $0xfd, %al
        outb    %al, $0x92
        movw    $0x1234, %fs:0x510
        movb    %cl, %ch
        movw    $0x5678, 0x500
        inb     $0x92, %al
        orb     $2, %al
        outb    %al, $0x92
        xorl    %eax, %eax
        movl    %eax, %dr7
        popl    4
        popw    %fs:0x510
        movzwl  %cx, %eax
        retw
real_db:
        incb    %cl
        iretw
        end_real_section

        .data
home:   .long   0
seen:   .long   0
        .bss
        .align  16
tss_b:  .skip   0x68
        .skip   0x400
stack_b:
